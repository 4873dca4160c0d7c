import { expect, test } from 'vitest';
import { addDecimals, compareDecimals, decimalOf, decimalText, parseDecimal, rangeFault } from './decimal.js';

test.each([
  ['0', '0'],
  ['-0.00', '0'],
  ['007', '7'],
  ['1.50', '1.5'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['-1e3', '-1000'],
  ['1E-5', '0.00001'],
  ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
  ['1e125', `1${'0'.repeat(125)}`],
  ['1e-130', `0.${'0'.repeat(129)}1`],
])('%s is %s', (text, canonical) => {
  expect(decimalText(decimalOf(text))).toBe(canonical);
  expect(rangeFault(decimalOf(text))).toBeNull();
});

test.each(['', ' ', 'x', '1e', '--1', '1,5', '0x1', 'Infinity', 'NaN', '1'.repeat(2000)])('%j is no number', (text) => {
  expect(parseDecimal(text)).toBeNull();
});

test.each([
  ['0.1', '0.2', '0.3'],
  ['-1', '1', '0'],
  ['99999999999999999999999999999999999999', '-1', '99999999999999999999999999999999999998'],
  ['1e20', '1e-17', '100000000000000000000.00000000000000001'],
  ['-1.5', '-2.5', '-4'],
])('%s + %s = %s', (left, right, sum) => {
  expect(decimalText(addDecimals(decimalOf(left), decimalOf(right)))).toBe(sum);
});

test('numbers are in order', () => {
  const texts = [
    '-1e125',
    '-20',
    '-3',
    '-2.5',
    '-2',
    '-0.1',
    '-1e-130',
    '0',
    '1e-130',
    '0.09',
    '0.1',
    '1',
    '1.05',
    '9',
    '10',
    '1e125',
  ];
  for (const [left, one] of texts.entries()) {
    for (const [right, other] of texts.entries()) {
      expect(Math.sign(compareDecimals(decimalOf(one), decimalOf(other))) + 0).toBe(Math.sign(left - right) + 0);
    }
  }
});
