// `npm run check`: everything that must hold before a commit, each with its time, in under two minutes. Servers that are killed over
// and over (test/durability) and clients that are programs of their own (test/sdk) are left to `npm test`, which runs everything, in
// CI too. `--no-tests` leaves all tests out (CI runs them by themselves).

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build-if-needed.mjs';
import { installIfNeeded } from './install-if-needed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const withTests = !process.argv.includes('--no-tests');

installIfNeeded();
buildIfNeeded({ console: withTests });

const binary = (name) => join(root, 'node_modules', '.bin', name);
const typeProjects = ['tsconfig.json', 'console/tsconfig.json', ...applicationProjects()].filter((path) =>
  existsSync(join(root, path)),
);
const checks = [
  ['format and lint', binary('biome'), ['ci', '--colors=off', '--max-diagnostics=200', '.']],
  ...typeProjects.map((project) => [`types (${project})`, binary('tsc'), ['--noEmit', '-p', project]]),
  ['layers', process.execPath, ['scripts/check-layers.mjs']],
  ['sizes', process.execPath, ['scripts/check-sizes.mjs']],
  ...(withTests
    ? [['tests', binary('vitest'), ['run', '--exclude', 'test/durability/**', '--exclude', 'test/sdk/**']]]
    : []),
];

const failed = checks.filter(([name, command, args]) => !passes(name, command, args)).map(([name]) => name);
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function passes(name, command, args) {
  const startedAt = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const isPassed = status === 0;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${isPassed ? 'ok    ' : 'FAILED'} ${name.padEnd(40)} ${seconds.padStart(6)} s`);
  if (!isPassed) console.error(error?.message ?? `${stdout}${stderr}`.trim());
  return isPassed;
}

function applicationProjects() {
  const apps = join(root, 'apps');
  return existsSync(apps) ? readdirSync(apps).map((name) => `apps/${name}/tsconfig.json`) : [];
}
