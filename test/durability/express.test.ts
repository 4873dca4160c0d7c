import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';
import { ask, createFunction, functionArn, machineArn, ROLE } from './states-client.js';

/** Writes down each call's execution, then waits where it is told to. */
const SOURCE = `
import { appendFileSync, existsSync } from 'node:fs';
export const handler = async ({ file, gate, execution }) => {
  appendFileSync(file, execution + '\\n');
  while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 20));
};`;
const COUNT = 20;

let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-express-'));
  server = await startTreadle(folder);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('every Express start that was acknowledged runs to its end, however often the server is killed', async () => {
  const [file, gate] = [join(folder, 'calls'), join(folder, 'gate')];
  await createFunction(server.endpoint, 'slow', { source: SOURCE, Timeout: 60 });
  const call = {
    Type: 'Task',
    Resource: functionArn('slow'),
    Parameters: { file, gate, 'execution.$': '$$.Execution.Id' },
    End: true,
  };
  await ask(server.endpoint, 'CreateStateMachine', {
    name: 'express',
    roleArn: ROLE,
    type: 'EXPRESS',
    definition: JSON.stringify({ StartAt: 'A', States: { A: call } }),
  });
  const started = await Promise.all(
    Array.from({ length: COUNT }, async () => {
      const { executionArn } = await ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('express') });
      return String(executionArn);
    }),
  );
  await server.kill();

  server = await startTreadle(folder);
  expect(server.recovered.executions).toBe(COUNT);
  const callsOf = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);
  await eventually(() => (started.every((arn) => callsOf().includes(arn)) ? true : null));
  await server.kill();

  server = await startTreadle(folder);
  expect(server.recovered.executions).toBe(COUNT);
  const before = callsOf().length;
  readFileSync(gate, { flag: 'a+' });
  await eventually(() => (callsOf().length === before + COUNT ? true : null));
  const running = async () => {
    const health = (await (await fetch(`${server.endpoint}/_treadle/health`)).json()) as {
      executions: { running: number };
    }; // our own API
    return health.executions.running;
  };
  await eventually(async () => ((await running()) === 0 ? true : null));
  await server.stop();

  server = await startTreadle(folder);
  expect(server.recovered.executions).toBe(0);
  expect(new Set(callsOf())).toEqual(new Set(started));
}, 60_000);
