import { expect, test } from 'vitest';
import { TokenBuckets } from './throttle.js';

test('a bucket is full at first, refills with time up to its size, and is one of many', () => {
  let now = 1000;
  const buckets = new TokenBuckets(() => now);
  const bucket = { size: 3, perSecond: 2 };
  const taken = (name: string, count: number) => Array.from({ length: count }, () => buckets.take(name, bucket));
  expect(taken('a', 4)).toEqual([true, true, true, false]);
  expect(taken('b', 1)).toEqual([true]);
  now += 499;
  expect(taken('a', 1)).toEqual([false]);
  now += 1;
  expect(taken('a', 2)).toEqual([true, false]);
  now += 60_000;
  expect(taken('a', 4)).toEqual([true, true, true, false]);
  now -= 60_000; // a clock that was set back
  expect(taken('a', 1)).toEqual([false]);
  now += 500;
  expect(taken('a', 1)).toEqual([true]);
});
