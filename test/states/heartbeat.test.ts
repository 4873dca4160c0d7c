import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  historyOf,
  machineArn,
  states,
} from '../durability/states-client.js';

const waits = (fields: object) => ({
  StartAt: 'A',
  States: {
    A: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'nothing', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
      ...fields,
    },
  },
});

let folder = '';
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-heartbeat-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    region: 'us-east-1',
    account: '000000000000',
  });
  await createFunction(server.endpoint, 'nothing', { source: 'export const handler = async () => ({});' });
  await createMachine(server.endpoint, 'beats', waits({ HeartbeatSeconds: 1 }));
  await createMachine(server.endpoint, 'plain', waits({}));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function start(machine: string): Promise<{ readonly executionArn: string; readonly taskToken: string }> {
  const started = await ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn(machine) });
  const executionArn = String(started.executionArn);
  const taskToken = await eventually(async () => {
    const scheduled = (await historyOf(server.endpoint, executionArn)).find(({ type }) => type === 'TaskScheduled');
    const details = scheduled?.taskScheduledEventDetails as { readonly parameters: string } | undefined;
    return details === undefined ? null : (JSON.parse(details.parameters).Payload.token as string);
  });
  return { executionArn, taskToken };
}

async function beat(taskToken: string): Promise<unknown> {
  const { status, body } = await states(server.endpoint, 'SendTaskHeartbeat', { taskToken });
  return status === 200 ? body : [String(body.__type).split('#').at(-1), body.message];
}

const GONE = ['TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'"];

it('beats keep a task alive, leave no event, and come too late at its end', async () => {
  const { executionArn, taskToken } = await start('beats');
  for (let count = 0; count < 6; count++) {
    await sleep(400);
    expect(await beat(taskToken)).toEqual({});
  }
  const { status, error } = await ended(server.endpoint, executionArn);
  expect([status, error]).toEqual(['FAILED', 'States.Timeout']);
  const events = await historyOf(server.endpoint, executionArn);
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskTimedOut',
    'ExecutionFailed',
  ]);
  const [first, last] = [events[0]?.timestamp ?? 0, events.at(-1)?.timestamp ?? 0];
  expect(last - first).toBeGreaterThan(3.3);
  expect(await beat(taskToken)).toEqual(GONE);
});

it('a beat of a task without HeartbeatSeconds has no effect; after a stop every answer comes too late', async () => {
  const { executionArn, taskToken } = await start('plain');
  expect(await beat(taskToken)).toEqual({});
  await ask(server.endpoint, 'StopExecution', { executionArn });
  expect(await beat(taskToken)).toEqual(GONE);
  for (const [operation, more] of [
    ['SendTaskSuccess', { output: '1' }],
    ['SendTaskFailure', {}],
  ] as const) {
    const { body } = await states(server.endpoint, operation, { taskToken, ...more });
    expect(body.message).toBe(GONE[1]);
  }
});

it('a token that is none, or of an execution that is not here, is refused', async () => {
  expect(await beat('x')).toEqual(['InvalidToken', "Invalid Token: 'Invalid token'"]);
  const arn = 'arn:aws:states:us-east-1:000000000000:execution:plain:none';
  const foreign = Buffer.from(`${arn} 3 2026-01-01T00:00:00Z made-up`).toString('base64');
  expect(await beat(foreign)).toEqual(['TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'"]);
});
