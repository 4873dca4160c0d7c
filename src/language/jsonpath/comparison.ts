import {
  equalJson,
  isArray,
  isNumber,
  isObject,
  type JsonNumber,
  type JsonValue,
  keysOf,
  numberOf,
} from '../../payload/index.js';

type Operand = JsonValue | undefined;
export type FilterOperator = (left: Operand, right: Operand) => boolean;

/** Jayway's comparison operators. What is not there (undefined) equals nothing and is neither less nor greater. */
export const FILTER_OPERATORS: ReadonlyMap<string, FilterOperator> = new Map<string, FilterOperator>([
  ['==', isEqual],
  ['!=', (left, right) => !isEqual(left, right)],
  ['===', isSame],
  ['!==', (left, right) => !isSame(left, right)],
  ['<', ordered((sign) => sign < 0)],
  ['<=', ordered((sign) => sign <= 0)],
  ['>', ordered((sign) => sign > 0)],
  ['>=', ordered((sign) => sign >= 0)],
  ['in', isIn],
  ['nin', (left, right) => !isIn(left, right)],
  ['subsetof', (left, right) => isArray(left) && isArray(right) && left.every((item) => isIn(item, right))],
  ['anyof', (left, right) => isArray(left) && isArray(right) && left.some((item) => isIn(item, right))],
  ['noneof', (left, right) => isArray(left) && isArray(right) && !left.some((item) => isIn(item, right))],
  ['contains', contains],
  ['size', (left, right) => isNumber(right) && sizeOf(left) === numberOf(right)],
  ['empty', (left, right) => typeof right === 'boolean' && isEmpty(left) === right],
]);

/** A number equals a string with the same digits, as in Jayway. */
function isEqual(left: Operand, right: Operand): boolean {
  if (left === undefined || right === undefined) return false;
  if (typeof left === 'string' && isNumber(right)) return left === numberText(right);
  if (isNumber(left) && typeof right === 'string') return right.trim() !== '' && Number(right) === numberOf(left);
  return equalJson(left, right);
}

function isSame(left: Operand, right: Operand): boolean {
  return left !== undefined && right !== undefined && equalJson(left, right);
}

function ordered(fits: (sign: number) => boolean): FilterOperator {
  return (left, right) => {
    if (isNumber(left) && isNumber(right)) return fits(signOf(numberOf(left), numberOf(right)));
    const texts = [comparableText(left), comparableText(right)] as const;
    return texts[0] !== null && texts[1] !== null && fits(signOf(texts[0], texts[1]));
  };
}

function signOf<Value extends string | number>(left: Value, right: Value): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

function comparableText(value: Operand): string | null {
  if (typeof value === 'string') return value;
  return isNumber(value) ? numberText(value) : null;
}

const numberText = (value: number | JsonNumber): string => (typeof value === 'number' ? String(value) : value.text);

function isIn(left: Operand, right: Operand): boolean {
  return isArray(right) && right.some((item) => isEqual(item, left));
}

function contains(left: Operand, right: Operand): boolean {
  if (typeof left === 'string') return typeof right === 'string' && left.includes(right);
  return isIn(right, left);
}

function sizeOf(value: Operand): number | null {
  return typeof value === 'string' || isArray(value) ? value.length : null;
}

function isEmpty(value: Operand): boolean | null {
  if (typeof value === 'string' || isArray(value)) return value.length === 0;
  return isObject(value) ? keysOf(value).length === 0 : null;
}
