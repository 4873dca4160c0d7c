import { isNumber, type JsonNumber, type JsonValue, numberOf } from '../payload/index.js';
import { compareTimestamps, isTimestamp } from './choice-timestamp.js';

/** Whether a value fits an operand. A value or an operand of another type never does; nothing is converted. */
export type Comparison = (value: JsonValue, operand: JsonValue) => boolean;

/** Operators that have a `…Path` form too. */
export const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['BooleanEquals', (value, operand) => typeof value === 'boolean' && value === operand],
  ...ordered('Numeric', compareNumbers),
  ...ordered('String', compareStrings),
  ...ordered('Timestamp', compareTimestamps),
]);

/** What `Is…` asks of a value that is there. IsPresent is another matter: it asks whether there is one. */
export const TYPE_TESTS: ReadonlyMap<string, (value: JsonValue) => boolean> = new Map<
  string,
  (value: JsonValue) => boolean
>([
  ['IsNull', (value) => value === null],
  ['IsBoolean', (value) => typeof value === 'boolean'],
  ['IsNumeric', (value) => isNumber(value)],
  ['IsString', (value) => typeof value === 'string'],
  ['IsTimestamp', isTimestamp],
]);

/** Negative, 0 or positive; null where the two cannot be compared. */
type Ordering = (value: JsonValue, operand: JsonValue) => number | null;

function ordered(type: string, compare: Ordering): ReadonlyArray<readonly [string, Comparison]> {
  const fits =
    (accepts: (sign: number) => boolean): Comparison =>
    (value, operand) => {
      const sign = compare(value, operand);
      return sign !== null && accepts(sign);
    };
  return [
    [`${type}Equals`, fits((sign) => sign === 0)],
    [`${type}LessThan`, fits((sign) => sign < 0)],
    [`${type}LessThanEquals`, fits((sign) => sign <= 0)],
    [`${type}GreaterThan`, fits((sign) => sign > 0)],
    [`${type}GreaterThanEquals`, fits((sign) => sign >= 0)],
  ];
}

function compareNumbers(value: JsonValue, operand: JsonValue): number | null {
  if (!isNumber(value) || !isNumber(operand)) return null;
  const [left, right] = [exactInteger(value), exactInteger(operand)];
  if (left !== null && right !== null) return signOf(left, right);
  return signOf(numberOf(value), numberOf(operand));
}

/** Integers too long for a double are compared digit by digit. Null for all others. */
function exactInteger(value: number | JsonNumber): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return /^-?\d+$/.test(value.text) ? BigInt(value.text) : null;
}

/** By UTF-16 units, as Java's compareTo. */
function compareStrings(value: JsonValue, operand: JsonValue): number | null {
  if (typeof value !== 'string' || typeof operand !== 'string') return null;
  return signOf(value, operand);
}

function signOf<Value extends string | number | bigint>(left: Value, right: Value): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

/** Compiles the pattern of StringMatches: `*` is any text, `\*` a star, `\\` a backslash. Matching takes linear time. */
export function compilePattern(pattern: string): (text: string) => boolean {
  const parts = patternParts(pattern);
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** The texts between the stars. */
function patternParts(pattern: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === '\\' && (next === '*' || next === '\\')) {
      part += next;
      at += 1;
    } else if (char === '*') {
      parts.push(part);
      part = '';
    } else {
      part += char;
    }
  }
  return [...parts, part];
}
