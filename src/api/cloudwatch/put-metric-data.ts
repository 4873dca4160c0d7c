import { z } from 'zod';
import { METRIC_DATA_MAX, METRIC_SERIES_MAX, METRIC_VALUES_MAX } from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import type { Series } from '../../services/metrics/series.js';
import { listOf } from '../input.js';
import type { ApiCall } from '../port.js';
import { invalidCombination, invalidValue, limitExceeded, missing } from './faults.js';
import { DIMENSIONS, METRIC_NAME, NAMESPACE, NUMBER, read, TIME, UNIT } from './input.js';

const DATUM = z.object({
  MetricName: METRIC_NAME,
  Dimensions: DIMENSIONS.optional(),
  Timestamp: TIME.optional(),
  Value: NUMBER.optional(),
  StatisticValues: z.object({ SampleCount: NUMBER, Sum: NUMBER, Minimum: NUMBER, Maximum: NUMBER }).optional(),
  Values: listOf(NUMBER).optional(),
  Counts: listOf(NUMBER).optional(),
  Unit: UNIT.optional(),
  StorageResolution: NUMBER.optional(),
});
type Datum = z.infer<typeof DATUM>;

const INPUT = z.object({
  Namespace: NAMESPACE,
  MetricData: listOf(DATUM).optional(),
  EntityMetricData: z.unknown().optional(),
});

/** AWS: no more than two weeks ago, no more than two hours ahead. */
const PAST_MS_MAX = 14 * 24 * 60 * 60_000;
const FUTURE_MS_MAX = 2 * 60 * 60_000;

/** All or nothing: every datum is checked before the first is added. */
export async function putMetricData(metrics: Metrics, call: ApiCall, now: number): Promise<undefined> {
  const { Namespace, MetricData = [], EntityMetricData } = read(INPUT, call);
  if (EntityMetricData !== undefined)
    throw invalidValue('Treadle does not relate metrics to entities: leave EntityMetricData out.');
  if (Namespace.startsWith('AWS/')) throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
  if (MetricData.length === 0) throw missing('MetricData');
  if (MetricData.length > METRIC_DATA_MAX) {
    throw limitExceeded(
      `The collection MetricData must not have a size greater than ${METRIC_DATA_MAX}, but it has ${MetricData.length}.`,
    );
  }
  for (const [index, datum] of MetricData.entries()) check(datum, `MetricData.member.${index + 1}`, now);
  if (!metrics.hasRoom) await metrics.flush();
  // From here on at once: a series that nothing is added to may go.
  const series = MetricData.map((datum) => seriesOf(metrics, call, Namespace, datum));
  for (const [index, datum] of MetricData.entries()) {
    const target = series[index];
    if (target !== undefined) add(metrics, target, datum, datum.Timestamp ?? now);
  }
  return undefined;
}

function check(datum: Datum, name: string, now: number): void {
  const { Value, StatisticValues, Values, Counts, StorageResolution, Timestamp } = datum;
  const given = [Value, StatisticValues, Values].filter((part) => part !== undefined).length;
  if (given === 0) throw missing(`${name}.Value`);
  if (given > 1)
    throw invalidCombination(
      `The parameters ${name}.Value, ${name}.Values and ${name}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  checkNumbers(datum, name);
  if (Values !== undefined && Values.length > METRIC_VALUES_MAX)
    throw invalidValue(`The collection ${name}.Values must not have a size greater than ${METRIC_VALUES_MAX}.`);
  if (Counts !== undefined && Counts.length !== Values?.length)
    throw invalidCombination(`The parameters ${name}.Values and ${name}.Counts must be of the same size.`);
  if (StorageResolution !== undefined && StorageResolution !== 60)
    throw invalidValue(
      `Treadle keeps metrics by the minute: leave ${name}.StorageResolution out, or give it 60 instead of ${StorageResolution}.`,
    );
  if (Timestamp === undefined) return;
  if (Timestamp < now - PAST_MS_MAX)
    throw invalidValue(`The parameter ${name}.Timestamp must specify a time no more than two weeks in the past.`);
  if (Timestamp > now + FUTURE_MS_MAX)
    throw invalidValue(`The parameter ${name}.Timestamp must specify a time no more than two hours in the future.`);
}

function checkNumbers({ Value, Values = [], Counts = [], StatisticValues }: Datum, name: string): void {
  const { SampleCount = 1, Minimum = 0, Maximum = Minimum } = StatisticValues ?? {};
  if (SampleCount <= 0) throw invalidValue(`The parameter ${name}.StatisticValues.SampleCount must be greater than 0.`);
  if (Minimum > Maximum)
    throw invalidValue(`The parameter ${name}.StatisticValues.Minimum must be less than or equal to Maximum.`);
  if (Counts.some((count) => count < 0)) throw invalidValue(`The parameter ${name}.Counts must not be negative.`);
  const numbers = [Value ?? 0, ...Values, ...Counts, ...Object.values(StatisticValues ?? {})];
  if (numbers.some((number) => !Number.isFinite(number) || Math.abs(number) > VALUE_MAX))
    throw invalidValue(`Expected the numbers of ${name} to be finite and between -2^360 and 2^360, but one is not.`);
}

/** AWS: larger numbers are refused. */
const VALUE_MAX = 2 ** 360;

function seriesOf(metrics: Metrics, { place }: ApiCall, namespace: string, datum: Datum): Series {
  const { MetricName, Dimensions = [], Unit = 'None' } = datum;
  const series = metrics.series({ place, namespace, name: MetricName, dimensions: Dimensions, unit: Unit });
  if (series !== null) return series;
  throw limitExceeded(
    `Treadle keeps at most ${METRIC_SERIES_MAX} metrics, each with its dimensions, and has so many. Use dimensions with fewer values.`,
  );
}

function add(metrics: Metrics, series: Series, datum: Datum, at: number): void {
  const { Value, Values = [], Counts, StatisticValues } = datum;
  if (Value !== undefined) metrics.addWeighted(series, Value, 1, at);
  for (const [index, value] of Values.entries()) {
    const count = Counts?.[index] ?? 1;
    if (count > 0) metrics.addWeighted(series, value, count, at);
  }
  if (StatisticValues === undefined) return;
  const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
  metrics.addSet(series, { count: SampleCount, sum: Sum, min: Minimum, max: Maximum }, at);
}
