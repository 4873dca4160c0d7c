import { expect, test } from 'vitest';
import { SkippingClock } from './skipping-clock.js';

test('what comes due in the time that is skipped is fired in order, also what is set meanwhile', () => {
  const clock = new SkippingClock();
  const fired: string[] = [];
  clock.after(7_200_000, () => fired.push('two hours'));
  clock.after(3_600_000, () => {
    fired.push('one hour');
    clock.after(0, () => fired.push('at once'));
  });
  const off = clock.after(1000, () => fired.push('called off'));
  off();
  const before = clock.now();
  clock.skip(3_599_000);
  expect(fired).toEqual([]);
  clock.skip(1000);
  expect(fired).toEqual(['one hour', 'at once']);
  expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
  clock.skip(3_600_000);
  expect(fired).toEqual(['one hour', 'at once', 'two hours']);
});

test('without a skip it is the machine’s clock', async () => {
  const clock = new SkippingClock();
  const keepAlive = setInterval(() => undefined, 1000); // its timers do not keep a process alive
  await new Promise<void>((resolve) => void clock.after(5, resolve));
  clearInterval(keepAlive);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
});
