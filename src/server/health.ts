import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Health } from '../api/treadle/index.js';
import type { EmbeddedHost, ExpressStarts, TransientHost } from '../host/index.js';
import { type Quotas, raisedQuotas } from '../limits.js';
import type { Store } from '../store/ports.js';

/** Percentiles and the processor's share are over this time. */
const WINDOW_MS = 10_000;
const LAG_DEGRADED_MS = 500;

export interface HealthSources {
  readonly store: Store;
  readonly host: EmbeddedHost;
  readonly transient: TransientHost;
  readonly express: ExpressStarts;
  readonly version: string;
  readonly endpoint: () => string;
  readonly region: string;
  readonly account: string;
  readonly dataFolder: string;
  readonly quotas: Quotas;
  /** Executions that were set aside since the start. */
  readonly quarantined: () => readonly string[];
  /** Why the last backup was not made; null when it was. */
  readonly backupFailure: () => string | null;
}

/** The server at one moment: what its metrics are made of. */
export interface ServerSample {
  readonly cpuPercent: number;
  readonly residentBytes: number;
  readonly eventLoopLagMsP99: number;
  readonly commitMsP50: number;
  readonly commitMsP99: number;
  readonly commitsWaiting: number;
  readonly tasksInFlight: number;
  readonly tasksWaiting: number;
  readonly stimuliWaiting: number;
  readonly timers: number;
  readonly liveExecutions: number;
  /** Runs of distributed Maps under way, and those of them that wait for their turn to read their items. */
  readonly mapRuns: { readonly open: number; readonly waiting: number };
}

/** Watches the server itself; `health` is what its page shows. */
export class HealthWatch {
  readonly #startedAt = Date.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #timer: NodeJS.Timeout;
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();
  #cpuPercent = 0;
  #lag = { p50: 0, p99: 0, max: 0 };

  constructor(private readonly sources: HealthSources) {
    this.#delay.enable();
    this.#timer = setInterval(() => this.#measure(), WINDOW_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  #measure(): void {
    const used = process.cpuUsage(this.#cpu);
    const now = performance.now();
    this.#cpuPercent = Math.round(((used.user + used.system) / 1000 / (now - this.#cpuAt)) * 100);
    this.#cpu = process.cpuUsage();
    this.#cpuAt = now;
    // The histogram counts the sampling interval itself: what exceeds it is the lag.
    const lag = (nanoseconds: number) => Math.max(0, Math.round((nanoseconds / 1e6 - 20) * 10) / 10);
    this.#lag = {
      p50: lag(this.#delay.percentile(50)),
      p99: lag(this.#delay.percentile(99)),
      max: lag(this.#delay.max),
    };
    this.#delay.reset();
  }

  sample(): ServerSample {
    const { store, host } = this.sources;
    const { commitMsP50, commitMsP99, queued } = store.statistics();
    const { live, tasksInFlight, tasksWaiting, timers } = host.load;
    return {
      cpuPercent: this.#cpuPercent,
      residentBytes: process.memoryUsage.rss(),
      eventLoopLagMsP99: this.#lag.p99,
      commitMsP50,
      commitMsP99,
      commitsWaiting: queued,
      tasksInFlight,
      tasksWaiting,
      stimuliWaiting: host.stimuliWaiting,
      timers,
      liveExecutions: live,
      mapRuns: { open: host.mapRuns.size, waiting: host.mapRuns.waiting },
    };
  }

  async health(): Promise<Health> {
    const { store, host, transient, express, version, endpoint, region, account, dataFolder } = this.sources;
    const memory = process.memoryUsage();
    const statistics = store.statistics();
    const load = host.load;
    const inMemory = transient.load;
    const problems = this.#problems();
    return {
      status: problems.length === 0 ? 'ok' : 'degraded',
      problems,
      version,
      endpoint: endpoint(),
      region,
      account,
      dataFolder,
      startedAt: this.#startedAt,
      uptimeMs: Date.now() - this.#startedAt,
      memory: {
        residentBytes: memory.rss,
        heapUsedBytes: memory.heapUsed,
        heapLimitBytes: getHeapStatistics().heap_size_limit,
      },
      cpuPercent: this.#cpuPercent,
      eventLoopLagMs: this.#lag,
      commitLatencyMs: {
        p50: statistics.commitMsP50,
        p99: statistics.commitMsP99,
        max: statistics.commitMsP99,
      },
      queue: {
        commitsWaiting: statistics.queued,
        tasksInFlight: load.tasksInFlight + inMemory.tasksInFlight,
        tasksWaiting: load.tasksWaiting + inMemory.tasksWaiting,
        timers: load.timers,
      },
      executions: {
        running: (await this.running()) + inMemory.executions + express.waiting,
        liveInMemory: load.live + inMemory.executions,
      },
      raisedQuotas: raisedQuotas(this.sources.quotas),
    };
  }

  /** Counted up to a bound: a page must not read a million rows. */
  async running(): Promise<number> {
    const query = { machine: null, status: 'RUNNING', after: null, limit: RUNNING_COUNTED_MAX } as const;
    return (await this.sources.store.executions.list(query)).length;
  }

  #problems(): readonly string[] {
    const problems = this.sources
      .quarantined()
      .map((arn) => `${arn} was set aside: its history cannot go on. The server's log says why.`);
    const backupFailure = this.sources.backupFailure();
    if (backupFailure !== null) problems.push(`The last backup was not made: ${backupFailure}`);
    if (this.#lag.p99 > LAG_DEGRADED_MS) problems.push(`The event loop lags by ${this.#lag.p99} ms (p99).`);
    return problems;
  }
}

const RUNNING_COUNTED_MAX = 10_000;
