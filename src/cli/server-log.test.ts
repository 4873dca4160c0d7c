import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SERVER_LOG_FILE_BYTES_MAX, SERVER_LOG_FILES_KEPT, SERVER_LOG_LINE_CHARS_MAX } from '../limits/services.js';
import { serverLog } from './server-log.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = () => Date.parse('2026-11-27T10:00:00Z');

test('lines are as they are, or JSON', () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  serverLog({ format: 'text', file: null, write, now })('a fault\nwith a stack');
  serverLog({ format: 'json', file: null, write, now })('a fault\nwith a stack');
  expect(lines).toEqual([
    'a fault\nwith a stack',
    '{"time":"2026-11-27T10:00:00.000Z","level":"warn","message":"a fault\\nwith a stack"}',
  ]);
});

test('files are bounded in size and number, and the newest lines are kept', () => {
  const file = join(folder, 'server.log');
  const log = serverLog({ format: 'text', file, write: () => expect.fail(), now });
  const filler = 'x'.repeat(SERVER_LOG_LINE_CHARS_MAX);
  const lines = Math.ceil((SERVER_LOG_FILE_BYTES_MAX / filler.length) * (SERVER_LOG_FILES_KEPT + 3));
  for (let line = 0; line < lines; line++) log(filler);
  log('the last one');
  const names = readdirSync(folder).sort();
  expect(names).toEqual([
    'server.log',
    ...Array.from({ length: SERVER_LOG_FILES_KEPT }, (_, n) => `server.log.${n + 1}`),
  ]);
  for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(SERVER_LOG_FILE_BYTES_MAX);
  expect(readFileSync(file, 'utf8').endsWith('2026-11-27T10:00:00.000Z the last one\n')).toBe(true);
});

test('a place that cannot be written loses lines, and nothing else', () => {
  const log = serverLog({ format: 'text', file: join(folder, 'none', 'server.log'), write: () => expect.fail(), now });
  expect(() => log('lost')).not.toThrow();
});
