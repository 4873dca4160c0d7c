import { randomFillSync } from 'node:crypto';
import type { Seed } from '../interpreter/index.js';

/** Random bits are drawn in bulk: a system call for each decision would cost more than the decision. */
const POOL_WORDS = 4096;

export function seedSource(): () => Seed {
  const pool = new Uint32Array(POOL_WORDS);
  let used = POOL_WORDS;
  return () => {
    if (used + 4 > POOL_WORDS) {
      randomFillSync(pool);
      used = 0;
    }
    const at = used;
    used += 4;
    return [pool[at] ?? 1, pool[at + 1] ?? 1, pool[at + 2] ?? 1, pool[at + 3] ?? 1];
  };
}

/** Version 7 UUIDs: they sort by time, so that names made here fall into the index's end. */
export function timeOrderedNames(seed: () => Seed, now: () => number): () => string {
  return () => {
    const [a, b, c] = seed();
    const time = Math.max(0, now()).toString(16).padStart(12, '0');
    const random = [a, b, c].map((bits) => bits.toString(16).padStart(8, '0')).join('');
    const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
  };
}
