import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOOKINGS, commit, due, entry, ORDERS, put, row, starting } from './conformance-entries.js';
import { describeRecords, describeTexts } from './conformance-records.js';
import { type ExecutionId, type Store, StoreUnavailable } from './ports.js';

/** The behaviour that every store has. `open` gives a new, empty one. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`store ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    describe('entries', () => describeEntries(() => store));
    describe('fence', () => describeFence(() => store));
    describe('executions', () => describeExecutions(() => store));
    describe('lists', () => describeLists(() => store));
    describe('outbox and timers', () => describeCommands(() => store));
    describe('retention', () => describeRetention(() => store));
    describe('records', () => describeRecords(() => store));
    describe('texts', () => describeTexts(() => store));
    describe('closing', () => describeClosing(() => store));
  });
}

function describeEntries(current: () => Store): void {
  it('gives back what the entries wrote, in order of seq', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    await commit(current(), entry(1, { firstSeq: 4, data: 'two\nlines' }));
    expect(await current().executions.load(1, { from: 'start' })).toEqual({
      row: row(1, { name: 'a' }),
      snapshot: null,
      segments: [
        { firstSeq: 1, data: 'one' },
        { firstSeq: 4, data: 'two\nlines' },
      ],
    });
    expect(await current().executions.load(2, { from: 'start' })).toBeNull();
  });

  it('treats the entries of a commit independently', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    const outcomes = await commit(
      current(),
      entry(1, { firstSeq: 1, data: 'late' }),
      starting(2, { name: 'a' }, { firstSeq: 1, data: 'namesake' }),
      starting(3, { name: 'c' }, { firstSeq: 1, data: 'three' }),
      entry(1, { firstSeq: 2, data: 'two' }),
    );
    expect(outcomes).toEqual([
      { type: 'conflict' },
      { type: 'nameTaken', execution: 1 },
      { type: 'committed' },
      { type: 'committed' },
    ]);
    expect(await current().executions.load(2, { from: 'start' })).toBeNull();
    expect((await current().executions.load(3, { from: 'start' }))?.segments).toEqual([{ firstSeq: 1, data: 'three' }]);
    expect((await current().executions.load(1, { from: 'start' }))?.segments.map(({ data }) => data)).toEqual([
      'one',
      'two',
    ]);
  });

  it('takes the same name in another machine, and refuses an id that is used', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    const outcomes = await commit(
      current(),
      starting(2, { name: 'a', machine: BOOKINGS }, { firstSeq: 1, data: 'two' }),
      starting(1, { name: 'b' }, { firstSeq: 9, data: 'three' }),
    );
    expect(outcomes).toEqual([{ type: 'committed' }, { type: 'conflict' }]);
    expect(await current().executions.find(ORDERS, 'a')).toEqual(row(1, { name: 'a' }));
    expect(await current().executions.find(BOOKINGS, 'a')).toEqual(row(2, { name: 'a', machine: BOOKINGS }));
    expect(await current().executions.find(ORDERS, 'b')).toBeNull();
    expect(await current().executions.find('arn:other', 'a')).toBeNull();
  });

  it('answers a commit of nothing, and counts commits', async () => {
    const before = current().statistics().commits;
    expect(await current().commit({ entries: [], writes: [] })).toEqual({ outcomes: [] });
    expect(current().statistics()).toMatchObject({ commits: before + 1, queued: 0 });
  });
}

function describeFence(current: () => Store): void {
  it('refuses an entry whose first seq exists, and writes nothing of it', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    const late = entry(1, {
      firstSeq: 1,
      data: 'other',
      status: { status: 'FAILED', stopAt: 9 },
      outboxAdd: [1],
      timersAdd: [{ dueAt: 5, seq: 1 }],
      snapshot: { seq: 1, data: 'snapshot' },
    });
    expect(await commit(current(), late)).toEqual([{ type: 'conflict' }]);
    const stored = await current().executions.load(1, { from: 'snapshot' });
    expect(stored).toEqual({
      row: row(1, { name: 'a' }),
      snapshot: null,
      segments: [{ firstSeq: 1, data: 'one' }],
    });
    expect(await current().executions.outbox({ after: null, limit: 9 })).toEqual([]);
    expect(await current().executions.timers({ before: 100, after: null, limit: 9 })).toEqual([]);
  });

  it('refuses entries of an execution that does not exist', async () => {
    expect(await commit(current(), entry(7, { firstSeq: 1, data: 'x' }), entry(7, { outboxAdd: [1] }))).toEqual([
      { type: 'conflict' },
      { type: 'conflict' },
    ]);
    expect(await current().executions.outbox({ after: null, limit: 9 })).toEqual([]);
  });

  it('lets exactly one of many simultaneous entries with one first seq through', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => commit(current(), entry(1, { firstSeq: 2, data: `rival ${index}` }))),
    );
    expect(outcomes.flat().filter(({ type }) => type === 'committed')).toHaveLength(1);
    expect(await current().executions.load(1, { from: 'start' })).toMatchObject({
      segments: [
        { firstSeq: 1 },
        { firstSeq: 2, data: `rival ${outcomes.flat().findIndex(({ type }) => type === 'committed')}` },
      ],
    });
  });

  it('writes commits in the order in which they were asked for', async () => {
    const first = commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    const rest = [2, 3, 4].map((seq) => commit(current(), entry(1, { firstSeq: seq, data: `${seq}` })));
    expect((await Promise.all([first, ...rest])).flat()).toEqual(Array(4).fill({ type: 'committed' }));
  });
}

function describeExecutions(current: () => Store): void {
  it('keeps status and stop time, also of an execution that ends where it starts or opens again', async () => {
    const failed = { status: 'FAILED', stopAt: 1234 } as const;
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'x', status: failed }));
    await commit(current(), starting(2, { name: 'b' }, { firstSeq: 1, data: 'x' }));
    await commit(current(), entry(2, { firstSeq: 2, data: 'y', status: { status: 'TIMED_OUT', stopAt: 5 } }));
    expect(await current().executions.find(ORDERS, 'a')).toEqual(row(1, { name: 'a', ...failed }));
    expect(await current().executions.find(ORDERS, 'b')).toEqual(row(2, { name: 'b', status: 'TIMED_OUT', stopAt: 5 }));
    await commit(current(), entry(2, { firstSeq: 3, data: 'z', status: { status: 'RUNNING', stopAt: null } }));
    expect(await current().executions.find(ORDERS, 'b')).toEqual(row(2, { name: 'b' }));
  });

  it('loads the latest snapshot with what came after it', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'one' }));
    await commit(current(), entry(1, { firstSeq: 3, data: 'two', snapshot: { seq: 4, data: 'old' } }));
    await commit(current(), entry(1, { firstSeq: 5, data: 'three', snapshot: { seq: 6, data: 'new' } }));
    await commit(current(), entry(1, { firstSeq: 7, data: 'four' }));
    expect(await current().executions.load(1, { from: 'snapshot' })).toEqual({
      row: row(1, { name: 'a' }),
      snapshot: { seq: 6, data: 'new' },
      segments: [{ firstSeq: 7, data: 'four' }],
    });
    expect((await current().executions.load(1, { from: 'start' }))?.segments).toHaveLength(4);
  });

  it('counts ids up from the highest ever used', async () => {
    expect(await current().executions.nextId()).toBe(1);
    await commit(current(), starting(41, { name: 'a' }, { firstSeq: 1, data: 'x' }));
    expect(await current().executions.nextId()).toBe(42);
    await commit(current(), entry(41, { firstSeq: 2, data: 'y', status: { status: 'SUCCEEDED', stopAt: 5 } }));
    expect(await current().executions.deleteStopped({ before: 6, limit: 10 })).toBe(1);
    expect(await current().executions.nextId()).toBe(42);
  });

  it('takes ids and times beyond 32 bits', async () => {
    const id = 2 ** 33 + 5;
    const startAt = 1_800_000_000_123;
    const timer = { dueAt: startAt + 1, seq: 2_000_001 };
    await commit(
      current(),
      starting(id, { name: 'a', startAt }, { firstSeq: 1, data: 'x', outboxAdd: [2_000_001], timersAdd: [timer] }),
    );
    expect(await current().executions.find(ORDERS, 'a')).toEqual(row(id, { name: 'a', startAt }));
    expect(await current().executions.outbox({ after: null, limit: 9 })).toEqual([{ execution: id, seq: 2_000_001 }]);
    expect(await current().executions.timers({ before: startAt + 2, after: null, limit: 9 })).toEqual([
      { ...timer, execution: id },
    ]);
    expect(await current().executions.outbox({ after: { execution: id, seq: 2_000_001 }, limit: 9 })).toEqual([]);
  });
}

function describeLists(current: () => Store): void {
  const names = async (query: Partial<Parameters<Store['executions']['list']>[0]>) =>
    (await current().executions.list({ machine: null, status: null, after: null, limit: 100, ...query })).map(
      (found) => found.name,
    );

  beforeEach(async () => {
    const succeeded = { status: 'SUCCEEDED', stopAt: 99 } as const;
    await commit(
      current(),
      starting(1, { name: 'a', startAt: 10 }, { firstSeq: 1, data: 'x' }),
      starting(2, { name: 'b', startAt: 30 }, { firstSeq: 1, data: 'x', status: succeeded }),
      starting(3, { name: 'c', startAt: 20, machine: BOOKINGS }, { firstSeq: 1, data: 'x' }),
      starting(4, { name: 'd', startAt: 30 }, { firstSeq: 1, data: 'x' }),
      starting(5, { name: 'e', startAt: 5, machine: BOOKINGS }, { firstSeq: 1, data: 'x', status: succeeded }),
    );
  });

  it('lists the newest first, of one machine or all, of one status or all', async () => {
    expect(await names({})).toEqual(['d', 'b', 'c', 'a', 'e']);
    expect(await names({ machine: ORDERS })).toEqual(['d', 'b', 'a']);
    expect(await names({ machine: ORDERS, status: 'RUNNING' })).toEqual(['d', 'a']);
    expect(await names({ status: 'SUCCEEDED' })).toEqual(['b', 'e']);
    expect(await names({ status: 'ABORTED' })).toEqual([]);
    expect(await names({ machine: 'arn:other' })).toEqual([]);
  });

  it('lists those started with a version, or through an alias', async () => {
    await commit(
      current(),
      starting(6, { name: 'f', startAt: 40, version: 1, alias: 'live' }, { firstSeq: 1, data: 'x' }),
      starting(7, { name: 'g', startAt: 50, version: 2, alias: 'live' }, { firstSeq: 1, data: 'x' }),
      starting(8, { name: 'h', startAt: 60, version: 1 }, { firstSeq: 1, data: 'x' }),
    );
    expect(await names({ machine: ORDERS, startedBy: { version: 1 } })).toEqual(['h', 'f']);
    expect(await names({ machine: ORDERS, startedBy: { alias: 'live' } })).toEqual(['g', 'f']);
    expect(await names({ machine: ORDERS, startedBy: { alias: 'live' }, status: 'SUCCEEDED' })).toEqual([]);
    expect(await names({ machine: BOOKINGS, startedBy: { version: 1 } })).toEqual([]);
    const last = { startAt: 60, execution: 8 };
    expect(await names({ machine: ORDERS, startedBy: { version: 1 }, after: last })).toEqual(['f']);
    expect(await current().executions.find(ORDERS, 'f')).toMatchObject({ version: 1, alias: 'live' });
    expect(await current().executions.find(ORDERS, 'a')).toMatchObject({ version: null, alias: null });
  });

  it('opens an ended execution again, with how often and when', async () => {
    const redrive = { count: 1, at: 77 };
    await commit(current(), entry(2, { firstSeq: 2, data: 'y', status: { status: 'RUNNING', stopAt: null, redrive } }));
    expect(await current().executions.find(ORDERS, 'b')).toMatchObject({
      status: 'RUNNING',
      stopAt: null,
      redriveCount: 1,
      redrivenAt: 77,
    });
    await commit(current(), entry(2, { firstSeq: 3, data: 'z', status: { status: 'FAILED', stopAt: 88 } }));
    expect(await current().executions.find(ORDERS, 'b')).toMatchObject({
      status: 'FAILED',
      stopAt: 88,
      redriveCount: 1,
    });
  });

  it('continues after a row, also where start times are equal', async () => {
    for (const filter of [
      {},
      { machine: ORDERS },
      { status: 'RUNNING' },
      { machine: BOOKINGS, status: 'RUNNING' },
    ] as const) {
      const all = await names(filter);
      const paged: string[] = [];
      let after: { startAt: number; execution: ExecutionId } | null = null;
      for (;;) {
        const [next] = await current().executions.list({ machine: null, status: null, ...filter, after, limit: 1 });
        if (next === undefined) break;
        paged.push(next.name);
        after = { startAt: next.startAt, execution: next.execution };
      }
      expect(paged).toEqual(all);
    }
  });
}

function describeCommands(current: () => Store): void {
  it('keeps the outbox in order, and takes rows away', async () => {
    await commit(
      current(),
      starting(2, { name: 'b' }, { firstSeq: 1, data: 'x', outboxAdd: [7, 3] }),
      starting(1, { name: 'a' }, { firstSeq: 1, data: 'x', outboxAdd: [9] }),
    );
    const all = [
      { execution: 1, seq: 9 },
      { execution: 2, seq: 3 },
      { execution: 2, seq: 7 },
    ];
    expect(await current().executions.outbox({ after: null, limit: 10 })).toEqual(all);
    expect(await current().executions.outbox({ after: null, limit: 2 })).toEqual(all.slice(0, 2));
    expect(await current().executions.outbox({ after: { execution: 2, seq: 3 }, limit: 10 })).toEqual(all.slice(2));
    expect(await commit(current(), entry(2, { outboxRemove: [3, 100], outboxAdd: [7] }))).toEqual([
      { type: 'committed' },
    ]);
    expect(await current().executions.outbox({ after: null, limit: 10 })).toEqual([all[0], all[2]]);
  });

  it('keeps timers in order of time, and takes them away', async () => {
    await commit(
      current(),
      starting(2, { name: 'b' }, { firstSeq: 1, data: 'x', timersAdd: [due(50, 1), due(10, 2), due(10, 1)] }),
      starting(1, { name: 'a' }, { firstSeq: 1, data: 'x', timersAdd: [due(10, 3), due(60, 4)] }),
    );
    const all = [
      { execution: 1, ...due(10, 3) },
      { execution: 2, ...due(10, 1) },
      { execution: 2, ...due(10, 2) },
      { execution: 2, ...due(50, 1) },
      { execution: 1, ...due(60, 4) },
    ];
    const timers = (before: number, after = -1, limit = 10) =>
      current().executions.timers({ before, after: all[after] ?? null, limit });
    expect(await timers(100)).toEqual(all);
    expect(await timers(60)).toEqual(all.slice(0, 4));
    expect(await timers(100, 1, 2)).toEqual(all.slice(2, 4));
    await commit(current(), entry(2, { timersRemove: [due(10, 1), due(10, 77)], timersAdd: [due(50, 1)] }));
    expect(await timers(100)).toEqual([all[0], ...all.slice(2)]);
  });
}

function describeRetention(current: () => Store): void {
  it('deletes what stopped before, the oldest first, up to a limit, with all that belongs to it', async () => {
    const stopped = (stopAt: number) => ({ status: 'SUCCEEDED', stopAt }) as const;
    for (const [index, stopAt] of [30, 10, 20].entries()) {
      await commit(
        current(),
        starting(
          index + 1,
          { name: `${stopAt}` },
          {
            firstSeq: 1,
            data: 'x',
            status: stopped(stopAt),
            snapshot: { seq: 1, data: 's' },
            outboxAdd: [1],
            timersAdd: [due(5, 1)],
          },
        ),
      );
    }
    await commit(current(), starting(4, { name: 'open' }, { firstSeq: 1, data: 'x' }));
    expect(await current().executions.deleteStopped({ before: 30, limit: 1 })).toBe(1);
    expect(await current().executions.find(ORDERS, '10')).toBeNull();
    expect(await current().executions.deleteStopped({ before: 30, limit: 100 })).toBe(1);
    expect(await current().executions.deleteStopped({ before: 30, limit: 100 })).toBe(0);
    expect(await current().executions.load(2, { from: 'start' })).toBeNull();
    expect(await current().executions.load(3, { from: 'snapshot' })).toBeNull();
    expect(await current().executions.outbox({ after: null, limit: 9 })).toEqual([{ execution: 1, seq: 1 }]);
    expect(await current().executions.timers({ before: 9, after: null, limit: 9 })).toEqual([
      { execution: 1, ...due(5, 1) },
    ]);
    const left = await current().executions.list({ machine: null, status: null, after: null, limit: 9 });
    expect(left.map(({ name }) => name)).toEqual(['open', '30']);
    // The name is free again.
    expect(await commit(current(), starting(9, { name: '10' }, { firstSeq: 1, data: 'x' }))).toEqual([
      { type: 'committed' },
    ]);
  });

  it('deletes more than one slice holds, while commits go on', async () => {
    await commit(
      current(),
      ...Array.from({ length: 250 }, (_, index) =>
        starting(
          index + 1,
          { name: `${index}` },
          { firstSeq: 1, data: 'x'.repeat(2000), status: { status: 'FAILED', stopAt: index } },
        ),
      ),
    );
    const [deleted, outcome] = await Promise.all([
      current().executions.deleteStopped({ before: 1000, limit: 240 }),
      commit(current(), starting(900, { name: 'new' }, { firstSeq: 1, data: 'x' })),
    ]);
    expect(deleted).toBe(240);
    expect(outcome).toEqual([{ type: 'committed' }]);
    expect(await current().executions.list({ machine: null, status: null, after: null, limit: 1000 })).toHaveLength(11);
  });
}

function describeClosing(current: () => Store): void {
  it('refuses everything after it was closed, and may be closed twice', async () => {
    const store = current();
    const lastCommit = commit(store, starting(1, { name: 'a' }, { firstSeq: 1, data: 'x' }));
    await Promise.all([store.close(), store.close()]);
    expect(await lastCommit).toEqual([{ type: 'committed' }]);
    await expect(commit(store, entry(1, { firstSeq: 2, data: 'y' }))).rejects.toThrow(StoreUnavailable);
    await expect(store.executions.nextId()).rejects.toThrow(StoreUnavailable);
    await expect(store.executions.deleteStopped({ before: 1, limit: 1 })).rejects.toThrow(StoreUnavailable);
    await expect(store.records.write([put('a', '1')])).rejects.toThrow(StoreUnavailable);
  });
}
