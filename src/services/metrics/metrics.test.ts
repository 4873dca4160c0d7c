import { expect, test } from 'vitest';
import { METRIC_RETENTION_MS, METRIC_SERIES_MAX } from '../../limits/services.js';
import type { RecordStore } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { Metrics } from './metrics.js';
import { type MetricId, MINUTE_MS, type Series } from './series.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');

interface Bed {
  readonly records: RecordStore;
  readonly lines: string[];
  now: number;
  open(): Promise<Metrics>;
}

function bed(records: RecordStore = memoryStore().records): Bed {
  const lines: string[] = [];
  const made: Bed = {
    records,
    lines,
    now: NOON,
    open: () => Metrics.open({ records, clock: { now: () => made.now }, report: (line) => lines.push(line) }),
  };
  return made;
}

const id = (name = 'Duration', unit = 'Count'): MetricId => ({
  place: { account: '000000000000', region: 'us-east-1' },
  namespace: 'Shop',
  name,
  dimensions: [{ name: 'Machine', value: 'order' }],
  unit,
});

function seriesOf(metrics: Metrics, of: MetricId = id()): Series {
  const series = metrics.series(of);
  if (series === null) throw new Error('Expected room for a metric, but there is none.');
  return series;
}

/** Sums by minute after noon. */
async function sums(metrics: Metrics, series: Series): Promise<Record<number, number>> {
  const found: Record<number, number> = {};
  await metrics.read(series, { from: NOON - 40 * 86_400_000, to: NOON + 40 * 86_400_000 }, (at, { sum }) => {
    const minute = (at - NOON) / MINUTE_MS;
    found[minute] = (found[minute] ?? 0) + sum;
  });
  return found;
}

test('values are kept by the minute, over flushes, hours and a restart', async () => {
  const it = bed();
  const metrics = await it.open();
  const series = seriesOf(metrics);
  for (const [minute, value] of [
    [0, 1],
    [0, 2],
    [1, 4],
    [59, 8],
    [60, 16],
  ] as const) {
    it.now = NOON + minute * MINUTE_MS;
    metrics.add(series, value, it.now);
    await metrics.flush();
  }
  const expected = { 0: 3, 1: 4, 59: 8, 60: 16 };
  expect(await sums(metrics, series)).toEqual(expected);
  await metrics.close();
  const again = await it.open();
  expect(await sums(again, seriesOf(again))).toEqual(expected);
  it.now = NOON + 65 * MINUTE_MS;
  await again.flush();
  expect(seriesOf(again).open.size).toBe(0); // settled, without anything new having come
  expect(await sums(again, seriesOf(again))).toEqual(expected);
  await again.close();
});

test('a minute goes into its hour by itself, when it is over', async () => {
  const it = bed();
  const metrics = await it.open();
  const series = seriesOf(metrics);
  metrics.add(series, 1, NOON);
  await metrics.flush();
  expect(series.open.size).toBe(1);
  it.now = NOON + 2 * MINUTE_MS;
  await metrics.flush();
  expect(series.open.size).toBe(0);
  expect(await sums(metrics, series)).toEqual({ 0: 1 });
  await metrics.close();
});

test('a value that comes late is added to its minute, once', async () => {
  const it = bed();
  const metrics = await it.open();
  const series = seriesOf(metrics);
  metrics.add(series, 1, NOON);
  it.now = NOON + 10 * MINUTE_MS;
  await metrics.flush();
  metrics.add(series, 2, NOON + 5);
  expect(await sums(metrics, series)).toEqual({ 0: 3 });
  await metrics.flush();
  await metrics.flush();
  expect(await sums(metrics, series)).toEqual({ 0: 3 });
  await metrics.close();
});

test('what a crash leaves is what was flushed', async () => {
  const it = bed();
  const metrics = await it.open();
  metrics.add(seriesOf(metrics), 1, NOON);
  await metrics.flush();
  metrics.add(seriesOf(metrics), 2, NOON);
  const after = await it.open(); // nobody closed the first
  expect(await sums(after, seriesOf(after))).toEqual({ 0: 1 });
  await after.close();
});

test('what the store does not take is kept in memory and written later', async () => {
  const real = memoryStore().records;
  let isBroken = true;
  const it = bed({
    ...{ get: real.get.bind(real), scan: real.scan.bind(real) },
    write: (writes) => (isBroken ? Promise.reject(new Error('The disk is full.')) : real.write(writes)),
  });
  const metrics = await it.open();
  const series = seriesOf(metrics);
  metrics.add(series, 1, NOON);
  it.now = NOON + 5 * MINUTE_MS;
  await metrics.flush();
  expect(it.lines).toEqual(['Metrics could not be written: The disk is full.']);
  expect(await sums(metrics, series)).toEqual({ 0: 1 });
  isBroken = false;
  await metrics.close();
  const again = await it.open();
  expect(await sums(again, seriesOf(again))).toEqual({ 0: 1 });
  await again.close();
});

test('old hours go, and then the metric; a handle from before goes on with a new one', async () => {
  const it = bed();
  const metrics = await it.open();
  const series = seriesOf(metrics);
  metrics.add(series, 1, NOON);
  it.now = NOON + 5 * MINUTE_MS;
  await metrics.flush();
  it.now = NOON + METRIC_RETENTION_MS + 3 * 3_600_000;
  await metrics.flush();
  expect([...metrics.active(0)]).toEqual([]);
  for (const collection of ['metric-series', 'metric-open', 'metric-hour']) {
    expect(await it.records.scan({ collection, prefix: '', after: null, limit: 10 })).toEqual([]);
  }
  metrics.add(series, 7, it.now);
  await metrics.flush();
  expect(Object.values(await sums(metrics, seriesOf(metrics)))).toEqual([7]);
  await metrics.close();
});

test('there are no more metrics than the bound, and the operator hears of it once', async () => {
  const it = bed();
  const metrics = await it.open();
  for (let index = 0; index < METRIC_SERIES_MAX; index += 1) expect(metrics.series(id(`m${index}`))).not.toBeNull();
  expect(metrics.series(id('one more'))).toBeNull();
  expect(metrics.series(id('another'))).toBeNull();
  expect(metrics.series(id('m0'))).not.toBeNull();
  expect(it.lines).toHaveLength(1);
  await metrics.close();
});

test('dimensions in another order are the same metric, another unit is another one', async () => {
  const metrics = await bed().open();
  const dimensions = [
    { name: 'a', value: '1' },
    { name: 'b', value: '2' },
  ];
  const one = metrics.series({ ...id(), dimensions });
  expect(metrics.series({ ...id(), dimensions: [...dimensions].reverse() })).toBe(one);
  expect(metrics.series({ ...id('Duration', 'Seconds'), dimensions })).not.toBe(one);
  await metrics.close();
});

test('values that come while a flush writes are neither lost nor counted twice', async () => {
  const it = bed();
  const metrics = await it.open();
  const series = seriesOf(metrics);
  let total = 0;
  for (let round = 0; round < 50; round += 1) {
    const at = NOON + round * 20_000;
    it.now = at;
    const flushed = metrics.flush();
    for (let index = 0; index < 3; index += 1) {
      metrics.add(series, 1, at - index * 40_000);
      total += 1;
      await Promise.resolve();
    }
    const read = sums(metrics, series);
    await flushed;
    expect(Object.values(await read).reduce((a, b) => a + b, 0)).toBe(total);
  }
  await metrics.close();
});
