import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { awsCommand, openBed, python } from './client-server.js';

const SCRIPT = fileURLToPath(new URL('metrics.py', import.meta.url));

describe('CloudWatch through boto3', () => {
  const bed = openBed();

  test('metrics of functions and its own come back', async () => {
    expect(JSON.parse(await python(bed.server, [SCRIPT]))).toEqual({
      listed: 600,
      invocations: [3],
      errors: [1],
      durations: [3],
      data: [[7], [true]],
      refused: ['MissingParameter', 'The parameter MetricData.member.1.Value is required.'],
    });
  }, 60_000);
});

describe('CloudWatch through the aws command', () => {
  const bed = openBed();

  async function cloudwatch(...args: string[]): Promise<Record<string, unknown>> {
    const text = await awsCommand(bed.server, ['cloudwatch', ...args, '--output', 'json']);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>); // an AWS output is an object
  }

  test('what put-metric-data puts, the others show', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const at = new Date(minute).toISOString();
    await cloudwatch(
      ...['put-metric-data', '--namespace', 'Shop', '--metric-name', 'Orders', '--value', '2.5', '--timestamp', at],
      ...['--dimensions', 'Shop=Berlin,Kind=web'],
    );
    expect(await cloudwatch('list-metrics', '--namespace', 'Shop')).toEqual({
      Metrics: [
        {
          ...{ Namespace: 'Shop', MetricName: 'Orders' },
          Dimensions: [
            { Name: 'Shop', Value: 'Berlin' },
            { Name: 'Kind', Value: 'web' },
          ],
        },
      ],
    });
    const times = ['--start-time', at, '--end-time', new Date(minute + 120_000).toISOString()];
    const statistics = await cloudwatch(
      ...['get-metric-statistics', '--namespace', 'Shop', '--metric-name', 'Orders', ...times, '--period', '60'],
      ...['--dimensions', 'Name=Kind,Value=web', 'Name=Shop,Value=Berlin', '--statistics', 'Sum', 'Average'],
    );
    expect(statistics).toMatchObject({ Label: 'Orders', Datapoints: [{ Sum: 2.5, Average: 2.5, Unit: 'None' }] });
    const Dimensions = [
      { Name: 'Kind', Value: 'web' },
      { Name: 'Shop', Value: 'Berlin' },
    ];
    const Metric = { Namespace: 'Shop', MetricName: 'Orders', Dimensions };
    const queries = [{ Id: 'orders', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }];
    const data = await cloudwatch('get-metric-data', '--metric-data-queries', JSON.stringify(queries), ...times);
    expect(data).toMatchObject({ MetricDataResults: [{ Id: 'orders', Values: [2.5], StatusCode: 'Complete' }] });
  }, 60_000);

  test('dashboards are refused by name', async () => {
    await expect(cloudwatch('list-dashboards')).rejects.toThrow(
      "no dashboards yet: it does not know the operation 'ListDashboards'",
    );
  }, 30_000);
});
