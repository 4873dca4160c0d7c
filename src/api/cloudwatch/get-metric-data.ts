import { z } from 'zod';
import {
  METRIC_DATAPOINTS_MAX,
  METRIC_QUERIES_MAX,
  METRIC_READ_HOURS_MAX,
  METRIC_RETENTION_MS,
} from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { periodsOf } from '../../services/metrics/periods.js';
import { statisticOf } from '../../services/metrics/statistic.js';
import { listOf } from '../input.js';
import { Timestamp } from '../output.js';
import type { ApiCall } from '../port.js';
import { type Expression, evaluate, parseExpression } from './expression.js';
import { invalidCombination, invalidToken, invalidValue, limitExceeded } from './faults.js';
import {
  BOOLEAN,
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

const METRIC_STAT = z.object({
  Metric: z.object({ Namespace: NAMESPACE, MetricName: METRIC_NAME, Dimensions: DIMENSIONS.optional() }),
  Period: NUMBER,
  Stat: z.string(),
  Unit: UNIT.optional(),
});

const QUERY = z.object({
  Id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,254}$/, 'a small letter, then letters, digits and underscores'),
  MetricStat: METRIC_STAT.optional(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  ReturnData: BOOLEAN.optional(),
  Period: NUMBER.optional(),
  AccountId: z.string().optional(),
});
type Query = z.infer<typeof QUERY>;

const INPUT = z.object({
  MetricDataQueries: listOf(QUERY),
  StartTime: TIME,
  EndTime: TIME,
  NextToken: z.string().optional(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  MaxDatapoints: NUMBER.optional(),
});

type Values = ReadonlyMap<number, number>;

/** Values of metrics, and plain arithmetic of them. Pages by datapoints, in the order of the queries. */
export async function getMetricData(metrics: Metrics, call: ApiCall): Promise<object> {
  const input = read(INPUT, call);
  const queries = checked(input.MetricDataQueries, call);
  const range = readRange(input.StartTime, input.EndTime);
  refuseTooMuch(queries, range);
  const values = new Map<string, Values>();
  for (const { query } of queries) {
    if (query.MetricStat !== undefined) values.set(query.Id, await valuesOf(metrics, call, query.MetricStat, range));
  }
  for (const { query, expression } of queries) {
    if (expression !== null) values.set(query.Id, evaluate(expression, values));
  }
  const shown = queries
    .filter(({ query }) => query.ReturnData !== false)
    .map(({ query }) => ({ query, points: [...(values.get(query.Id) ?? [])].sort(([a], [b]) => a - b) }));
  if (input.ScanBy !== 'TimestampAscending') for (const { points } of shown) points.reverse();
  return pageOf(shown, readToken(input.NextToken), input.MaxDatapoints ?? METRIC_DATAPOINTS_MAX);
}

/** Beyond what Treadle keeps there is nothing to read. */
function refuseTooMuch(
  queries: readonly Checked[],
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const metrics = queries.filter(({ query }) => query.MetricStat !== undefined).length;
  const hours = Math.ceil(Math.min(to - from, METRIC_RETENTION_MS) / HOUR_MS) * metrics;
  if (hours <= METRIC_READ_HOURS_MAX) return;
  throw limitExceeded(
    `Expected at most ${METRIC_READ_HOURS_MAX} hours of all metrics together, but they are ${hours}. Ask for fewer metrics or a shorter time.`,
  );
}

const HOUR_MS = 3_600_000;

interface Checked {
  readonly query: Query;
  readonly expression: Expression | null;
}

function checked(queries: readonly Query[], { place }: ApiCall): readonly Checked[] {
  if (queries.length > METRIC_QUERIES_MAX)
    throw limitExceeded(`The collection MetricDataQueries must not have a size greater than ${METRIC_QUERIES_MAX}.`);
  const metricIds = new Set<string>();
  for (const { Id, MetricStat } of queries) if (MetricStat !== undefined) metricIds.add(Id);
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length)
    throw invalidValue('Expected every Id in MetricDataQueries to be different, but two are the same.');
  return queries.map((query) => {
    const { Id, MetricStat, Expression, AccountId } = query;
    if ((MetricStat === undefined) === (Expression === undefined))
      throw invalidCombination(`Expected the query ${Id} to have either MetricStat or Expression.`);
    if (AccountId !== undefined && AccountId !== place.account)
      throw invalidValue(
        `Treadle has the metrics of the account ${place.account} only: leave AccountId out of the query ${Id}.`,
      );
    return { query, expression: Expression === undefined ? null : parseExpression(Expression, Id, metricIds) };
  });
}

async function valuesOf(
  metrics: Metrics,
  { place }: ApiCall,
  { Metric, Period, Stat, Unit }: z.infer<typeof METRIC_STAT>,
  range: { readonly from: number; readonly to: number },
): Promise<Values> {
  const statistic = readStatistic(Stat);
  const period = readPeriod(Period);
  const { Namespace, MetricName, Dimensions = [] } = Metric;
  const id = { place, namespace: Namespace, name: MetricName, dimensions: Dimensions };
  const found = metrics.find(id, Unit === undefined ? UNITS : [Unit]);
  const values = new Map<number, number>();
  for (const [at, point] of await periodsOf(metrics, found, { ...range, period })) {
    const value = statisticOf(point, statistic);
    if (value !== null) values.set(at, value);
  }
  return values;
}

interface Shown {
  readonly query: Query;
  readonly points: readonly (readonly [at: number, value: number])[];
}

function pageOf(shown: readonly Shown[], skip: number, most: number): object {
  let [toSkip, room, isCut] = [skip, Math.min(Math.max(most, 1), METRIC_DATAPOINTS_MAX), false];
  const results: object[] = [];
  for (const { query, points } of shown) {
    const rest = points.slice(toSkip);
    toSkip = Math.max(0, toSkip - points.length);
    const some = rest.slice(0, room);
    room -= some.length;
    const isWhole = some.length === rest.length;
    if (!isWhole) isCut = true;
    results.push({
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
      Timestamps: some.map(([at]) => new Timestamp(at)),
      Values: some.map(([, value]) => value),
      StatusCode: isWhole ? 'Complete' : 'PartialData',
    });
  }
  const passed = Math.min(Math.max(most, 1), METRIC_DATAPOINTS_MAX) - room;
  return {
    MetricDataResults: results,
    ...(isCut && { NextToken: Buffer.from(String(skip + passed)).toString('base64url') }),
    Messages: [],
  };
}

function readToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,9}$/.test(text)) throw invalidToken();
  return Number(text);
}
