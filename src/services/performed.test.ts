import { expect, test } from 'vitest';
import { PERFORMED_KEPT_MS } from '../limits.js';
import { memoryStore } from '../testing/memory-store.js';
import { Performed } from './performed.js';

const effect = (value: string) => ({ type: 'put', collection: 'effects', key: value, value, expect: 'any' }) as const;

test('a key has its effect once, also when two come at the same time', async () => {
  const { records } = memoryStore();
  const performed = new Performed(records, { now: () => 0 }, 'performed');
  const [one, two] = await Promise.all([
    performed.once('k', 'first', [effect('a')]),
    performed.once('k', 'second', [effect('b')]),
  ]);
  expect(one.result).toBe(two.result);
  expect([one.isRepeated, two.isRepeated].sort()).toEqual([false, true]);
  expect(await records.scan({ collection: 'effects', prefix: '', after: null, limit: 10 })).toHaveLength(1);
  expect(await performed.once('k', 'third', [effect('c')])).toEqual({ result: one.result, isRepeated: true });
});

test('keys are forgotten after a day', async () => {
  const { records } = memoryStore();
  let now = 0;
  const performed = new Performed(records, { now: () => now }, 'performed');
  await performed.once('old', 'r', []);
  now = PERFORMED_KEPT_MS;
  await performed.once('new', 'r', []);
  now += 1;
  await performed.sweep();
  expect(await performed.find('old')).toBeNull();
  expect(await performed.find('new')).toBe('r');
});
