import { expect, it } from 'vitest';
import { BatchQueue } from './batch-queue.js';

/** A queue whose batches are answered by hand. */
function handOperated(sizeMax = 100) {
  const batches: (readonly string[])[] = [];
  const answers: ((results: readonly (string | Error)[]) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const queue = new BatchQueue<string, string>(
    (items) => {
      batches.push(items);
      return new Promise((resolve, reject) => {
        answers.push(resolve);
        failures.push(reject);
      });
    },
    { sizeMax },
  );
  return { queue, batches, answers, failures };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('sends what one turn brought together, and what came meanwhile as the next batch', async () => {
  const { queue, batches, answers } = handOperated();
  const first = [queue.push('a', { size: 1 }), queue.push('b', { size: 1 })];
  await turn();
  const second = [queue.push('c', { size: 1 }), queue.push('d', { size: 1 })];
  await turn();
  expect(batches).toEqual([['a', 'b']]);
  expect(queue.length).toBe(4);
  answers[0]?.(['A', 'B']);
  expect(await Promise.all(first)).toEqual(['A', 'B']);
  await turn();
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  answers[1]?.(['C', 'D']);
  expect(await Promise.all(second)).toEqual(['C', 'D']);
  expect(queue.length).toBe(0);
});

it('bounds a batch by size, but lets a bigger item go alone', async () => {
  const { queue, batches, answers } = handOperated(10);
  const sizes = { a: 4, b: 6, c: 1, d: 50, e: 1 };
  const all = Object.entries(sizes).map(([item, size]) => queue.push(item, { size }));
  for (let index = 0; index < 4; index++) {
    await turn();
    await turn();
    answers[index]?.(batches[index]?.map((item) => item.toUpperCase()) ?? []);
  }
  expect(await Promise.all(all)).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect(batches).toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
});

it('rejects single items, whole failed batches and missing answers, and goes on', async () => {
  const { queue, answers, failures } = handOperated();
  const outcomes = (items: readonly Promise<string>[]) =>
    Promise.all(items.map((item) => item.catch((error: Error) => error.message)));
  const first = outcomes([queue.push('a', { size: 1 }), queue.push('b', { size: 1 }), queue.push('c', { size: 1 })]);
  await turn();
  answers[0]?.([new Error('no a'), 'B']);
  expect(await first).toEqual(['no a', 'B', 'Expected an answer to every item of the batch, but one is missing.']);
  const second = outcomes([queue.push('d', { size: 1 }), queue.push('e', { size: 1 })]);
  await turn();
  failures[1]?.(new Error('all lost'));
  expect(await second).toEqual(['all lost', 'all lost']);
  const third = queue.push('f', { size: 1 });
  await turn();
  answers[2]?.(['F']);
  expect(await third).toBe('F');
});

it('is idle when everything has been answered', async () => {
  const { queue, answers } = handOperated();
  await queue.idle();
  const order: string[] = [];
  const item = queue.push('a', { size: 1 }).then(() => order.push('answered'));
  const idle = queue.idle().then(() => order.push('idle'));
  await turn();
  answers[0]?.(['A']);
  await Promise.all([item, idle]);
  expect(order).toEqual(['answered', 'idle']);
});

it('writes one half of many callers while the other half is decided', async () => {
  const { queue, batches, answers } = handOperated();
  let isOver = false;
  const caller = async (): Promise<void> => {
    while (!isOver) await queue.push('a', { size: 1 });
  };
  const callers = Array.from({ length: 40 }, caller);
  for (let batch = 0; batch < 8; batch++) {
    await turn();
    isOver = batch >= 6;
    answers[batch]?.(batches[batch] ?? []);
  }
  await Promise.all(callers);
  expect(batches.map(({ length }) => length)).toEqual([16, 24, 20, 20, 20, 20, 20, 20]);
});
