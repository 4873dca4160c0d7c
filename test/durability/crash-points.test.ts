import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EndedEarly, processesOf, type ServerProcess, startCrashing, startTreadle } from './server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  executionArn,
  functionArn,
  type HistoryEvent,
  historyOf,
  machineArn,
  states,
} from './states-client.js';

/** Writes each of its calls down before it answers; where there is a file `kills`, the first of each kind kills the server. */
const RECORDER = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
export const handler = async (event, context) => {
  const { folder, call, fail } = event;
  appendFileSync(folder + '/calls', JSON.stringify({ call, awsRequestId: context.awsRequestId }) + '\\n');
  const kills = folder + '/kills';
  if (existsSync(kills) && !readFileSync(kills, 'utf8').includes('<' + call + '>')) {
    appendFileSync(kills, '<' + call + '>');
    process.kill(process.ppid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  if (fail === true) throw Object.assign(new Error('not now'), { name: 'Busy' });
  return { done: call };
};`;

const NAME = 'all-kinds';
const task = (call: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn('recorder'),
  Parameters: { 'folder.$': '$$.Execution.Input.folder', call },
  ResultPath: '$.last',
  End: true,
  ...more,
});

/** Every way to wait for the outside, one after the other, so that two histories can be compared event by event. */
const DEFINITION = {
  StartAt: 'Direct',
  States: {
    Direct: task('direct', { End: false, Next: 'Invoke' }),
    Invoke: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: {
        FunctionName: 'recorder',
        Payload: { 'folder.$': '$.folder', call: 'invoke' },
      },
      ResultSelector: { 'done.$': '$.Payload.done' },
      ResultPath: '$.last',
      Next: 'Pause',
    },
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Retried' },
    Retried: {
      Type: 'Task',
      Resource: functionArn('recorder'),
      Parameters: {
        'folder.$': '$.folder',
        'call.$': "States.Format('retried {}', $$.State.RetryCount)",
        'fail.$': 'States.ArrayContains(States.Array(0), $$.State.RetryCount)',
      },
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }],
      ResultPath: '$.last',
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'InBranch', States: { InBranch: task('branch') } },
        { StartAt: 'Beside', States: { Beside: { Type: 'Pass', End: true } } },
      ],
      ResultPath: '$.both',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value' },
      MaxConcurrency: 1,
      ItemProcessor: {
        StartAt: 'Item',
        States: {
          Item: {
            Type: 'Task',
            Resource: functionArn('recorder'),
            Parameters: {
              'folder.$': '$$.Execution.Input.folder',
              'call.$': "States.Format('item {}', $.item)",
            },
            End: true,
          },
        },
      },
      ResultPath: '$.each',
      Next: 'Caught',
    },
    Caught: {
      Type: 'Task',
      Resource: functionArn('recorder'),
      Parameters: { 'folder.$': '$.folder', call: 'caught', fail: true },
      Catch: [{ ErrorEquals: ['Busy'], ResultPath: '$.error', Next: 'Done' }],
      End: true,
    },
    Done: { Type: 'Pass', Parameters: { 'each.$': '$.each', 'error.$': '$.error.Error' }, End: true },
  },
};

const CALLS = ['direct', 'invoke', 'retried 0', 'retried 1', 'branch', 'item 1', 'item 2', 'caught'];
const LIVES_MAX = 60;

let root = '';
let expected: readonly object[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'treadle-crash-'));
  const server = await startTreadle(join(root, 'prepared'), root);
  await createFunction(server.endpoint, 'recorder', { source: RECORDER });
  await createMachine(server.endpoint, NAME, DEFINITION);
  await server.stop();
  expected = await unkilled();
  expect(expected.at(-1)).toMatchObject({ type: 'ExecutionSucceeded' });
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function unkilled(): Promise<readonly object[]> {
  const folder = copyOfPrepared('unkilled');
  const server = await startTreadle(folder, root);
  await start(server.endpoint, folder);
  const arn = executionArn(NAME, 'only');
  await ended(server.endpoint, arn);
  const history = comparable(await historyOf(server.endpoint, arn), folder);
  await server.stop();
  expect(callsIn(folder).map(({ call }) => call)).toEqual(CALLS);
  return history;
}

function copyOfPrepared(name: string): string {
  const folder = join(root, name);
  cpSync(join(root, 'prepared'), folder, { recursive: true });
  return folder;
}

/** As a sender who has heard nothing: looks whether the start has arrived, and sends it again where it has not. */
async function start(endpoint: string, folder: string): Promise<true> {
  const { status } = await states(endpoint, 'DescribeExecution', { executionArn: executionArn(NAME, 'only') });
  if (status === 200) return true;
  const input = JSON.stringify({ folder, items: [1, 2] });
  await ask(endpoint, 'StartExecution', { stateMachineArn: machineArn(NAME), name: 'only', input });
  return true;
}

/** Without what differs from one time to the next: time stamps and the folder. */
function comparable(events: readonly HistoryEvent[], folder: string): readonly object[] {
  const text = JSON.stringify(events.map(({ timestamp, ...event }) => event));
  const masked = text.replaceAll(folder, '<folder>').replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, '<date>');
  return JSON.parse(masked) as object[];
}

function callsIn(folder: string): readonly { readonly call: string; readonly awsRequestId: string }[] {
  if (!existsSync(join(folder, 'calls'))) return [];
  const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { call: string; awsRequestId: string });
}

const countOf = (folder: string, call: string): number => callsIn(folder).filter((one) => one.call === call).length;

/** One server after the other, each killed, until one sees the execution's end. Says how many were killed. */
async function liveAndDie(folder: string, startLife: (life: number) => Promise<ServerProcess>): Promise<number> {
  let isStarted = false;
  for (let life = 0; life < LIVES_MAX; life += 1) {
    const server = await startLife(life).catch((fault: unknown) => {
      if (fault instanceof EndedEarly && fault.complaints === '') return null; // killed while it took up its work
      throw fault;
    });
    if (server === null) continue;
    if (!isStarted) isStarted = await start(server.endpoint, folder).catch(() => false);
    const end = ended(server.endpoint, executionArn(NAME, 'only')).then(
      () => true,
      (fault: unknown) => (fault instanceof TypeError ? false : Promise.reject(fault)), // fetch: nobody there
    );
    const isEnded = await Promise.race([server.gone.then(() => false), isStarted ? end : false]);
    if (!isEnded) await server.gone;
    else {
      await check(folder, server);
      return life;
    }
  }
  throw new Error(`Expected the execution to end within ${LIVES_MAX} lives, but it did not.`);
}

async function check(folder: string, server: ServerProcess): Promise<void> {
  const history = await historyOf(server.endpoint, executionArn(NAME, 'only'));
  await server.stop();
  expect(comparable(history, folder)).toEqual(expected);
  const requestIds = new Map<string, Set<string>>();
  for (const { call, awsRequestId } of callsIn(folder)) {
    requestIds.set(call, (requestIds.get(call) ?? new Set()).add(awsRequestId));
  }
  expect([...requestIds.keys()]).toEqual(CALLS);
  expect([...requestIds.values()].map((ids) => ids.size)).toEqual(CALLS.map(() => 1));
  expect(new Set([...requestIds.values()].flatMap((ids) => [...ids])).size).toBe(CALLS.length);
  expect(processesOf(folder)).toEqual([]);
}

/** The start, each call, and the end of the Wait and of the pause before the retry: each a commit of its own. */
const COMMITS_MIN = 1 + CALLS.length + 2;

describe.concurrent('a server that is killed ends with the history of an unkilled one', () => {
  test('before each commit', async () => {
    const folder = copyOfPrepared('before');
    const kills = await liveAndDie(folder, (life) =>
      startCrashing(folder, { point: 'before commit', count: life === 0 ? 1 : 2 }),
    );
    expect(kills).toBeGreaterThanOrEqual(COMMITS_MIN);
    // Calls were answered and their answers lost: they were made again. (A call may also be killed at its TaskStarted.)
    expect(callsIn(folder).length).toBeGreaterThan(CALLS.length);
  }, 60_000);

  test('after each commit, before what it dispatches', async () => {
    const folder = copyOfPrepared('after');
    const kills = await liveAndDie(folder, () =>
      startCrashing(folder, { point: 'after commit, before dispatch', count: 1 }),
    );
    expect(kills).toBeGreaterThanOrEqual(COMMITS_MIN);
  }, 60_000);

  test('during each call, which is then made again', async () => {
    const folder = copyOfPrepared('during');
    writeFileSync(join(folder, 'kills'), '');
    const kills = await liveAndDie(folder, () => startCrashing(folder, { point: 'before commit', count: 0 }));
    expect(kills).toBe(CALLS.length);
    for (const call of CALLS) expect(countOf(folder, call)).toBe(2);
  }, 60_000);
});
