import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('a file that is no store of this version', () => {
  const path = () => join(folder, 'treadle.db');
  /** What lies in the folder, but for the lock. */
  const contents = () =>
    readdirSync(folder)
      .filter((name) => !['treadle.lock', 'treadle.pid'].includes(name))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]);
  const written = async (): Promise<void> => {
    const store = await openSqliteStore({ folder });
    const ids = Array.from({ length: 50 }, (_, index) => index + 1);
    for (const id of ids) {
      await store.commit({
        entries: [starting(id, { name: `${id}` }, { firstSeq: 1, data: 'x'.repeat(3000) })],
        writes: [],
      });
    }
    await store.close();
  };
  const changeBytes = (at: number, bytes: Buffer): void => {
    const file = openSync(path(), 'r+');
    writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
  };
  const bigEndian = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };

  it.each<[string, () => Promise<void> | void, string]>([
    [
      'of a newer version, by its header',
      async () => {
        await written();
        changeBytes(60, bigEndian(STORE_FORMAT + 6));
      },
      `to have store format ${STORE_FORMAT}, but it has ${STORE_FORMAT + 6}: another version of Treadle wrote it.`,
    ],
    [
      'of a newer version, by its tables',
      async () => {
        await written();
        changeDatabase(`UPDATE meta SET value = ${STORE_FORMAT + 6} WHERE name = 'format'`);
      },
      `to have store format ${STORE_FORMAT}, but it has ${STORE_FORMAT + 6}: another version of Treadle wrote it.`,
    ],
    [
      "of another program's",
      async () => {
        await written();
        changeBytes(68, bigEndian(0x47504b47)); // a GeoPackage
      },
      'to be a Treadle store, but it is another SQLite database.',
    ],
    ['another database', () => changeDatabase('CREATE TABLE meta(x)'), 'but it is another SQLite database.'],
    [
      'cut off',
      async () => {
        await written();
        truncateSync(path(), 8192);
      },
      'to be a Treadle store, but its file is damaged: it has 8192 of',
    ],
    ['cut off in its header', () => writeFileSync(path(), 'SQLite'), 'its file is damaged: it does not begin as one'],
    [
      'with a header of rubbish',
      async () => {
        await written();
        changeBytes(0, Buffer.alloc(100, 'rubbish'));
      },
      'its file is damaged: it does not begin as one',
    ],
    [
      'with tables of rubbish',
      async () => {
        await written();
        changeBytes(100, Buffer.alloc(3996, 'rubbish'));
      },
      'but its file is damaged. Restore a backup',
    ],
  ])('%s: is refused with what to do, and left as it was', async (_what, make, message) => {
    await make();
    const before = contents();
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = openSqliteStore({ folder });
      await expect(refused).rejects.toThrow(StoreUnavailable);
      await expect(refused).rejects.toThrow(message);
      expect(contents()).toEqual(before);
    }
    rmSync(path());
    await (await openSqliteStore({ folder })).close(); // the refusal does not hold the folder
  });

  it('with a log that a killed process has left is opened, and has everything', async () => {
    const code = `import { openSqliteStore } from ${JSON.stringify(STORE_URL)};
      const store = await openSqliteStore({ folder: ${JSON.stringify(folder)} });
      await store.records.write([{ type: 'put', collection: 'c', key: 'k', value: 'v', expect: 'any' }]);
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
    await once(child, 'exit');
    expect(contents().map(([name]) => name)).toContain('treadle.db-wal');
    const store = await openSqliteStore({ folder });
    expect(await store.records.get('c', 'k')).toBe('v');
    await store.close();
  });
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
