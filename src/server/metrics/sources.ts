import type { Place } from '../../arn.js';
import { METRIC_SOURCES_CACHED_MAX } from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import type { Dimension, Series } from '../../services/metrics/series.js';

/** The metrics of one thing (a machine, a function): series are made at first use, and then at hand. */
export class Source {
  readonly #series = new Map<string, Series>();

  constructor(
    private readonly metrics: Metrics,
    private readonly of: {
      readonly place: Place;
      readonly namespace: string;
      readonly dimensions: readonly Dimension[];
    },
  ) {}

  count(name: string, value: number, at: number): void {
    this.add(name, 'Count', value, at);
  }

  milliseconds(name: string, value: number, at: number): void {
    this.add(name, 'Milliseconds', value, at);
  }

  add(name: string, unit: string, value: number, at: number): void {
    const series = this.#series.get(name) ?? this.#make(name, unit);
    if (series !== null) this.metrics.add(series, value, at);
  }

  #make(name: string, unit: string): Series | null {
    const series = this.metrics.series({ ...this.of, name, unit });
    if (series !== null) this.#series.set(name, series);
    return series;
  }
}

/** Sources by name, a bounded number of them. */
export class Sources {
  readonly #held = new Map<string, Source>();

  constructor(
    private readonly metrics: Metrics,
    private readonly namespace: string,
  ) {}

  /** `key` tells the sources of a place apart. */
  of(place: Place, key: string, dimensions: () => readonly Dimension[]): Source {
    const name = `${place.account} ${place.region} ${key}`;
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    if (this.#held.size >= METRIC_SOURCES_CACHED_MAX) this.#held.clear(); // made again at need
    const source = new Source(this.metrics, { place, namespace: this.namespace, dimensions: dimensions() });
    this.#held.set(name, source);
    return source;
  }
}
