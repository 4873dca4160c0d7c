import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionNotRedrivable,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AWS_QUOTAS } from '../../src/limits.js';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';

const roleArn = 'arn:aws:iam::000000000000:role/test';

let folder: string;
let server: RunningServer;
let sfn: SFNClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-redrive-'));
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function open(quotas = AWS_QUOTAS): Promise<void> {
  const place = { region: 'us-east-1', account: '000000000000' };
  const dataFolder = join(folder, 'data');
  server = await startServer({ port: 0, host: '127.0.0.1', dataFolder, ...place, quotas, report: () => undefined });
  sfn = new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

async function close(): Promise<void> {
  sfn.destroy();
  await server.close();
}

/** An execution whose worker has failed. */
async function failedExecution(): Promise<{ activityArn: string; executionArn: string; stateMachineArn: string }> {
  const { activityArn = '' } = await sfn.send(new CreateActivityCommand({ name: 'pack' }));
  const definition = JSON.stringify({
    StartAt: 'Pack',
    States: { Pack: { Type: 'Task', Resource: activityArn, End: true } },
  });
  const { stateMachineArn = '' } = await sfn.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n": 1}' }));
  const { taskToken } = await sfn.send(new GetActivityTaskCommand({ activityArn }));
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Torn' }));
  return { activityArn, executionArn, stateMachineArn };
}

test('a redriven execution goes on, also after a restart in between', async () => {
  const { activityArn, executionArn, stateMachineArn } = await failedExecution();
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'FAILED',
    redriveStatus: 'REDRIVABLE',
    redriveCount: 0,
  });
  await close();
  await open();
  const { redriveDate } = await sfn.send(new RedriveExecutionCommand({ executionArn }));
  const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ status: 'RUNNING', redriveCount: 1, redriveDate, redriveStatus: 'NOT_REDRIVABLE' });
  expect(described.stopDate).toBeUndefined();
  expect(described.error).toBeUndefined();
  await close();
  await open();
  const { taskToken, input } = await sfn.send(new GetActivityTaskCommand({ activityArn }));
  expect(input).toBe('{"n": 1}');
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"done"' }));
  await eventually(async () => {
    const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect([status, output]).toEqual(['SUCCEEDED', '"done"']);
  });
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events?.map(({ id }) => id)).toEqual(events?.map((_, index) => index + 1));
  expect(events?.find(({ type }) => type === 'ExecutionRedriven')?.executionRedrivenEventDetails).toEqual({
    redriveCount: 1,
  });
  const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  expect(executions).toMatchObject([{ redriveCount: 1, status: 'SUCCEEDED' }]);
});

test('a client that sends the same request again is told of the first', async () => {
  const { executionArn } = await failedExecution();
  const clientToken = 'b7a6f1c0-0000-4000-8000-000000000001';
  const first = await sfn.send(new RedriveExecutionCommand({ executionArn, clientToken }));
  const again = await sfn.send(new RedriveExecutionCommand({ executionArn, clientToken }));
  expect(again.redriveDate).toEqual(first.redriveDate);
  expect((await sfn.send(new DescribeExecutionCommand({ executionArn }))).redriveCount).toBe(1);
});

test('two at once redrive once', async () => {
  const { executionArn } = await failedExecution();
  const both = await Promise.allSettled([
    sfn.send(new RedriveExecutionCommand({ executionArn })),
    sfn.send(new RedriveExecutionCommand({ executionArn })),
  ]);
  expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect((await sfn.send(new DescribeExecutionCommand({ executionArn }))).redriveCount).toBe(1);
});

test('what runs or has succeeded is refused with the reason', async () => {
  const { executionArn } = await failedExecution();
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  const again = sfn.send(new RedriveExecutionCommand({ executionArn }));
  await expect(again).rejects.toThrow(ExecutionNotRedrivable);
  await expect(again).rejects.toThrow('Execution is RUNNING and cannot be redriven');
});

test('after a year, and when its machine is deleted, an execution is not redriven any more', async () => {
  const { executionArn, stateMachineArn } = await failedExecution();
  const seen = async (): Promise<unknown> => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const redriven = sfn.send(new RedriveExecutionCommand({ executionArn }));
    await expect(redriven).rejects.toThrow(ExecutionNotRedrivable);
    await expect(redriven).rejects.toThrow(execution.redriveStatusReason);
    return [execution.redriveStatus, execution.redriveStatusReason];
  };
  await close();
  await open({ ...AWS_QUOTAS, executionSecondsMax: 0 });
  expect(await seen()).toEqual(['NOT_REDRIVABLE', 'Execution has exceeded the max execution time']);
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
  expect(await seen()).toEqual(['NOT_REDRIVABLE', 'State machine is in DELETING status']);
});
