import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

const targets = (fastCheck: string): string => `
import fc from '${fastCheck}';
const target = (name, check) => [name, { name, arbitrary: fc.integer({ min: 0, max: 1000 }), check, show: (n) => 'given ' + n }];
export const FUZZ_TARGETS = new Map([
  target('fine', (n) => n % 2 === 0),
  target('broken', (n) => { if (n > 41) throw new Error('too much'); return true; }),
  target('hanging', (n) => { while (n > 500); return true; }),
  target('hungry', (n) => { const held = []; while (n > 500) held.push(new Array(1000).fill(n)); return true; }),
]);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-fuzz-'));
  const fastCheck = pathToFileURL(join(root, 'node_modules/fast-check/lib/fast-check.js')).href;
  writeFileSync(join(folder, 'targets.mjs'), targets(fastCheck));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fuzz(target: string): { readonly status: number | null; readonly output: string } {
  const options = [
    '--targets',
    join(folder, 'targets.mjs'),
    '--minutes',
    '0.02',
    '--seed',
    '7',
    '--hang-seconds',
    '1',
    '--memory-mb',
    '64',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/fuzz.mjs', target, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

it.each([
  ['fine', 0, /^fine: \d+ runs in \d+ s, \d+ runs\/s, (49|50|51)% taken, seed 7: nothing found\.$/m],
  [
    'broken',
    1,
    /Broken property after \d+ shrinks: Error: too much.*\n\ngiven 42\n\nAgain: \{ seed: \d+, path: '[\d:]+' \}/s,
  ],
  ['hanging', 1, /Hang: one input took longer than 1 s\.\n\ngiven \d+/],
  ['hungry', 1, /The worker ended: .*memory.*\n\ngiven \d+/],
  ['unknown', 2, /Expected a target \(fine, broken, hanging, hungry\), but got 'unknown'\./],
])('fuzzing what is %s ends with code %i and says so', (target, code, text) => {
  const { status, output } = fuzz(target);
  expect(output).toMatch(text);
  expect(status).toBe(code);
});
