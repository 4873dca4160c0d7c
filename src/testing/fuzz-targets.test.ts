import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ_TARGETS } from './fuzz-targets.js';

/** More of them find more: `node scripts/fuzz.mjs <target> --minutes 10` goes on until the time is over. */
const CASES = Number(process.env.CASES ?? 500);

describe('whatever it is given', () => {
  it.each([...FUZZ_TARGETS.values()])('$name keeps its properties', ({ arbitrary, check }) => {
    fc.assert(
      fc.property(arbitrary, (input) => void check(input)),
      { numRuns: CASES, interruptAfterTimeLimit: 100 * CASES },
    );
  });

  it.each([...FUZZ_TARGETS.values()])(
    '$name is given enough that is taken, not only what is refused',
    ({ arbitrary, check }) => {
      const taken = fc.sample(arbitrary, { numRuns: 500, seed: 1 }).filter(check);
      expect(taken.length).toBeGreaterThan(75);
    },
  );
});
