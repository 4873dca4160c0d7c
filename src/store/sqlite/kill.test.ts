import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORDERS } from '../conformance-entries.js';
import type { Store } from '../ports.js';
import { openSqliteStore } from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const STORE_URL = new URL('../../../dist/store/sqlite/index.js', import.meta.url).href;
const ROUNDS = 6;

/**
 * Each execution is two commits, and each commit touches a segment, a command, a timer, a record and (the second) the status.
 * The child prints an execution's id and the number of its commits after each answer.
 */
const CHILD = `
  import { openSqliteStore } from ${JSON.stringify(STORE_URL)};
  const [folder, killed] = process.argv.slice(1);
  const kill = () => { if (++transactions === 20) process.kill(process.pid, 'SIGKILL'); };
  let transactions = 0;
  const hooks = killed === 'after commit' ? { onCommitted: kill } : killed === 'before commit' ? { onCommitting: kill } : {};
  const store = await openSqliteStore({ folder, hooks });
  let next = await store.executions.nextId();
  const none = { data: null, start: null, status: null, outboxAdd: [], outboxRemove: [], timersAdd: [], timersRemove: [], snapshot: null };
  const put = (id, value) => [{ type: 'put', collection: 'c', key: String(id), value, expect: value === '1' ? 'absent' : 'any' }];
  async function client() {
    for (;;) {
      const id = next++;
      const start = { machine: ${JSON.stringify(ORDERS)}, name: String(id), startAt: id, revision: 'r' };
      const first = { ...none, execution: id, firstSeq: 1, data: 'x'.repeat(id % 5000), start, outboxAdd: [1], timersAdd: [{ dueAt: id, seq: 1 }] };
      await store.commit({ entries: [first], writes: put(id, '1') });
      process.stdout.write(id + ' 1\\n');
      const second = { ...none, execution: id, firstSeq: 2, data: 'y', status: { status: 'SUCCEEDED', stopAt: id }, outboxRemove: [1], timersRemove: [{ dueAt: id, seq: 1 }] };
      await store.commit({ entries: [second], writes: put(id, '2') });
      process.stdout.write(id + ' 2\\n');
    }
  }
  await Promise.all(Array.from({ length: 16 }, client));
`;

describe('a killed process', () => {
  it('loses nothing that was acknowledged and leaves nothing half-written, whenever it is killed', async () => {
    const acknowledged = new Map<number, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const killAfter = 1 + Math.floor(Math.random() * 400);
      await runUntilKilled('', { acknowledged, killAfter });
      await checkStore(acknowledged);
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  });

  it.each(['before commit', 'after commit'])('is consistent when killed %s', async (point) => {
    const acknowledged = new Map<number, number>();
    await runUntilKilled(point, { acknowledged, killAfter: Number.POSITIVE_INFINITY });
    const stored = await checkStore(acknowledged);
    const answered = [...acknowledged.values()].reduce((sum, commits) => sum + commits, 0);
    const inDoubt = stored - answered;
    if (point === 'before commit') expect(inDoubt).toBe(0);
    else expect(inDoubt).toBeGreaterThan(0);
  });
});

async function runUntilKilled(
  point: string,
  { acknowledged, killAfter }: { acknowledged: Map<number, number>; killAfter: number },
): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD, folder, point], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\n').length > killAfter) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  for (const line of text.split('\n').slice(0, -1)) {
    const [id, commits] = line.split(' ').map(Number);
    if (id !== undefined && commits !== undefined) acknowledged.set(id, commits);
  }
}

/** Every acknowledged commit is there, every stored commit is whole. Says how many commits are stored. */
async function checkStore(acknowledged: ReadonlyMap<number, number>): Promise<number> {
  const store = await openSqliteStore({ folder });
  try {
    const outbox = new Set(
      (await store.executions.outbox({ after: null, limit: 100_000 })).map((row) => row.execution),
    );
    const timers = new Set(
      (await store.executions.timers({ before: 2 ** 40, after: null, limit: 100_000 })).map((row) => row.execution),
    );
    const all = await store.executions.list({ machine: null, status: null, after: null, limit: 1_000_000 });
    let stored = 0;
    for (const { execution, status } of all) {
      const commits = await checkExecution(store, execution, { isEnded: status === 'SUCCEEDED' });
      expect(commits).toBeGreaterThanOrEqual(acknowledged.get(execution) ?? 0);
      expect([outbox.has(execution), timers.has(execution)]).toEqual([commits === 1, commits === 1]);
      stored += commits;
    }
    const known = new Set(all.map(({ execution }) => execution));
    expect([...acknowledged.keys()].filter((id) => !known.has(id))).toEqual([]);
    expect(await store.records.scan({ collection: 'c', prefix: '', after: null, limit: 1_000_000 })).toHaveLength(
      all.length,
    );
    return stored;
  } finally {
    await store.close();
  }
}

async function checkExecution(store: Store, id: number, { isEnded }: { isEnded: boolean }): Promise<number> {
  const [loaded, record] = await Promise.all([
    store.executions.load(id, { from: 'start' }),
    store.records.get('c', String(id)),
  ]);
  const lengths = loaded?.segments.map(({ data }) => data.length);
  expect(lengths).toEqual(isEnded ? [id % 5000, 1] : [id % 5000]);
  expect(record).toBe(isEnded ? '2' : '1');
  return isEnded ? 2 : 1;
}
