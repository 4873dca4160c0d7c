import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CronFault, parseAwsCron } from './aws-cron.js';

const at = (text: string): number => Date.parse(`${text}Z`);
const shown = (moment: number | null): string | null =>
  moment === null ? null : new Date(moment).toISOString().slice(0, 16);

function nextTimes(text: string, from: string, count: number): readonly (string | null)[] {
  const calendar = parseAwsCron(text);
  const times: (string | null)[] = [];
  for (let after: number | null = at(from); after !== null && times.length < count; ) {
    after = calendar.next(after);
    times.push(shown(after));
  }
  return times;
}

describe('expressions of AWS’s documentation', () => {
  test.each<[string, readonly (string | null)[]]>([
    ['0 10 * * ? *', ['2026-01-01T10:00', '2026-01-02T10:00']],
    ['15 12 * * ? *', ['2026-01-01T12:15', '2026-01-02T12:15']],
    ['0 18 ? * MON-FRI *', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
    ['0 8 1 * ? *', ['2026-01-01T08:00', '2026-02-01T08:00']],
    ['0/15 * * * ? *', ['2026-01-01T00:15', '2026-01-01T00:30']],
    ['0/5 8-17 ? * MON-FRI *', ['2026-01-01T08:00', '2026-01-01T08:05']],
    ['0 9 ? * 2#1 *', ['2026-01-05T09:00', '2026-02-02T09:00']],
    ['0 9 ? * 6L *', ['2026-01-30T09:00', '2026-02-27T09:00']],
    ['0 9 ? * FRIL *', ['2026-01-30T09:00', '2026-02-27T09:00']],
    ['0 9 ? * L *', ['2026-01-03T09:00', '2026-01-10T09:00']],
    ['0 9 L * ? *', ['2026-01-31T09:00', '2026-02-28T09:00']],
    ['0 9 15W * ? *', ['2026-01-15T09:00', '2026-02-16T09:00']],
    [
      '0 9 1 JAN,JUL ? 2026-2027',
      ['2026-01-01T09:00', '2026-07-01T09:00', '2027-01-01T09:00', '2027-07-01T09:00', null],
    ],
    [
      '0 9 ? * FRI-MON *',
      ['2026-01-02T09:00', '2026-01-03T09:00', '2026-01-04T09:00', '2026-01-05T09:00', '2026-01-09T09:00'],
    ],
    ['0 9 1 1 ? 2025', [null]],
    ['0 9 30 2 ? *', [null]],
    ['0 9 29 2 ? *', ['2028-02-29T09:00']],
  ])('%s', (text, expected) => {
    expect(nextTimes(text, '2026-01-01T00:00', expected.length)).toEqual(expected);
  });
});

test.each([
  ['0 10 * * *', 'Expected six fields'],
  ['0 10 * * ? * *', 'Expected six fields'],
  ['0 10 * * * *', "Expected '?' in one of"],
  ['0 10 ? * ? *', "Expected '?' in one of"],
  ['60 10 * * ? *', "Expected minutes to be 0 to 59, with ',', '-', '*' and '/', but there is '60'."],
  ['0 24 * * ? *', "but there is '24'."],
  ['0 10 0 * ? *', "but there is '0'."],
  ['0 10 * 13 ? *', 'Expected month to be 1 to 12 or JAN to DEC'],
  ['0 10 ? * 0 *', 'Expected day-of-week to be 1 to 7 or SUN to SAT'],
  ['0 10 ? * 2#6 *', "but there is '2#6'."],
  ['0 10 ? * 2#1,3#1 *', "but there is '2#1'."],
  ['0 10 * * ? 1969', "but there is '1969'."],
  ['0/0 10 * * ? *', "but there is '0/0'."],
  ['0 10 L-3 * ? *', "but there is 'L'."],
])('%s is refused', (text, reason) => {
  expect(() => parseAwsCron(text)).toThrow(CronFault);
  expect(() => parseAwsCron(text)).toThrow(reason);
});

/** The days' conditions, once as AWS writes them and once as what they mean, said independently. */
interface Days {
  readonly dayOfMonth: string;
  readonly dayOfWeek: string;
  readonly isMeant: (date: Date) => boolean;
}

const daysIn = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function nearestWeekday(day: number, date: Date): number | null {
  if (day > daysIn(date)) return null;
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === daysIn(date) ? day - 2 : day + 1;
  return day;
}

const days: fc.Arbitrary<Days> = fc.oneof(
  fc.constant({ dayOfMonth: '*', dayOfWeek: '?', isMeant: () => true }),
  fc.constant({ dayOfMonth: 'L', dayOfWeek: '?', isMeant: (date: Date) => date.getUTCDate() === daysIn(date) }),
  fc.integer({ min: 1, max: 31 }).map((day) => ({
    dayOfMonth: `${day}W`,
    dayOfWeek: '?',
    isMeant: (date: Date) => date.getUTCDate() === nearestWeekday(day, date),
  })),
  fc.tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 9 })).map(([from, step]) => ({
    dayOfMonth: `${from}/${step}`,
    dayOfWeek: '?',
    isMeant: (date: Date) => date.getUTCDate() >= from && (date.getUTCDate() - from) % step === 0,
  })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([day, nth]) => ({
    dayOfMonth: '?',
    dayOfWeek: `${day}#${nth}`,
    isMeant: (date: Date) => date.getUTCDay() === day - 1 && Math.ceil(date.getUTCDate() / 7) === nth,
  })),
  fc.integer({ min: 1, max: 7 }).map((day) => ({
    dayOfMonth: '?',
    dayOfWeek: `${day}L`,
    isMeant: (date: Date) => date.getUTCDay() === day - 1 && date.getUTCDate() + 7 > daysIn(date),
  })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).map(([from, to]) => ({
    dayOfMonth: '?',
    dayOfWeek: `${from}-${to}`,
    isMeant: (date: Date) => {
      const day = date.getUTCDay() + 1;
      return from <= to ? day >= from && day <= to : day >= from || day <= to;
    },
  })),
);

const subset = (min: number, max: number): fc.Arbitrary<readonly number[]> =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 });

test('the next time is the one that looking at every minute finds', () => {
  fc.assert(
    fc.property(
      days,
      subset(0, 59),
      subset(0, 23),
      subset(1, 12),
      fc.integer({ min: at('2024-01-01T00:00'), max: at('2028-12-31T00:00') }),
      ({ dayOfMonth, dayOfWeek, isMeant }, minutes, hours, months, start) => {
        const after = Math.floor(start / 60_000) * 60_000;
        const found = parseAwsCron(
          `${minutes.join()} ${hours.join()} ${dayOfMonth} ${months.join()} ${dayOfWeek} *`,
        ).next(after);
        expect(shown(found)).toBe(shown(bruteForce(after)));

        function bruteForce(from: number): number | null {
          const dayMs = 86_400_000;
          for (let day = Math.floor(from / dayMs) * dayMs, count = 0; count < 366 * 30; day += dayMs, count++) {
            const date = new Date(day);
            if (!months.includes(date.getUTCMonth() + 1) || !isMeant(date)) continue;
            for (let minute = day; minute < day + dayMs; minute += 60_000) {
              const time = new Date(minute);
              if (minute > from && hours.includes(time.getUTCHours()) && minutes.includes(time.getUTCMinutes())) {
                return minute;
              }
            }
          }
          return null;
        }
      },
    ),
    { numRuns: 300 },
  );
});
