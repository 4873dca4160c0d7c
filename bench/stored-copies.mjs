// Fills a data folder fast: copies of real executions are written through the store, a thousand in a commit.

import { openSqliteStore } from '../dist/store/sqlite/index.js';

const ENTRIES_PER_COMMIT = 1000;
const COMMITS_AT_ONCE = 4;

/** Names of one length, so that nothing moves in the stored text. */
export const nameOf = (number) => `w${String(number).padStart(12, '0')}`;

/** All that is stored of the execution `nameOf(0)` of a machine. */
export async function sampleOf(store, machine) {
  const row = await store.executions.find(machine, nameOf(0));
  const { segments } = await store.executions.load(row.execution, { from: 'start' });
  return { row, segments };
}

/** The entries of a copy; `rewritten` changes its text. */
export function entriesOf({ row, segments }, { id, startAt, rewritten = (text) => text, timers = [] }) {
  const lists = { outboxAdd: [], outboxRemove: [], timersAdd: [], timersRemove: [] };
  const name = nameOf(id);
  const { status } = row;
  return segments.map(({ firstSeq, data }, index) => ({
    ...{ execution: id, firstSeq, data: rewritten(data.replaceAll(nameOf(0), name)), snapshot: null },
    ...lists,
    timersAdd: index === 0 ? timers : [],
    start: index === 0 ? { ...row, name, startAt } : null,
    status: status === 'RUNNING' || index < segments.length - 1 ? null : { status, stopAt: startAt + 5 },
  }));
}

/** `make(id)` gives entries and writes; `last` further ones, made when all others are stored. */
export async function fill(folder, { count, prepare, make, last = { count: 0, make } }) {
  const store = await openSqliteStore({ folder });
  try {
    await prepare(store);
    let id = await store.executions.nextId();
    const commit = (number, makeOne) => {
      const parts = Array.from({ length: number }, () => makeOne(id++));
      return store.commit({
        entries: parts.flatMap(({ entries }) => entries),
        writes: parts.flatMap(({ writes }) => writes ?? []),
      });
    };
    let left = count - last.count;
    const worker = async () => {
      while (left > 0) {
        const number = Math.min(left, ENTRIES_PER_COMMIT);
        left -= number;
        await commit(number, make);
        if (left % 100_000 < ENTRIES_PER_COMMIT) process.stderr.write(`\r${count - left} of ${count} stored`);
      }
    };
    await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, worker));
    if (last.count > 0) await commit(last.count, last.make);
    process.stderr.write('\r\x1b[K');
  } finally {
    await store.close();
  }
}
