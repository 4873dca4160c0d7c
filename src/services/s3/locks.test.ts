import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Locks } from './locks.js';

test('many share, one excludes, and nobody is overtaken', async () => {
  const locks = new Locks();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name}+`);
    await turn();
    log.push(`${name}-`);
  };
  await Promise.all([
    locks.shared('x', work('s1')),
    locks.shared('x', work('s2')),
    locks.exclusive('x', work('e')),
    locks.shared('x', work('s3')),
  ]);
  expect(log).toEqual(['s1+', 's2+', 's1-', 's2-', 'e+', 'e-', 's3+', 's3-']);
});

test('names do not know each other', async () => {
  const locks = new Locks();
  const inner = () => locks.exclusive('y', async () => 'both');
  expect(await locks.exclusive('x', inner)).toBe('both');
});

test('a failure lets go', async () => {
  const locks = new Locks();
  await expect(locks.exclusive('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await locks.exclusive('x', async () => 1)).toBe(1);
});
