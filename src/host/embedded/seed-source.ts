import { randomFillSync } from 'node:crypto';
import type { SeedSource } from '../ports.js';

/** Random bits are drawn in bulk: a system call for each decision would cost more than the decision. */
const POOL_WORDS = 4096;

export function seedSource(): SeedSource {
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
