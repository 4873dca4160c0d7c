import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, type Routes, scripted } from '../../test/cli/scripted-server.js';
import type { BackupRow } from '../api/treadle/index.js';
import { openSqliteStore } from '../store/sqlite/index.js';
import { timeOf } from './time-option.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const treadle = (args: readonly string[], routes: Routes | null): Promise<Outcome> =>
  scripted(args, routes, { folder });

const row: BackupRow = {
  ...{
    id: '2026-11-27T02-30-00Z',
    path: '/data/backups/2026-11-27T02-30-00Z',
    kind: 'manual',
    at: 1000,
    endedAt: 1500,
  },
  ...{ version: '0.0.1', source: '/data', executions: 12, running: 3, files: 4, bytes: 2048 },
};

describe('of a running server', () => {
  const page = { folder: '/data/backups', isMaking: false, failure: null, backups: [row] };

  test('a backup is asked for and waited for', async () => {
    let looks = 0;
    const { code, lines, requests } = await treadle(['backup', '--folder', 'there'], {
      '/api/backups': ({ body }) =>
        body === 'undefined' ? { body: { ...page, isMaking: ++looks < 3 } } : { status: 202, body: { at: 1000 } },
    });
    expect(code).toBe(0);
    expect(looks).toBe(3);
    expect(requests[1]).toBe(`/api/backups folder=${encodeURIComponent(join(folder, 'there'))}`);
    expect(lines).toEqual([
      '✓ 2026-11-27T02-30-00Z  2.0 KiB  500 ms',
      '  12 executions (3 running), 4 files',
      '  /data/backups/2026-11-27T02-30-00Z',
    ]);
  });

  test('what went wrong is said', async () => {
    const { code, problems } = await treadle(['backup'], {
      '/api/backups': ({ body }) =>
        body === 'undefined'
          ? { body: { ...page, backups: [], failure: { at: 1, message: 'No room.' } } }
          : { body: { at: 1000 } },
    });
    expect([code, problems]).toEqual([1, ['No room.']]);
  });

  test('a row or an object is asked for', async () => {
    const routes = { '/api/backups/restore': { body: { backup: row.id, at: 1000 } } };
    const object = await treadle(['restore', '--bucket', 'photos', '--key', 'cat.png', '--json'], routes);
    expect(object.lines).toEqual(['{"backup":"2026-11-27T02-30-00Z","at":1000}']);
    expect((await treadle(['restore', '--table', 'Orders', '--key', 'o-1'], routes)).problems).toEqual([
      `Expected --key as JSON, e.g. '{"OrderId":{"S":"o-1"}}', but it is 'o-1'.`,
    ]);
    expect((await treadle(['restore', '--table', 'Orders'], routes)).code).toBe(2);
  });
});

describe('of a stopped folder', () => {
  const value = async (put?: string): Promise<string | null> => {
    const store = await openSqliteStore({ folder: join(folder, '.treadle') });
    if (put !== undefined)
      await store.records.write([{ type: 'put', collection: 'c', key: 'k', value: put, expect: 'any' }]);
    const found = await store.records.get('c', 'k');
    await store.close();
    return found;
  };

  test('a backup is made, listed and restored', async () => {
    await value('then');
    const made = await treadle(['backup', '--json'], null);
    const { id } = JSON.parse(made.lines[0] ?? '') as BackupRow; // what --json prints
    await value('now');
    const listed = await treadle(['backup', 'list', '--data', '.treadle', '--json'], null);
    expect(listed.lines.map((line) => (JSON.parse(line) as BackupRow).id)).toEqual([id]);
    expect((await treadle(['restore'], null)).problems.join()).toContain('--replace');
    expect((await treadle(['restore', id, '--dry-run'], null)).code).toBe(0);
    expect(await value()).toBe('now');
    expect((await treadle(['restore', '--replace', '--at', 'now'], null)).lines.at(-1)).toBe('Next: treadle up');
    expect(await value()).toBe('then');
    expect((await treadle(['restore', '--at', '1d-ago'], null)).problems.join()).toContain('the oldest is of');
  });

  test('without a server and without a folder nobody is copied', async () => {
    const { code, problems } = await treadle(['backup'], null);
    expect([code, problems.join()]).toEqual([5, expect.stringContaining('Expected a Treadle server')]);
    expect((await treadle(['backup', '--data', 'none'], null)).problems.join()).toContain('Expected a data folder');
    expect((await treadle(['backup', 'lst'], null)).code).toBe(2);
  });
});

test.each([
  ['now', 10_000_000],
  ['10s-ago', 9_990_000],
  ['10m-ago', 9_400_000],
  ['2h-ago', 2_800_000],
  ['1970-01-01T00:00:01Z', 1000],
])('the time %s', (text, at) => {
  expect(timeOf(text, 10_000_000)).toBe(at);
});

test('other texts are no times', () => {
  expect(() => timeOf('yesterday', 0)).toThrow('Expected a time as 10m-ago');
});
