import { INTRINSIC_RANGE_ITEMS_MAX } from '../../limits.js';
import {
  entriesOf,
  equalJson,
  isArray,
  isNumber,
  isObject,
  type JsonValue,
  numberOf,
  writeJson,
} from '../../payload/index.js';
import type { Arguments } from './arguments.js';
import { badArgument } from './fault.js';

export function array(given: Arguments): JsonValue {
  return Array.from({ length: given.count }, (_, at) => given.any(at));
}

export function arrayPartition(given: Arguments): JsonValue {
  const items = given.array(0);
  const size = given.integer(1);
  if (size < 1) {
    throw badArgument('States.ArrayPartition', `Expected a chunk size of at least 1, but it is ${size}`);
  }
  const chunks: JsonValue[] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

export function arrayContains(given: Arguments): JsonValue {
  const wanted = given.any(1);
  return given.array(0).some((item) => equalJson(item, wanted));
}

export function arrayRange(given: Arguments): JsonValue {
  const [first, last, step] = [given.integer(0), given.integer(1), given.integer(2)];
  if (step === 0) throw badArgument('States.ArrayRange', 'Expected a step that is not 0');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > INTRINSIC_RANGE_ITEMS_MAX) {
    const limit = `Expected a range of at most ${INTRINSIC_RANGE_ITEMS_MAX} items, but it has ${count}`;
    throw badArgument('States.ArrayRange', limit);
  }
  return Array.from({ length: count }, (_, at) => first + at * step);
}

export function arrayGetItem(given: Arguments): JsonValue {
  const items = given.array(0);
  const index = given.number(1);
  const item = items[index];
  if (item === undefined) {
    const limit = `Expected an index between 0 and ${items.length - 1}, but it is ${index}`;
    throw badArgument('States.ArrayGetItem', items.length === 0 ? 'The array is empty' : limit);
  }
  return item;
}

export function arrayLength(given: Arguments): JsonValue {
  return given.array(0).length;
}

export function arrayUnique(given: Arguments): JsonValue {
  const seen = new Set<string>();
  return given.array(0).filter((item) => {
    const text = canonicalText(item);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** The same text for equal values: comparing each pair would hold the process on a large array. */
function canonicalText(value: JsonValue): string {
  if (isNumber(value)) return String(numberOf(value));
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return writeJson(value);
  const members = entriesOf(value).map(([key, member]) => `${writeJson(key)}:${canonicalText(member)}`);
  return `{${members.sort().join(',')}}`;
}
