import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  executionArn,
  functionArn,
  historyOf,
  machineArn,
} from './states-client.js';

const clientOf = ({ endpoint }: ServerProcess) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

/** How long the server is down; the timers below come due in this time. */
const DOWN_MS = 2500;
const NEVER = `export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));`;
/** Hangs at its first call, of which a file tells; then says where it would find Treadle. */
const WHERE = `
import { existsSync, writeFileSync } from 'node:fs';
export const handler = async ({ file }) => {
  if (existsSync(file)) return process.env.AWS_ENDPOINT_URL;
  writeFileSync(file, '');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};`;
const PLAIN = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const TABLE = {
  TableName: 'orders',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

let folder = '';
let server: ServerProcess;
let topicArn = '';
let machineBefore: unknown;
let killedAt = 0;
let startedAt = 0;

const starting = (machine: string, name: string, input: object = {}) =>
  ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) });

async function mails(): Promise<readonly { readonly to: string; readonly text: string }[]> {
  const response = await fetch(`${server.endpoint}/_treadle/api/mail`);
  return ((await response.json()) as { mails: { to: string; text: string }[] }).mails; // our own API
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-restart-'));
  server = await startTreadle(folder);
  const { endpoint } = server;
  await createFunction(endpoint, 'echo', { source: 'export const handler = async (event) => event;' });
  await createFunction(endpoint, 'never', { source: NEVER, Timeout: 60 });
  await createFunction(endpoint, 'where', { source: WHERE, Timeout: 60 });
  await createMachine(endpoint, 'where', {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: functionArn('where'), End: true } },
  });
  await createMachine(endpoint, 'plain', PLAIN);
  await createMachine(endpoint, 'short-wait', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 2, Next: 'Then' }, Then: { Type: 'Pass', End: true } },
  });
  await createMachine(endpoint, 'timed-task', {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: functionArn('never'), TimeoutSeconds: 2, End: true } },
  });
  await createMachine(endpoint, 'timed-execution', {
    StartAt: 'Wait',
    TimeoutSeconds: 2,
    States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } },
  });
  machineBefore = await ask(endpoint, 'DescribeStateMachine', { stateMachineArn: machineArn('plain') });
  await new DynamoDBClient(clientOf(server)).send(new CreateTableCommand(TABLE));
  await new DynamoDBClient(clientOf(server)).send(
    new PutItemCommand({ TableName: 'orders', Item: { id: { S: '1' }, total: { N: '2250' } } }),
  );
  const sns = new SNSClient(clientOf(server));
  topicArn = (await sns.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn ?? '';
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'email', Endpoint: 'anna@example.com' }));
  await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: 'First', Message: 'before the kill' }));
  await eventually(async () => ((await mails()).length > 0 ? true : null));

  await starting('plain', 'done');
  await ended(endpoint, executionArn('plain', 'done'));
  await Promise.all(['short-wait', 'timed-task', 'timed-execution'].map((machine) => starting(machine, 'one')));
  await starting('where', 'one', { file: join(folder, 'called') });
  await eventually(() => (existsSync(join(folder, 'called')) ? true : null));
  // Accepted at the last moment: it is delivered by the next server where this one does not come to it.
  await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: 'Second', Message: 'at the kill' }));
  killedAt = Date.now();
  await server.kill();
  await sleep(DOWN_MS);
  server = await startTreadle(folder);
  startedAt = Date.now();
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('after a kill', () => {
  test('state machines and executions are as they were', async () => {
    const { endpoint } = server;
    const machine = await ask(endpoint, 'DescribeStateMachine', { stateMachineArn: machineArn('plain') });
    expect(machine).toEqual(machineBefore);
    const list = await ask(endpoint, 'ListStateMachines', {});
    expect((list.stateMachines as { name: string }[]).map(({ name }) => name)).toEqual([
      'plain',
      'short-wait',
      'timed-execution',
      'timed-task',
      'where',
    ]);
    const done = await ask(endpoint, 'DescribeExecution', { executionArn: executionArn('plain', 'done') });
    expect(done).toMatchObject({ status: 'SUCCEEDED', input: '{}', output: '{}' });
    expect((await historyOf(endpoint, executionArn('plain', 'done'))).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('functions can be called', async () => {
    const answer = await new LambdaClient(clientOf(server)).send(
      new InvokeCommand({ FunctionName: 'echo', Payload: Buffer.from('{"x":1}') }),
    );
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('{"x":1}');
  });

  test('a call under way is made again, by a function that finds the new server', async () => {
    const { status, output } = await ended(server.endpoint, executionArn('where', 'one'));
    expect([status, output]).toEqual(['SUCCEEDED', JSON.stringify(server.endpoint)]);
  });

  test('tables have their items', async () => {
    const { Item } = await new DynamoDBClient(clientOf(server)).send(
      new GetItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } }),
    );
    expect(Item).toEqual({ id: { S: '1' }, total: { N: '2250' } });
  });

  test('topics have their subscriptions, the outbox its mails, and an accepted message is delivered', async () => {
    const { Subscriptions } = await new SNSClient(clientOf(server)).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
    );
    expect(Subscriptions?.map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual([
      ['email', 'anna@example.com'],
    ]);
    const texts = await eventually(async () => {
      const found = (await mails()).map(({ text }) => text);
      return found.some((text) => text.includes('at the kill')) ? found : null;
    });
    expect(texts.filter((text) => text.includes('before the kill'))).toHaveLength(1);
  });

  test('a Wait whose time has passed ends at once', async () => {
    const { status } = await ended(server.endpoint, executionArn('short-wait', 'one'), 2000);
    expect(status).toBe('SUCCEEDED');
    const history = await historyOf(server.endpoint, executionArn('short-wait', 'one'));
    const exited = history.find(({ type }) => type === 'WaitStateExited');
    expect((exited?.timestamp ?? 0) * 1000).toBeGreaterThanOrEqual(killedAt + 1000);
    expect((exited?.timestamp ?? 0) * 1000).toBeLessThan(startedAt + 1000);
  });

  test('a task whose TimeoutSeconds have passed times out', async () => {
    const { status, error } = await ended(server.endpoint, executionArn('timed-task', 'one'), 2000);
    expect([status, error]).toEqual(['FAILED', 'States.Timeout']);
    const history = await historyOf(server.endpoint, executionArn('timed-task', 'one'));
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionTimedOut',
      'ExecutionFailed',
    ]);
  });

  test('an execution whose TimeoutSeconds have passed times out', async () => {
    expect(await ended(server.endpoint, executionArn('timed-execution', 'one'), 2000)).toMatchObject({
      status: 'TIMED_OUT',
    });
  });
});
