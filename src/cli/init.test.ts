import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Outcome, scripted } from '../../test/cli/scripted-server.js';
import { validateFile } from './validation.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const init = (...args: readonly string[]): Promise<Outcome> => scripted(['init', ...args], null, { folder });
const applications = readdirSync(new URL('../../apps/', import.meta.url));

test('lists the applications, each with what it is', async () => {
  const { lines } = await init('--json');
  const listed = lines.map((line) => JSON.parse(line));
  expect(listed.map(({ name }) => name)).toEqual([...applications].sort());
  for (const { name, description } of listed) expect(description, name).toMatch(/\.$/);
});

test.each(applications)('%s is copied, and its template is valid', async (name) => {
  const { code, lines } = await init(name, '--folder', 'shop');
  expect([code, lines.at(-1)]).toEqual([0, 'Next: cd shop && treadle up']);
  expect(readdirSync(join(folder, 'shop'))).toEqual(expect.arrayContaining(['README.md', 'template.yaml']));
  expect(existsSync(join(folder, 'shop', 'test'))).toBe(false);
  const file = join(folder, 'shop', 'template.yaml');
  const { findings } = await validateFile({
    file,
    type: 'STANDARD',
    region: 'r',
    account: '000000000000',
    parameters: {},
  });
  expect(findings.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
});

test('a folder with files is not touched', async () => {
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  expect(await init('hello', '--folder', '.')).toMatchObject({
    code: 2,
    problems: [`Expected a new or empty folder, but ${folder} has files. Name another one: --folder <folder>`],
  });
  expect(readdirSync(folder)).toEqual(['mine.txt']);
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
});

test('an application that is none is named', async () => {
  expect((await init('helo')).problems).toEqual([
    `Expected one of ${[...applications].sort().join(', ')}, but it is 'helo'. Did you mean 'hello'?`,
  ]);
});
