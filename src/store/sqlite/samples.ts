import { STORE_SAMPLES_MAX } from '../../limits.js';

/** The latest measurements, for percentiles. */
export class Samples {
  readonly #values = new Float64Array(STORE_SAMPLES_MAX);
  #count = 0;

  add(value: number): void {
    this.#values[this.#count++ % STORE_SAMPLES_MAX] = value;
  }

  /** Nearest rank; 0 without samples. `fraction` is between 0 and 1. */
  percentile(fraction: number): number {
    const sorted = this.#values.slice(0, Math.min(this.#count, STORE_SAMPLES_MAX)).sort();
    return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0;
  }
}
