import type { Seed } from '../../interpreter/index.js';

/** All randomness of one execution (jitter, UUIDs, States.MathRandom) from one number: the same numbers each time. */
export function seedsFrom(seed: number): () => Seed {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return (bits ^ (bits >>> 15)) >>> 0;
  };
  return () => [next(), next(), next(), next()];
}
