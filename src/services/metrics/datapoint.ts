import { Histogram } from './histogram.js';

export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** What one metric has seen in some time: a statistic set, and how the values are spread. */
export class Datapoint {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #histogram = new Histogram();

  static restore([count, sum, min, max, coarseness, ...flat]: EncodedDatapoint): Datapoint {
    const point = new Datapoint();
    point.addSet({ count, sum, min, max });
    point.#histogram = Histogram.restore(coarseness, flat);
    return point;
  }

  encode(): EncodedDatapoint {
    return [this.count, this.sum, this.min, this.max, this.#histogram.coarseness, ...this.#histogram.flat()];
  }

  /** A value that came `weight` times. */
  add(value: number, weight = 1): void {
    this.count += weight;
    this.sum += value * weight;
    this.min = Math.min(this.min, value); // of 0 and -0 the same as `merge` finds
    this.max = Math.max(this.max, value);
    this.#histogram.add(value, weight);
  }

  /** Values of which only the set is known: percentiles are gone, unless they were all the same. */
  addSet({ count, sum, min, max }: StatisticSet): void {
    this.count += count;
    this.sum += sum;
    this.min = Math.min(this.min, min);
    this.max = Math.max(this.max, max);
    if (min === max) this.#histogram.add(min, count);
  }

  merge(other: Datapoint): void {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.#histogram.merge(other.#histogram);
  }

  /** Null where sets came whose values are not known. `share` is from 0 to 1. */
  quantile(share: number): number | null {
    // Counts may be fractions: compared with room for rounding.
    if (this.#histogram.total < this.count * (1 - 1e-9)) return null;
    if (share <= 0 && this.count > 0) return this.min;
    const value = this.#histogram.quantile(share);
    return value === null ? null : Math.min(Math.max(value, this.min), this.max);
  }
}

/** Count, sum, min, max, the histogram's coarseness, then its buckets and their counts in turn. */
export type EncodedDatapoint = readonly [number, number, number, number, number, ...number[]];
