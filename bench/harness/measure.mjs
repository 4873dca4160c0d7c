// Medians with their spread, and the two ways to load something: as fast as it goes, and at a fixed rate.

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** `median (least–most)`. */
export function spread(numbers, digits = 0) {
  const shown = (number) => number.toLocaleString('en-US', { maximumFractionDigits: digits });
  return `${shown(median(numbers))} (${shown(Math.min(...numbers))}–${shown(Math.max(...numbers))})`;
}

export const percentile = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];

/** `concurrency` callers, each with its next call as soon as the last one is answered. Latencies are in milliseconds. */
export async function closedLoop(call, { concurrency, seconds }) {
  const latencies = [];
  const from = performance.now();
  const until = from + seconds * 1000;
  const caller = async () => {
    while (performance.now() < until) {
      const at = performance.now();
      await call();
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const rate = latencies.length / ((performance.now() - from) / 1000);
  latencies.sort((a, b) => a - b);
  return { rate, count: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

/** A system that cannot keep up is given up at so many calls under way. */
const UNDER_WAY_MAX = 4000;

/**
 * Calls at a fixed rate, whether or not earlier ones have been answered. Latencies count from when a call was due, so that a system
 * that stalls is not spared the calls it kept waiting. Null where it did not keep up.
 */
export async function fixedRate(call, { perSecond, seconds }) {
  const latencies = [];
  const calls = new Set();
  const from = performance.now();
  const total = perSecond * seconds;
  for (let made = 0; made < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - from) / 1000) * perSecond));
    for (; made < due; made++) {
      if (calls.size >= UNDER_WAY_MAX) {
        await Promise.all(calls);
        return null;
      }
      const dueAt = from + (made / perSecond) * 1000;
      const answered = call().then(() => {
        latencies.push(performance.now() - dueAt);
        calls.delete(answered);
      });
      calls.add(answered);
    }
    await new Promise((next) => setTimeout(next, 1));
  }
  await Promise.all(calls);
  latencies.sort((a, b) => a - b);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

/** CPU of this process in microseconds, all threads. */
export function cpuMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
