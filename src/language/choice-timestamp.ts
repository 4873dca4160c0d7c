import type { JsonValue } from '../payload/index.js';
import { parseTimestamp } from './parser/timestamp.js';

/** An instant: milliseconds, and the digits of the second's fraction behind them. */
interface Instant {
  readonly at: number;
  readonly finer: string;
}

/** Compares two RFC 3339 timestamps with any fraction and offset; null where one of them is none. */
export function compareTimestamps(value: JsonValue, operand: JsonValue): number | null {
  const [left, right] = [instantOf(value), instantOf(operand)];
  if (left === null || right === null) return null;
  if (left.at !== right.at) return left.at - right.at;
  if (left.finer === right.finer) return 0;
  return left.finer < right.finer ? -1 : 1;
}

export const isTimestamp = (value: JsonValue): boolean => instantOf(value) !== null;

const FINER_DIGITS = /\.\d{3}(\d*)/;

function instantOf(value: JsonValue): Instant | null {
  if (typeof value !== 'string') return null;
  const at = parseTimestamp(value);
  if (at === null) return null;
  return { at, finer: (FINER_DIGITS.exec(value)?.[1] ?? '').replace(/0+$/, '') };
}
