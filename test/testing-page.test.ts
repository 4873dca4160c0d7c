import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');
/** Blocks whose fence names a file: ```` ```ts order.test.ts ````. */
const files = [...page.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => ({ name, text }));
let folder = '';

/** A user's project: the page's files beside each other, and the built package where npm would install it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-testing-page-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/treadle'), 'dir');
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has three tests, complete with what they load', () => {
  expect(files.map(({ name }) => name)).toEqual([
    'order.asl.json',
    'order.test.ts',
    'approval.asl.json',
    'approval.test.mjs',
    'functions.test.ts',
  ]);
});

it('has tests for vitest that pass', async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await run(
    process.execPath,
    [vitest, 'run', '--root', folder, '--reporter=json', 'order', 'functions'],
    {
      cwd: folder,
      env: withoutVitest(),
    },
  );
  expect(JSON.parse(stdout)).toMatchObject({ numTotalTests: 3, numPassedTests: 3 });
});

it('has tests for node:test that pass', async () => {
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'approval.test.mjs'], {
    cwd: folder,
    env: withoutVitest(),
  });
  expect(stdout).toMatch(/^# pass 2$/m);
});

/** The runner that runs us is no business of theirs. */
const withoutVitest = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|TEST$|NODE_ENV$)/.test(name)));
