import { METRIC_HOURS_PER_READ } from '../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { Datapoint, type EncodedDatapoint } from './datapoint.js';
import { type MetricId, MINUTE_MS, Series, seriesKey } from './series.js';

/** By number: what the series is. */
const SERIES = 'metric-series';
/** By number: minutes that are not over yet. */
const OPEN = 'metric-open';
/** By number and hour: the minutes of that hour. */
const HOURS = 'metric-hour';
const PAGE = 500;
const HOUR_MINUTES = 60;
const HOUR_MS = 3_600_000;
/** The newest value's time is written again after so long. */
const LAST_AT_MS = 15 * 60_000;
const OLD_ROWS_PER_LOOK = 100;

type EncodedMinutes = readonly (readonly [minute: number, point: EncodedDatapoint])[];

/** What one flush writes of a series: whole minutes for their hours; its open minutes are read from it. */
export interface FlushedSeries {
  readonly series: Series;
  readonly minutes: ReadonlyMap<number, Datapoint>;
  readonly lastAt: number;
}

/** Metrics as rows of the store: what a series is, its open minutes, and its hours. */
export class MetricRows {
  constructor(private readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>) {}

  async load(): Promise<readonly Series[]> {
    const byNumber = new Map<number, Series>();
    await this.#each(SERIES, (key, value) => {
      const { id, lastAt } = JSON.parse(value) as { id: MetricId; lastAt: number }; // written by us
      const series = new Series(id, seriesKey(id));
      series.number = Number(key);
      series.lastAt = lastAt;
      series.storedLastAt = lastAt;
      byNumber.set(series.number, series);
    });
    await this.#each(OPEN, (key, value) => {
      const series = byNumber.get(Number(key));
      if (series === undefined) return;
      for (const [minute, point] of JSON.parse(value) as EncodedMinutes) {
        series.open.set(minute, Datapoint.restore(point));
        series.lastAt = Math.max(series.lastAt, minute * MINUTE_MS);
      }
    });
    return [...byNumber.values()];
  }

  /** All in one transaction: a minute is either open or in its hour. */
  async write(flushed: readonly FlushedSeries[]): Promise<void> {
    const writes: RecordWrite[] = [];
    for (const { series, minutes, lastAt } of flushed) {
      const key = String(series.number);
      if (lastAt - series.storedLastAt > LAST_AT_MS) writes.push(putJson(SERIES, key, { id: series.id, lastAt }));
      for (const [hour, points] of byHour(minutes)) writes.push(await this.#hourWrite(series, hour, points));
      const open: EncodedMinutes = [...series.open].map(([minute, point]) => [minute, point.encode()]);
      writes.push(open.length > 0 ? putJson(OPEN, key, open) : { type: 'delete', collection: OPEN, key });
    }
    await this.records.write(writes);
    for (const { series, lastAt } of flushed)
      if (lastAt - series.storedLastAt > LAST_AT_MS) series.storedLastAt = lastAt;
  }

  /** The minutes in [from, to) that are in their hours, and perhaps others of the same hours. */
  async read(
    series: Series,
    range: { readonly from: number; readonly to: number },
    each: (minute: number, point: Datapoint) => void,
  ): Promise<void> {
    if (series.number === 0) return;
    const end = hourKey(series, Math.floor((range.to - 1) / HOUR_MINUTES));
    let after = hourKey(series, Math.floor(range.from / HOUR_MINUTES) - 1);
    for (;;) {
      const query = { collection: HOURS, prefix: prefixOf(series), after, limit: METRIC_HOURS_PER_READ };
      const rows = await this.records.scan(query);
      for (const { key, value } of rows) {
        if (key > end) return;
        for (const [minute, point] of JSON.parse(value) as EncodedMinutes) each(minute, Datapoint.restore(point));
        after = key;
      }
      if (rows.length < METRIC_HOURS_PER_READ) return;
    }
  }

  /** Deletes hours that ended before `at`; with `isOver`, the series too when no hour is left. True when none is left. */
  async removeBefore(series: Series, at: number, isOver: boolean): Promise<boolean> {
    if (series.number === 0) return true;
    const query = { collection: HOURS, prefix: prefixOf(series), after: null, limit: OLD_ROWS_PER_LOOK };
    const rows = await this.records.scan(query);
    const end = hourKey(series, Math.floor(at / HOUR_MS));
    const old = rows.filter(({ key }) => key < end);
    const writes: RecordWrite[] = old.map(({ key }) => ({ type: 'delete', collection: HOURS, key }));
    const isEmpty = old.length === rows.length && rows.length < OLD_ROWS_PER_LOOK;
    if (isEmpty && isOver) {
      const key = String(series.number);
      writes.push({ type: 'delete', collection: SERIES, key }, { type: 'delete', collection: OPEN, key });
    }
    if (writes.length > 0) await this.records.write(writes);
    return isEmpty;
  }

  async #hourWrite(series: Series, hour: number, points: ReadonlyMap<number, Datapoint>): Promise<RecordWrite> {
    const key = hourKey(series, hour);
    const text = await this.records.get(HOURS, key);
    const minutes = new Map<number, EncodedDatapoint>(text === null ? [] : (JSON.parse(text) as EncodedMinutes));
    for (const [minute, point] of points) {
      const stored = minutes.get(minute);
      const merged = stored === undefined ? point : Datapoint.restore(stored);
      if (merged !== point) merged.merge(point);
      minutes.set(minute, merged.encode());
    }
    return putJson(HOURS, key, [...minutes]);
  }

  async #each(collection: string, see: (key: string, value: string) => void): Promise<void> {
    for (let after: string | null = null; ; ) {
      const rows: readonly { key: string; value: string }[] = await this.records.scan({
        ...{ collection, prefix: '', after, limit: PAGE },
      });
      for (const { key, value } of rows) see(key, value);
      after = rows.at(-1)?.key ?? null;
      if (rows.length < PAGE) return;
    }
  }
}

function byHour(minutes: ReadonlyMap<number, Datapoint>): Map<number, Map<number, Datapoint>> {
  const hours = new Map<number, Map<number, Datapoint>>();
  for (const [minute, point] of minutes) {
    const hour = Math.floor(minute / HOUR_MINUTES);
    const points = hours.get(hour) ?? new Map<number, Datapoint>();
    hours.set(hour, points.set(minute, point));
  }
  return hours;
}

const prefixOf = ({ number }: Series): string => `${number}/`;

/** Hours since the epoch have six digits until the year 2084, and sort as text. */
const hourKey = (series: Series, hour: number): string => `${prefixOf(series)}${String(hour).padStart(7, '0')}`;
