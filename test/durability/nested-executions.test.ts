import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
let folder: string;
let server: ServerProcess;
let client: SFNClient;

const connect = (): SFNClient =>
  new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-nested-'));
  server = await startTreadle(folder);
  client = connect();
});
afterAll(async () => {
  client.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function machine(name: string, state: object, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { End: true, ...state } } });
  const created = await client.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE, type }));
  return created.stateMachineArn ?? '';
}

async function started(stateMachineArn: string, input: object = {}): Promise<string> {
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn ?? '';
}

const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));

const ended = async (executionArn: string) => {
  const described = await eventually(async () => {
    const found = await describe(executionArn);
    return found.status === 'RUNNING' ? null : found;
  });
  return described;
};

const nesting = (pattern: string, child: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${pattern}`,
  Parameters: { StateMachineArn: child, 'Input.$': '$' },
  ...more,
});

const childrenOf = async (stateMachineArn: string) =>
  (await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];

/** A machine whose one Task waits for a worker of its own activity. */
async function waitingMachine(name: string): Promise<{ readonly arn: string; readonly task: () => Promise<string> }> {
  const { activityArn = '' } = await client.send(new CreateActivityCommand({ name }));
  const arn = await machine(name, { Type: 'Task', Resource: activityArn });
  const task = async () => (await client.send(new GetActivityTaskCommand({ activityArn }))).taskToken ?? '';
  return { arn, task };
}

test('a start that is not awaited gives the ARN of the execution', async () => {
  const child = await machine('plain-child', { Type: 'Pass' });
  const parent = await ended(await started(await machine('plain', nesting('', child)), { x: 1 }));
  const [execution] = await childrenOf(child);
  expect(JSON.parse(parent.output ?? '')).toMatchObject({ ExecutionArn: execution?.executionArn });
  const { input } = await describe(execution?.executionArn ?? '');
  expect(JSON.parse(input ?? '')).toEqual({ x: 1 });
});

test('an Express machine can be started, and not awaited', async () => {
  const child = await machine('express-child', { Type: 'Pass' }, 'EXPRESS');
  const parent = await ended(await started(await machine('starts-express', nesting('', child))));
  expect(JSON.parse(parent.output ?? '').ExecutionArn).toContain(':express:express-child:');
  const awaiting = await ended(await started(await machine('awaits-express', nesting('.sync', child))));
  expect(awaiting).toMatchObject({ status: 'FAILED', error: 'StepFunctions.StateMachineTypeNotSupportedException' });
});

test.each([
  ['.sync', '{"x":1}'],
  ['.sync:2', { x: 1 }],
])('%s gives the description with the output', async (pattern, output) => {
  const name = `child${pattern.replaceAll(/\W/g, '-')}`;
  const child = await machine(name, { Type: 'Pass' });
  const parent = await ended(await started(await machine(`parent-${name}`, nesting(pattern, child)), { x: 1 }));
  expect(JSON.parse(parent.output ?? '')).toMatchObject({
    Status: 'SUCCEEDED',
    Output: output,
    StateMachineArn: child,
  });
});

test('the failure of an awaited execution is States.TaskFailed, with its description as cause', async () => {
  const child = await machine('failing', { Type: 'Fail', Error: 'No', Cause: 'why', End: undefined });
  const parent = await ended(await started(await machine('parent-failing', nesting('.sync:2', child))));
  expect(parent).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
  expect(JSON.parse(parent.cause ?? '')).toMatchObject({
    Error: 'No',
    Cause: 'why',
    Status: 'FAILED',
    RedriveStatus: 'REDRIVABLE',
  });
});

test('a name that another execution has fails the start by name, and nobody waits for that execution', async () => {
  const child = await machine('taken-child', { Type: 'Pass' });
  const start = { stateMachineArn: child, name: 'taken', input: '{}' };
  await ended((await client.send(new StartExecutionCommand(start))).executionArn ?? '');
  const parameters = { Parameters: { StateMachineArn: child, Name: 'taken', 'Input.$': '$' } };
  const parent = await ended(
    await started(await machine('parent-taken', nesting('.sync', child, parameters)), { x: 1 }),
  );
  expect([parent.status, parent.error]).toEqual(['FAILED', 'StepFunctions.ExecutionAlreadyExistsException']);
});

test('a machine that does not exist fails the start by name', async () => {
  const missing = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
  const parent = await ended(await started(await machine('parent-missing', nesting('.sync', missing))));
  expect(parent.error).toBe('StepFunctions.StateMachineDoesNotExistException');
});

test('stopping the parent stops the child that it waits for', async () => {
  const child = await waitingMachine('stopped-child');
  const parent = await started(await machine('stopped-parent', nesting('.sync', child.arn)));
  await child.task();
  await client.send(new StopExecutionCommand({ executionArn: parent }));
  const [execution] = await childrenOf(child.arn);
  expect((await ended(execution?.executionArn ?? '')).status).toBe('ABORTED');
});

test('a parent that is not awaiting any more through its timeout stops the child', async () => {
  const child = await waitingMachine('slow-child');
  const parent = await started(await machine('impatient', nesting('.sync:2', child.arn, { TimeoutSeconds: 1 })));
  expect((await ended(parent)).error).toBe('States.Timeout');
  const [execution] = await childrenOf(child.arn);
  expect((await ended(execution?.executionArn ?? '')).status).toBe('ABORTED');
});

test('the token of an awaited start answers the Task as well', async () => {
  const child = await waitingMachine('token-child');
  const parent = await started(
    await machine('token-parent', {
      ...nesting('.sync', child.arn),
      Parameters: { StateMachineArn: child.arn, Input: { 'token.$': '$$.Task.Token' } },
    }),
  );
  await child.task();
  const [execution] = await childrenOf(child.arn);
  const { input } = await describe(execution?.executionArn ?? '');
  await client.send(new SendTaskSuccessCommand({ taskToken: JSON.parse(input ?? '').token, output: '"early"' }));
  expect((await ended(parent)).output).toBe('"early"');
});

test('with a task token the parent waits for the token, not for the child', async () => {
  const child = await machine('quick-child', { Type: 'Pass' });
  const parent = await started(
    await machine('callback-parent', {
      ...nesting('.waitForTaskToken', child),
      Parameters: { StateMachineArn: child, Input: { 'token.$': '$$.Task.Token' } },
    }),
  );
  const [execution] = await eventually(async () => {
    const found = await childrenOf(child);
    return found.length === 0 ? null : found;
  });
  const { input } = await ended(execution?.executionArn ?? '');
  expect((await describe(parent)).status).toBe('RUNNING');
  await client.send(new SendTaskFailureCommand({ taskToken: JSON.parse(input ?? '').token, error: 'Refused' }));
  expect((await ended(parent)).error).toBe('Refused');
});

test('parents and children go on over kill -9, each child started once', async () => {
  const child = await waitingMachine('killed-child');
  const parentArn = await machine('killed-parent', nesting('.sync:2', child.arn));
  const parents = await Promise.all(Array.from({ length: 5 }, (_, x) => started(parentArn, { x })));
  const tokens = [];
  for (const _ of parents) tokens.push(await child.task());
  await server.kill();
  server = await startTreadle(folder);
  client.destroy();
  client = connect();
  for (const taskToken of tokens) await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":true}' }));
  for (const parent of parents) {
    const { output } = await ended(parent);
    expect(JSON.parse(output ?? '')).toMatchObject({ Status: 'SUCCEEDED', Output: { done: true } });
  }
  expect(await childrenOf(child.arn)).toHaveLength(parents.length);
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn: parents[0] ?? '' }));
  expect(events?.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});
