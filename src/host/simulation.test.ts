import { describe, expect, it } from 'vitest';
import { mapData, noObjects } from '../integrations/map-data/index.js';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { EXPRESS_POLICY, evolve, type HistoryRecord, newExecution } from '../interpreter/index.js';
import { parseDefinition } from '../language/index.js';
import { Payload } from '../payload/index.js';
import { readHistory } from '../store/histories.js';
import type { Store } from '../store/ports.js';
import { StoreUnavailable } from '../store/ports.js';
import { faultyStore } from '../testing/faulty-store.js';
import { memoryStore } from '../testing/memory-store.js';
import { TEST_IDENTITY } from '../testing/transcript.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { EmbeddedHost, expressRunner, type Revision, TransientHost } from './index.js';

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 40);

const call = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  ...more,
});

/** Retries, a catch, waits, branches and iterations: every way in which an execution waits. */
const DEFINITION = {
  StartAt: 'First',
  States: {
    First: call('ok', { ResultPath: '$.first', Next: 'Flaky' }),
    Flaky: call('flaky', {
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 5 }],
      ResultPath: '$.flaky',
      Next: 'Declined',
    }),
    Declined: call('declined', {
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Pause' }],
      End: true,
    }),
    Pause: { Type: 'Wait', Seconds: 5, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      ResultPath: '$.both',
      Branches: [
        {
          StartAt: 'Left',
          States: { Left: call('ok', { Next: 'Rest' }), Rest: { Type: 'Wait', Seconds: 1, End: true } },
        },
        { StartAt: 'Right', States: { Right: call('ok', { End: true }) } },
      ],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ResultPath: '$.each',
      ItemProcessor: { StartAt: 'One', States: { One: call('echo', { End: true }) } },
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

function revisionOf(): Revision {
  const { definition, diagnostics } = parseDefinition(JSON.stringify(DEFINITION), { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  const { stateMachineArn: machineArn, stateMachineName: machineName, roleArn } = TEST_IDENTITY;
  return { id: 'r1', machineArn, machineName, roleArn, definition };
}

const revision = revisionOf();

/** Answers depend on the call alone, so that a repeated one is answered alike. */
function answerTo({ key, resource, parameters }: TaskCall, attempts: Map<string, number>): TaskAnswer {
  const name = resource.split(':').at(-1);
  if (name === 'echo') return { type: 'succeeded', output: parameters };
  if (name === 'declined') return { type: 'failed', error: 'Declined', cause: 'no funds' };
  if (name !== 'flaky') return { type: 'succeeded', output: Payload.ofText('{"ok":true}') };
  if (!attempts.has(key)) attempts.set(key, attempts.size + 1);
  return (attempts.get(key) ?? 0) <= 2
    ? { type: 'failed', error: 'Busy', cause: '' }
    : { type: 'succeeded', output: Payload.ofText('"at last"') };
}

interface World {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly attempts: Map<string, number>;
  readonly calls: string[];
}

async function openHost({ store, clock, attempts, calls }: World): Promise<EmbeddedHost> {
  const performer = {
    perform: async (request: TaskCall) => {
      calls.push(request.key);
      return answerTo(request, attempts);
    },
  };
  const seed = (): [number, number, number, number] => [1, 2, 3, 4];
  const host = await EmbeddedHost.open({
    store,
    revisions: { load: async () => revision },
    performer,
    express: expressRunner(new TransientHost({ performer, clock, seed }), EXPRESS_POLICY),
    mapData: mapData(noObjects),
    clock,
    seed,
    onQuarantine: (arn, fault) => {
      throw new Error(`${arn} was set aside: ${fault.message}`);
    },
  });
  await host.recover();
  return host;
}

const settle = async (turns: number): Promise<void> => {
  for (let i = 0; i < turns; i++) await new Promise((next) => setImmediate(next));
};

async function recordsOf(store: Store): Promise<readonly HistoryRecord[]> {
  const row = await store.executions.find(revision.machineArn, 'e1');
  return row === null ? [] : readHistory(store.executions, row.execution);
}

const isOver = (records: readonly HistoryRecord[]): boolean =>
  /^Execution(Succeeded|Failed)$/.test(records.at(-1)?.type ?? '');

/** Runs one execution to its end; `crash` says when the host is dropped and another opened on the same store. */
async function live(world: World, crash: () => boolean): Promise<readonly HistoryRecord[]> {
  let host = await openHost(world);
  const input = Payload.ofText('{"items": [1, 2, 3, 4, 5]}');
  await host.start({ revision, name: 'e1', input }).catch((fault) => {
    if (!(fault instanceof StoreUnavailable)) throw fault;
  });
  for (let i = 0; i < 500; i++) {
    await settle(3);
    const records = await recordsOf(world.store);
    if (isOver(records)) {
      await host.close();
      return records;
    }
    if (records.length === 0) await host.start({ revision, name: 'e1', input }).catch(() => undefined);
    if (crash()) {
      await host.close();
      host = await openHost(world);
    } else {
      world.clock.advance();
    }
  }
  throw new Error(
    `Expected the execution to end, but it did not: ${JSON.stringify((await recordsOf(world.store)).map((record) => record.type).slice(-6))} ${JSON.stringify(host.load)}`,
  );
}

/** What must be the same whatever goes wrong; times, ids and the order between branches may differ. */
function essence(records: readonly HistoryRecord[]): unknown {
  const shown = records.filter((record) => record.id !== null);
  const last = shown.at(-1);
  return {
    ids: shown.every((record, i) => record.id === i + 1),
    types: shown.map((record) => record.type).sort(),
    output: last?.type === 'ExecutionSucceeded' ? JSON.parse(last.details.output.text) : last?.type,
  };
}

const newWorld = (store: Store): World => ({ store, clock: new VirtualClock(), attempts: new Map(), calls: [] });

describe('an execution, whatever goes wrong', () => {
  it('ends as it would have, and no command of a finished task is performed again', async () => {
    const expected = essence(await live(newWorld(memoryStore()), () => false));
    expect(expected).toMatchObject({ ids: true });
    const happened = { crashes: 0, rejectedBefore: 0, rejectedAfter: 0, conflict: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const store = faultyStore(memoryStore(), {
        seed,
        rejectedBefore: 0.1,
        rejectedAfter: 0.1,
        conflict: 0.05,
        delayed: 0.2,
      });
      let random = seed;
      const crash = (): boolean => {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
        if (random % 10 !== 0) return false;
        happened.crashes += 1;
        return true;
      };
      const world = newWorld(store);
      const records = await live(world, crash);
      expect(essence(records), `seed ${seed}`).toEqual(expected);
      expectReplays(records);
      for (const fault of ['rejectedBefore', 'rejectedAfter', 'conflict'] as const) {
        happened[fault] += store.happened[fault];
      }
    }
    expect(Math.min(...Object.values(happened)), JSON.stringify(happened)).toBeGreaterThan(0);
  });
});

/** Replaying any prefix gives what live running had: each record's numbers follow from those before it. */
function expectReplays(records: readonly HistoryRecord[]): void {
  const execution = newExecution(TEST_IDENTITY);
  for (const [i, record] of records.entries()) {
    expect(record.seq).toBe(i + 1);
    expect(record.at).toBeGreaterThanOrEqual(execution.at);
    if (record.id !== null) expect(record.id).toBe(execution.eventId + 1);
    evolve(execution, record);
  }
  expect(execution.status).toBe('SUCCEEDED');
}
