import {
  JSON_DEPTH_MAX,
  JSONATA_DEPTH_MAX,
  JSONATA_ITEMS_MAX,
  JSONATA_NESTING_MAX,
  JSONATA_VALUE_BYTES_MAX,
  JSONATA_WORK_MAX,
} from '../../limits.js';
import { EvaluationFault, memoryExceeded, stackExceeded, workExceeded } from './evaluation-fault.js';

/**
 * Work is counted in units of about 5 ns; every unit stands for at most 8 bytes that may be kept. One counter bounds
 * time and memory alike, and gives the same bound on every run.
 */
const STEP_WORK = 16;
const CALL_WORK = 16;
/** Copying one item, which costs 8 bytes of memory. */
export const ITEM_WORK = 4;
/** An object, a lambda or a tuple: up to 200 bytes. */
export const OBJECT_WORK = 64;

/** The evaluator is synchronous, so one counter serves all evaluations, each from its start to its end. */
let workLeft = 0;

/** Runs one evaluation with work of its own. */
export function withWork<T>(run: () => T): T {
  const outer = workLeft;
  workLeft = JSONATA_WORK_MAX;
  try {
    return run();
  } finally {
    workLeft = outer;
  }
}

export function charge(units: number): void {
  workLeft -= units;
  if (workLeft < 0) throw workExceeded();
}

/** One expression begins inside others. */
export function enter(evaluation: { depth: number }): void {
  evaluation.depth += 1;
  if (evaluation.depth > JSONATA_DEPTH_MAX) throw stackExceeded(evaluation.depth, JSONATA_DEPTH_MAX);
  charge(STEP_WORK);
}

/** The parser's recursion. */
export function nesting(depth: number): void {
  if (depth <= JSONATA_NESTING_MAX) return;
  throw new EvaluationFault(`Expected at most ${JSONATA_NESTING_MAX} expressions within each other`);
}

/** A serializer's or converter's recursion. */
export function boundDepth(depth: number): void {
  if (depth > JSON_DEPTH_MAX)
    throw new EvaluationFault(`Document nesting depth exceeds the maximum allowed (${JSON_DEPTH_MAX})`);
}

export function push(sequence: unknown[], item: unknown): number {
  if (sequence.length >= JSONATA_ITEMS_MAX) throw memoryExceeded();
  charge(ITEM_WORK);
  return sequence.push(item);
}

/** Arrays are appended by copying. */
export function chargeAppend(size: number): void {
  charge((size >> 1) + ITEM_WORK);
}

export function chargeComparison(lhs: unknown, rhs: unknown): void {
  if (typeof lhs === 'string' && typeof rhs === 'string') charge((lhs.length + rhs.length) >> 4);
}

/** Calls a function of the library, and counts what it has to read and what it made. */
export function callNative(
  native: (this: unknown, ...given: unknown[]) => unknown,
  focus: unknown,
  given: readonly unknown[],
): unknown {
  let work = CALL_WORK;
  for (const argument of given) {
    if (typeof argument === 'string') work += argument.length >> 3;
    else if (Array.isArray(argument)) work += argument.length;
  }
  charge(work);
  const result = native.apply(focus, [...given]);
  if (typeof result === 'string') boundText(result);
  else if (Array.isArray(result)) charge(result.length);
  return result;
}

/** A text that a function made. */
function boundText(text: string): string {
  if (text.length > JSONATA_VALUE_BYTES_MAX) throw memoryExceeded();
  charge(text.length >> 1);
  return text;
}

/** Two texts one after the other: V8 keeps the parts, so that only the length needs a bound. */
export function joined(left: string, right: string): string {
  if (left.length + right.length > JSONATA_VALUE_BYTES_MAX) throw memoryExceeded();
  charge(ITEM_WORK);
  return left + right;
}

export function joinAll(texts: readonly string[], separator: string): string {
  let length = separator.length * Math.max(0, texts.length - 1);
  for (const text of texts) length += text?.length ?? 0;
  boundedLength(length);
  return texts.join(separator);
}

export function boundedLength(length: number): number {
  if (!(length <= JSONATA_VALUE_BYTES_MAX)) throw memoryExceeded();
  return length;
}

/** Digits that a picture asks for; grouping them costs their square. */
export function boundedDigits(count: number): number {
  if (!(count <= PICTURE_CHARS_MAX)) throw memoryExceeded();
  charge(count * ITEM_WORK);
  return count;
}

const PICTURE_CHARS_MAX = 1000;
const PICTURE_OPTION_CHARS_MAX = 100;

/** The picture of $formatNumber and what replaces its signs: their lengths multiply. */
export function boundPicture(picture: string, options: Readonly<Record<string, unknown>> | undefined): void {
  const isLong = (text: unknown) => typeof text === 'string' && text.length > PICTURE_OPTION_CHARS_MAX;
  if (picture.length > PICTURE_CHARS_MAX || Object.values(options ?? {}).some(isLong)) throw memoryExceeded();
}

/** A numeral has a letter for every thousand. */
const ROMAN_MAX = 1_000_000;

export function boundRoman(value: number): void {
  if (value > ROMAN_MAX) throw memoryExceeded();
  charge(ITEM_WORK);
}

/** Numbers without end would make loops without end. The error is the published module's for such numbers. */
export function finite(value: number): number {
  if (!Number.isFinite(value)) throw { code: 'D1001', value };
  return value;
}

export function splitText(text: string, separator: string, limit: number | undefined): string[] {
  const parts = text.split(separator, Math.min(limit ?? JSONATA_ITEMS_MAX + 1, JSONATA_ITEMS_MAX + 1));
  if (parts.length > JSONATA_ITEMS_MAX) throw memoryExceeded();
  charge(parts.length * ITEM_WORK);
  return parts;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Characters of a text; a surrogate pair is one. */
export function lengthOf(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** A text that can be sliced by characters: itself where these are its units. */
export function charactersOf(text: string): string | string[] {
  if (!SURROGATE.test(text)) return text;
  charge(text.length * ITEM_WORK);
  return [...text];
}

export const textOf = (characters: string | string[]): string =>
  typeof characters === 'string' ? characters : characters.join('');

/** Adds an item to the items of one key of a group: as `append` does, but without copying what is there. */
export function gather(
  group: { data: unknown; isOwn?: boolean },
  item: unknown,
  append: (this: unknown, left: unknown, right: unknown) => unknown,
  focus: unknown,
): void {
  if (group.isOwn === true && Array.isArray(group.data)) {
    for (const next of Array.isArray(item) ? item : [item]) push(group.data, next);
    return;
  }
  group.isOwn = group.data !== undefined && item !== undefined;
  group.data = append.call(focus, group.data, item);
}

/** A stable merge sort. `isAfter` says whether the first of two neighbours belongs behind the second. */
export function sorted(items: readonly unknown[], isAfter: (left: unknown, right: unknown) => unknown): unknown[] {
  if (items.length <= 1) return [...items];
  const middle = Math.floor(items.length / 2);
  const left = sorted(items.slice(0, middle), isAfter);
  const right = sorted(items.slice(middle), isAfter);
  const merged: unknown[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    charge(ITEM_WORK);
    merged.push(isAfter(left[l], right[r]) ? right[r++] : left[l++]);
  }
  while (l < left.length) merged.push(left[l++]);
  while (r < right.length) merged.push(right[r++]);
  return merged;
}
