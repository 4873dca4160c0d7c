import { expect, test } from 'vitest';
import { memoryStore } from '../testing/memory-store.js';
import { type Delivery, type DeliveryOutcome, DeliveryQueue } from './delivery-queue.js';

const scan = { collection: 'q', prefix: '', after: null, limit: 100 };

function queueOn(
  records: ReturnType<typeof memoryStore>['records'],
  perform: (delivery: Delivery) => Promise<DeliveryOutcome>,
) {
  const reports: string[] = [];
  const queue = new DeliveryQueue({
    records,
    clock: { now: () => Date.now() },
    collection: 'q',
    perform,
    retryDelaysMs: [1, 60_000],
    inFlightMax: 2,
    report: (line) => reports.push(line),
  });
  return { queue, reports };
}

async function add(
  records: ReturnType<typeof memoryStore>['records'],
  queue: DeliveryQueue,
  key: string,
): Promise<void> {
  await records.write([queue.writeFor(key, `payload of ${key}`)]);
  queue.accept(key, `payload of ${key}`);
}

test('never more than the bound are under way', async () => {
  const { records } = memoryStore();
  let [now, most] = [0, 0];
  const { queue } = queueOn(records, async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return { type: 'done' };
  });
  await queue.start();
  for (let i = 0; i < 20; i++) await add(records, queue, `k${i}`);
  await queue.idle();
  expect(most).toBe(2);
  expect(await records.scan(scan)).toEqual([]);
  await queue.close();
});

test('the attempts of an earlier process count', async () => {
  const { records } = memoryStore();
  const seen: number[] = [];
  const perform = async ({ attempt }: Delivery): Promise<DeliveryOutcome> => {
    seen.push(attempt);
    return { type: 'failed', reason: 'busy' };
  };
  const first = queueOn(records, perform);
  await first.queue.start();
  await add(records, first.queue, 'k');
  await expect.poll(() => seen).toEqual([1, 2]);
  await first.queue.close();
  const [row] = await records.scan(scan);
  await records.write([
    {
      type: 'put',
      collection: 'q',
      key: 'k',
      value: (row?.value ?? '').replace(/"dueAt":\d+/, '"dueAt":0'),
      expect: 'any',
    },
  ]);
  const second = queueOn(records, perform);
  await second.queue.start();
  await expect.poll(() => second.reports).toEqual(['Gave up q k: busy']);
  expect(seen).toEqual([1, 2, 3]);
  expect(await records.scan(scan)).toEqual([]);
  await second.queue.close();
});

test('an interrupted delivery is no attempt', async () => {
  const { records } = memoryStore();
  const { queue, reports } = queueOn(records, () => Promise.reject(new Error('closing')));
  await queue.start();
  await add(records, queue, 'k');
  await queue.close();
  expect(JSON.parse((await records.scan(scan))[0]?.value ?? '')).toMatchObject({ attempt: 1 });
  expect(reports.length).toBeLessThanOrEqual(1);
});

test('close does not wait for ever, and what ends after it stays to be repeated', async () => {
  const { records } = memoryStore();
  let finish = (): void => undefined;
  const { queue } = queueOn(records, () => new Promise((resolve) => (finish = () => resolve({ type: 'done' }))));
  await queue.start();
  await add(records, queue, 'k');
  await queue.close();
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await records.scan(scan)).toHaveLength(1);
});
