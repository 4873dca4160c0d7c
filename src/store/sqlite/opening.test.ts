import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entry, ORDERS, starting } from '../conformance-entries.js';
import { StoreInUse, StoreUnavailable } from '../ports.js';
import { openSqliteStore } from './index.js';
import { openForReading, openForWriting, STORE_FORMAT } from './schema.js';
import { type Database, openDatabase } from './sqlite-module.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const STORE_URL = new URL('../../../dist/store/sqlite/index.js', import.meta.url).href;

it('finds everything again after closing', async () => {
  const first = await openSqliteStore({ folder: join(folder, 'made', 'here') });
  await first.commit({
    entries: [
      starting(3, { name: 'a' }, { firstSeq: 1, data: 'x', outboxAdd: [1], timersAdd: [{ dueAt: 5, seq: 1 }] }),
    ],
    writes: [{ type: 'put', collection: 'c', key: 'k', value: 'v', expect: 'absent' }],
  });
  await first.close();
  const second = await openSqliteStore({ folder: join(folder, 'made', 'here') });
  expect((await second.executions.load(3, { from: 'start' }))?.segments).toEqual([{ firstSeq: 1, data: 'x' }]);
  expect(await second.executions.nextId()).toBe(4);
  expect(await second.executions.outbox({ after: null, limit: 9 })).toEqual([{ execution: 3, seq: 1 }]);
  expect(await second.executions.timers({ before: 9, after: null, limit: 9 })).toHaveLength(1);
  expect(await second.records.get('c', 'k')).toBe('v');
  // The revision and machine of new executions are found among the stored ones.
  await second.commit({ entries: [starting(4, { name: 'b' }, { firstSeq: 1, data: 'y' })], writes: [] });
  expect(await second.executions.find(ORDERS, 'b')).toMatchObject({ machine: ORDERS, revision: 'r1' });
  await second.close();
});

it('refuses a folder that this process has open, and lets it be opened after closing', async () => {
  const store = await openSqliteStore({ folder });
  const again = openSqliteStore({ folder });
  await expect(again).rejects.toThrow(StoreInUse);
  await expect(again).rejects.toThrow(
    `Expected the data folder '${folder}' to be free, but process ${process.pid} has it open. Stop that process, or choose another data folder.`,
  );
  // The refused one has not taken the lock away with it.
  await expect(openSqliteStore({ folder })).rejects.toThrow(StoreInUse);
  await store.commit({ entries: [starting(1, { name: 'a' }, { firstSeq: 1, data: 'x' })], writes: [] });
  await store.close();
  await (await openSqliteStore({ folder })).close();
});

it('refuses a folder that another process has open until that is killed', async () => {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { openSqliteStore } from ${JSON.stringify(STORE_URL)};
     await openSqliteStore({ folder: ${JSON.stringify(folder)} });
     console.log('open');`,
  ]);
  await once(child.stdout, 'data');
  await expect(openSqliteStore({ folder })).rejects.toThrow(`'${folder}' to be free, but process ${child.pid} has it`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openSqliteStore({ folder })).close();
});

it('refuses a newer format, another database and a damaged file, each with what to do', async () => {
  await (await openSqliteStore({ folder })).close();
  changeDatabase(`UPDATE meta SET value = ${STORE_FORMAT + 6} WHERE name = 'format'`);
  await expect(openSqliteStore({ folder })).rejects.toThrow(
    `Expected '${join(folder, 'treadle.db')}' to have store format ${STORE_FORMAT}, but it has ${STORE_FORMAT + 6}`,
  );

  rmSync(join(folder, 'treadle.db'));
  changeDatabase('CREATE TABLE meta(x)');
  await expect(openSqliteStore({ folder })).rejects.toThrow('to be a Treadle store, but it is another SQLite database');

  writeFileSync(join(folder, 'treadle.db'), 'not a database at all '.repeat(1000));
  const damaged = openSqliteStore({ folder });
  await expect(damaged).rejects.toThrow(StoreUnavailable);
  await expect(damaged).rejects.toThrow(`Expected a Treadle store in '${folder}', but its file is damaged.`);

  // None of them holds the folder.
  rmSync(join(folder, 'treadle.db'));
  await (await openSqliteStore({ folder })).close();
});

it('refuses a folder that cannot be made or written', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(openSqliteStore({ folder: join(folder, 'file', 'sub') })).rejects.toThrow(
    `Expected to be able to make the data folder '${join(folder, 'file', 'sub')}', but it is not possible`,
  );
  const unwritable = openSqliteStore({ folder: '/proc/self' });
  await expect(unwritable).rejects.toThrow(StoreUnavailable);
  await expect(unwritable).rejects.toThrow("Expected to be able to write in '/proc/self', but it is not possible.");
});

it('makes commits survive a power cut: a log, synchronised fully on every connection', async () => {
  const path = join(folder, 'sub', 'treadle.db');
  await (await openSqliteStore({ folder: join(folder, 'sub') })).close();
  const pragmas = (database: Database) =>
    ['journal_mode', 'synchronous', 'wal_autocheckpoint', 'auto_vacuum', 'page_size'].map(
      (name) => Object.values(database.prepare<object>(`PRAGMA ${name}`).get() ?? {})[0],
    );
  const writing = openForWriting(path, { pagesMax: null });
  expect(pragmas(writing)).toEqual(['wal', 2, 0, 2, 4096]);
  const reading = openForReading(path);
  expect(pragmas(reading).slice(0, 2)).toEqual(['wal', 2]);
  reading.close();
  writing.close();
  expect(statSync(join(folder, 'sub')).mode & 0o077).toBe(0);
});

it('calls the hooks around a transaction, before anybody is answered', async () => {
  const calls: string[] = [];
  const hooks = { onCommitting: () => calls.push('committing'), onCommitted: () => calls.push('committed') };
  const store = await openSqliteStore({ folder, hooks });
  await Promise.all(
    [1, 2].map(async (id) => {
      await store.commit({ entries: [starting(id, { name: `${id}` }, { firstSeq: 1, data: 'x' })], writes: [] });
      calls.push(`answered ${id}`);
    }),
  );
  expect(calls).toEqual(['committing', 'committed', 'answered 1', 'answered 2']);
  await store.close();
});

it('has a statistic for the health page', async () => {
  const store = await openSqliteStore({ folder });
  const waiting = [1, 2, 3].map((id) => store.commit({ entries: [entry(id, {})], writes: [] }));
  expect(store.statistics()).toMatchObject({ commits: 0, queued: 3, commitMsP50: 0, commitMsP99: 0 });
  await Promise.all(waiting);
  const { commits, queued, commitMsP50, commitMsP99, bytesOnDisk } = store.statistics();
  expect({ commits, queued }).toEqual({ commits: 3, queued: 0 });
  expect(commitMsP50).toBeGreaterThan(0);
  expect(commitMsP99).toBeGreaterThanOrEqual(commitMsP50);
  expect(bytesOnDisk).toBeGreaterThan(4096);
  await store.close();
});

it('ends a process that has closed its store, and says nothing', () => {
  const code = `import { openSqliteStore } from ${JSON.stringify(STORE_URL)};
    const store = await openSqliteStore({ folder: ${JSON.stringify(folder)} });
    await store.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    timeout: 20_000,
    stdio: 'pipe',
  });
  expect(output.toString()).toBe('');
});

function changeDatabase(sql: string): void {
  const database = openDatabase(join(folder, 'treadle.db'), { readOnly: false, timeout: 0 });
  database.exec(sql);
  database.close();
}
