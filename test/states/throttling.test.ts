import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucketOf } from '../../src/limits/throttling.js';
import { type RunningServer, startServer } from '../../src/server/index.js';

const none = { size: 2, perSecond: 0 };
let folder: string;
let server: RunningServer;
let states: SFNClient;
let elsewhere: SFNClient;
let metrics: CloudWatchClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-throttled-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    region: 'us-east-1',
    account: '000000000000',
    throttle: { isAws: true, buckets: { StartExecution: none, ListActivities: none } },
  });
  const settings = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  states = new SFNClient(settings);
  elsewhere = new SFNClient({ ...settings, region: 'eu-central-1' });
  metrics = new CloudWatchClient(settings);
});
afterAll(async () => {
  for (const client of [states, elsewhere, metrics]) client.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function create(name: string, type: 'STANDARD' | 'EXPRESS'): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/any';
  const created = await states.send(new CreateStateMachineCommand({ name, definition, roleArn, type }));
  return created.stateMachineArn ?? '';
}

const THROTTLED = { name: 'ThrottlingException', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } };

it('answers ThrottlingException beyond the bucket of an action, of this Region only, and starts nothing then', async () => {
  const stateMachineArn = await create('standard', 'STANDARD');
  const start = () => states.send(new StartExecutionCommand({ stateMachineArn }));
  await start();
  await start();
  await expect(start()).rejects.toMatchObject(THROTTLED);
  const express = await create('express', 'EXPRESS');
  for (let count = 0; count < 4; count++) await states.send(new StartExecutionCommand({ stateMachineArn: express }));
  const list = (client: SFNClient) => client.send(new ListActivitiesCommand({}));
  await list(states);
  await list(states);
  await expect(list(states)).rejects.toMatchObject(THROTTLED);
  expect((await list(elsewhere)).activities).toEqual([]);
});

it("holds to AWS's quotas where no other is named", async () => {
  const stateMachineArn = await create('described', 'STANDARD');
  const describe = () => states.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const outcomes = await Promise.allSettled(Array.from({ length: 900 }, describe));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(700); // 200 at once, and 20 more with each second
  expect(refused[0]).toMatchObject({ reason: THROTTLED });
}, 30_000);

it('is measured as on AWS', async () => {
  const sum = async (MetricName: string) => {
    const { Datapoints = [] } = await metrics.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/States',
        MetricName,
        Dimensions: [{ Name: 'APIName', Value: 'ListActivities' }],
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
        Period: 86_400,
        Statistics: ['Sum', 'Maximum'],
      }),
    );
    return { sum: Datapoints[0]?.Sum, max: Datapoints[0]?.Maximum };
  };
  expect((await sum('ThrottledEvents')).sum).toBe(1);
  expect((await sum('ConsumedCapacity')).sum).toBe(2);
  expect((await sum('ProvisionedBucketSize')).max).toBe(2);
  expect((await sum('ProvisionedRefillRate')).max).toBe(0);
});

it('names large and other Regions apart', () => {
  expect(bucketOf({ isAws: true, buckets: {} }, 'StopExecution', 'us-east-1')).toEqual({ size: 1000, perSecond: 200 });
  expect(bucketOf({ isAws: true, buckets: {} }, 'StopExecution', 'eu-central-1')).toEqual({ size: 500, perSecond: 25 });
});
