import { createHash } from 'node:crypto';
import { type AttributeValue, scalarOf } from '../values/attribute-value.js';
import { decimalOf } from '../values/decimal.js';

/**
 * Six hexadecimal digits of the hash by which DynamoDB spreads items: a Scan goes by it, and parallel segments divide it. So the
 * order of a Scan is as arbitrary as on AWS, and the same.
 */
export function hashPrefix(hash: AttributeValue, range?: AttributeValue): string {
  const digest = createHash('md5').update('Outliers').update(keyBytes(hash));
  if (range !== undefined) digest.update(keyBytes(range));
  return digest.digest('hex').slice(0, 6);
}

function keyBytes(value: AttributeValue): Buffer {
  const scalar = scalarOf(value);
  if (scalar === null) throw new Error('Broken invariant: a key attribute was checked to be a scalar');
  if (scalar.type === 'N') return numberBytes(scalar.text);
  return Buffer.from(scalar.text, scalar.type === 'B' ? 'base64' : 'utf8');
}

/** Exponent to the base of 100, then pairs of digits; those of negative numbers count down and are ended. */
function numberBytes(text: string): Buffer {
  const { isNegative, digits, exponent } = decimalOf(text);
  if (digits === '') return Buffer.from([0x80]);
  const isOdd = (exponent + 1) % 2 !== 0;
  const even = (isOdd ? '0' : '') + digits;
  const pairs = (even.length % 2 === 0 ? even : `${even}0`).match(/../g) ?? [];
  const power = Math.floor((exponent + 1 + (isOdd ? 1 : 0)) / 2) - 64;
  const bytes = pairs.map((pair) => (isNegative ? 101 - Number(pair) : Number(pair) + 1));
  const end = isNegative && pairs.length < 20 ? [102] : [];
  return Buffer.from([isNegative ? ~power : power, ...bytes, ...end]);
}
