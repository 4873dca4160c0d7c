import {
  METRIC_FLUSH_MS,
  METRIC_OPEN_POINTS_MAX,
  METRIC_RETENTION_MS,
  METRIC_SERIES_MAX,
  METRIC_SERIES_PER_WRITE,
} from '../../limits/services.js';
import type { RecordStore } from '../../store/ports.js';
import type { Clock } from '../ports.js';
import type { Datapoint, StatisticSet } from './datapoint.js';
import { MetricRows } from './rows.js';
import { type MetricId, MINUTE_MS, Series, seriesKey } from './series.js';

export interface MetricsOptions {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
  readonly clock: Clock;
  /** A sentence for the operator. */
  readonly report: (line: string) => void;
}

/** A minute whose end is so long ago goes into its hour. */
const SETTLE_MS = 30_000;
const HOUR_MS = 3_600_000;

/**
 * One-minute datapoints of every metric. A value is added in memory; every few seconds what has changed is written. As on
 * AWS, the values of the last seconds before a crash may be lost.
 */
export class Metrics {
  readonly #series = new Map<string, Series>();
  readonly #dirty = new Set<Series>();
  readonly #rows: MetricRows;
  #nextNumber = 1;
  /** Reads and flushes come one after the other: a minute on its way into its hour is counted once. */
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** Where the search for old rows goes on. */
  #expiry: Iterator<Series> | null = null;
  #hasReportedFull = false;
  /** At most so many minutes are in memory. */
  #openPoints = 0;

  private constructor(private readonly options: MetricsOptions) {
    this.#rows = new MetricRows(options.records);
  }

  static async open(options: MetricsOptions): Promise<Metrics> {
    const metrics = new Metrics(options);
    for (const series of await metrics.#rows.load()) {
      metrics.#series.set(series.key, series);
      metrics.#nextNumber = Math.max(metrics.#nextNumber, series.number + 1);
      if (series.open.size > 0) metrics.#dirty.add(series);
    }
    metrics.#timer = setInterval(() => void metrics.flush(), METRIC_FLUSH_MS).unref();
    return metrics;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.flush();
  }

  /** The series of a metric, new or known. Null when there is no room for a new one. */
  series(id: MetricId): Series | null {
    const key = seriesKey(id);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= METRIC_SERIES_MAX) {
      this.#reportFull();
      return null;
    }
    const series = new Series(id, key);
    this.#series.set(key, series);
    return series;
  }

  /** Under a microsecond: called for whatever the server does. */
  add(series: Series, value: number, at: number): void {
    const target = series.isGone ? this.series(series.id) : series;
    if (target === null) return;
    target.pointAt(at).add(value);
    this.#touch(target, at);
  }

  /** For clients' values: ask `hasRoom` before. */
  addWeighted(series: Series, value: number, weight: number, at: number): void {
    this.#openPoints += 1;
    series.pointAt(at).add(value, weight);
    this.#touch(series, at);
  }

  addSet(series: Series, set: StatisticSet, at: number): void {
    this.#openPoints += 1;
    series.pointAt(at).addSet(set);
    this.#touch(series, at);
  }

  /** Whether values of further minutes may come; else `flush` makes room. */
  get hasRoom(): boolean {
    return this.#openPoints < METRIC_OPEN_POINTS_MAX;
  }

  #touch(series: Series, at: number): void {
    if (at > series.lastAt) series.lastAt = at;
    if (series.isDirty) return;
    series.isDirty = true;
    this.#dirty.add(series);
  }

  /** Every metric that has had values since then. */
  *active(since: number): Generator<Series> {
    for (const series of this.#series.values()) if (series.lastAt >= since) yield series;
  }

  /** The series of a metric in every unit, or in one. */
  find(id: Omit<MetricId, 'unit'>, units: readonly string[]): readonly Series[] {
    return units.flatMap((unit) => this.#series.get(seriesKey({ ...id, unit })) ?? []);
  }

  /** Every minute in [from, to), in no order; one that has got late values comes twice. */
  read(series: Series, range: { readonly from: number; readonly to: number }, each: MinuteReader): Promise<void> {
    return this.#exclusively(async () => {
      const [from, to] = [Math.floor(range.from / MINUTE_MS), Math.ceil(range.to / MINUTE_MS)];
      const see = (minute: number, point: Datapoint): void => {
        if (minute >= from && minute < to) each(minute * MINUTE_MS, point);
      };
      await this.#rows.read(series, { from, to }, see);
      for (const [minute, point] of series.open) see(minute, point);
    });
  }

  /** Writes what has changed. Never rejects: what the store does not take is written later. */
  flush(): Promise<void> {
    return this.#exclusively(async () => {
      const dirty = [...this.#dirty];
      this.#dirty.clear();
      for (let i = 0; i < dirty.length; i += METRIC_SERIES_PER_WRITE) {
        await this.#flushSome(dirty.slice(i, i + METRIC_SERIES_PER_WRITE));
      }
      await this.#expire().catch(() => undefined); // looked for again at the next flush
      this.#openPoints = [...this.#dirty].reduce((sum, series) => sum + series.open.size, 0);
    });
  }

  async #flushSome(some: readonly Series[]): Promise<void> {
    const settled = Math.floor((this.options.clock.now() - SETTLE_MS) / MINUTE_MS);
    const taken = some.map((series) => {
      series.isDirty = false;
      if (series.number === 0) series.number = this.#nextNumber++;
      return { series, minutes: series.takeBefore(settled), lastAt: series.lastAt };
    });
    try {
      await this.#rows.write(taken);
      // An open minute goes into its hour at a later flush, also when nothing comes to it any more.
      for (const { series } of taken) if (series.open.size > 0) this.#dirty.add(series);
    } catch (fault) {
      for (const { series, minutes } of taken) {
        series.giveBack(minutes);
        this.#dirty.add(series);
      }
      this.options.report(`Metrics could not be written: ${fault instanceof Error ? fault.message : fault}`);
    }
  }

  /** A few series at a time lose what is too old; a series without anything goes. */
  async #expire(): Promise<void> {
    this.#expiry ??= this.#series.values();
    const before = this.options.clock.now() - METRIC_RETENTION_MS;
    for (let i = 0; i < SERIES_PER_LOOK; i += 1) {
      const next = this.#expiry.next();
      if (next.done) {
        this.#expiry = null;
        return;
      }
      const series = next.value;
      const isOver = series.lastAt < before - HOUR_MS && series.open.size === 0;
      const isEmpty = await this.#rows.removeBefore(series, before, isOver);
      if (!isOver || !isEmpty || series.open.size > 0) continue;
      series.isGone = true;
      this.#series.delete(series.key);
    }
  }

  #reportFull(): void {
    if (this.#hasReportedFull) return;
    this.#hasReportedFull = true;
    this.options.report(
      `There are ${METRIC_SERIES_MAX} metrics: values of further ones are dropped until older ones have no values any more.`,
    );
  }

  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const own = this.#last.then(work, work);
    this.#last = own.catch(() => undefined);
    return own;
  }
}

/** Gets the epoch milliseconds of a minute's beginning and what it saw. */
export type MinuteReader = (at: number, point: Datapoint) => void;

/** All of METRIC_SERIES_MAX are looked at in under an hour. */
const SERIES_PER_LOOK = 20;
