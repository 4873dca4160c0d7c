import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { AwsJson1_0Protocol, AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-alarms-'));
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

const ALARM: PutMetricAlarmCommandInput = {
  AlarmName: 'failures',
  AlarmDescription: 'Too many',
  AlarmActions: ['arn:aws:sns:us-east-1:000000000000:alarms'],
  Namespace: 'Shop',
  MetricName: 'Failures',
  Dimensions: [{ Name: 'Shop', Value: 'lake' }],
  Statistic: 'Sum',
  Period: 300,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 1.5,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  Tags: [{ Key: 'owner', Value: 'ada' }],
};

describe.each<readonly [string, NonNullable<CloudWatchClientConfig['protocol']>]>([
  ['rpc-v2-cbor', AwsSmithyRpcV2CborProtocol],
  ['awsJson', AwsJson1_0Protocol],
  ['query', AwsQueryProtocol],
])('through the AWS SDK over %s', (name, protocol) => {
  const client = (): CloudWatchClient =>
    new CloudWatchClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      protocol,
    });

  test('an alarm is made, described, set, looked up by its metric, and deleted', async () => {
    const cloudwatch = client();
    await cloudwatch.send(new PutMetricAlarmCommand(ALARM));
    const { MetricAlarms = [], CompositeAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({}));
    const { Tags, ...shown } = ALARM;
    expect(MetricAlarms).toHaveLength(1);
    expect(MetricAlarms[0]).toMatchObject({
      ...shown,
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:failures',
      ActionsEnabled: true,
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      StateUpdatedTimestamp: expect.any(Date),
    });
    expect(CompositeAlarms ?? []).toEqual([]);
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: 'failures', StateValue: 'ALARM', StateReason: 'a test' }),
    );
    await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['failures'] }));
    const found = await cloudwatch.send(
      new DescribeAlarmsForMetricCommand({
        Namespace: 'Shop',
        MetricName: 'Failures',
        Dimensions: [{ Name: 'Shop', Value: 'lake' }],
      }),
    );
    expect(found.MetricAlarms).toMatchObject([{ StateValue: 'ALARM', StateReason: 'a test', ActionsEnabled: false }]);
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['failures'] }));
    expect((await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ['failures'] }))).MetricAlarms ?? []).toEqual(
      [],
    );
  });

  test('history comes in pages, the newest first', async () => {
    const cloudwatch = client();
    await cloudwatch.send(new PutMetricAlarmCommand({ ...ALARM, AlarmName: `paged-${name}` }));
    for (const StateValue of ['ALARM', 'OK'] as const)
      await cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName: `paged-${name}`, StateValue, StateReason: 'a test' }),
      );
    const summaries: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloudwatch.send(
        new DescribeAlarmHistoryCommand({ AlarmName: `paged-${name}`, MaxRecords: 1, NextToken }),
      );
      summaries.push(...(page.AlarmHistoryItems ?? []).map(({ HistorySummary }) => HistorySummary));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(summaries).toEqual([
      'Alarm updated from ALARM to OK',
      'Action arn:aws:sns:us-east-1:000000000000:alarms is carried out',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      `Alarm "paged-${name}" created`,
    ]);
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [`paged-${name}`] }));
  });

  test('tags', async () => {
    const cloudwatch = client();
    await cloudwatch.send(new PutMetricAlarmCommand(ALARM));
    const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:failures';
    await cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'shop', Value: 'lake' }] }));
    await cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['owner'] }));
    const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'shop', Value: 'lake' }]);
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['failures'] }));
  });

  test.each<readonly [Partial<PutMetricAlarmCommandInput>, string, RegExp]>([
    [{ Period: 10 }, 'InvalidParameterValueException', /multiple of 60/],
    [{ DatapointsToAlarm: 4 }, 'InvalidParameterValueException', /DatapointsToAlarm must be less than or equal/],
    [{ Statistic: undefined }, 'InvalidParameterCombinationException', /Exactly one of Statistic/],
    [{ ComparisonOperator: 'GreaterThanUpperThreshold' }, 'InvalidParameterValueException', /no anomaly detection/],
    [
      { AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] },
      'InvalidParameterValueException',
      /topics and functions/,
    ],
    [{ Metrics: [{ Id: 'e1', Expression: 'm1' }] }, 'InvalidParameterCombinationException', /none on metric math/],
  ])('%j is refused', async (changes, name, message) => {
    const made = client().send(new PutMetricAlarmCommand({ ...ALARM, ...changes }));
    await expect(made).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  test('an alarm that is not there', async () => {
    const cloudwatch = client();
    await expect(cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['nobody'] }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
  });
});
