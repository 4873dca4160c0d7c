// The part of fuzz.mjs that may hang or run out of memory.

import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';

const RUNS_PER_BATCH = 500;
/** Shrinking stops in time for the counterexample to be shown. */
const SHRINK_MS_MAX = 60_000;

const { target: name, targets, seed, endAt, progress, input } = workerData;
const { FUZZ_TARGETS } = await import(targets);
const encoder = new TextEncoder();
const target = FUZZ_TARGETS.get(name);
if (target === undefined) {
  const names = [...FUZZ_TARGETS.keys()].join(', ');
  parentPort.postMessage({ type: 'unknown', text: `Expected a target (${names}), but got '${name ?? ''}'.` });
} else await fuzz();

async function fuzz() {
  const property = fc.asyncProperty(target.arbitrary, async (given) => {
    const { written } = encoder.encodeInto(target.show(given), input);
    Atomics.store(progress, 1, written);
    Atomics.add(progress, 0, 1);
    const taken = target.check(given);
    if (taken === true || (await taken)) Atomics.add(progress, 2, 1);
  });
  for (let batch = 0; Date.now() < endAt; batch++) {
    const options = { seed: (seed + batch) | 0, numRuns: RUNS_PER_BATCH, interruptAfterTimeLimit: SHRINK_MS_MAX };
    const result = await fc.check(property, options);
    if (!result.failed || result.counterexample === null) continue;
    const error = result.errorInstance?.stack ?? String(result.errorInstance);
    const replay = `Again: { seed: ${result.seed}, path: '${result.counterexamplePath}' }`;
    const counterexample = target.show(result.counterexample[0]);
    parentPort.postMessage({ type: 'broken', error, counterexample, replay, shrinks: result.numShrinks });
    return;
  }
  parentPort.postMessage({ type: 'finished' });
}
