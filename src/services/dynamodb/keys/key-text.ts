import { type AttributeValue, scalarOf } from '../values/attribute-value.js';
import { decimalOf } from '../values/decimal.js';

/**
 * Keys as texts whose UTF-8 bytes sort as DynamoDB sorts the values. Every part of a key ends with PART_END, which is less than
 * anything within a part, so that a part which begins another one comes first, and a prefix ends where a part does.
 */
export const PART_END = '\u0001';
/** Greater than the end of a part, less than any other continuation of it. */
export const AFTER_PART = '\u0002';

/** Of a scalar, without the end. */
export function keyText(value: AttributeValue): string {
  const scalar = scalarOf(value);
  if (scalar === null) throw new Error('Broken invariant: a key attribute was checked to be a scalar');
  const { type, text } = scalar;
  if (type === 'S') return escaped(text);
  return type === 'N' ? numberText(text) : Buffer.from(text, 'base64').toString('hex');
}

/** The store takes no NUL and no half of a surrogate pair; our own marks must not come up within a text. */
const escaped = (text: string): string =>
  NEEDS_ESCAPE.test(text)
    ? text
        .replace(MARKS, (mark) => ESCAPE + String.fromCharCode(mark.charCodeAt(0) + FIRST_ESCAPED))
        .replace(LONE, '\ufffd')
    : text;

const ESCAPE = '\u0002';
const FIRST_ESCAPED = 3;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are escaped
const NEEDS_ESCAPE = /[\u0000-\u0002]|\p{Surrogate}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are escaped
const MARKS = /[\u0000-\u0002]/g;
const LONE = /\p{Surrogate}/gu;

/** Sign, exponent, digits; those of a negative number count down, and end with what is greater than any digit. */
function numberText(text: string): string {
  const { isNegative, digits, exponent } = decimalOf(text);
  if (digits === '') return 'm';
  const power = EXPONENT_OFFSET + exponent;
  if (!isNegative) return `p${String(power).padStart(3, '0')}${digits}`;
  const complement = Array.from(digits, (digit) => 9 - Number(digit)).join('');
  return `a${String(POWER_MAX - power).padStart(3, '0')}${complement}~`;
}

const EXPONENT_OFFSET = 200;
const POWER_MAX = 999;
