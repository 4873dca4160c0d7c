import { statfs } from 'node:fs/promises';
import type { Place } from '../../arn.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import type { ServerSample } from '../health.js';
import { Source } from './sources.js';

export interface ServerMetricsOptions {
  readonly metrics: Metrics;
  readonly place: Place;
  readonly dataFolder: string;
  readonly sample: () => ServerSample;
  /** Executions that run, in memory or not; counted up to a bound. */
  readonly running: () => Promise<number>;
  /** When the oldest open wait began. */
  readonly oldestWaitAt: () => Promise<number | null>;
  readonly now: () => number;
}

const SAMPLE_MS = 10_000;
/** Counting all that run reads many rows: it is done at every sixth sample. */
const SAMPLES_PER_COUNT = 6;

/** The server's own health by its name in the namespace `Treadle`, with CloudWatch's unit. */
export type HealthValues = ReadonlyMap<string, { readonly unit: string; readonly value: number }>;

/** Puts the server's own health into the namespace `Treadle`, every ten seconds. */
export class ServerMetrics {
  readonly #source: Source;
  readonly #states: Source;
  readonly #timer: NodeJS.Timeout;
  #samples = 0;

  constructor(private readonly options: ServerMetricsOptions) {
    const { metrics, place } = options;
    this.#source = new Source(metrics, { place, namespace: 'Treadle', dimensions: [] });
    this.#states = new Source(metrics, { place, namespace: 'AWS/States', dimensions: [] });
    this.#timer = setInterval(() => void this.sample().catch(() => undefined), SAMPLE_MS).unref(); // the next one comes soon
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** As things stand now. */
  async values(): Promise<HealthValues> {
    const { sample, oldestWaitAt, now, dataFolder } = this.options;
    const seen = sample();
    const { bavail, blocks, bsize } = await statfs(dataFolder);
    const waitingSince = await oldestWaitAt();
    const rows: readonly (readonly [name: string, unit: string, value: number])[] = [
      ['CPUUtilization', 'Percent', seen.cpuPercent],
      ['MemoryResident', 'Bytes', seen.residentBytes],
      ['DiskFree', 'Bytes', bavail * bsize],
      ['DiskFreePercent', 'Percent', (100 * bavail) / blocks],
      ['EventLoopLagP99', 'Milliseconds', seen.eventLoopLagMsP99],
      ['CommitLatencyP50', 'Milliseconds', seen.commitMsP50],
      ['CommitLatencyP99', 'Milliseconds', seen.commitMsP99],
      ['CommitsWaiting', 'Count', seen.commitsWaiting],
      ['TasksInFlight', 'Count', seen.tasksInFlight],
      ['TasksWaiting', 'Count', seen.tasksWaiting],
      ['StimuliWaiting', 'Count', seen.stimuliWaiting],
      ['LiveExecutions', 'Count', seen.liveExecutions],
      ['Timers', 'Count', seen.timers],
      ['OldestOpenWait', 'Seconds', waitingSince === null ? 0 : Math.max(0, now() - waitingSince) / 1000],
    ];
    return new Map(rows.map(([name, unit, value]) => [name, { unit, value }]));
  }

  async sample(): Promise<void> {
    const at = this.options.now();
    for (const [name, { unit, value }] of await this.values()) this.#source.add(name, unit, value, at);
    if (this.#samples % SAMPLES_PER_COUNT === 0) {
      const { mapRuns } = this.options.sample();
      this.#states.count('ApproximateOpenMapRunCount', mapRuns.open, at);
      this.#states.count('ApproximateMapRunBacklogSize', mapRuns.waiting, at);
      this.#states.count('OpenExecutionCount', await this.options.running(), at);
    }
    this.#samples += 1;
  }
}
