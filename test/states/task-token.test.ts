import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/index.js';

const ROLE = 'arn:aws:iam::000000000000:role/test';

let folder: string;
let server: RunningServer;
let sfn: SFNClient;
let stateMachineArn: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-token-'));
  await open();
  const sns = new SNSClient(clientOptions());
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'approvals' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'boss@example.com' }));
  const definition = {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
        Parameters: { TopicArn, Message: { 'token.$': '$$.Task.Token', 'order.$': '$.order' } },
        Catch: [{ ErrorEquals: ['Rejected'], Next: 'No' }],
        End: true,
      },
      No: { Type: 'Pass', End: true },
    },
  };
  const created = await sfn.send(
    new CreateStateMachineCommand({ name: 'ask', definition: JSON.stringify(definition), roleArn: ROLE }),
  );
  stateMachineArn = created.stateMachineArn ?? '';
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const clientOptions = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

async function open(): Promise<void> {
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    region: 'us-east-1',
    account: '000000000000',
  });
  sfn = new SFNClient(clientOptions());
}

/** The token that the mail about this order carries. */
async function mailedToken(order: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await fetch(`${server.endpoint}/_treadle/api/mail?limit=50`);
    const { mails } = (await response.json()) as { readonly mails: readonly { readonly text: string }[] };
    const found = mails
      .map(({ text }) => JSON.parse(text) as { token: string; order: string })
      .find((mail) => mail.order === order);
    if (found) return found.token;
    await new Promise((next) => setTimeout(next, 25));
  }
  throw new Error(`Expected a mail about order ${order}, but there is none.`);
}

async function ended(
  executionArn: string | undefined,
): Promise<{ status: string | undefined; output: string | undefined }> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, output };
    await new Promise((next) => setTimeout(next, 25));
  }
  throw new Error('Expected the execution to end, but it did not.');
}

it('waits for a token over a restart, takes the first answer and refuses the second', async () => {
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"order":"o-1"}' }));
  const taskToken = await mailedToken('o-1');
  sfn.destroy();
  await server.close();
  await open();
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved": true}' }));
  expect(await ended(executionArn)).toEqual({ status: 'SUCCEEDED', output: '{"approved": true}' });
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events?.map((event) => event.type).slice(2, 6)).toEqual([
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
  ]);
  await expect(sfn.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))).rejects.toMatchObject({
    name: 'TaskTimedOut',
    message: "Task Timed Out: 'Provided task does not exist anymore'",
  });
});

it('a failure is caught by its name', async () => {
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"order":"o-2"}' }));
  const taskToken = await mailedToken('o-2');
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Rejected', cause: 'too dear' }));
  expect(await ended(executionArn)).toEqual({
    status: 'SUCCEEDED',
    output: '{"Error":"Rejected","Cause":"too dear"}',
  });
});

it('refuses a token that is none, and one that was made up', async () => {
  await expect(sfn.send(new SendTaskSuccessCommand({ taskToken: 'x', output: '1' }))).rejects.toMatchObject({
    name: 'InvalidToken',
    message: "Invalid Token: 'Invalid token'",
  });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"order":"o-3"}' }));
  const taskToken = Buffer.from(`${executionArn} 3 2026-01-01T00:00:00Z made-up`).toString('base64');
  await expect(sfn.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))).rejects.toMatchObject({
    name: 'TaskTimedOut',
  });
});
