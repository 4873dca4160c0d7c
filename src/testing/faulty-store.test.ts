import { expect, it } from 'vitest';
import { entry, ORDERS, starting } from '../store/conformance-entries.js';
import { type CommitResult, StoreUnavailable } from '../store/ports.js';
import { type FaultyStore, faultyStore } from './faulty-store.js';
import { memoryStore } from './memory-store.js';

const COMMITS = 400;

/** What `COMMITS` commits, each starting one execution, were answered. */
async function answers(store: FaultyStore): Promise<(CommitResult | 'rejected')[]> {
  return await Promise.all(
    Array.from({ length: COMMITS }, (_, index) =>
      store
        .commit({ entries: [starting(index + 1, { name: `${index}` }, { firstSeq: 1, data: 'x' })], writes: [] })
        .catch((error) => {
          expect(error).toBeInstanceOf(StoreUnavailable);
          return 'rejected' as const;
        }),
    ),
  );
}

const storedNames = async (store: FaultyStore) =>
  new Set(
    (await store.executions.list({ machine: ORDERS, status: null, after: null, limit: COMMITS })).map(
      ({ name }) => name,
    ),
  );

it('rejects before writing, after writing, and returns conflicts without writing', async () => {
  const store = faultyStore(memoryStore(), {
    seed: 7,
    rejectedBefore: 0.2,
    rejectedAfter: 0.2,
    conflict: 0.2,
    delayed: 0.2,
  });
  const given = await answers(store);
  const stored = await storedNames(store);
  const rejected = [...given.keys()].filter((index) => given[index] === 'rejected');
  const writtenThough = rejected.filter((index) => stored.has(`${index}`));
  expect(rejected).toHaveLength(store.happened.rejectedBefore + store.happened.rejectedAfter);
  expect(writtenThough.length).toBeGreaterThan(20);
  expect(rejected.length - writtenThough.length).toBeGreaterThan(20);
  for (const [index, answer] of given.entries()) {
    if (answer === 'rejected') continue;
    expect(stored.has(`${index}`)).toBe(answer.outcomes[0]?.type === 'committed');
  }
  expect(
    given.filter((answer) => answer !== 'rejected' && answer.outcomes[0]?.type === 'conflict').length,
  ).toBeGreaterThan(20);
  expect(store.happened.delayed).toBeGreaterThan(20);
});

it('makes the same faults from the same seed, and others from another', async () => {
  const faults = { rejectedBefore: 0.3, rejectedAfter: 0.1, conflict: 0.3, delayed: 0.5 };
  const first = await answers(faultyStore(memoryStore(), { seed: 1, ...faults }));
  expect(await answers(faultyStore(memoryStore(), { seed: 1, ...faults }))).toEqual(first);
  expect(await answers(faultyStore(memoryStore(), { seed: 2, ...faults }))).not.toEqual(first);
});

it('lets later commits overtake delayed ones', async () => {
  const store = faultyStore(memoryStore(), { seed: 3, delayed: 0.5 });
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await store.commit({ entries: [entry(index, {})], writes: [] });
      order.push(index);
    }),
  );
  expect(order).not.toEqual([...order].sort((a, b) => a - b));
});

it('rejects reads, and nothing at all once it is calm', async () => {
  const store = faultyStore(memoryStore(), { seed: 5, rejectedRead: 1, rejectedBefore: 1 });
  await expect(store.executions.nextId()).rejects.toThrow(StoreUnavailable);
  await expect(store.records.get('c', 'k')).rejects.toThrow(StoreUnavailable);
  await expect(store.records.write([])).rejects.toThrow(StoreUnavailable);
  store.calm();
  expect(await store.executions.nextId()).toBe(1);
  expect((await answers(store)).includes('rejected')).toBe(false);
  expect(store.happened).toMatchObject({ rejectedRead: 2, rejectedBefore: 1 });
});
