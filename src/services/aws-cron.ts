import { Cron } from 'croner';

/** `cron(…)` of AWS as a calendar without a time zone: `next` and its answer are wall times written as UTC. */
export interface WallCalendar {
  /** The first minute after `after` that is meant; null when there is none until 2199. Epoch milliseconds of UTC. */
  next(after: number): number | null;
  /** Every hour of a day is meant: such a schedule runs on when clocks are set back. */
  readonly isHourly: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** JAN, SUN, … from `min` on. */
  readonly names: readonly string[];
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const MINUTES: Field = { name: 'minutes', min: 0, max: 59, names: [] };
const HOURS: Field = { name: 'hours', min: 0, max: 23, names: [] };
const DAYS_OF_MONTH: Field = { name: 'day-of-month', min: 1, max: 31, names: [] };
const MONTHS_OF_YEAR: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
/** AWS counts from Sunday = 1; croner from Sunday = 0. */
const DAYS_OF_WEEK: Field = { name: 'day-of-week', min: 1, max: 7, names: DAYS };
const YEARS: Field = { name: 'year', min: 1970, max: 2199, names: [] };

/** Why a text is no cron expression: for whoever words the refusal. */
export class CronFault extends Error {
  override readonly name = 'CronFault';
}

/** Of the six fields within `cron(…)`. Throws CronFault. */
export function parseAwsCron(text: string): WallCalendar {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...more] = fields;
  if (
    minutes === undefined ||
    hours === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    year === undefined ||
    more.length > 0
  ) {
    throw new CronFault(
      `Expected six fields (minutes hours day-of-month month day-of-week year), but there are ${fields.length}.`,
    );
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new CronFault("Expected '?' in one of day-of-month and day-of-week, and not in both.");
  }
  const allHours = valuesOf(HOURS, hours);
  const pattern = [
    '0',
    listText(MINUTES, valuesOf(MINUTES, minutes)),
    listText(HOURS, allHours),
    daysOfMonth(dayOfMonth),
    listText(MONTHS_OF_YEAR, valuesOf(MONTHS_OF_YEAR, month)),
    daysOfWeek(dayOfWeek),
    listText(YEARS, valuesOf(YEARS, year)),
  ].join(' ');
  // croner reckons in UTC only: zones and their changes of the clock are applied by whoever asks.
  const cron = new Cron(pattern, { timezone: 'UTC', paused: true, mode: '7-part' });
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    isHourly: allHours.length === 24,
  };
}

const listText = ({ min, max }: Field, values: readonly number[]): string =>
  values.length === max - min + 1 ? '*' : values.join(',');

/** The numbers that a field of lists, ranges and steps means, ascending. */
function valuesOf(field: Field, text: string): readonly number[] {
  const values = new Set(text.split(',').flatMap((part) => partValues(field, part)));
  return [...values].sort((a, b) => a - b);
}

function partValues(field: Field, part: string): readonly number[] {
  const [range = '', stepText, ...more] = part.split('/');
  const step = stepText === undefined ? 1 : /^\d{1,4}$/.test(stepText) ? Number(stepText) : 0;
  if (more.length > 0 || step < 1) throw wrongPart(field, part);
  const { min, max } = field;
  const [from, to] = range === '*' ? [min, max] : boundsOf(field, range, stepText !== undefined);
  // A range such as FRI-MON goes on at the beginning.
  const last = to < from ? to + (max - min + 1) : to;
  const values: number[] = [];
  for (let value = from; value <= last; value += step) values.push(value > max ? value - (max - min + 1) : value);
  return values;
}

/** `3`, `3-5`; with a step, a number alone goes to the end. */
function boundsOf(field: Field, range: string, hasStep: boolean): readonly [number, number] {
  const [from = '', to, ...more] = range.split('-');
  if (more.length > 0) throw wrongPart(field, range);
  const first = numberOf(field, from);
  if (to !== undefined) return [first, numberOf(field, to)];
  return [first, hasStep ? field.max : first];
}

function numberOf(field: Field, text: string): number {
  const named = field.names.indexOf(text);
  const value = named >= 0 ? field.min + named : /^\d{1,4}$/.test(text) ? Number(text) : -1;
  if (value < field.min || value > field.max) throw wrongPart(field, text);
  return value;
}

const wrongPart = ({ name, min, max, names }: Field, part: string): CronFault => {
  const known = names.length > 0 ? `${min} to ${max} or ${names[0]} to ${names.at(-1)}` : `${min} to ${max}`;
  return new CronFault(`Expected ${name} to be ${known}, with ',', '-', '*' and '/', but there is '${part}'.`);
};

function daysOfMonth(text: string): string {
  if (text === '?') return '*';
  if (text === 'L') return 'L';
  const weekday = /^(\d{1,2})W$/.exec(text);
  if (weekday !== null) return `${numberOf(DAYS_OF_MONTH, weekday[1] ?? '')}W`;
  return listText(DAYS_OF_MONTH, valuesOf(DAYS_OF_MONTH, text));
}

function daysOfWeek(text: string): string {
  if (text === '?') return '*';
  if (text === 'L') return '6';
  const last = /^(\w+)L$/.exec(text);
  if (last !== null) return `${numberOf(DAYS_OF_WEEK, last[1] ?? '') - 1}#L`;
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth !== null) return `${numberOf(DAYS_OF_WEEK, nth[1] ?? '') - 1}#${nth[2]}`;
  const days = valuesOf(DAYS_OF_WEEK, text);
  return days.length === 7 ? '*' : days.map((day) => day - 1).join(',');
}
