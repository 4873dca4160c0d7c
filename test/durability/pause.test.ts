import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  states,
} from './states-client.js';

/** A machine that sleeps, a debugger, a virtual machine that is moved: the process stands still, and time goes on. */
const STOPPED_MS = 5000;

const TOKEN = `
import { writeFileSync } from 'node:fs';
export const handler = async ({ file, token }) => writeFileSync(file, token);`;
const SOON = `export const handler = () => new Promise((then) => setTimeout(() => then('in time'), 1000));`;

let folder = '';
let server: ServerProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-pause-'));
  server = await startTreadle(folder);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = (machine: string, input: object = {}) =>
  ask(server.endpoint, 'StartExecution', {
    stateMachineArn: machineArn(machine),
    name: 'one',
    input: JSON.stringify(input),
  });

async function standStill(): Promise<void> {
  server.signal('SIGSTOP');
  await sleep(STOPPED_MS);
  server.signal('SIGCONT');
}

test('heartbeats, answers in time and waits survive a process that stood still', async () => {
  const { endpoint } = server;
  const file = join(folder, 'token');
  await createFunction(endpoint, 'token', { source: TOKEN });
  await createFunction(endpoint, 'soon', { source: SOON });
  await createMachine(endpoint, 'beating', {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'token', Payload: { 'token.$': '$$.Task.Token', file } },
        HeartbeatSeconds: 3,
        End: true,
      },
    },
  });
  await createMachine(endpoint, 'timed', {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: functionArn('soon'), TimeoutSeconds: 4, End: true } },
  });
  await createMachine(endpoint, 'wait', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 2, End: true } },
  });
  await start('beating');
  const taskToken = await eventually(() => readToken(file));
  let isBeating = true;
  const beats = (async () => {
    for (; isBeating; await sleep(300)) await states(endpoint, 'SendTaskHeartbeat', { taskToken });
  })();
  await start('wait');
  await start('timed');
  await eventually(async () =>
    (await historyOf(endpoint, executionArn('timed', 'one'))).some(({ type }) => type === 'LambdaFunctionStarted')
      ? true
      : null,
  );
  await standStill();
  expect(await ended(endpoint, executionArn('timed', 'one'))).toMatchObject({
    status: 'SUCCEEDED',
    output: '"in time"',
  });
  expect(await ended(endpoint, executionArn('wait', 'one'))).toMatchObject({ status: 'SUCCEEDED' });
  await sleep(1000);
  isBeating = false;
  await beats;
  await ask(endpoint, 'SendTaskSuccess', { taskToken, output: '"done"' });
  expect(await ended(endpoint, executionArn('beating', 'one'))).toMatchObject({
    status: 'SUCCEEDED',
    output: '"done"',
  });
}, 60_000);

test('a worker who is silent is found out all the same', async () => {
  const file = join(folder, 'token');
  await createFunction(server.endpoint, 'token', { source: TOKEN });
  await createMachine(server.endpoint, 'silent', {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'token', Payload: { 'token.$': '$$.Task.Token', file } },
        HeartbeatSeconds: 2,
        End: true,
      },
    },
  });
  await start('silent');
  await eventually(() => readToken(file));
  await standStill();
  expect(await ended(server.endpoint, executionArn('silent', 'one'))).toMatchObject({ status: 'FAILED' });
}, 60_000);

function readToken(file: string): string | null {
  try {
    return readFileSync(file, 'utf8') || null;
  } catch {
    return null; // not asked yet
  }
}
