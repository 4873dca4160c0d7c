import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The README's command blocks, run as written; only port, data folder and the names of commands are the test's own. */

const root = fileURLToPath(new URL('..', import.meta.url));
const fileText = (path: string): string => readFileSync(join(root, path), 'utf8');
const readme = fileText('README.md');
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text.trimEnd());

const START = 'npm start';
const TEST = 'npm test';
const isNaming = (block: string): boolean => block.startsWith('alias treadle=');
const isServing = (block: string): boolean => block.startsWith('treadle up');
const isPacking = (block: string): boolean => block.includes('npm pack');
const isPointing = (block: string): boolean => block.startsWith('eval ');
const others = blocks.filter(
  (block) =>
    block !== START &&
    block !== TEST &&
    !isNaming(block) &&
    !isServing(block) &&
    !isPacking(block) &&
    !isPointing(block),
);

let folder = '';
let server: ChildProcess | undefined;
let environment: NodeJS.ProcessEnv = {};

/** Runs a block in the repository's root, as in a terminal with the variables of the README's `eval`. */
function inShell(script: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: root,
    encoding: 'utf8',
    env: environment,
  });
  return { status, output: stdout + stderr };
}

const [pointing = ''] = blocks.filter(isPointing);
const inTerminal = (block: string) => inShell(`${pointing}\n${block}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-readme-'));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  const treadle = `exec '${process.execPath}' '${join(root, 'bin/treadle.mjs')}'`;
  program('treadle', [
    'case "$1" in',
    `up) ${treadle} "$@" --port 0 --data '${join(folder, 'data')}' ;;`,
    `env) ${treadle} "$@" --endpoint "$README_ENDPOINT" ;;`,
    `*) ${treadle} "$@" ;;`,
    'esac',
  ]);
  if (!hasAws()) program('aws', [`exec '${process.execPath}' '${join(root, 'test/aws-stand-in.mjs')}' "$@"`]);
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  environment = { ...Object.fromEntries(own), PATH: `${programs}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  environment = { ...environment, README_ENDPOINT: await serve() };
}, 30_000);

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, lines: readonly string[]): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/usr/bin/env bash\n${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
}

/** Older releases of `aws` do not read AWS_ENDPOINT_URL: they would call AWS. */
function hasAws(): boolean {
  const { stdout } = spawnSync('aws', ['--version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = (/^aws-cli\/(\d+)\.(\d+)/.exec(stdout ?? '') ?? []).map(Number);
  return major > 2 || (major === 2 && minor >= 13) || (major === 1 && minor >= 29);
}

/** Runs the block that serves; resolves with the address that it says. */
async function serve(): Promise<string> {
  const [block = ''] = blocks.filter(isServing);
  server = spawn('bash', ['-c', `exec ${block}`], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const stdout = server.stdout;
  await new Promise<void>((resolve) => {
    stdout?.on('data', (part) => {
      text += part;
      if (text.includes('Next: ')) resolve();
    });
    stdout?.on('end', resolve);
  });
  expect(text).toContain('Next: treadle run order-processing');
  return /serves AWS clients at (\S+)/.exec(text)?.[1] ?? '';
}

/** Times and names that differ from one time to the next. */
const masked = (line: string): string =>
  line
    .replace(/ +\d+\.\d s/, ' # s')
    .replace(/ch_[0-9a-f]+/, 'ch_#')
    .trim();

test('npm start shows what the README shows', () => {
  expect(blocks[0]).toBe(START);
  expect(JSON.parse(fileText('package.json')).scripts.start).toBe('node scripts/start.mjs');
  const arguments_ = ['scripts/start.mjs', '--port', '0', '--data', join(folder, 'start'), '--once'];
  const { status, stdout } = spawnSync(process.execPath, arguments_, { cwd: root, encoding: 'utf8', env: environment });
  expect(status).toBe(0);
  const shown = new Set(stdout.split('\n').map(masked));
  const [screen = ''] = readme.match(/^```\n11 sample orders.*?^```$/ms) ?? [];
  const promised = screen.split('\n').filter((line) => /^( {2}[✓!✗] |\d+ )/.test(line));
  expect(promised.length).toBeGreaterThanOrEqual(5);
  for (const line of promised) expect([...shown]).toContain(masked(line));
}, 40_000);

test('npm test is what CI runs', () => {
  expect(blocks[1]).toBe(TEST);
  expect(JSON.parse(fileText('package.json')).scripts.test).toBe('node scripts/test.mjs');
  expect(fileText('.ci/run')).toMatch(/^\s*npm test\b/m);
});

test('the commands that pack are those that CI checks', () => {
  const { version, scripts } = JSON.parse(fileText('package.json'));
  const [block = ''] = blocks.filter(isPacking);
  expect(block.split('\n')).toEqual([
    'npm ci --ignore-scripts',
    'npm pack',
    `npm install --global ./treadle-${version}.tgz`,
  ]);
  expect(scripts.prepack).toBe('node scripts/build.mjs --types');
  expect(fileText('scripts/check-package.mjs')).toContain("npm(['pack'");
  expect(fileText('.ci/run')).toContain('scripts/check-package.mjs');
});

test('the alias names a command that answers', () => {
  const [block = ''] = blocks.filter(isNaming);
  const { output } = inShell(`shopt -s expand_aliases\n${block}`);
  expect(output).toContain('Node.js');
  expect(output).toContain('sync- host');
});

test('the variables point clients here', () => {
  const { status, output } = inShell(`${pointing}\necho "$AWS_ENDPOINT_URL $AWS_DISABLE_HOST_PREFIX_INJECTION"`);
  expect({ status, output: output.trim() }).toEqual({ status: 0, output: `${environment.README_ENDPOINT} true` });
});

describe('in a terminal', () => {
  /** What a block must say besides ending with 0; every block of the README has its line here. */
  const expected: ReadonlyArray<readonly [start: string, text: string]> = [
    ['treadle run fill-stock', 'execution:order-processing:my-first-order'],
    ['treadle run order-processing -i @apps/order-processing/samples/02', 'ExecutionSucceeded'],
    ['treadle run order-processing -i @apps/order-processing/samples/04', '$.quantityInStock is 0'],
    ['treadle mail', 'PAYMENT_FAILED'],
    ['treadle validate', 'is a valid template'],
  ];

  test('every block is known', () => {
    const starts = expected.map(([start]) => start);
    expect(others.map((block) => starts.find((start) => block.startsWith(start)) ?? block)).toEqual(starts);
  });

  test.each(expected)('%s', (start, text) => {
    const block = others.find((candidate) => candidate.startsWith(start)) ?? '';
    const { status, output } = inTerminal(block);
    expect(output).toContain(text);
    expect(status).toBe(0);
  });

  test('the reason that the README shows is what Treadle says', () => {
    const [, sentence = ''] = /^ {2}why +(It failed.*?)^```/ms.exec(readme) ?? [];
    expect(sentence).not.toBe('');
    const { output } = inTerminal('treadle show last');
    for (const part of sentence.trim().replace(/\s+/g, ' ').split('…')) expect(output).toContain(part);
  });
});
