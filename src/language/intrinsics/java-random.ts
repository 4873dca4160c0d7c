const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
const INT_RANGE = 2 ** 31;

/**
 * An integer from `start` to below `end`, always the same for a seed: what Java draws with
 * `start + new Random(seed).nextInt(end - start)`. `seed` must be finite; its fraction is cut off.
 */
export function drawFromSeed(seed: number, start: number, end: number): number {
  const bits = generator(seed);
  const range = end - start;
  if (range >= INT_RANGE) return drawAnyInt(bits, start, end);
  if ((range & (range - 1)) === 0) return start + Math.floor((range * bits(31)) / INT_RANGE);
  for (;;) {
    const drawn = bits(31);
    const rest = drawn % range;
    if (drawn - rest + (range - 1) < INT_RANGE) return start + rest; // else the last, incomplete round: draw again
  }
}

/** A fraction from 0 to below 1, always the same for a seed: Java's `new Random(seed).nextDouble()`. */
export function fractionFromSeed(seed: number): number {
  const bits = generator(seed);
  return (bits(26) * 2 ** 27 + bits(27)) / 2 ** 53;
}

function drawAnyInt(bits: (count: number) => number, start: number, end: number): number {
  for (;;) {
    const drawn = bits(32) | 0;
    if (drawn >= start && drawn < end) return drawn;
  }
}

/** Java's linear congruential generator; each call gives the next `count` random bits. */
function generator(seed: number): (count: number) => number {
  let state = (BigInt(Math.trunc(seed)) ^ MULTIPLIER) & MASK;
  return (count) => {
    state = (state * MULTIPLIER + INCREMENT) & MASK;
    return Number(state >> BigInt(48 - count));
  };
}
