import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreLiveExecution } from '../../src/host/embedded/live-execution.js';
import type { Revision } from '../../src/host/index.js';
import { parseDefinition } from '../../src/language/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { eventually, processesOf, type ServerProcess, startTreadle } from './server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  executionArn,
  functionArn,
  historyOf,
  machineArn,
  ROLE,
} from './states-client.js';

/** `KILLS=200 npm test -- test/durability/kills` for a longer look. */
const KILLS = Number(process.env.KILLS ?? 50);
/** Executions that one life of the server may accept, so that the work left over does not grow. */
const STARTS_PER_LIFE_MAX = 24;
const SENDERS = 4;
const MACHINE = 'mixed';

const ECHO = `export const handler = async (event) => ({ ...event, echoed: true });`;
const echo = (more: object = { End: true }): object => ({ Type: 'Task', Resource: functionArn('echo'), ...more });

/** Waits, tasks of both kinds, an inline Map with several iterations at once and a Parallel. */
const DEFINITION = {
  StartAt: 'Kind',
  States: {
    Kind: {
      Type: 'Choice',
      Choices: [{ Variable: '$.isLong', BooleanEquals: true, Next: 'Long' }],
      Default: 'Both',
    },
    Long: { Type: 'Wait', Seconds: 3600, End: true },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Echo', States: { Echo: echo() } },
        {
          StartAt: 'Pause',
          States: { Pause: { Type: 'Wait', SecondsPath: '$.pause', Next: 'Then' }, Then: { Type: 'Pass', End: true } },
        },
      ],
      ResultSelector: { 'n.$': '$[0].n', 'pause.$': '$[1].pause', 'echoed.$': '$[0].echoed' },
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$$.Execution.Input.items',
      ItemProcessor: {
        StartAt: 'Item',
        States: {
          Item: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: 'echo', 'Payload.$': '$' },
            OutputPath: '$.Payload.item',
            End: true,
          },
        },
      },
      ResultPath: '$.items',
      End: true,
    },
  },
};

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-kills-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the server has promised: answered starts, and answered stops among them. */
interface Promised {
  readonly started: Map<string, { readonly n: number; readonly pause: number }>;
  readonly waiting: Set<string>;
  readonly stopped: Set<string>;
  next: number;
}

/** Starts executions, and stops some, until the server is gone. Only what was answered is noted. */
async function load(endpoint: string, promised: Promised): Promise<void> {
  const last = promised.next + STARTS_PER_LIFE_MAX;
  const sender = async (): Promise<void> => {
    while (promised.next < last) {
      const n = promised.next++;
      if (n % 8 === 0) await startAndStop(endpoint, promised, n);
      else {
        const input = { n, pause: n % 2, items: [{ item: 1 }, { item: 2 }, { item: 3 }] };
        await start(endpoint, `e-${n}`, { ...input, isLong: false });
        promised.started.set(`e-${n}`, input);
      }
    }
  };
  await Promise.allSettled(Array.from({ length: SENDERS }, sender)); // the kill ends them
}

async function startAndStop(endpoint: string, promised: Promised, n: number): Promise<void> {
  const name = `long-${n}`;
  await start(endpoint, name, { n, isLong: true });
  promised.waiting.add(name);
  const stopping = ask(endpoint, 'StopExecution', { executionArn: executionArn(MACHINE, name), error: 'Enough' });
  promised.waiting.delete(name); // from now on it may be stopped or not …
  await stopping;
  promised.stopped.add(name); // … and now it is
}

const start = (endpoint: string, name: string, input: object): Promise<object> =>
  ask(endpoint, 'StartExecution', { stateMachineArn: machineArn(MACHINE), name, input: JSON.stringify(input) });

test(`${KILLS} SIGKILLs under load lose nothing that was acknowledged`, async () => {
  const first = await startTreadle(folder);
  await createFunction(first.endpoint, 'echo', { source: ECHO });
  await createMachine(first.endpoint, MACHINE, DEFINITION);
  await first.kill();

  const promised: Promised = { started: new Map(), waiting: new Set(), stopped: new Set(), next: 0 };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const server = await startTreadle(folder);
    const loading = load(server.endpoint, promised);
    await sleep(50 + Math.random() * 350);
    await server.kill();
    await loading;
  }
  // Nobody told the functions' processes that their server would be killed.
  await eventually(() => (processesOf(folder).length === 0 ? true : null), 5000);
  expect(promised.started.size).toBeGreaterThan(KILLS);
  expect(promised.stopped.size).toBeGreaterThan(0);

  const server = await startTreadle(folder);
  await checkKept(server, promised);
  await server.stop();
  expect(processesOf(folder)).toEqual([]);
  await checkReplay(promised);
}, 180_000);

async function checkKept({ endpoint, complaints }: ServerProcess, promised: Promised): Promise<void> {
  const counts = await eventually(async () => {
    const running = await listAll(endpoint, 'RUNNING');
    return running.every((name) => name.startsWith('long-')) ? running : null;
  }, 90_000);
  const statuses = new Map(
    await Promise.all(
      ['SUCCEEDED', 'ABORTED', 'FAILED', 'TIMED_OUT'].map(
        async (status) => [status, await listAll(endpoint, status)] as const,
      ),
    ),
  );
  const succeeded = new Set(statuses.get('SUCCEEDED'));
  expect([...promised.started.keys()].filter((name) => !succeeded.has(name))).toEqual([]);
  const aborted = new Set(statuses.get('ABORTED'));
  expect([...promised.stopped].filter((name) => !aborted.has(name))).toEqual([]);
  expect([...promised.waiting].filter((name) => !counts.includes(name))).toEqual([]);
  expect([statuses.get('FAILED'), statuses.get('TIMED_OUT')]).toEqual([[], []]);
  for (const [name, { n, pause }] of promised.started) {
    const arn = executionArn(MACHINE, name);
    const { output } = await ask(endpoint, 'DescribeExecution', { executionArn: arn });
    expect(JSON.parse(String(output))).toEqual({ n, pause, echoed: true, items: [1, 2, 3] });
    const history = await historyOf(endpoint, arn);
    expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
    expect(history.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
    expect(history.filter(({ type }) => /^Execution/.test(type)).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'ExecutionSucceeded',
    ]);
  }
  expect(complaints()).toBe('');
}

async function listAll(endpoint: string, statusFilter: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (let nextToken: unknown; ; ) {
    const page = await ask(endpoint, 'ListExecutions', {
      stateMachineArn: machineArn(MACHINE),
      maxResults: 1000,
      statusFilter,
      nextToken,
    });
    names.push(...(page.executions as readonly { name: string }[]).map(({ name }) => name)); // AWS's shape
    nextToken = page.nextToken;
    if (nextToken === undefined) return names;
  }
}

/** What lies in the folder leads to the same executions by replay alone. */
async function checkReplay({ started }: Promised): Promise<void> {
  const { definition } = parseDefinition(JSON.stringify(DEFINITION), { type: 'STANDARD' });
  if (definition === null) throw new Error('Expected the test definition to be valid.');
  const revision: Revision = {
    id: 'any',
    machineArn: machineArn(MACHINE),
    machineName: MACHINE,
    roleArn: ROLE,
    definition,
  };
  const store = await openSqliteStore({ folder });
  try {
    for (const [name, { n, pause }] of started) {
      const row = await store.executions.find(machineArn(MACHINE), name);
      const stored = row && (await store.executions.load(row.execution, { from: 'start' }));
      if (!stored) throw new Error(`Expected ${name} to be stored.`);
      const { execution } = restoreLiveExecution(stored, revision);
      expect([execution.status, stored.row.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(JSON.parse(execution.output?.text ?? '')).toEqual({ n, pause, echoed: true, items: [1, 2, 3] });
    }
  } finally {
    await store.close();
  }
}
