import { z } from 'zod';
import { METRIC_DIMENSIONS_MAX } from '../../limits/services.js';
import { MINUTE_MS } from '../../services/metrics/series.js';
import { parseStatistic, type Statistic } from '../../services/metrics/statistic.js';
import { listOf, readInput } from '../input.js';
import type { ApiCall } from '../port.js';
import { invalidValue, missing } from './faults.js';

/** The query protocol brings every scalar as text. */
const scalar = <Schema extends z.ZodType>(schema: Schema, parse: (text: string) => unknown) =>
  z.preprocess((value) => (typeof value === 'string' ? parse(value) : value), schema);

export const NUMBER = scalar(z.number(), (text) => (text.trim() === '' ? text : Number(text)));
export const BOOLEAN = scalar(z.boolean(), (text) => (text === 'true' ? true : text === 'false' ? false : text));
/** Epoch milliseconds, from epoch seconds or an ISO text. */
export const TIME = z
  .union([z.number(), z.string().transform((text) => Date.parse(text) / 1000)])
  .refine((seconds) => Number.isFinite(seconds), { message: 'a time' })
  .transform((seconds) => Math.round(seconds * 1000));

const NAME = z.string().min(1).max(255);
export const NAMESPACE = NAME.regex(/^[^:]/);
export const METRIC_NAME = NAME;

/** CloudWatch's words. */
export const UNITS = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'],
  ...['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Percent', 'Count', 'Bytes/Second'],
  ...['Kilobytes/Second', 'Megabytes/Second', 'Gigabytes/Second', 'Terabytes/Second', 'Bits/Second'],
  ...['Kilobits/Second', 'Megabits/Second', 'Gigabits/Second', 'Terabits/Second', 'Count/Second', 'None'],
] as const;
export const UNIT = z.enum(UNITS);

export const DIMENSIONS = listOf(
  z
    .object({ Name: NAME, Value: z.string().min(1).max(1024) })
    .transform(({ Name, Value }) => ({ name: Name, value: Value })),
).refine((dimensions) => dimensions.length <= METRIC_DIMENSIONS_MAX, {
  message: `at most ${METRIC_DIMENSIONS_MAX} dimensions`,
});

/** Throws CloudWatch's exceptions about the first member that is missing or wrong. */
export function read<T>(schema: z.ZodType<T>, { input }: Pick<ApiCall, 'input'>): T {
  return readInput(schema, input, (member, expectation) =>
    expectation.includes('received undefined')
      ? missing(member)
      : invalidValue(`The value for parameter ${member} is invalid. Reason: ${expectation}.`),
  );
}

/** Throws for statistics that Treadle does not have. */
export function readStatistic(name: string): Statistic {
  const statistic = parseStatistic(name);
  if (statistic !== null) return statistic;
  throw invalidValue(
    `The value ${name} for the statistic is invalid: Treadle has SampleCount, Average, Sum, Minimum, Maximum and ` +
      'percentiles from p0 to p100 (p99, p99.9), and no trimmed means, counts or ranks.',
  );
}

/** Milliseconds. Throws for periods shorter than the minute by which Treadle keeps metrics. */
export function readPeriod(seconds: number): number {
  if (seconds > 0 && seconds % 60 === 0) return seconds * 1000;
  throw invalidValue(
    `The parameter Period must be a multiple of 60, since Treadle keeps metrics by the minute, but it is ${seconds}.`,
  );
}

/** From the beginning of a minute on, as CloudWatch rounds it. */
export function readRange(from: number, to: number): { readonly from: number; readonly to: number } {
  const rounded = Math.floor(from / MINUTE_MS) * MINUTE_MS;
  if (to > rounded) return { from: rounded, to };
  throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
}
