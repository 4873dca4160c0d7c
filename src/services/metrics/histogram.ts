import { METRIC_BUCKETS_MAX } from '../../limits/services.js';

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
/** Which of the two words of a double holds sign, exponent and the highest bits of its fraction. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
/** Bits of the high word that a bucket does not tell apart: 64 buckets from a number to its double. */
const BUCKET_SHIFT = 14;

/**
 * How often values came, in buckets whose width grows with the value: 64 from 1 to 2, 64 from 2 to 4, and so on, so that a
 * bucket's middle is at most 0.8% off. With more than METRIC_BUCKETS_MAX buckets in use, every two become one.
 */
export class Histogram {
  /** Bucket → how often; negative values have negative buckets. */
  readonly #counts = new Map<number, number>();
  /** How often every two buckets have become one. */
  #coarseness = 0;
  #total = 0;
  /** The bucket of the last values and how many of them are not in `#counts` yet: most metrics count ones. */
  #lastBucket = 0;
  #pending = 0;

  static restore(coarseness: number, flat: readonly number[]): Histogram {
    const histogram = new Histogram();
    histogram.#coarseness = coarseness;
    for (let i = 0; i + 1 < flat.length; i += 2) histogram.#count(flat[i] ?? 0, flat[i + 1] ?? 0);
    return histogram;
  }

  get total(): number {
    return this.#total + this.#pending;
  }

  get coarseness(): number {
    return this.#coarseness;
  }

  /** `bucket, count, bucket, count, …` */
  flat(): number[] {
    this.#settle();
    return [...this.#counts].flat();
  }

  add(value: number, weight: number): void {
    const bucket = bucketOf(value, this.#coarseness);
    if (bucket !== this.#lastBucket) {
      this.#settle();
      this.#lastBucket = bucket;
    }
    this.#pending += weight;
  }

  merge(other: Histogram): void {
    this.#settle();
    other.#settle();
    while (this.#coarseness < other.#coarseness) this.#coarsen();
    const shift = this.#coarseness - other.#coarseness;
    for (const [bucket, count] of other.#counts) this.#count(coarser(bucket, shift), count);
    while (this.#counts.size > METRIC_BUCKETS_MAX) this.#coarsen();
  }

  /** The value that `share` (0 to 1) of all values do not exceed. Null without values. */
  quantile(share: number): number | null {
    this.#settle();
    if (this.#total === 0) return null;
    const rank = share * this.#total;
    let passed = 0;
    let last = 0;
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      passed += count;
      last = bucket;
      if (passed >= rank) break;
    }
    return middleOf(last, this.#coarseness);
  }

  #settle(): void {
    if (this.#pending === 0) return;
    this.#count(this.#lastBucket, this.#pending);
    this.#pending = 0;
    if (this.#counts.size > METRIC_BUCKETS_MAX) this.#coarsen();
  }

  #count(bucket: number, weight: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + weight);
    this.#total += weight;
  }

  #coarsen(): void {
    const before = [...this.#counts];
    this.#counts.clear();
    this.#lastBucket = coarser(this.#lastBucket, 1);
    this.#coarseness += 1;
    this.#total = 0;
    for (const [bucket, count] of before) this.#count(coarser(bucket, 1), count);
  }
}

function bucketOf(value: number, coarseness: number): number {
  if (value === 0) return 0;
  FLOAT[0] = Math.abs(value);
  const bucket = Math.max((WORDS[HIGH] ?? 0) >>> (BUCKET_SHIFT + coarseness), 1);
  return value < 0 ? -bucket : bucket;
}

function coarser(bucket: number, times: number): number {
  if (bucket === 0) return 0;
  const size = Math.max(Math.abs(bucket) >> times, 1);
  return bucket < 0 ? -size : size;
}

function middleOf(bucket: number, coarseness: number): number {
  if (bucket === 0) return 0;
  const shift = BUCKET_SHIFT + coarseness;
  WORDS[1 - HIGH] = 0;
  WORDS[HIGH] = Math.abs(bucket) * 2 ** shift + 2 ** (shift - 1);
  const middle = FLOAT[0] ?? 0;
  return bucket < 0 ? -middle : middle;
}
