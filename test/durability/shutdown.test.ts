import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  executionArn,
  functionArn,
  machineArn,
  states,
} from './states-client.js';

/** Notes each call down, and answers after so long as it is told. */
const NOTING = `
import { appendFileSync } from 'node:fs';
export const handler = async ({ file, ms }) => {
  appendFileSync(file, 'call\\n');
  await new Promise((then) => setTimeout(then, ms));
  return 'answered';
};`;

let folder = '';
let server: ServerProcess;
const file = (): string => join(folder, 'calls');
const calls = (): number => (existsSync(file()) ? readFileSync(file(), 'utf8').split('\n').length - 1 : 0);
const start = (name: string, ms: number) =>
  ask(server.endpoint, 'StartExecution', {
    stateMachineArn: machineArn('noting'),
    name,
    input: JSON.stringify({ file: file(), ms }),
  });
const called = (count: number) => eventually(() => (calls() === count ? true : null));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-shutdown-'));
  server = await startTreadle(folder);
  await createFunction(server.endpoint, 'noting', { source: NOTING, Timeout: 100 });
  await createMachine(server.endpoint, 'noting', {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: functionArn('noting'), End: true } },
  });
  await createMachine(server.endpoint, 'wait', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 1, End: true } },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('SIGTERM', () => {
  test('lets calls under way end, so that they are not made again; meanwhile no execution begins', async () => {
    await start('one', 1500);
    await called(1);
    server.signal('SIGTERM');
    const refused = await eventually(async () => {
      const { status, body } = await states(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('wait') });
      return status === 200 ? null : { status, body };
    });
    expect(refused).toMatchObject({ status: 503, body: { __type: expect.stringContaining('ServiceUnavailable') } });
    await server.gone;
    expect([server.exitCode(), server.complaints()]).toEqual([0, '']);
    server = await startTreadle(folder);
    expect(server.recovered.commands).toBe(0);
    expect(await ended(server.endpoint, executionArn('noting', 'one'))).toMatchObject({ output: '"answered"' });
    expect(calls()).toBe(1);
    await server.stop();
  });

  test('does not wait for long: what takes longer is made again, and what came due meanwhile is told', async () => {
    await start('one', 60_000);
    await called(1);
    await ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('wait'), name: 'waits' });
    server.signal('SIGTERM');
    await server.gone;
    expect([server.exitCode(), server.complaints()]).toEqual([0, '']);
    server = await startTreadle(folder);
    expect(server.recovered).toEqual({ executions: 1, commands: 1, timersOverdue: 1 });
    await called(2);
    expect(await ended(server.endpoint, executionArn('wait', 'waits'))).toMatchObject({ status: 'SUCCEEDED' });
    await server.kill();
  });

  test('for a second time ends the server at once, and nothing is lost', async () => {
    await start('one', 60_000);
    await called(1);
    server.signal('SIGTERM');
    await eventually(async () => {
      const { status } = await states(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('wait') });
      return status === 503 ? true : null;
    });
    server.signal('SIGTERM');
    await server.gone;
    expect(server.exitCode()).toBe(143);
    server = await startTreadle(folder);
    await called(2);
    await server.kill();
  });
});
