import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeValue } from '../values/attribute-value.js';
import { compareValues } from '../values/compare.js';
import { decimalOf, decimalText, parseDecimal } from '../values/decimal.js';
import { hashPrefix } from './hash-prefix.js';
import { AFTER_PART, keyText, PART_END } from './key-text.js';

const bytesOrder = (left: string, right: string): number =>
  Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));

const text = fc
  .string({ unit: 'binary', maxLength: 6 })
  .filter((candidate) => Buffer.from(candidate).toString() === candidate);
const short = fc.string({
  unit: fc.constantFrom('\0', '\u0001', '\u0002', '\u0003', 'a', '\uffff', '😀'),
  maxLength: 4,
});
const number = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: -130, max: 100 }))
  .map(([digits, power]) => {
    const decimal = parseDecimal(`${digits}e${power}`);
    return decimal === null ? '0' : decimalText(decimal);
  });
const bytes = fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array).toString('base64'));
const pairOf = (one: fc.Arbitrary<AttributeValue>) => fc.tuple(one, one);
const pair = fc.oneof(
  pairOf(text.map((S) => ({ S }))),
  pairOf(short.map((S) => ({ S }))),
  pairOf(number.map((N) => ({ N }))),
  pairOf(bytes.map((B) => ({ B }))),
);

test('keys sort as their values, also with more behind them', () => {
  fc.assert(
    fc.property(pair, text, text, ([left, right], behindLeft, behindRight) => {
      const order = Math.sign(compareValues(left, right) ?? 0);
      const one = keyText(left) + PART_END + keyText({ S: behindLeft });
      const other = keyText(right) + PART_END + keyText({ S: behindRight });
      if (order !== 0) expect(bytesOrder(one, other)).toBe(order);
      else expect(keyText(left)).toBe(keyText(right));
      expect(bytesOrder(one, keyText(right) + AFTER_PART)).toBe(order === 0 ? -1 : order);
    }),
    { numRuns: 2000 },
  );
});

test('hashes are those of DynamoDB, as dynalite has found them out', () => {
  // Checked border: dynalite comes without types.
  const oracle = createRequire(import.meta.url)('dynalite/db') as { hashPrefix(text: string, type: string): string };
  const numbers = [
    '0',
    '1',
    '-1',
    '12.5',
    '-12.5',
    '0.001',
    '-0.001',
    '1e125',
    '-1e-130',
    '99999999999999999999999999999999999999',
  ];
  for (const raw of numbers) {
    const N = decimalText(decimalOf(raw));
    expect([N, hashPrefix({ N })]).toEqual([N, oracle.hashPrefix(N, 'N')]);
  }
  expect(hashPrefix({ S: 'wört' })).toBe(oracle.hashPrefix('wört', 'S'));
  expect(hashPrefix({ B: '/wA=' })).toBe(oracle.hashPrefix('/wA=', 'B'));
});
