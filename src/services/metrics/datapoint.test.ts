import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRIC_BUCKETS_MAX } from '../../limits/services.js';
import { Datapoint } from './datapoint.js';
import { parseStatistic, statisticOf } from './statistic.js';

const of = (...values: readonly number[]): Datapoint => {
  const point = new Datapoint();
  for (const value of values) point.add(value);
  return point;
};

const ask = (point: Datapoint, name: string): number | null => {
  const statistic = parseStatistic(name);
  if (statistic === null) throw new Error(`Expected a statistic, but '${name}' is none.`);
  return statisticOf(point, statistic);
};

test.each([
  ['SampleCount', 4],
  ['Sum', 10],
  ['Average', 2.5],
  ['Minimum', 1],
  ['Maximum', 4],
  ['p0', 1],
  ['p100', 4],
])('%s of 1, 2, 3, 4 is %d', (name, value) => {
  expect(ask(of(4, 2, 3, 1), name)).toBe(value);
});

test.each(['p', 'p101', 'P99', 'tm99', 'IQM', 'Median', 'p-1', ''])("'%s' is no statistic", (name) => {
  expect(parseStatistic(name)).toBeNull();
});

describe('percentiles', () => {
  test('are at most 1% off', () => {
    const point = of(...Array.from({ length: 1000 }, (_, index) => index + 1));
    for (const percent of [1, 10, 50, 90, 95, 99, 99.9]) {
      const value = ask(point, `p${percent}`) ?? 0;
      expect(Math.abs(value - percent * 10) / (percent * 10)).toBeLessThan(0.011);
    }
  });

  test('know negative values and zero', () => {
    const point = of(-100, -10, 0, 10, 100);
    expect([ask(point, 'p0'), ask(point, 'p50'), ask(point, 'p100')]).toEqual([-100, 0, 100]);
    expect(ask(point, 'p40')).toBeCloseTo(-10, 0);
  });

  test('are unknown where values came as a set, unless they were all the same', () => {
    const point = of(1);
    point.addSet({ count: 2, sum: 5, min: 1, max: 4 });
    expect([ask(point, 'p50'), ask(point, 'Sum')]).toEqual([null, 6]);
    const same = of(1);
    same.addSet({ count: 9, sum: 9, min: 1, max: 1 });
    expect(ask(same, 'p50')).toBe(1);
  });
});

const VALUES = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1, maxLength: 60 });

test('0 and -0 are merged as they are added', () => {
  const parts = of(-0);
  parts.merge(of(0));
  const whole = of(-0, 0);
  expect([parts.min, parts.max]).toEqual([whole.min, whole.max]);
});

test('stored and read back, or merged from parts, it says the same', () => {
  fc.assert(
    fc.property(VALUES, VALUES, (left, right) => {
      const whole = of(...left, ...right);
      const merged = Datapoint.restore(JSON.parse(JSON.stringify(of(...left).encode())));
      merged.merge(of(...right));
      for (const name of ['SampleCount', 'Minimum', 'Maximum', 'p50', 'p99'])
        expect(ask(merged, name)).toBe(ask(whole, name));
      expect(ask(merged, 'Sum')).toBeCloseTo(ask(whole, 'Sum') ?? 0, 0);
    }),
  );
});

test('buckets are bounded: values of every size make them coarser, not more', () => {
  const point = new Datapoint();
  for (let exponent = -300; exponent < 300; exponent += 0.01) point.add(10 ** exponent);
  expect((point.encode().length - 5) / 2).toBeLessThanOrEqual(METRIC_BUCKETS_MAX);
  const median = ask(point, 'p50') ?? 0;
  expect(Math.abs(Math.log10(median))).toBeLessThan(2);
});

test('adding a value takes less than a microsecond', () => {
  const point = new Datapoint();
  // The best of several rounds: in the others, something else had the processor.
  const rounds = Array.from({ length: 10 }, () => {
    const from = performance.now();
    for (let index = 0; index < 50_000; index += 1) point.add((index * 7919) % 5000);
    return ((performance.now() - from) * 1000) / 50_000;
  });
  expect(Math.min(...rounds)).toBeLessThan(1);
});
