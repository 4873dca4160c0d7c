import { expect, it } from 'vitest';
import { Work } from './work.js';

it('says whose promise was forgotten', async () => {
  const work = new Work(1);
  work.take("the mock 'Do'", new Promise<string>(() => undefined), () => undefined);
  await work.progress();
  expect(() => work.throwFault()).toThrow(
    "Expected the mock 'Do' to answer within 0.001 s of real time, but nothing came. To let virtual time pass, answer with { result, after }.",
  );
});

it('goes on with the first that comes', async () => {
  const work = new Work();
  const used: string[] = [];
  work.take('first', Promise.resolve('a'), (value) => used.push(value));
  work.take('second', new Promise<string>(() => undefined), (value) => used.push(value));
  await work.progress();
  expect([used, work.isUnderWay]).toEqual([['a'], true]);
});
