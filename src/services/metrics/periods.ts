import { Datapoint } from './datapoint.js';
import type { Metrics } from './metrics.js';
import type { Series } from './series.js';

export interface PeriodQuery {
  readonly from: number;
  readonly to: number;
  /** Milliseconds. */
  readonly period: number;
}

/** A series' values by period: the first begins at `from`. Ascending; periods without values are left out. */
export async function periodsOf(
  metrics: Metrics,
  series: readonly Series[],
  { from, to, period }: PeriodQuery,
): Promise<readonly (readonly [at: number, point: Datapoint])[]> {
  const periods = new Map<number, Datapoint>();
  for (const one of series) {
    await metrics.read(one, { from, to }, (at, point) => {
      const start = from + Math.floor((at - from) / period) * period;
      const sum = periods.get(start) ?? new Datapoint();
      sum.merge(point);
      periods.set(start, sum);
    });
  }
  return [...periods].sort(([a], [b]) => a - b);
}
