import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entry, ORDERS, starting } from '../conformance-entries.js';
import { StoreUnavailable } from '../ports.js';
import { openSqliteStore } from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (name: string) => statSync(join(folder, name)).size;
const MEGABYTE = 1024 * 1024;

it('rejects what has no room, and works on', async () => {
  const store = await openSqliteStore({ folder, fileBytesMax: 2 * MEGABYTE });
  await store.commit({ entries: [starting(1, { name: 'a' }, { firstSeq: 1, data: 'x' })], writes: [] });
  const tooMuch = store.commit({
    entries: [
      starting(2, { name: 'b', machine: 'arn:new', revision: 'new' }, { firstSeq: 1, data: 'x' }),
      entry(1, { firstSeq: 2, data: 'x'.repeat(3 * MEGABYTE) }),
    ],
    writes: [{ type: 'put', collection: 'c', key: 'k', value: 'v', expect: 'any' }],
  });
  await expect(tooMuch).rejects.toThrow(StoreUnavailable);
  await expect(tooMuch).rejects.toThrow(
    `Expected room for '${folder}', but the disk or the configured size is used up. Free space and try again`,
  );
  expect(await store.records.get('c', 'k')).toBeNull();
  expect((await store.executions.load(1, { from: 'start' }))?.segments).toHaveLength(1);
  // The machine's number, given out in the lost transaction, is not used.
  const retried = await store.commit({
    entries: [
      starting(2, { name: 'b', machine: 'arn:new', revision: 'new' }, { firstSeq: 1, data: 'x' }),
      entry(1, { firstSeq: 2, data: 'small' }),
    ],
    writes: [],
  });
  expect(retried.outcomes).toEqual([{ type: 'committed' }, { type: 'committed' }]);
  expect(await store.executions.find('arn:new', 'b')).toMatchObject({ machine: 'arn:new', revision: 'new' });
  await store.close();
});

it('keeps the write-ahead log short', async () => {
  const store = await openSqliteStore({ folder });
  const commits = 3000;
  for (let id = 1; id <= commits; id += 10) {
    const ids = Array.from({ length: 10 }, (_, index) => id + index);
    await Promise.all(
      ids.map((each) =>
        store.commit({
          entries: [starting(each, { name: `${each}` }, { firstSeq: 1, data: 'x'.repeat(1500), outboxAdd: [1] })],
          writes: [],
        }),
      ),
    );
  }
  // 300 transactions of about 20 pages are six times the bound; half as much again is left for the estimate.
  expect(bytesOf('treadle.db-wal')).toBeLessThan(1.5 * 1000 * 4120);
  expect(bytesOf('treadle.db')).toBeGreaterThan(2 * MEGABYTE);
  await store.close();
});

it('gives the space of deleted executions back to the disk', async () => {
  const store = await openSqliteStore({ folder });
  const ids = Array.from({ length: 400 }, (_, index) => index + 1);
  await store.commit({
    entries: ids.map((id) =>
      starting(
        id,
        { name: `${id}` },
        { firstSeq: 1, data: 'x'.repeat(20_000), status: { status: 'FAILED', stopAt: id } },
      ),
    ),
    writes: [],
  });
  expect(await store.executions.deleteStopped({ before: 301, limit: 1000 })).toBe(300);
  expect((await store.executions.list({ machine: ORDERS, status: null, after: null, limit: 1000 })).length).toBe(100);
  await store.close();
  expect(bytesOf('treadle.db')).toBeGreaterThan(100 * 20_000);
  expect(bytesOf('treadle.db')).toBeLessThan(150 * 20_000);
});
