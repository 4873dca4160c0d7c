import { z } from 'zod';
import { METRIC_STATISTICS_DATAPOINTS_MAX } from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { periodsOf } from '../../services/metrics/periods.js';
import { statisticOf } from '../../services/metrics/statistic.js';
import { listOf } from '../input.js';
import { Entries, Timestamp } from '../output.js';
import type { ApiCall } from '../port.js';
import { invalidCombination, invalidValue } from './faults.js';
import {
  DIMENSIONS,
  METRIC_NAME,
  NAMESPACE,
  NUMBER,
  read,
  readPeriod,
  readRange,
  readStatistic,
  TIME,
  UNIT,
  UNITS,
} from './input.js';

const INPUT = z.object({
  Namespace: NAMESPACE,
  MetricName: METRIC_NAME,
  Dimensions: DIMENSIONS.optional(),
  StartTime: TIME,
  EndTime: TIME,
  Period: NUMBER,
  Statistics: listOf(z.string()).optional(),
  ExtendedStatistics: listOf(z.string()).optional(),
  Unit: UNIT.optional(),
});

/** Datapoints in order of time, each unit's for themselves. */
export async function getMetricStatistics(metrics: Metrics, call: ApiCall): Promise<object> {
  const input = read(INPUT, call);
  const { Namespace, MetricName, Dimensions = [], Statistics = [], ExtendedStatistics = [], Unit } = input;
  if (Statistics.length + ExtendedStatistics.length === 0)
    throw invalidCombination('At least one of the parameters Statistics and ExtendedStatistics must be specified.');
  const simple = Statistics.map((name) => [name, readStatistic(name)] as const);
  const extended = ExtendedStatistics.map((name) => [name, readStatistic(name)] as const);
  const wrong =
    simple.find(([, { type }]) => type === 'percentile') ?? extended.find(([, { type }]) => type !== 'percentile');
  if (wrong !== undefined)
    throw invalidValue(`Expected percentiles in ExtendedStatistics and all else in Statistics, but found ${wrong[0]}.`);
  const period = readPeriod(input.Period);
  const range = { ...readRange(input.StartTime, input.EndTime), period };
  refuseTooMany(Math.ceil((range.to - range.from) / period));
  const datapoints: object[] = [];
  const id = { place: call.place, namespace: Namespace, name: MetricName, dimensions: Dimensions };
  for (const series of metrics.find(id, Unit === undefined ? UNITS : [Unit])) {
    for (const [at, point] of await periodsOf(metrics, [series], range)) {
      const percentiles = extended.flatMap(([name, statistic]) => {
        const value = statisticOf(point, statistic);
        return value === null ? [] : [[name, value] as const];
      });
      datapoints.push({
        Timestamp: new Timestamp(at),
        ...Object.fromEntries(simple.map(([name, statistic]) => [name, statisticOf(point, statistic)])),
        ...(percentiles.length > 0 && { ExtendedStatistics: new Entries(percentiles) }),
        Unit: series.id.unit,
      });
    }
  }
  return { Label: MetricName, Datapoints: datapoints };
}

function refuseTooMany(count: number): void {
  if (count <= METRIC_STATISTICS_DATAPOINTS_MAX) return;
  throw invalidCombination(
    `You have requested up to ${count} datapoints, which exceeds the limit of ${METRIC_STATISTICS_DATAPOINTS_MAX}. ` +
      'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
  );
}
