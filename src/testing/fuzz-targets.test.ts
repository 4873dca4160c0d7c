import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ_TARGETS } from './fuzz-targets.js';

/** More of them find more: `node scripts/fuzz.mjs <target> --minutes 10` goes on until the time is over. */
const CASES = Number(process.env.CASES ?? 500);

describe('whatever it is given', () => {
  it.each([...FUZZ_TARGETS.values()])('$name keeps its properties', async ({ arbitrary, check }) => {
    const property = fc.asyncProperty(arbitrary, async (input) => void (await check(input)));
    await fc.assert(property, { numRuns: CASES, interruptAfterTimeLimit: 100 * CASES });
  });

  it.each([...FUZZ_TARGETS.values()])(
    '$name is given enough that is taken, not only what is refused',
    async ({ arbitrary, check }) => {
      const taken = await Promise.all(fc.sample(arbitrary, { numRuns: 500, seed: 1 }).map(check));
      expect(taken.filter(Boolean).length).toBeGreaterThan(75);
    },
  );
});
