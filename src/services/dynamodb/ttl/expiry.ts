import { TABLE_EXPIRY_AGE_MS_MAX } from '../../../limits/services.js';
import type { RecordWrite } from '../../../store/ports.js';
import type { Change } from '../items/change.js';
import { expiriesOf, type TimeToLive } from '../table/table.js';
import { attributeOf, type Item } from '../values/attribute-value.js';

const DIGITS = 12;
const SECONDS_MAX = 10 ** DIGITS;

/** When an item expires, in epoch seconds; null when it never does, for want of a number in the attribute. */
export function expiryOf({ attribute }: TimeToLive, item: Item): number | null {
  const value = attributeOf(item, attribute);
  if (value === undefined || !('N' in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return seconds >= 0 && seconds < SECONDS_MAX ? seconds : null;
}

export const expiryKey = (seconds: number, key: string): string => `${secondsText(seconds)}/${key}`;
export const keyOfExpiry = (text: string): string => text.slice(DIGITS + 1);

const secondsText = (seconds: number): string => String(seconds).padStart(DIGITS, '0');

/** The expiries that are due: neither in the future nor so long ago that it must be a mistake. */
export function dueRange(now: number): { readonly after: string; readonly before: string } {
  const oldest = Math.max(0, Math.floor((now - TABLE_EXPIRY_AGE_MS_MAX) / 1000));
  return { after: secondsText(oldest), before: secondsText(Math.floor(now / 1000) + 1) };
}

export const isDue = (seconds: number, now: number): boolean =>
  seconds * 1000 <= now && seconds * 1000 >= now - TABLE_EXPIRY_AGE_MS_MAX;

/** The list of what expires, kept with the items. */
export function expiryWrites({ table, key, old, item }: Change): readonly RecordWrite[] {
  const { ttl } = table;
  if (ttl === null) return [];
  const before = old === null || old === 'unknown' ? null : expiryOf(ttl, old);
  const after = item === null ? null : expiryOf(ttl, item);
  if (before === after) return [];
  const collection = expiriesOf(ttl);
  const writes: RecordWrite[] = [];
  if (before !== null) writes.push({ type: 'delete', collection, key: expiryKey(before, key) });
  if (after !== null) writes.push(expiryWrite(ttl, after, key));
  return writes;
}

export const expiryWrite = (ttl: TimeToLive, seconds: number, key: string): RecordWrite => ({
  type: 'put',
  collection: expiriesOf(ttl),
  key: expiryKey(seconds, key),
  value: '',
  expect: 'any',
});
