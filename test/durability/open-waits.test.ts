import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenWaitsPage } from '../../src/api/treadle/index.js';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';

const TREADLE = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));
let folder: string;
let server: ServerProcess;
let client: SFNClient;
let approvals: string;

const settings = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-waits-'));
  server = await startTreadle(folder);
  client = new SFNClient(settings());
  const topics = new SNSClient(settings());
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: 'approvals' }));
  topics.destroy();
  const definition = JSON.stringify({
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
        Parameters: { TopicArn, Message: { 'token.$': '$$.Task.Token', 'order.$': '$.order' } },
        TimeoutSeconds: 3600,
        End: true,
      },
    },
  });
  const roleArn = 'arn:aws:iam::000000000000:role/any';
  const created = await client.send(new CreateStateMachineCommand({ name: 'approvals', definition, roleArn }));
  approvals = created.stateMachineArn ?? '';
});
afterAll(async () => {
  client.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(order: number): Promise<string> {
  const input = JSON.stringify({ order });
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: approvals, input }));
  return executionArn ?? '';
}

async function waits(query = ''): Promise<OpenWaitsPage> {
  return (await (await fetch(`${server.endpoint}/_treadle/api/tokens${query}`)).json()) as OpenWaitsPage;
}

const answer = (body: object): Promise<Response> =>
  fetch(`${server.endpoint}/_treadle/api/tokens/answer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const treadle = (...args: readonly string[]) =>
  spawnSync(process.execPath, [TREADLE, 'tokens', ...args, '--endpoint', server.endpoint], { encoding: 'utf8' });

const ended = (executionArn: string) =>
  eventually(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === 'RUNNING' ? null : described;
  });

test('waits are listed over kill -9, answered by a person, and gone when they have ended, however', async () => {
  const [first = '', second = '', third = '', fourth = ''] = [await ask(1), await ask(2), await ask(3), await ask(4)];
  await server.kill();
  server = await startTreadle(folder);
  client.destroy();
  client = new SFNClient(settings());

  const metrics = await (await fetch(`${server.endpoint}/_treadle/metrics`)).text();
  const { waits: listed } = await waits();
  expect(Number(/^treadle_oldest_open_wait_seconds (.+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  expect(listed.map(({ executionArn }) => executionArn)).toEqual([first, second, third, fourth]);
  expect(listed[0]).toMatchObject({ state: 'Ask', resource: 'sns:publish', stateMachineArn: approvals });
  expect((listed[0]?.dueAt ?? 0) - (listed[0]?.openedAt ?? 0)).toBe(3_600_000);
  const page = await waits('?limit=3');
  expect((await waits(`?limit=3&after=${page.next}`)).waits).toEqual(listed.slice(3));

  const table = treadle();
  expect(table.stdout).toContain(`${listed[0]?.id}  approvals/`);
  expect(treadle(listed[0]?.id ?? '', '--output', '{"approved":true}').stdout).toBe(`Answered: ${listed[0]?.id}\n`);
  expect(await ended(first)).toMatchObject({ status: 'SUCCEEDED', output: '{"approved":true}' });
  expect(treadle(listed[1]?.id ?? '', '--error', 'Refused', '--cause', 'not now').status).toBe(0);
  expect(await ended(second)).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'not now' });

  const { token } = JSON.parse(listed[2]?.parameters ?? '').Message as { token: string };
  await client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
  await ended(third);
  await client.send(new StopExecutionCommand({ executionArn: fourth }));
  expect(await waits()).toEqual({ waits: [], next: null });
  expect(treadle().stdout).toBe('Nothing waits for a token or for a worker.\n');
});

test('a wait that is over, and an answer that is none, are refused', async () => {
  const gone = await answer({ id: '000000000000001.1.3', output: '{}' });
  expect(gone.status).toBe(404);
  expect(await gone.json()).toMatchObject({ error: 'NoOpenWait' });
  const execution = await ask(5);
  const id = (await waits()).waits[0]?.id;
  for (const body of [{ id }, { id, output: '{}', error: 'E' }, { id, output: '{' }]) {
    expect((await answer(body)).status).toBe(400);
  }
  expect((await client.send(new DescribeExecutionCommand({ executionArn: execution }))).status).toBe('RUNNING');
});

test('a lost message is sent again with the same token, over kill -9, and a wait may be of an activity', async () => {
  const queues = new SQSClient(settings());
  const { QueueUrl = '' } = await queues.send(new CreateQueueCommand({ QueueName: 'approvals' }));
  const { activityArn = '' } = await client.send(new CreateActivityCommand({ name: 'pack' }));
  const roleArn = 'arn:aws:iam::000000000000:role/any';
  const definition = JSON.stringify({
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Parameters: { QueueUrl, 'MessageBody.$': '$$.Task.Token' },
        Next: 'Pack',
      },
      Pack: { Type: 'Task', Resource: activityArn, TimeoutSeconds: 60, End: true },
    },
  });
  const { stateMachineArn = '' } = await client.send(
    new CreateStateMachineCommand({ name: 'packed', definition, roleArn }),
  );
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  const receive = () => take(queues, QueueUrl);
  const token = await eventually(receive);

  const only = async () => (await waits('?machine=packed')).waits[0];
  const id = (await only())?.id ?? '';
  expect(treadle('--machine', 'packed').stdout).toContain('sqs:sendMessage');
  expect(treadle(id, '--again').stdout).toBe(`Sent again: ${id}\n`);
  await server.kill(); // before or after the call: it is in the outbox
  server = await startTreadle(folder);
  client.destroy();
  client = new SFNClient(settings());
  const again = new SQSClient(settings());
  const url = QueueUrl.replace(/^http:[^/]+[/][/][^/]+/, server.endpoint);
  expect(await eventually(() => take(again, url))).toBe(token);
  await eventually(async () => ((await only())?.sends === 1 ? true : null));
  expect(await only()).toMatchObject({ id, sends: 1, sendFault: null });

  await again.send(new DeleteQueueCommand({ QueueUrl: url }));
  expect(treadle(id, '--again').status).toBe(0);
  await eventually(async () => ((await only())?.sends === 2 ? true : null));
  expect((await only())?.sendFault).toContain('QueueDoesNotExist');

  await client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
  expect(
    await eventually(async () => ((await only())?.activityArn === activityArn ? await only() : null)),
  ).toMatchObject({
    resource: 'activity',
    worker: null,
    dueAt: null,
  });
  const packing = (await only())?.id ?? '';
  expect(treadle(packing, '--again')).toMatchObject({ status: 1, stderr: expect.stringContaining('stands in line') });
  await client.send(new GetActivityTaskCommand({ activityArn, workerName: 'anna' }));
  expect(await only()).toMatchObject({ id: packing, worker: { name: 'anna' }, dueAt: expect.any(Number) });
  expect(treadle('--machine', 'packed').stdout).toContain('activity pack, with anna');
  expect(treadle(packing, '--again').stderr).toContain('a worker has the task');
  expect(treadle(packing, '--output', '{"packed":true}').status).toBe(0);
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"packed":true}' });
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.map(({ type }) => type)).not.toContain('TaskSentAgain');
  expect(events.map(({ id: number }) => number)).toEqual(events.map((_, index) => index + 1));
  again.destroy();
  queues.destroy();
}, 60_000);

async function take(queues: SQSClient, QueueUrl: string): Promise<string | null> {
  const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
  const [message] = Messages ?? [];
  if (message === undefined) return null;
  await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  return message.Body ?? null;
}
