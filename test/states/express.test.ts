import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  functionArn,
  machineArn,
  ROLE,
  states,
} from '../durability/states-client.js';

const PASS = {
  StartAt: 'A',
  States: { A: { Type: 'Pass', Parameters: { 'name.$': '$$.Execution.Name' }, End: true } },
};
const FAIL = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Nope', Cause: 'because' } } };
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

let folder = '';
let server: RunningServer;

const createExpress = (name: string, definition: object) =>
  ask(server.endpoint, 'CreateStateMachine', {
    name,
    roleArn: ROLE,
    type: 'EXPRESS',
    definition: JSON.stringify(definition),
  });

const sync = (name: string, more: object = {}) =>
  ask(server.endpoint, 'StartSyncExecution', { stateMachineArn: machineArn(name), ...more });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-express-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    region: 'us-east-1',
    account: '000000000000',
  });
  await createExpress('pass', PASS);
  await createExpress('fail', FAIL);
  await createMachine(server.endpoint, 'standard', PASS);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('StartSyncExecution', () => {
  it('answers with the end of the execution', async () => {
    const answer = await sync('pass', { name: 'one', input: '{"a": 1}', traceHeader: 'Root=1' });
    expect(answer).toEqual({
      executionArn: expect.stringMatching(`^arn:aws:states:us-east-1:000000000000:express:pass:one:${UUID}$`),
      stateMachineArn: machineArn('pass'),
      name: 'one',
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      status: 'SUCCEEDED',
      input: '{"a": 1}',
      inputDetails: { included: true },
      output: '{"name":"one"}',
      outputDetails: { included: true },
      traceHeader: 'Root=1',
      billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
    });
  });

  it('gives every execution a name and an ARN of its own', async () => {
    const [first, second] = [await sync('pass', { name: 'same' }), await sync('pass', { name: 'same' })];
    expect(first.executionArn).not.toBe(second.executionArn);
    const unnamed = await sync('pass');
    expect(unnamed.output).toBe(JSON.stringify({ name: unnamed.name }));
    expect(unnamed.name).toMatch(new RegExp(`^${UUID}$`));
  });

  it('answers 200 for a failure', async () => {
    const answer = await sync('fail');
    expect(answer).toMatchObject({
      status: 'FAILED',
      error: 'Nope',
      cause: 'because',
      outputDetails: { included: true },
    });
    expect(answer).not.toHaveProperty('output');
  });

  it('answers TIMED_OUT after TimeoutSeconds', async () => {
    await createExpress('slow', {
      TimeoutSeconds: 1,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 60, End: true } },
    });
    const answer = await sync('slow');
    expect(answer.status).toBe('TIMED_OUT');
    expect(answer.billingDetails).toEqual({
      billedDurationInMilliseconds: expect.any(Number),
      billedMemoryUsedInMB: 64,
    });
    const { billedDurationInMilliseconds: billed } = answer.billingDetails as { billedDurationInMilliseconds: number };
    expect([billed % 100, billed >= 1000]).toEqual([0, true]);
  });

  it('leaves the data out on demand', async () => {
    const answer = await sync('pass', { includedData: 'METADATA_ONLY' });
    expect(answer).toMatchObject({
      status: 'SUCCEEDED',
      inputDetails: { included: false },
      outputDetails: { included: false },
    });
    expect([answer.input, answer.output]).toEqual([undefined, undefined]);
  });

  it.each([
    ['standard', {}, 'StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine'],
    ['none', {}, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn('none')}'`],
    [
      'pass',
      { input: '' },
      'InvalidExecutionInput',
      "Invalid State Machine Execution Input: 'Invalid execution input.'",
    ],
    ['pass', { name: 'a b' }, 'InvalidName', "Invalid Name: 'a b'"],
  ])('refuses %s %o', async (machine, more, code, message) => {
    const { status, body } = await states(server.endpoint, 'StartSyncExecution', {
      stateMachineArn: machineArn(machine),
      ...more,
    });
    expect([status, String(body.__type).split('#').at(-1), body.message]).toEqual([400, code, message]);
  });

  it('goes on when the client has gone away', async () => {
    const log = `import { appendFileSync } from 'node:fs';
      export const handler = async ({ file, text }) => appendFileSync(file, text);`;
    await createFunction(server.endpoint, 'log', { source: log });
    const file = join(folder, 'seen');
    const call = (text: string, next: object) => ({
      Type: 'Task',
      Resource: functionArn('log'),
      Parameters: { file, text },
      ResultPath: null,
      ...next,
    });
    await createExpress('logs', {
      StartAt: 'A',
      States: { A: call('a', { Next: 'W' }), W: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: call('b', { End: true }) },
    });
    const seen = () => readFile(file, 'utf8').catch(() => '');
    const client = new AbortController();
    const request = fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.StartSyncExecution' },
      body: JSON.stringify({ stateMachineArn: machineArn('logs') }),
      signal: client.signal,
    });
    await eventually(async () => ((await seen()) === 'a' ? true : null));
    client.abort();
    await expect(request).rejects.toThrow();
    await eventually(async () => ((await seen()) === 'ab' ? true : null));
  });
});

describe('an Express machine', () => {
  it('is shown with its type', async () => {
    expect(await ask(server.endpoint, 'DescribeStateMachine', { stateMachineArn: machineArn('pass') })).toMatchObject({
      type: 'EXPRESS',
    });
    const { stateMachines } = await ask(server.endpoint, 'ListStateMachines', {});
    expect(stateMachines).toContainEqual(expect.objectContaining({ name: 'pass', type: 'EXPRESS' }));
  });

  it('starts executions that no other operation knows', async () => {
    const started = await ask(server.endpoint, 'StartExecution', {
      stateMachineArn: machineArn('pass'),
      name: 'later',
    });
    expect(started).toEqual({
      executionArn: expect.stringMatching(`^arn:aws:states:us-east-1:000000000000:express:pass:later:${UUID}$`),
      startDate: expect.any(Number),
    });
    const { executionArn } = started;
    for (const operation of [
      'DescribeExecution',
      'GetExecutionHistory',
      'StopExecution',
      'DescribeStateMachineForExecution',
    ]) {
      const { status, body } = await states(server.endpoint, operation, { executionArn });
      expect([status, body.message]).toEqual([400, "Invalid Arn: 'Resource type not valid in this context: express'"]);
    }
    const listed = await states(server.endpoint, 'ListExecutions', { stateMachineArn: machineArn('pass') });
    expect([listed.status, String(listed.body.__type).split('#').at(-1)]).toEqual([
      400,
      'StateMachineTypeNotSupported',
    ]);
  });

  it('may not wait for jobs, tokens, workers or map runs', async () => {
    const { status, body } = await states(server.endpoint, 'CreateStateMachine', {
      name: 'token',
      roleArn: ROLE,
      type: 'EXPRESS',
      definition: JSON.stringify({
        StartAt: 'X',
        States: { X: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true } },
      }),
    });
    expect([status, body.message]).toEqual([
      400,
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/X/Resource'",
    ]);
  });
});
