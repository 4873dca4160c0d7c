import { describe, expect, it } from 'vitest';
import type { TaskAnswer, TaskCall } from '../../integrations/port.js';
import type { HistoryRecord } from '../../interpreter/index.js';
import { Payload } from '../../payload/index.js';
import { StoreUnavailable } from '../../store/ports.js';
import { faultyStore, type StoreFault, type StoreFaults } from '../../testing/faulty-store.js';
import {
  call,
  distributed,
  live,
  newWorld,
  openHost,
  outcome,
  recordsOf,
  runArns,
  settle,
  start,
  type World,
} from '../../testing/map-run-bed.js';
import { MemoryObjects } from '../../testing/memory-objects.js';
import { memoryStore } from '../../testing/memory-store.js';
import type { EmbeddedHost } from '../embedded/host.js';

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 25);
const FAILED: TaskAnswer = { type: 'failed', error: 'E', cause: 'c' };
const world = (map: object, more: Partial<World> = {}): World =>
  newWorld({ M: map }, { store: memoryStore(), ...more });
const isOver = (records: readonly HistoryRecord[]): boolean =>
  /^Execution(?!Started|Redriven)/.test(records.at(-1)?.type ?? '');
const left = async ({ store }: World) => store.executions.outbox({ after: null, limit: 100 });

/** Redrives `e1`, and goes on until it has ended again; `crash` says when the host is dropped and another opened. */
async function redriven(one: World, given: EmbeddedHost, crash: () => boolean = () => false) {
  const id = (await one.store.executions.find(one.revision.machineArn, 'e1'))?.execution ?? 0;
  const before = (await recordsOf(one)).length;
  const redrive = (): Promise<unknown> =>
    host.redrive(id).catch((fault: unknown) => {
      if (!(fault instanceof StoreUnavailable)) throw fault;
    });
  let host = given;
  await redrive();
  for (let turn = 0; turn < 3000; turn++) {
    await settle(5);
    const records = await recordsOf(one);
    if (records.length > before && isOver(records)) return { host, records };
    if (records.length === before) await redrive();
    if (crash()) {
      await host.close();
      host = await openHost(one);
    } else if (turn % 3 === 2) one.clock.advance();
  }
  throw new Error(`Expected the execution to end: ${(await recordsOf(one)).slice(-4).map(({ type }) => type)}`);
}

const callsOf = (one: World): readonly string[] => one.calls.map(({ parameters }) => parameters.text);

describe('a redriven map run', () => {
  it.each(['STANDARD', 'EXPRESS'])(
    'repeats no %s child that has succeeded, and starts those that had not begun',
    async (type) => {
      let isBroken = true;
      const answer = async ({ parameters }: TaskCall): Promise<TaskAnswer> =>
        isBroken && parameters.text === '2' ? FAILED : { type: 'succeeded', output: parameters };
      const one = world(distributed({ T: call() }, { MaxConcurrency: 1 }, type), { answer });
      const { host } = await live(one, '[0,1,2,3,4]');
      const [arn = ''] = runArns(await recordsOf(one));
      expect(await host.mapRuns.find(arn)).toMatchObject({
        ...{ status: 'FAILED', executions: { succeeded: 2, failed: 1, pending: 2, failuresNotRedrivable: 0 } },
        document: { redriveCount: 0, redrivenAt: null },
      });
      isBroken = false;
      one.clock.advance();
      const { records } = await redriven(one, host);
      expect(outcome(records)).toEqual([0, 1, 2, 3, 4]);
      expect(callsOf(one)).toEqual(['0', '1', '2', '2', '3', '4']);
      expect(runArns(records)).toEqual([arn]);
      expect(records.filter((record) => record.type === 'MapRunRedriven').map(({ details }) => details)).toEqual([
        { mapRunArn: arn, redriveCount: 1 },
      ]);
      expect(await host.mapRuns.find(arn)).toMatchObject({
        ...{ status: 'SUCCEEDED', executions: { succeeded: 5, failed: 0, pending: 0, total: 5, resultsWritten: 5 } },
        document: { redriveCount: 1, redrivenAt: expect.any(Number) },
      });
      const children = await host.mapRuns.children(arn, { before: null, limit: 9 });
      const expected = type === 'STANDARD' ? [0, 0, 1, 0, 0] : [0, 0, 0, 0, 0]; // Express ones begin anew
      expect(children.map(({ redriveCount }) => redriveCount)).toEqual(expected);
      await settle(50);
      expect(await left(one)).toEqual([]);
    },
  );

  it('goes on within a child where the child was', async () => {
    let isBroken = true;
    const answer = async ({ parameters, stateName }: TaskCall): Promise<TaskAnswer> =>
      isBroken && stateName === 'B' ? FAILED : { type: 'succeeded', output: parameters };
    const one = world(distributed({ A: call({ Next: 'B' }), B: call() }), { answer });
    const { host } = await live(one, '[7]');
    isBroken = false;
    expect(outcome((await redriven(one, host)).records)).toEqual([7]);
    expect(one.calls.map(({ stateName }) => stateName)).toEqual(['A', 'B', 'B']);
  });

  it('waits until the run that its parent gave up has come to its end', async () => {
    const WAIT = { W: { Type: 'Wait', Seconds: 1000, End: true } };
    const one = world(distributed(WAIT, { MaxConcurrency: 2 }));
    const host = await openHost(one);
    await start(host, one, '[0,1,2]');
    await settle(60);
    const [arn = ''] = runArns(await recordsOf(one));
    const stopped = host.deliver(1, { type: 'StopExecution' });
    const again = stopped.then(() => host.redrive(1));
    await again;
    await settle(80);
    expect(await host.mapRuns.find(arn)).toMatchObject({
      ...{ status: 'RUNNING', executions: { running: 2, pending: 1, aborted: 0, pendingRedrive: 0 } },
      document: { redriveCount: 1 },
    });
    await host.deliver(1, { type: 'StopExecution' });
    await settle(80);
    expect(await host.mapRuns.find(arn)).toMatchObject({ status: 'ABORTED', executions: { aborted: 2, pending: 1 } });
    expect([host.mapRuns.size, await left(one)]).toEqual([0, []]);
  });

  it('shows which children wait for their turn, and leaves them as they were when it is stopped', async () => {
    const waiting: (() => void)[] = [];
    let isBroken = true;
    const answer = async ({ parameters }: TaskCall): Promise<TaskAnswer> => {
      if (isBroken) return FAILED;
      await new Promise<void>((next) => waiting.push(next));
      return { type: 'succeeded', output: parameters };
    };
    const fields = { MaxConcurrency: 1, ToleratedFailurePercentage: 50 };
    const one = world(distributed({ T: call() }, fields), { answer });
    const { host } = await live(one, '[0,1,2,3]');
    const [arn = ''] = runArns(await recordsOf(one));
    isBroken = false;
    await host.redrive(1);
    await settle(80);
    expect(await host.mapRuns.find(arn)).toMatchObject({
      ...{ status: 'RUNNING', executions: { failed: 0, running: 1, pendingRedrive: 2, pending: 1, total: 4 } },
    });
    expect([0, 1, 2, 3].map((index) => host.mapRuns.isPendingRedrive(arn, index))).toEqual([false, true, true, false]);
    await host.deliver(1, { type: 'StopExecution' });
    await settle(80);
    expect(await host.mapRuns.find(arn)).toMatchObject({
      ...{ status: 'ABORTED', executions: { failed: 2, aborted: 1, running: 0, pendingRedrive: 0, pending: 1 } },
    });
  });

  it('reads its source again where the first attempt could not', async () => {
    const objects = new MemoryObjects('b');
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      Parameters: { Bucket: 'b', Key: 'k' },
      ReaderConfig: { InputType: 'JSON' },
    };
    const one = world(distributed({ T: call() }, { ItemReader }), { objects });
    const { host, records } = await live(one, '{}');
    expect(outcome(records)).toMatchObject(['States.ItemReaderFailed', expect.anything()]);
    objects.set('k', '[5,6]');
    const again = await redriven(one, host);
    expect(outcome(again.records)).toEqual([5, 6]);
    expect(runArns(again.records)).toHaveLength(1);
  });

  it('only writes its results again where nothing else had failed', async () => {
    const objects = new MemoryObjects('b');
    const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'o' } };
    const one = world(distributed({ T: call() }, { ResultWriter }), { objects });
    const put = objects.putObject.bind(objects);
    objects.putObject = () => Promise.reject(new Error('no space'));
    const { host, records } = await live(one, '[1,2]');
    expect(outcome(records)).toMatchObject(['States.ResultWriterFailed', expect.anything()]);
    objects.putObject = put;
    const again = await redriven(one, host);
    expect(outcome(again.records)).toMatchObject({ ResultWriterDetails: { Bucket: 'b' } });
    expect(one.calls).toHaveLength(2);
  });
});

/** Children with two tasks, the second of which fails at first for some, also in an inner run of Express children. */
const STATES = {
  First: call({ ResultPath: '$.first', Next: 'In' }),
  In: distributed({ E: call() }, { Label: 'inner', ItemsPath: '$.jobs', ResultPath: '$.done' }, 'EXPRESS'),
};

it('comes to the same end with every fault of the store and at any moment, and repeats no child that has succeeded', async () => {
  const items = Array.from({ length: 10 }, (_, i) => ({ i, jobs: i % 3 === 0 ? [i, i + 1] : [i] }));
  const expected = items.map((item) => ({ ...item, first: { ok: true }, done: item.jobs }));
  const happened: Record<string, number> = { crashes: 0, rejectedBefore: 0, rejectedAfter: 0, conflict: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const faults: StoreFaults = { seed, rejectedBefore: 0.05, rejectedAfter: 0.05, conflict: 0.03, delayed: 0.2 };
    const store = faultyStore(memoryStore(), faults);
    const succeeded = new Set<string>();
    let isBroken = true;
    const answer = async ({ parameters, executionArn }: TaskCall): Promise<TaskAnswer> => {
      expect(succeeded.has(executionArn), `seed ${seed}: ${executionArn} had succeeded`).toBe(false);
      const isFirst = executionArn.includes(':execution:');
      if (isFirst) return { type: 'succeeded', output: Payload.ofText('{"ok":true}') };
      return isBroken && Number(parameters.text) % 4 === 1 ? FAILED : { type: 'succeeded', output: parameters };
    };
    let random = seed;
    const one = world(distributed(STATES, { MaxConcurrency: 3, ToleratedFailureCount: 1 }), { store, answer });
    const crash = (): boolean => {
      void noteSucceeded(one, succeeded);
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      if (random % 12 !== 0) return false;
      happened.crashes = (happened.crashes ?? 0) + 1;
      return true;
    };
    const first = await live(one, JSON.stringify(items), crash);
    expect(outcome(first.records), `seed ${seed}`).toMatchObject(['States.ExceedToleratedFailureThreshold', /./]);
    const failed = seed % 3 === 0 ? await redriven(one, first.host, crash) : first; // fails again
    isBroken = false;
    const { host, records } = await redriven(one, failed.host, crash);
    expect(outcome(records), `seed ${seed}`).toEqual(expected);
    store.calm();
    await settle(200);
    await host.close();
    const next = await openHost(one); // forgets the commands that could not be forgotten before
    for (let i = 0; i < 40; i++) {
      one.clock.advance();
      await settle(10);
    }
    const run = await next.mapRuns.find(runArns(records)[0] ?? '');
    expect(run, `seed ${seed}`).toMatchObject({ status: 'SUCCEEDED', executions: { succeeded: 10, total: 10 } });
    expect(await left(one), `seed ${seed}`).toEqual([]);
    for (const fault of ['rejectedBefore', 'rejectedAfter', 'conflict'] as const satisfies readonly StoreFault[])
      happened[fault] = (happened[fault] ?? 0) + store.happened[fault];
    await next.close();
  }
  expect(Math.min(...Object.values(happened)), JSON.stringify(happened)).toBeGreaterThan(0);
}, 120_000);

/** Children whose success is durable by now. */
async function noteSucceeded({ store }: World, succeeded: Set<string>): Promise<void> {
  const rows = await store.records
    .scan({ collection: 'map-run-child', prefix: '', after: null, limit: 1000 })
    .catch(() => []);
  for (const { value } of rows) {
    const child = JSON.parse(value) as { name: string; status: string; execution: number | null };
    if (child.status !== 'SUCCEEDED' || child.execution === null) continue;
    succeeded.add(`arn:aws:states:us-east-1:000000000000:execution:machine/L:${child.name}`);
  }
}
