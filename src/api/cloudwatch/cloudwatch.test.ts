import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricStatisticsCommand,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  ListDashboardsCommand,
  ListMetricsCommand,
  type MetricDatum,
  MissingRequiredParameterException,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { AwsJson1_0Protocol, AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-cloudwatch-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const MINUTE = 60_000;
/** The beginning of a minute some time ago: all datapoints of a test lie in known minutes. */
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 30 * MINUTE;
const at = (minute: number): Date => new Date(START + minute * MINUTE);

const PROTOCOLS: readonly (readonly [string, CloudWatchClientConfig['protocol']])[] = [
  ['rpc-v2-cbor', AwsSmithyRpcV2CborProtocol],
  ['awsJson', AwsJson1_0Protocol],
  ['query', AwsQueryProtocol],
];

const client = (protocol?: CloudWatchClientConfig['protocol']): CloudWatchClient =>
  new CloudWatchClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    ...(protocol !== undefined && { protocol }),
    // This client gives a compressed body of CBOR the length that it had before.
    disableRequestCompression: protocol === AwsSmithyRpcV2CborProtocol,
  });

const put = (Namespace: string, ...MetricData: MetricDatum[]) =>
  client().send(new PutMetricDataCommand({ Namespace, MetricData }));

describe.each(PROTOCOLS)('over %s', (name, protocol) => {
  const namespace = `Shop/${name}`;
  const Dimensions = [{ Name: 'Machine', Value: 'order & <more>' }];

  test('values come back as statistics, percentiles, pages and lists', async () => {
    const cloudwatch = client(protocol);
    const datum = { MetricName: 'Duration', Dimensions, Unit: 'Milliseconds' as const };
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: namespace,
        MetricData: [
          { ...datum, Timestamp: at(0), Value: 10.5 },
          { ...datum, Timestamp: at(0), Values: [20, 30], Counts: [2, 1] },
          {
            ...{ ...datum, Timestamp: at(2) },
            StatisticValues: { SampleCount: 2, Sum: 9, Minimum: 4, Maximum: 5 },
          },
        ],
      }),
    );
    const id = { Namespace: namespace, MetricName: 'Duration', Dimensions };
    const range = { StartTime: at(0), EndTime: at(10) };
    const { Label, Datapoints } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        ...{ ...id, ...range, Period: 60, Statistics: ['Sum', 'Maximum', 'SampleCount'], ExtendedStatistics: ['p50'] },
      }),
    );
    expect(Label).toBe('Duration');
    const percentile = Datapoints?.[0]?.ExtendedStatistics?.p50 ?? 0;
    expect(percentile).toBeCloseTo(20, 0);
    expect(Datapoints).toEqual([
      {
        ...{ Timestamp: at(0), Sum: 80.5, Maximum: 30, SampleCount: 4, Unit: 'Milliseconds' },
        ExtendedStatistics: { p50: percentile },
      },
      { Timestamp: at(2), Sum: 9, Maximum: 5, SampleCount: 2, Unit: 'Milliseconds' },
    ]);
    const MetricDataQueries = [
      { Id: 'sum', MetricStat: { Metric: id, Period: 60, Stat: 'Sum' } },
      { Id: 'hour', MetricStat: { Metric: id, Period: 3600, Stat: 'Average' }, Label: 'Mean' },
    ];
    const data = await cloudwatch.send(
      new GetMetricDataCommand({ ...range, MetricDataQueries, ScanBy: 'TimestampAscending' }),
    );
    expect(data.MetricDataResults).toEqual([
      { ...{ Id: 'sum', Label: 'Duration' }, Timestamps: [at(0), at(2)], Values: [80.5, 9], StatusCode: 'Complete' },
      { ...{ Id: 'hour', Label: 'Mean' }, Timestamps: [at(0)], Values: [89.5 / 6], StatusCode: 'Complete' },
    ]);
    const listed = await cloudwatch.send(new ListMetricsCommand({ Namespace: namespace, RecentlyActive: 'PT3H' }));
    expect(listed.Metrics).toEqual([{ Namespace: namespace, MetricName: 'Duration', Dimensions }]);
  });

  test('refuses as AWS does', async () => {
    const cloudwatch = client(protocol);
    const refused = cloudwatch.send(
      new PutMetricDataCommand({ Namespace: 'AWS/Mine', MetricData: [{ MetricName: 'a', Value: 1 }] }),
    );
    await expect(refused).rejects.toBeInstanceOf(InvalidParameterValueException);
    await expect(refused).rejects.toMatchObject({ message: 'The value AWS/ for parameter Namespace is invalid.' });
    await expect(cloudwatch.send(new ListDashboardsCommand({}))).rejects.toThrow("the operation 'ListDashboards'");
  });

  test('a large request that the client compresses is taken', async () => {
    const MetricData = Array.from({ length: 600 }, (_, index) => ({
      ...{ MetricName: `metric ${index} with a rather long name to fill the body`, Value: index, Timestamp: at(1) },
    }));
    await client(protocol).send(new PutMetricDataCommand({ Namespace: `${namespace}/many`, MetricData }));
    const listed = await client(protocol).send(new ListMetricsCommand({ Namespace: `${namespace}/many` }));
    expect(listed.Metrics).toHaveLength(500);
    const rest = await client(protocol).send(
      new ListMetricsCommand({ Namespace: `${namespace}/many`, NextToken: listed.NextToken }),
    );
    expect(rest.Metrics).toHaveLength(100);
    expect(rest.NextToken).toBeUndefined();
  });
});

test('the query protocol has the older names of errors', async () => {
  const body = new URLSearchParams({ Action: 'PutMetricData', Version: '2010-08-01', Namespace: 'AWS/Mine' });
  const response = await fetch(server.endpoint, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('<Type>Sender</Type><Code>InvalidParameterValue</Code>');
});

describe('GetMetricData', () => {
  const query = (Id: string, MetricName: string, Stat = 'Sum') => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Pages', MetricName }, Period: 60, Stat },
  });
  const get = (input: Partial<GetMetricDataCommandInput>) =>
    client().send(new GetMetricDataCommand({ StartTime: at(0), EndTime: at(20), MetricDataQueries: [], ...input }));
  beforeAll(async () => {
    const minutes = Array.from({ length: 10 }, (_, minute) => minute);
    await put('Pages', ...minutes.map((minute) => ({ MetricName: 'a', Value: minute, Timestamp: at(minute) })));
    await put('Pages', ...minutes.slice(0, 5).map((minute) => ({ MetricName: 'b', Value: 2, Timestamp: at(minute) })));
  });

  test('pages give every datapoint once, newest first unless asked otherwise', async () => {
    const seen: Record<string, number[]> = { a: [], b: [] };
    const statuses: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await get({ MetricDataQueries: [query('a', 'a'), query('b', 'b')], MaxDatapoints: 4, NextToken });
      for (const { Id = '', Values = [], StatusCode = '' } of page.MetricDataResults ?? []) {
        seen[Id]?.push(...Values);
        statuses.push(`${Id} ${StatusCode}`);
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual({ a: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], b: [2, 2, 2, 2, 2] });
    expect(statuses).toContain('a PartialData');
    expect(statuses.at(-1)).toBe('b Complete');
  });

  test('plain arithmetic of metrics', async () => {
    const { MetricDataResults } = await get({
      MetricDataQueries: [
        { ...query('a', 'a'), ReturnData: false },
        { ...query('b', 'b'), ReturnData: false },
        { Id: 'rate', Expression: '100 * (a - 1) / b', Label: 'Rate' },
      ],
      ScanBy: 'TimestampAscending',
    });
    expect(MetricDataResults).toMatchObject([{ Id: 'rate', Label: 'Rate', Values: [-50, 0, 50, 100, 150] }]);
  });

  test.each([
    ['FILL(a, 0)', "it has 'FILL'"],
    ['a +', 'it ends too early'],
    ['(a', "a ')' is missing"],
    ['a b', "it has 'b'"],
    ['1 + 1', 'it names no metric'],
    ['SELECT AVG(CPU) FROM x', "it has 'SELECT'"],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 'it is longer'],
  ])("the expression '%s' is refused by name: %s", async (Expression, why) => {
    const refused = get({ MetricDataQueries: [query('a', 'a'), { Id: 'e', Expression }] });
    await expect(refused).rejects.toThrow(why);
  });

  test.each([
    ['an unknown statistic', { MetricDataQueries: [query('a', 'a', 'tm99')] }, 'no trimmed means'],
    ['a token of nobody', { MetricDataQueries: [query('a', 'a')], NextToken: 'x' }, 'NextToken'],
    ['two queries of one id', { MetricDataQueries: [query('a', 'a'), query('a', 'b')] }, 'to be different'],
    ['times the wrong way round', { StartTime: at(9), EndTime: at(1) }, 'must be less than'],
    ['a foreign account', { MetricDataQueries: [{ ...query('a', 'a'), AccountId: '111111111111' }] }, 'AccountId'],
    [
      'more than one call may read',
      { StartTime: new Date(0), MetricDataQueries: Array.from({ length: 101 }, (_, i) => query(`q${i}`, 'a')) },
      'they are 36360',
    ],
    ['neither a metric nor an expression', { MetricDataQueries: [{ Id: 'a' }] }, 'either MetricStat or Expression'],
  ])('%s is refused', async (_, input, message) => {
    await expect(get(input)).rejects.toThrow(message);
  });
});

describe('what PutMetricData refuses', () => {
  test.each<readonly [string, MetricDatum, new (...rest: never[]) => Error, string]>([
    ['no value', { MetricName: 'a' }, MissingRequiredParameterException, 'MetricData.member.1.Value is required'],
    [
      'two kinds of value',
      { MetricName: 'a', Value: 1, Values: [1] },
      InvalidParameterCombinationException,
      'mutually exclusive',
    ],
    [
      'counts that do not fit',
      { MetricName: 'a', Values: [1], Counts: [1, 2] },
      InvalidParameterCombinationException,
      'same size',
    ],
    ['not a number', { MetricName: 'a', Value: Number.NaN }, InvalidParameterValueException, 'number'],
    ['infinity', { MetricName: 'a', Value: Number.POSITIVE_INFINITY }, InvalidParameterValueException, 'number'],
    ['long ago', { MetricName: 'a', Value: 1, Timestamp: new Date(0) }, InvalidParameterValueException, 'two weeks'],
    [
      'too far ahead',
      { MetricName: 'a', Value: 1, Timestamp: new Date('2999-01-01') },
      InvalidParameterValueException,
      'two hours',
    ],
    ['seconds', { MetricName: 'a', Value: 1, StorageResolution: 1 }, InvalidParameterValueException, 'by the minute'],
  ])('%s', async (_, datum, type, message) => {
    const refused = put('Refused', { MetricName: 'good', Value: 1 }, datum);
    await expect(refused).rejects.toBeInstanceOf(type);
    await expect(refused).rejects.toThrow(message.replace('member.1', 'member.2'));
    const { Metrics } = await client().send(new ListMetricsCommand({ Namespace: 'Refused' }));
    expect(Metrics).toEqual([]);
  });
});
