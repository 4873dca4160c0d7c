import { type AttributeValue, attributeOf, setOf, typeOf } from './attribute-value.js';
import { compareDecimals, decimalOf } from './decimal.js';

/** Less than, equal or greater; null where the values have no order: different types, or types without one. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | null {
  if ('N' in left && 'N' in right) return compareDecimals(decimalOf(left.N), decimalOf(right.N));
  if ('S' in left && 'S' in right) return compareTexts(left.S, right.S);
  if ('B' in left && 'B' in right) return Buffer.compare(Buffer.from(left.B, 'base64'), Buffer.from(right.B, 'base64'));
  return null;
}

/** By UTF-8 bytes, which is by code point: surrogates sort behind everything else. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const one = left.charCodeAt(at);
    const other = right.charCodeAt(at);
    if (one !== other) return weight(one) - weight(other);
  }
  return left.length - right.length;
}

const weight = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Sets are equal in any order, maps whatever the order of their keys. */
export function equalValues(left: AttributeValue, right: AttributeValue): boolean {
  if (typeOf(left) !== typeOf(right)) return false;
  if ('S' in left && 'S' in right) return left.S === right.S;
  if ('N' in left && 'N' in right) return left.N === right.N;
  if ('B' in left && 'B' in right) return left.B === right.B;
  if ('BOOL' in left && 'BOOL' in right) return left.BOOL === right.BOOL;
  if ('L' in left && 'L' in right) return equalLists(left.L, right.L);
  if ('M' in left && 'M' in right) return equalItems(left.M, right.M);
  const set = setOf(left);
  const other = setOf(right);
  if (set === null || other === null) return true; // NULL
  const members = new Set(other.members);
  return set.members.length === members.size && set.members.every((member) => members.has(member));
}

function equalLists(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((value, index) => {
    const other = right[index];
    return other !== undefined && equalValues(value, other);
  });
}

export function equalItems(
  left: Readonly<Record<string, AttributeValue>>,
  right: Readonly<Record<string, AttributeValue>>,
): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const one = attributeOf(left, name);
    const other = attributeOf(right, name);
    return one !== undefined && other !== undefined && equalValues(one, other);
  });
}
