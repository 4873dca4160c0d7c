import { describe, expect, test } from 'vitest';
import { parseSchedule, readTimeZone, ScheduleFault } from './schedule-expression.js';

const KINDS = ['rate', 'cron', 'at'] as const;
const at = (text: string): number => Date.parse(text);

function times(text: string, zone: string, from: string, count: number): readonly (string | null)[] {
  const context = { zone: readTimeZone(zone), anchor: at(from), isDueAtAnchor: false };
  const occurrences = parseSchedule(text, context, KINDS);
  const found: (string | null)[] = [];
  for (let after: number | null = at(from); after !== null && found.length < count; ) {
    after = occurrences.next(after);
    found.push(after === null ? null : `${new Date(after).toISOString().slice(0, 16)}Z`);
  }
  return found;
}

describe('next times', () => {
  test.each<[string, string, string, readonly (string | null)[]]>([
    ['rate(5 minutes)', 'UTC', '2026-01-01T00:00Z', ['2026-01-01T00:05Z', '2026-01-01T00:10Z']],
    ['rate(1 day)', 'UTC', '2026-01-01T10:00Z', ['2026-01-02T10:00Z']],
    ['at(2026-01-01T09:00:00)', 'UTC', '2026-01-01T00:00Z', ['2026-01-01T09:00Z', null]],
    ['at(2026-01-01T09:00:00)', 'Asia/Tokyo', '2025-12-31T00:00Z', ['2026-01-01T00:00Z', null]],
    ['at(2026-01-01T09:00:00)', 'UTC', '2026-02-01T00:00Z', [null]],
    ['cron(0 9 * * ? *)', 'America/New_York', '2026-01-01T00:00Z', ['2026-01-01T14:00Z', '2026-01-02T14:00Z']],
    // Clocks go from 02:00 to 03:00 on March 8: half past two is left out.
    ['cron(30 2 * * ? *)', 'America/New_York', '2026-03-07T00:00Z', ['2026-03-07T07:30Z', '2026-03-09T06:30Z']],
    // They go from 02:00 to 01:00 on November 1: half past one is due once.
    ['cron(30 1 * * ? *)', 'America/New_York', '2026-11-01T00:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
    [
      'cron(30 * * * ? *)',
      'America/New_York',
      '2026-11-01T04:45Z',
      ['2026-11-01T05:30Z', '2026-11-01T06:30Z', '2026-11-01T07:30Z'],
    ],
    ['cron(30 * * * ? *)', 'America/New_York', '2026-03-08T06:45Z', ['2026-03-08T07:30Z', '2026-03-08T08:30Z']],
    // Lord Howe's clocks move by half an hour.
    ['cron(45 1 * * ? *)', 'Australia/Lord_Howe', '2026-04-04T00:00Z', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
  ])('%s in %s after %s', (text, zone, from, expected) => {
    expect(times(text, zone, from, expected.length)).toEqual(expected);
  });

  test('a rate that is due at its anchor', () => {
    const context = { zone: readTimeZone('UTC'), anchor: 1000, isDueAtAnchor: true };
    const { next } = parseSchedule('rate(1 minute)', context, KINDS);
    expect([next(0), next(999), next(1000), next(1001), next(61_000)]).toEqual([1000, 1000, 61_000, 61_000, 121_000]);
  });
});

test.each([
  ['rate(5 minute)', 'Expected a rate'],
  ['rate(1 minutes)', 'Expected a rate'],
  ['rate(0 minutes)', 'Expected a rate'],
  ['rate(5 seconds)', 'Expected a rate'],
  ['rate(-1 hours)', 'Expected a rate'],
  ['every 5 minutes', 'Expected rate(…) or cron(…) or at(…)'],
  ['at(tomorrow)', 'Expected a time'],
  ['at(2026-13-01T00:00:00)', 'Expected a time'],
  ['cron(0 9 * * *)', 'Expected six fields'],
])('%s is refused', (text, reason) => {
  const context = { zone: readTimeZone('UTC'), anchor: 0, isDueAtAnchor: false };
  expect(() => parseSchedule(text, context, KINDS)).toThrow(ScheduleFault);
  expect(() => parseSchedule(text, context, KINDS)).toThrow(reason);
});

test.each(['Europe/Nowhere', '', '+02:00'])('%j is no time zone', (name) => {
  expect(() => readTimeZone(name)).toThrow('Expected the name of a time zone of IANA');
});
