import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKUP_MISSED_DELAY_MS } from '../../limits/services.js';
import { commit, starting } from '../../store/conformance-entries.js';
import { openSqliteStore } from '../../store/sqlite/index.js';
import { Backups } from './backups.js';
import { comparePaths, filesBelow } from './files.js';
import { makeBackup } from './make.js';
import { type Backup, backupAt, backupsIn } from './manifest.js';
import { finishRestore, restoreBackup } from './restore.js';
import { expired, lastMoment, timeOfDay } from './schedule.js';

let folder = '';
let data = '';
let backups = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-backup-'));
  data = join(folder, 'data');
  backups = join(data, 'backups');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

async function stored(value: string): Promise<void> {
  const store = await openSqliteStore({ folder: data });
  await store.records.write([{ type: 'put', collection: 'c', key: 'k', value, expect: 'any' }]);
  await store.close();
}

async function storedIn(dataFolder: string): Promise<string | null> {
  const store = await openSqliteStore({ folder: dataFolder });
  const value = await store.records.get('c', 'k');
  await store.close();
  return value;
}

const backUp = (at = Date.now(), kind: 'manual' | 'scheduled' = 'manual'): Backup =>
  makeBackup({ dataFolder: data, backupFolder: backups, kind, version: '0.0.0', at });

describe('a backup', () => {
  it('holds the store and the files beside it, and says how many', async () => {
    const store = await openSqliteStore({ folder: data });
    await commit(
      store,
      starting(1, { name: 'e1' }, {}),
      starting(2, { name: 'e2' }, { status: { status: 'FAILED', stopAt: 5 } }),
    );
    write(join(data, 'objects/ab/abcd'), 'body');
    write(join(data, 'objects/ab/abce.part'), 'half a body');
    write(join(data, 'mail/1.eml'), 'mail');
    write(join(data, 'mail/2.eml.part'), 'half a mail');
    write(join(data, 'functions/code/1.zip.5f7a'), 'half a zip');
    write(join(data, 'functions/code/1.zip'), 'zip');
    write(join(data, 'functions/unpacked/1/app.mjs'), 'can be made again');
    write(join(data, 'logs/f/000001.jsonl'), '{}\n');
    const { path, manifest } = backUp();
    await store.close();
    expect(manifest.counts).toEqual({ executions: 2, running: 1, records: 0 });
    expect([...filesBelow(path, () => true)]).toEqual([
      'backup.json',
      'files.jsonl',
      'functions/code/1.zip',
      'logs/f/000001.jsonl',
      'mail/1.eml',
      'objects/ab/abcd',
      'treadle.db',
    ]);
    expect(manifest.list).toMatchObject({ files: 4, filesBytes: 14 });
    expect(statSync(join(path, 'objects/ab/abcd')).ino).toBe(statSync(join(data, 'objects/ab/abcd')).ino);
    expect(statSync(join(path, 'logs/f/000001.jsonl')).ino).not.toBe(statSync(join(data, 'logs/f/000001.jsonl')).ino);
  });

  it('takes over the checksums of bodies that it has seen before', async () => {
    await stored('1');
    write(join(data, 'objects/ab/abcd'), 'body');
    write(join(data, 'objects/zz/old'), 'other');
    const first = backUp(1000);
    write(join(data, 'objects/ab/aaaa'), 'new');
    const second = backUp(2000);
    const lines = ({ path }: Backup) => readFileSync(join(path, 'files.jsonl'), 'utf8').trim().split('\n');
    expect(lines(second)).toEqual(expect.arrayContaining(lines(first)));
    expect(lines(second)).toHaveLength(3);
  });

  it('is none without its manifest, and what was left half made goes with the next one', async () => {
    await stored('1');
    const { path } = backUp();
    rmSync(join(path, 'backup.json'));
    expect(backupsIn(backups)).toEqual([]);
    expect(() => backupAt(backups, Date.now())).toThrow('there is no backup at all');
    const [partial = ''] = readdirSync(backups);
    const half = join(backups, `partial-12345678-${partial}`);
    write(join(half, 'treadle.db'), '');
    backUp();
    expect(existsSync(half)).toBe(true); // of another data folder
  });

  it('is not made of a folder without a store', () => {
    mkdirSync(data);
    expect(() => backUp()).toThrow('Expected a Treadle store');
    expect(readdirSync(backups)).toEqual([]);
  });
});

describe('a restore', () => {
  it('brings an empty folder to what it was', async () => {
    await stored('then');
    write(join(data, 'objects/ab/abcd'), 'body');
    const backup = backUp();
    await stored('now');
    const elsewhere = join(folder, 'elsewhere');
    expect(restoreBackup({ backup, dataFolder: elsewhere, replaces: false, now: 0 })).toEqual({ aside: null });
    expect(await storedIn(elsewhere)).toBe('then');
    expect(readFileSync(join(elsewhere, 'objects/ab/abcd'), 'utf8')).toBe('body');
    expect(existsSync(join(elsewhere, 'backup.json'))).toBe(false);
  });

  it('puts aside what is there, twice within a second too', async () => {
    await stored('then');
    const backup = backUp();
    await stored('now');
    expect(() => restoreBackup({ backup, dataFolder: data, replaces: false, now: 0 })).toThrow(
      'Expected an empty data folder',
    );
    const first = restoreBackup({ backup, dataFolder: data, replaces: true, now: 0 });
    expect(await storedIn(data)).toBe('then');
    expect(await storedIn(first.aside ?? '')).toBe('now');
    const second = restoreBackup({ backup, dataFolder: data, replaces: true, now: 0 });
    expect(second.aside).not.toBe(first.aside);
    expect(await storedIn(first.aside ?? '')).toBe('now');
    expect(backupsIn(backups)).toHaveLength(1);
  });

  it.each(['treadle.db', 'files.jsonl', 'mail/1.eml'])('refuses a backup whose %s was changed', async (file) => {
    await stored('then');
    write(join(data, 'mail/1.eml'), 'mail');
    const backup = backUp();
    rmSync(join(data, 'mail/1.eml')); // it is the same file as the backup's
    const path = join(backup.path, file);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const before = readdirSync(data);
    expect(() => restoreBackup({ backup, dataFolder: data, replaces: true, now: 0 })).toThrow(`Expected '${file}'`);
    expect(readdirSync(data)).toEqual(before);
    rmSync(path);
    expect(() => restoreBackup({ backup, dataFolder: data, replaces: true, now: 0 })).toThrow('gone');
  });

  it('refuses a folder that a server has open', async () => {
    const store = await openSqliteStore({ folder: data });
    const backup = backUp();
    expect(() => restoreBackup({ backup, dataFolder: data, replaces: true, now: 0 })).toThrow('has it open');
    await store.close();
  });

  it('is carried on with from wherever a kill left it, once it is decided', async () => {
    await stored('then');
    write(join(data, 'mail/1.eml'), 'old');
    const plan = JSON.stringify({ restoring: 'restoring-x', aside: 'before-restore-x', old: ['mail', 'treadle.db'] });
    write(join(data, 'restoring-x/treadle.db'), 'new');
    write(join(data, 'restoring-x/mail/1.eml'), 'new');
    // Half way: one of the old is aside, none of the new is in place.
    write(join(data, 'before-restore-x/treadle.db'), readFileSync(join(data, 'treadle.db'), 'latin1'));
    rmSync(join(data, 'treadle.db'));
    write(join(data, 'restore.json'), plan);
    expect(finishRestore(data)).toBe(true);
    expect(readFileSync(join(data, 'treadle.db'), 'utf8')).toBe('new');
    expect(readFileSync(join(data, 'mail/1.eml'), 'utf8')).toBe('new');
    expect(readFileSync(join(data, 'before-restore-x/mail/1.eml'), 'utf8')).toBe('old');
    // One of the new is in place already.
    write(join(data, 'restoring-x/mail/1.eml'), 'newer');
    rmSync(join(data, 'mail'), { recursive: true });
    write(join(data, 'restore.json'), plan);
    expect(finishRestore(data)).toBe(true);
    expect(readFileSync(join(data, 'mail/1.eml'), 'utf8')).toBe('newer');
    expect(readFileSync(join(data, 'treadle.db'), 'utf8')).toBe('new');
    expect(readdirSync(data).sort()).toEqual(['before-restore-x', 'mail', 'treadle.db', 'treadle.lock']);
  });

  it('that was not decided leaves nothing', async () => {
    await stored('then');
    write(join(data, 'restoring-x/treadle.db'), 'new');
    expect(finishRestore(data)).toBe(false);
    expect(await storedIn(data)).toBe('then');
    expect(readdirSync(data)).not.toContain('restoring-x');
    expect(finishRestore(join(folder, 'nowhere'))).toBe(false);
  });
});

describe('the schedule', () => {
  const at = (text: string): number => new Date(text).getTime(); // local
  const made = (text: string, kind: 'manual' | 'scheduled' = 'scheduled'): Backup => ({
    id: text,
    path: text,
    manifest: {
      ...{ format: 1, version: '', storeFormat: 3, kind, source: '', at: at(text), endedAt: 0 },
      ...{ database: { bytes: 0, sha256: '' }, list: { bytes: 0, sha256: '', files: 0, filesBytes: 0 } },
      counts: { executions: 0, running: 0, records: 0 },
    },
  });

  it.each([
    ['2026-11-27T02:29:59', ['02:30'], '2026-11-26T02:30:00'],
    ['2026-11-27T02:30:00', ['02:30'], '2026-11-27T02:30:00'],
    ['2026-11-27T15:00:00', ['02:30', '14:00', '22:00'], '2026-11-27T14:00:00'],
    ['2026-03-01T00:10:00', ['14:00', '22:00'], '2026-02-28T22:00:00'],
  ])('at %s the last of %j was %s', (now, times, expected) => {
    expect(
      lastMoment(
        times.map((time) => timeOfDay(time) ?? Number.NaN),
        at(now),
      ),
    ).toBe(at(expected));
  });

  it('reads times of day', () => {
    expect(['00:00', '23:59', '24:00', '2:30', '02:60', ''].map(timeOfDay)).toEqual([0, 1439, null, null, null, null]);
  });

  it('keeps the newest of each day, all of the last day, and those made by hand', () => {
    const all = [
      ...['2026-11-27T02:30', '2026-11-26T14:00', '2026-11-26T02:30', '2026-11-25T14:00', '2026-11-25T02:30'],
      ...['2026-11-24T02:30', '2026-11-20T02:30'],
    ].map((text) => made(text));
    const old = expired([...all, made('2026-01-01T12:00', 'manual')], { keepDays: 3, now: at('2026-11-27T12:00') });
    expect(old.map(({ id }) => id)).toEqual([
      '2026-11-26T02:30',
      '2026-11-25T02:30',
      '2026-11-24T02:30',
      '2026-11-20T02:30',
    ]);
  });

  it('makes what is due once, and makes up for what was missed some minutes after the start', async () => {
    await stored('1');
    const day = 86_400_000;
    let now = Date.now() + 3 * day;
    const schedule = { times: [150], keepDays: 2 };
    const problems: string[] = [];
    const open = () =>
      new Backups({
        ...{ dataFolder: data, settings: { folder: null, schedule }, version: '0.0.0', now: () => now },
        report: (line) => problems.push(line),
        holdRemovals: () => () => undefined,
      });
    const some = open();
    await some.look(schedule);
    expect(some.list()).toHaveLength(0); // due before the start: not at once
    now += BACKUP_MISSED_DELAY_MS;
    await some.look(schedule);
    await some.look(schedule);
    expect(some.list().map(({ manifest }) => manifest.kind)).toEqual(['scheduled']);
    for (let passed = 0; passed < 4; passed++) {
      now += day;
      await some.look(schedule);
    }
    expect(some.list()).toHaveLength(2);
    rmSync(join(data, 'treadle.db'));
    now += day;
    await expect(some.make('scheduled')).rejects.toThrow('Expected a Treadle store');
    expect(some.failure?.message).toContain('Expected a Treadle store');
    await some.close();
  });
});

it('paths are ordered as folders are walked', () => {
  const paths = ['a-b/x', 'a/b', 'a', 'a/b/c', 'b', 'a/a'];
  const walked = ['a', 'a/a', 'a/b', 'a/b/c', 'a-b/x', 'b'];
  expect([...paths].sort(comparePaths)).toEqual(walked);
});
