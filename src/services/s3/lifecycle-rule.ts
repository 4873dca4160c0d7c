import type { ObjectRecord, Tags } from './records.js';

/** What becomes of objects by their age. */
export interface LifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly prefix: string;
  /** All of them. */
  readonly tags: Tags;
  /** Bytes; null: any. */
  readonly sizeAbove: number | null;
  readonly sizeBelow: number | null;
  readonly expiration: { readonly days: number } | { readonly at: number } | { readonly loneMarkers: true } | null;
  readonly noncurrent: { readonly days: number; readonly newerKept: number } | null;
  readonly abortUploadsDays: number | null;
}

const DAY_MS = 86_400_000;

/** AWS counts whole days, and acts at the midnight (UTC) after them. */
export const dueAfterDays = (since: number, days: number): number =>
  Math.ceil((since + days * DAY_MS) / DAY_MS) * DAY_MS;

/** Whether the rule is about such an object. */
export function isAbout(
  rule: LifecycleRule,
  { key, bytes, tags }: Pick<ObjectRecord, 'key' | 'bytes' | 'tags'>,
): boolean {
  if (!rule.isEnabled || !key.startsWith(rule.prefix)) return false;
  if (rule.sizeAbove !== null && bytes <= rule.sizeAbove) return false;
  if (rule.sizeBelow !== null && bytes >= rule.sizeBelow) return false;
  return Object.entries(rule.tags).every(([name, value]) => tags !== undefined && tags[name] === value);
}

/** Whether the current object has had its time. */
export function isExpired(rule: LifecycleRule, object: ObjectRecord, now: number): boolean {
  const { expiration } = rule;
  if (expiration === null || 'loneMarkers' in expiration || !isAbout(rule, object)) return false;
  return 'days' in expiration ? dueAfterDays(object.at, expiration.days) <= now : expiration.at <= now;
}
