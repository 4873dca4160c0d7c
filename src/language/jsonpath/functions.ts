import { isArray, isNumber, isObject, type JsonValue, keysOf, numberOf } from '../../payload/index.js';
import type { PathFunction } from './token.js';

/** Functions that may end a path. Jayway's others (`concat`, `append`, `index`) need arguments and are refused. */
export const PATH_FUNCTIONS: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ['length', lengthOf],
  ['size', lengthOf],
  ['keys', (value) => (isObject(value) ? keysOf(value) : undefined)],
  ['first', (value) => (isArray(value) ? value[0] : undefined)],
  ['last', (value) => (isArray(value) ? value.at(-1) : undefined)],
  ['min', aggregate((numbers) => numbers.reduce((a, b) => Math.min(a, b)))],
  ['max', aggregate((numbers) => numbers.reduce((a, b) => Math.max(a, b)))],
  ['sum', aggregate(sum)],
  ['avg', aggregate((numbers) => sum(numbers) / numbers.length)],
  ['stddev', aggregate(standardDeviation)],
]);

function lengthOf(value: JsonValue): JsonValue | undefined {
  if (isArray(value)) return value.length;
  return isObject(value) ? keysOf(value).length : undefined;
}

/** Of the numbers in an array; what is no number is left out, as Jayway does. */
function aggregate(compute: (numbers: readonly number[]) => number): PathFunction {
  return (value) => {
    if (!isArray(value)) return undefined;
    const numbers = value.filter(isNumber).map(numberOf);
    if (numbers.length === 0) return undefined;
    const result = compute(numbers);
    return Number.isFinite(result) ? result : undefined;
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function standardDeviation(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return Math.sqrt(sum(numbers.map((number) => (number - mean) ** 2)) / numbers.length);
}
