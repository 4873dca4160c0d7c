import { describe, expect, it } from 'vitest';
import type { TaskAnswer } from '../../integrations/port.js';
import { EXPRESS_POLICY } from '../../interpreter/index.js';
import { parseDefinition } from '../../language/index.js';
import { Payload } from '../../payload/index.js';
import { type RecordStore, StoreUnavailable } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { TEST_IDENTITY } from '../../testing/transcript.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { Revision } from '../ports.js';
import { ExpressStarts } from './express-starts.js';
import { TransientHost, TransientHostFull } from './transient-host.js';

const TASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', 'Payload.$': '$' },
  End: true,
};

function revisionOf(): Revision {
  const { definition } = parseDefinition(JSON.stringify({ StartAt: 'A', States: { A: TASK } }), { type: 'EXPRESS' });
  if (definition === null) throw new Error('Expected a valid definition.');
  const { stateMachineArn: machineArn, stateMachineName: machineName, roleArn } = TEST_IDENTITY;
  return { id: 'r1', machineArn, machineName, roleArn, definition };
}

const revision = revisionOf();
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn++) await new Promise((next) => setImmediate(next));
};

interface Options {
  readonly records?: RecordStore;
  readonly executionsMax?: number;
  readonly waitingMax?: number;
  readonly firstId?: number;
  readonly revisionOf?: (id: string) => Revision | null;
}

/** A process: what it does not keep in `records` is gone with it. */
function world(options: Options = {}) {
  const { records = memoryStore().records, executionsMax = 10, waitingMax = 10 } = options;
  const clock = new VirtualClock();
  const open: { readonly key: string; readonly answer: (answer: TaskAnswer) => void }[] = [];
  const reports: string[] = [];
  const host = new TransientHost({
    performer: { perform: ({ key }) => new Promise((answer) => open.push({ key, answer })) },
    clock,
    seed: () => [1, 2, 3, 4],
    executionsMax,
  });
  let id = options.firstId ?? 0;
  const starts = new ExpressStarts({
    records,
    revisions: { load: async (name) => (options.revisionOf ?? (() => revision))(name) },
    host,
    policy: EXPRESS_POLICY,
    clock,
    newId: () => `id-${++id}`,
    report: (line) => reports.push(line),
    waitingMax,
  });
  return {
    records,
    clock,
    host,
    starts,
    open,
    reports,
    start: (name = 'e') => starts.start({ revision, name, input: Payload.ofText('{"a":1}') }),
    rows: async () =>
      (await records.scan({ collection: 'express-start', prefix: '', after: null, limit: 100 })).map(({ key }) => key),
    finishAll: async () => {
      for (const { answer } of open.splice(0)) answer({ type: 'succeeded', output: Payload.ofText('1') });
      await turns();
    },
  };
}

const keyOf = (id: number, name = 'e'): string =>
  `arn:aws:states:us-east-1:000000000000:express:${TEST_IDENTITY.stateMachineName}:${name}:id-${id}#3`;

describe('an asynchronous Express start', () => {
  it('is a durable row until its execution has ended', async () => {
    const { start, rows, open, finishAll } = world();
    const { arn } = await start();
    expect(await rows()).toEqual(['id-1']);
    await turns();
    expect(open.map(({ key }) => key)).toEqual([`${arn}#3`]);
    expect(await rows()).toEqual(['id-1']);
    await finishAll();
    expect(await rows()).toEqual([]);
  });

  it('is never the same as another of its name', async () => {
    const { start, open } = world();
    await start();
    await start();
    await turns();
    expect(open.map(({ key }) => key)).toEqual([keyOf(1), keyOf(2)]);
  });

  it('that the store does not take is refused and does not run', async () => {
    const records = memoryStore().records;
    const { start, open } = world({
      records: { ...records, write: () => Promise.reject(new StoreUnavailable('full')) },
    });
    await expect(start()).rejects.toBeInstanceOf(StoreUnavailable);
    await turns();
    expect(open).toEqual([]);
  });

  it('runs again from its start in the next process, under the same ARN', async () => {
    const first = world();
    await first.start('a');
    await first.start('b');
    await turns();
    first.starts.close();
    first.host.close();
    const second = world({ records: first.records, firstId: 2 });
    expect(await second.starts.recover()).toBe(2);
    await turns();
    expect(second.open.map(({ key }) => key)).toEqual([keyOf(1, 'a'), keyOf(2, 'b')]);
    await second.finishAll();
    expect(await second.rows()).toEqual([]);
  });

  it('waits in the store where there is no room in memory, in order; more than may wait are refused', async () => {
    const { start, starts, rows, open, finishAll } = world({ executionsMax: 2, waitingMax: 3 });
    for (let count = 0; count < 5; count++) await start();
    await turns();
    expect([open.length, starts.waiting]).toEqual([2, 3]);
    await expect(start()).rejects.toBeInstanceOf(TransientHostFull);
    expect((await rows()).length).toBe(5);
    await finishAll();
    expect(open.map(({ key }) => key)).toEqual([keyOf(3), keyOf(4)]);
    expect(starts.waiting).toBe(1);
    await start();
    await finishAll();
    expect(open.map(({ key }) => key)).toEqual([keyOf(5), keyOf(6)]);
    await finishAll();
    expect([await rows(), starts.waiting]).toEqual([[], 0]);
  });

  it('does not overtake those that wait', async () => {
    const { records } = memoryStore();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((done) => {
      open = done;
    });
    const held = world({
      executionsMax: 1,
      records: {
        ...records,
        get: async (collection, key) => {
          await gate;
          return records.get(collection, key);
        },
      },
    });
    await held.start('a');
    await held.start('b');
    await turns();
    await held.finishAll();
    await held.start('c');
    await turns();
    expect(held.open).toEqual([]);
    open();
    await turns();
    expect(held.open.map(({ key }) => key)).toEqual([keyOf(2, 'b')]);
    await held.finishAll();
    expect(held.open.map(({ key }) => key)).toEqual([keyOf(3, 'c')]);
  });

  it('whose row cannot be deleted at once is deleted later', async () => {
    const { records } = memoryStore();
    let isFull = false;
    const { start, rows, finishAll, clock } = world({
      records: {
        ...records,
        write: (writes) => (isFull ? Promise.reject(new StoreUnavailable('full')) : records.write(writes)),
      },
    });
    await start();
    await turns();
    isFull = true;
    await finishAll();
    expect(await rows()).toEqual(['id-1']);
    isFull = false;
    while ((await rows()).length > 0) {
      expect(clock.advance()).toBe(true);
      await turns();
    }
  });

  it('that cannot go on is reported and given up; the others run', async () => {
    const broken: Revision = { ...revision, definition: { ...revision.definition, states: new Map() } };
    const { starts, start, rows, reports, open } = world();
    await starts.start({ revision: broken, name: 'broken', input: Payload.ofText('{}') });
    await start();
    await turns();
    expect(await rows()).toEqual(['id-2']);
    expect([reports.length, open.length]).toEqual([1, 1]);
    expect(reports[0]).toContain(
      ":broken:id-1 cannot go on and was given up. Error: Broken invariant: there is no state 'A'",
    );
  });

  it('whose revision is gone is reported; the others run', async () => {
    const first = world();
    await first.starts.start({ revision: { ...revision, id: 'gone' }, name: 'a', input: Payload.ofText('{}') });
    await first.start('b');
    first.host.close();
    first.starts.close();
    const second = world({ records: first.records, revisionOf: (id) => (id === 'gone' ? null : revision) });
    await second.starts.recover();
    await turns();
    expect(second.reports).toEqual(['Broken invariant: revision gone of Express execution a (id-1) is gone.']);
    expect(second.open.map(({ key }) => key)).toEqual([keyOf(2, 'b')]);
    expect(await second.rows()).toEqual(['id-2']);
  });
});
