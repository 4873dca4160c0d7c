import type { Datapoint } from './datapoint.js';

/** What is asked of a datapoint. */
export type Statistic =
  | { readonly type: 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum' }
  | { readonly type: 'percentile'; readonly share: number };

export const SIMPLE_STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/** `Sum`, `p99`, `p99.9`, …; null for statistics that Treadle does not have, or nobody has. */
export function parseStatistic(name: string): Statistic | null {
  const simple = SIMPLE_STATISTICS.find((known) => known === name);
  if (simple !== undefined) return { type: simple };
  const percentile = PERCENTILE.exec(name)?.[1];
  return percentile === undefined ? null : { type: 'percentile', share: Number(percentile) / 100 };
}

/** Null where the datapoint cannot say: a percentile of values that came as sets. */
export function statisticOf(point: Datapoint, statistic: Statistic): number | null {
  switch (statistic.type) {
    case 'SampleCount':
      return point.count;
    case 'Average':
      return point.count === 0 ? null : point.sum / point.count;
    case 'Sum':
      return point.sum;
    case 'Minimum':
      return point.min;
    case 'Maximum':
      return point.max;
    case 'percentile':
      return point.quantile(statistic.share);
    default:
      return statistic satisfies never;
  }
}
