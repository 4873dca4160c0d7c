import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { call, createFrom, shown, TestBed } from './test-bed.js';

let bed: TestBed;
beforeEach(() => {
  bed = new TestBed();
});
afterEach(() => bed.close());

const returning = (expression: string): string => `export const handler = async () => ${expression};`;

test('a function whose files change runs the new code; a call under way ends with the old one', async () => {
  const functions = await bed.open();
  const files = {
    'app.mjs': `import { value } from './lib/value.mjs';
export const handler = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, event.ms ?? 0));
  return value;
};`,
    'lib/value.mjs': 'export const value = 1;',
  };
  const name = await createFrom(bed, functions, { files });
  const { folder } = functions.get(name);
  const answer = async (event = {}) => shown(await call(functions, name, event));
  expect(await answer()).toEqual(['succeeded', 1]);
  const underWay = answer({ ms: 1500 });
  await sleep(50);
  writeFileSync(join(folder ?? '', 'lib', 'value.mjs'), 'export const value = 22;');
  await expect.poll(() => answer(), { timeout: 5000 }).toEqual(['succeeded', 22]);
  expect(await underWay).toEqual(['succeeded', 1]);
  expect(bed.warnings).toEqual([`The code of ${name} has changed and is loaded anew.`]);
});

test('files in new folders are seen; installed packages, and folders that are gone, are left alone', async () => {
  const functions = await bed.open();
  const name = await createFrom(bed, functions, { files: { 'app.mjs': returning('1') } });
  const folder = functions.get(name).folder ?? '';
  const hash = () => functions.get(name).codeSha256;
  const first = hash();
  mkdirSync(join(folder, 'more', 'inner'), { recursive: true });
  await sleep(400);
  writeFileSync(join(folder, 'more', 'inner', 'x.json'), '1');
  await expect.poll(hash, { timeout: 5000 }).not.toBe(first);
  mkdirSync(join(folder, 'node_modules', 'p'), { recursive: true });
  await sleep(400);
  const second = hash();
  writeFileSync(join(folder, 'node_modules', 'p', 'index.js'), '1');
  await sleep(500);
  expect(hash()).toBe(second);
  rmSync(folder, { recursive: true });
  await sleep(500);
  expect(hash()).toBe(second);
});
