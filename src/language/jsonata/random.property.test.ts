import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brokenPromiseOf, randomJsonata } from '../../testing/random-jsonata.js';

/** A seed that failed goes here with its expression as a test of its own in index.test.ts. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

it(`compiles or refuses any text, and evaluates it within its bounds (SEED=${SEED})`, () => {
  fc.assert(
    fc.property(randomJsonata(), (random) => {
      expect(brokenPromiseOf(random)).toBeUndefined();
    }),
    { seed: SEED, numRuns: 1500, interruptAfterTimeLimit: 20_000 },
  );
}, 60_000);
