import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
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

  const { waits: listed } = await waits();
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
  expect(treadle().stdout).toBe('Nothing waits for a token.\n');
});

test('a wait that is over, and an answer that is none, are refused', async () => {
  const gone = await answer({ id: '000000000000001.3', output: '{}' });
  expect(gone.status).toBe(404);
  expect(await gone.json()).toMatchObject({ error: 'NoOpenWait' });
  const execution = await ask(5);
  const id = (await waits()).waits[0]?.id;
  for (const body of [{ id }, { id, output: '{}', error: 'E' }, { id, output: '{' }]) {
    expect((await answer(body)).status).toBe(400);
  }
  expect((await client.send(new DescribeExecutionCommand({ executionArn: execution }))).status).toBe('RUNNING');
});
