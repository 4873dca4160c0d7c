import type { SeedSource } from '../host/index.js';

/** Version 7 UUIDs: they sort by time, so that names made here fall into the index's end. */
export function timeOrderedNames(seed: SeedSource, now: () => number): () => string {
  return () => {
    const [a, b, c] = seed();
    const time = Math.max(0, now()).toString(16).padStart(12, '0');
    const random = [a, b, c].map((bits) => bits.toString(16).padStart(8, '0')).join('');
    const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
  };
}
