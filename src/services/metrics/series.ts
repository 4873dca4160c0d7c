import type { Place } from '../../arn.js';
import { Datapoint } from './datapoint.js';

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

/** What tells one metric from all others; as on AWS, the same name in another unit is another series. */
export interface MetricId {
  readonly place: Place;
  readonly namespace: string;
  readonly name: string;
  /** In any order. */
  readonly dimensions: readonly Dimension[];
  /** CloudWatch's word: `Count`, `Milliseconds`, `None`. */
  readonly unit: string;
}

export const MINUTE_MS = 60_000;

/** One metric of the store, and its minutes that are not in their hour yet. Values go in through `Metrics.add`. */
export class Series {
  /** Its number in the store; 0 = not there yet. */
  number = 0;
  /** Epoch milliseconds of its newest value, and as the store knows it. */
  lastAt = 0;
  storedLastAt = 0;
  /** Nobody asks for it any more; its key may be somebody else's. */
  isGone = false;
  /** Something has come since the last flush. */
  isDirty = false;
  /** By minute since the epoch. */
  readonly open = new Map<number, Datapoint>();
  #minute = -1;
  #point = new Datapoint();

  constructor(
    readonly id: MetricId,
    readonly key: string,
  ) {}

  pointAt(at: number): Datapoint {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute === this.#minute) return this.#point;
    let point = this.open.get(minute);
    if (point === undefined) {
      point = new Datapoint();
      this.open.set(minute, point);
    }
    this.#minute = minute;
    this.#point = point;
    return point;
  }

  /** Takes the minutes before this one out. */
  takeBefore(minute: number): ReadonlyMap<number, Datapoint> {
    const taken = new Map([...this.open].filter(([opened]) => opened < minute));
    for (const opened of taken.keys()) this.open.delete(opened);
    this.#minute = -1;
    return taken;
  }

  giveBack(taken: ReadonlyMap<number, Datapoint>): void {
    for (const [minute, point] of taken) this.pointAt(minute * MINUTE_MS).merge(point);
  }
}

/** The same for every order of dimensions. */
export function seriesKey({ place, namespace, name, dimensions, unit }: MetricId): string {
  const sorted = [...dimensions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return JSON.stringify([
    place.account,
    place.region,
    namespace,
    name,
    unit,
    ...sorted.flatMap((dimension) => [dimension.name, dimension.value]),
  ]);
}
