import { describe, expect, it } from 'vitest';
import type { TaskAnswer, TaskCall } from '../../integrations/port.js';
import { Payload } from '../../payload/index.js';
import { faultyStore } from '../../testing/faulty-store.js';
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
import { childRevision } from './child-revision.js';

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 25);
const PASS = { P: { Type: 'Pass', End: true } };
const world = (map: object, more: Partial<World> = {}): World =>
  newWorld({ M: map }, { store: memoryStore(), ...more });
const numbers = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, i) => i));
const left = async ({ store }: World) => ({
  outbox: await store.executions.outbox({ after: null, limit: 100 }),
  timers: await store.executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 100 }),
});

/** `release` lets one waiting call be answered. */
function gate(answer: (call: TaskCall) => TaskAnswer) {
  const waiting: (() => void)[] = [];
  return {
    get waiting(): number {
      return waiting.length;
    },
    release: (): void => waiting.shift()?.(),
    answer: (request: TaskCall): Promise<TaskAnswer> =>
      new Promise((done) => waiting.push(() => done(answer(request)))),
  };
}

describe('the children of a map run', () => {
  it.each(['STANDARD', 'EXPRESS'])('%s ones give their outputs in the items’ order', async (type) => {
    const one = world(distributed({ T: call() }, {}, type));
    const { host, records } = await live(one, '[3,{"a": 1.50},"x"]');
    expect(outcome(records)).toEqual([3, { a: 1.5 }, 'x']);
    expect(records.at(-1)?.details).toMatchObject({ output: { text: '[3,{"a":1.50},"x"]' } });
    const [arn = ''] = runArns(records);
    const run = await host.mapRuns.find(arn);
    expect(run).toMatchObject({ status: 'SUCCEEDED', executions: { succeeded: 3, total: 3, resultsWritten: 3 } });
    const kind = type === 'EXPRESS' ? 'express' : 'execution';
    expect(one.calls.map(({ executionArn }) => executionArn.split(':').slice(5, 7).join(':'))).toEqual(
      Array.from({ length: 3 }, () => `${kind}:machine/L`),
    );
    expect(new Set(one.calls.map(({ executionArn }) => executionArn)).size).toBe(3);
    expect(await left(one)).toEqual({ outbox: [], timers: [] });
  });

  it.each(['STANDARD', 'EXPRESS'])('%s ones run no more at once than they may', async (type) => {
    const waiting = gate(({ parameters }) => ({ type: 'succeeded', output: parameters }));
    const one = world(distributed({ T: call() }, { MaxConcurrency: 2 }, type), { answer: waiting.answer });
    const host = await openHost(one);
    await start(host, one, numbers(5));
    for (let done = 0; done < 5; done++) {
      await settle(40);
      expect(waiting.waiting).toBe(Math.min(2, 5 - done));
      waiting.release();
    }
    await settle(40);
    expect(outcome(await recordsOf(one))).toEqual([0, 1, 2, 3, 4]);
    expect(one.calls.map(({ parameters }) => parameters.text)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('get the pairs of an object, and what ItemSelector makes of each', async () => {
    const selector = { 'k.$': '$$.Map.Item.Key', 'v.$': '$$.Map.Item.Value', 's.$': '$$.Map.Item.Source' };
    const plain = await live(world(distributed(PASS)), '{"a":1,"b":[2]}');
    expect(outcome(plain.records)).toEqual([
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: [2] },
    ]);
    const selected = await live(world(distributed(PASS, { ItemSelector: selector })), '{"a":1}');
    expect(outcome(selected.records)).toEqual([{ k: 'a', v: 1, s: 'STATE_DATA' }]);
  });

  it('are executions with their place in the context, and no variables', async () => {
    const states = {
      P: { Type: 'Pass', Parameters: { 'm.$': '$$.StateMachine', 'i.$': '$$.Execution.Input' }, End: true },
    };
    const { records } = await live(world(distributed(states)), '[7]');
    const Id = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine/L';
    expect(outcome(records)).toEqual([{ m: { Id, Name: 'machine/L' }, i: 7 }]);
  });

  it('may run distributed Maps themselves', async () => {
    const inner = distributed({ T: call() }, { Label: 'inner', ItemsPath: '$.jobs' });
    const one = world(distributed({ In: inner }));
    const { records } = await live(one, '[{"jobs":[1,2]},{"jobs":[]},{"jobs":[3]}]');
    expect(outcome(records)).toEqual([[1, 2], [], [3]]);
    expect(one.calls.every(({ stateMachineArn }) => stateMachineArn.endsWith(':machine/inner'))).toBe(true);
    expect(await left(one)).toEqual({ outbox: [], timers: [] });
  });

  it('are started once, whatever is asked a second time', async () => {
    const one = world(distributed(PASS));
    const { host, records } = await live(one, '[5]');
    const [mapRunArn = ''] = runArns(records);
    const [child] = await host.mapRuns.children(mapRunArn, { before: null, limit: 1 });
    const request = { revision: childRevision(one.revision, 'L'), name: child?.name ?? '', input: Payload.ofText('6') };
    const again = await host.start({ ...request, child: { mapRunArn, index: 0, itemCount: 1, runRedrive: 0 } });
    expect(again.type).toBe('nameTaken');
    expect(await host.mapRuns.children(mapRunArn, { before: null, limit: 1 })).toEqual([child]);
    expect(child).toMatchObject({ status: 'SUCCEEDED', output: '5' });
  });

  it('are none for no items', async () => {
    const { records } = await live(world(distributed(PASS)), '[]');
    expect(outcome(records)).toEqual([]);
  });
});

describe('items from objects, and results into them', () => {
  const csv = { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'b', Key: 'in.csv' } };
  const reader = { ...csv, ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' } };
  const rows = (count: number): string => `n,m\n${Array.from({ length: count }, (_, i) => `${i},x${i}\n`).join('')}`;

  it('are read, batched, and exported with a manifest', async () => {
    const objects = new MemoryObjects('b').set('in.csv', rows(5));
    const map = distributed(
      { T: call() },
      {
        ItemReader: reader,
        ItemSelector: { 'n.$': '$$.Map.Item.Value.n', 's.$': '$$.Map.Item.Source' },
        ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { x: 1 } },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' } },
      },
    );
    const { host, records } = await live(world(map, { objects }), '{}');
    const [arn = ''] = runArns(records);
    const id = arn.split(':').at(-1);
    expect(outcome(records)).toEqual({
      MapRunArn: arn,
      ResultWriterDetails: { Bucket: 'b', Key: `out/${id}/manifest.json` },
    });
    expect(objects.keys()).toEqual(['in.csv', `out/${id}/SUCCEEDED_0.json`, `out/${id}/manifest.json`]);
    const results = JSON.parse(objects.text(`out/${id}/SUCCEEDED_0.json`) ?? '[]') as { Input: string }[];
    expect(results.map(({ Input }) => JSON.parse(Input))).toEqual(
      [[0, 1], [2, 3], [4]].map((batch) => ({
        BatchInput: { x: 1 },
        Items: batch.map((n) => ({ n: String(n), s: 'S3://b/in.csv' })),
      })),
    );
    expect(await host.mapRuns.find(arn)).toMatchObject({
      executions: { succeeded: 3, total: 3, resultsWritten: 3 },
      items: { succeeded: 5, total: 5, resultsWritten: 5 },
    });
  });

  it('that cannot be read or written fail the Map', async () => {
    const missing = await live(
      world(distributed(PASS, { ItemReader: reader }), { objects: new MemoryObjects('b') }),
      '{}',
    );
    expect(outcome(missing.records)).toEqual([
      'States.ItemReaderFailed',
      expect.stringContaining('The specified key does not exist. (Service: S3, Status Code: 404'),
    ]);
    const writer = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'other' } };
    const objects = new MemoryObjects('b');
    const unwritten = await live(world(distributed(PASS, { ResultWriter: writer }), { objects }), '[1]');
    expect(outcome(unwritten.records)).toEqual([
      'States.ResultWriterFailed',
      expect.stringContaining('The specified bucket does not exist'),
    ]);
  });

  it('show what has failed, and what had not begun', async () => {
    const objects = new MemoryObjects('b');
    const writer = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'o' } };
    const answer = async ({ parameters }: TaskCall): Promise<TaskAnswer> =>
      parameters.text === '1' ? { type: 'failed', error: 'E', cause: 'c' } : { type: 'succeeded', output: parameters };
    const map = distributed({ T: call() }, { MaxConcurrency: 1, ResultWriter: writer });
    const { records } = await live(world(map, { objects, answer }), '[0,1,2,3]');
    expect(outcome(records)).toEqual([
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    ]);
    const files = objects.keys().map((key) => key.split('/').at(-1));
    expect(files).toEqual(['FAILED_0.json', 'PENDING_0.json', 'SUCCEEDED_0.json', 'manifest.json']);
  });

  it('over AWS’s limits fail the Map', async () => {
    const big = JSON.stringify([['x'.repeat(200_000)], ['y'.repeat(200_000)]]);
    const { records } = await live(world(distributed(PASS)), big);
    expect(outcome(records)).toEqual([
      'States.DataLimitExceeded',
      "The state/task 'M' returned a result with a size exceeding the maximum number of bytes service limit.",
    ]);
    const one = await live(world(distributed(PASS)), JSON.stringify(['x'.repeat(262_143)]));
    expect(outcome(one.records)).toEqual(['States.DataLimitExceeded', expect.stringContaining("'M'")]);
  });
});

describe('a run that ends early', () => {
  const WAIT = { W: { Type: 'Wait', Seconds: 1000, End: true } };

  it('stops its children when too many have failed', async () => {
    const states = {
      C: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 2, Next: 'F' }], Default: 'W' },
      F: { Type: 'Fail', Error: 'E', Cause: 'c' },
      ...WAIT,
    };
    const one = world(distributed(states));
    const host = await openHost(one);
    await start(host, one, '[0,1,2]');
    await settle(100);
    const records = await recordsOf(one);
    expect(outcome(records)).toMatchObject(['States.ExceedToleratedFailureThreshold', expect.anything()]);
    const [arn = ''] = runArns(records);
    expect(await host.mapRuns.find(arn)).toMatchObject({ status: 'FAILED', executions: { failed: 1, aborted: 2 } });
    const children = await host.mapRuns.children(arn, { before: null, limit: 9 });
    expect(children.map(({ index, status }) => [index, status])).toEqual([
      [2, 'FAILED'],
      [1, 'ABORTED'],
      [0, 'ABORTED'],
    ]);
    expect(await left(one)).toEqual({ outbox: [], timers: [] });
  });

  it.each(['STANDARD', 'EXPRESS'])('stops its %s children when its parent is stopped', async (type) => {
    const one = world(distributed(WAIT, { MaxConcurrency: 2 }, type));
    const host = await openHost(one);
    await start(host, one, '[0,1,2]');
    await settle(60);
    const [arn = ''] = runArns(await recordsOf(one));
    const children = await host.mapRuns.children(arn, { before: null, limit: 9 });
    expect(children.map(({ index, status }) => [index, status])).toEqual([
      [1, 'RUNNING'],
      [0, 'RUNNING'],
    ]);
    expect(await host.mapRuns.children(arn, { before: 1, limit: 9 })).toMatchObject([{ index: 0 }]);
    await host.deliver(1, { type: 'StopExecution' });
    await settle(60);
    expect(await host.mapRuns.find(arn)).toMatchObject({
      status: 'ABORTED',
      executions: { aborted: 2, pending: 1, running: 0 },
    });
    expect(await left(one)).toEqual({ outbox: [], timers: [] });
    expect(host.mapRuns.size).toBe(0);
  });

  it('is stopped by the next host where this one did not come to it', async () => {
    const store = memoryStore();
    const one = world(distributed(WAIT), { store });
    const host = await openHost(one);
    await start(host, one, '[0,1]');
    await settle(60);
    const stopped = host.deliver(1, { type: 'StopExecution' });
    void host.mapRuns.close(); // the process dies between the parent's commit and the children's
    await stopped;
    await host.close();
    const [arn = ''] = runArns(await recordsOf(one));
    expect((await left(one)).outbox).toHaveLength(1);
    const next = await openHost(one);
    await settle(60);
    expect(await next.mapRuns.find(arn)).toMatchObject({ status: 'ABORTED', executions: { aborted: 2 } });
    expect(await left(one)).toEqual({ outbox: [], timers: [] });
  });

  it('takes new limits while it runs, and none afterwards', async () => {
    const one = world(distributed(WAIT, { MaxConcurrency: 1 }));
    const host = await openHost(one);
    await start(host, one, '[0,1,2]');
    await settle(60);
    const [arn = ''] = runArns(await recordsOf(one));
    expect(await host.mapRuns.changeLimits(arn, { maxConcurrency: 2, toleratedFailureCount: 1 })).toBe(true);
    await settle(60);
    expect(await host.mapRuns.find(arn)).toMatchObject({
      limits: { maxConcurrency: 2, toleratedFailureCount: 1, toleratedFailurePercentage: 0 },
      executions: { running: 2, pending: 1 },
    });
    await host.close();
    const next = await openHost(one);
    await settle(60);
    expect((await next.mapRuns.find(arn))?.limits.maxConcurrency).toBe(2);
    await next.deliver(1, { type: 'StopExecution' });
    await settle(60);
    expect(await next.mapRuns.changeLimits(arn, { maxConcurrency: 3 })).toBe(false);
  });
});

describe('a run over the end of its process', () => {
  const reader = {
    Resource: 'arn:aws:states:::s3:getObject',
    Parameters: { Bucket: 'b', Key: 'k' },
    ReaderConfig: { InputType: 'JSON' },
  };

  it('does not need its source any more once it was read', async () => {
    const waiting = gate(({ parameters }) => ({ type: 'succeeded', output: parameters }));
    const objects = new MemoryObjects('b').set('k', '[10,11,12,13]');
    const map = distributed({ T: call() }, { ItemReader: reader, MaxConcurrency: 1 });
    const one = world(map, { objects, answer: waiting.answer });
    const host = await openHost(one);
    await start(host, one, '{}');
    await settle(60);
    waiting.release();
    await settle(60);
    await host.close();
    objects.set('k', 'gone');
    const next = await openHost(one);
    for (let i = 0; i < 6; i++) {
      await settle(60);
      waiting.release();
    }
    await settle(60);
    expect(outcome(await recordsOf(one))).toEqual([10, 11, 12, 13]);
    expect(one.calls.map(({ parameters }) => parameters.text)).toEqual(['10', '11', '11', '12', '13']);
    await next.close();
  });

  it('reads again what was not read to the end', async () => {
    const objects = new MemoryObjects('b').set('k', '[1,2,3]');
    const one = world(distributed({ T: call() }, { ItemReader: reader }), { objects });
    const host = await openHost(one);
    const read = objects.getObject.bind(objects);
    let isHeld = true;
    objects.getObject = async (request) => {
      const object = await read(request);
      if (isHeld) await new Promise(() => undefined); // never comes back
      return object;
    };
    await start(host, one, '{}');
    await settle(30);
    await host.close();
    isHeld = false;
    objects.set('k', '[7]');
    await openHost(one);
    await settle(60);
    expect(outcome(await recordsOf(one))).toEqual([7]);
  });

  /** Children with two tasks, one of which fails at first; an inner run of Express children. */
  const STATES = {
    First: call({ ResultPath: '$.first', Next: 'In' }),
    In: distributed({ E: call() }, { Label: 'inner', ItemsPath: '$.jobs', ResultPath: '$.done' }, 'EXPRESS'),
  };

  it('comes to the same end with every fault of the store and at any moment, and repeats no child that has ended', async () => {
    const items = Array.from({ length: 12 }, (_, i) => ({ i, jobs: i % 3 === 0 ? [i, i + 1] : [i] }));
    const expected = items.map((item) => ({ ...item, first: { ok: true }, done: item.jobs }));
    const happened = { crashes: 0, rejectedBefore: 0, rejectedAfter: 0, conflict: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const faults = { rejectedBefore: 0.05, rejectedAfter: 0.05, conflict: 0.03, delayed: 0.2 };
      const store = faultyStore(memoryStore(), { seed, ...faults });
      const ended = new Set<string>();
      const answer = async ({ parameters, executionArn }: TaskCall): Promise<TaskAnswer> => {
        expect(ended.has(executionArn), `seed ${seed}: ${executionArn} had ended`).toBe(false);
        const isFirst = executionArn.includes(':execution:');
        return { type: 'succeeded', output: isFirst ? Payload.ofText('{"ok":true}') : parameters };
      };
      let random = seed;
      const crash = (): boolean => {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
        if (random % 12 !== 0) return false;
        happened.crashes += 1;
        return true;
      };
      const one = world(distributed(STATES, { MaxConcurrency: 5 }), { store, answer });
      const { host, records } = await live(one, JSON.stringify(items), () => {
        void noteEnded(one, ended);
        return crash();
      });
      expect(outcome(records), `seed ${seed}`).toEqual(expected);
      store.calm();
      await settle(200);
      for (let i = 0; i < 20; i++) {
        one.clock.advance();
        await settle(10);
      }
      const run = await host.mapRuns.find(runArns(records)[0] ?? '');
      expect(run, `seed ${seed}`).toMatchObject({ status: 'SUCCEEDED', executions: { succeeded: 12, total: 12 } });
      expect(await left(one), `seed ${seed}`).toEqual({ outbox: [], timers: [] });
      for (const fault of ['rejectedBefore', 'rejectedAfter', 'conflict'] as const)
        happened[fault] += store.happened[fault];
      await host.close();
    }
    expect(Math.min(...Object.values(happened)), JSON.stringify(happened)).toBeGreaterThan(0);
  }, 120_000);
});

/** Children whose end is durable by now. */
async function noteEnded({ store }: World, ended: Set<string>): Promise<void> {
  const rows = await store.records
    .scan({ collection: 'map-run-child', prefix: '', after: null, limit: 1000 })
    .catch(() => []);
  for (const { value } of rows) {
    const child = JSON.parse(value) as { name: string; status: string; execution: number | null };
    if (child.status === 'RUNNING' || child.execution === null) continue;
    ended.add(`arn:aws:states:us-east-1:000000000000:execution:machine/L:${child.name}`);
  }
}
