import type { Place } from '../../arn.js';
import type { FunctionCall } from '../../functions/index.js';
import { type Committed, oldestOpenWaitAt } from '../../host/index.js';
import { Metrics } from '../../services/metrics/metrics.js';
import type { RecordStore } from '../../store/ports.js';
import type { HealthWatch } from '../health.js';
import { VERSION } from '../version.js';
import { ExecutionMetrics } from './execution-metrics.js';
import { FunctionMetrics } from './function-metrics.js';
import { Prometheus } from './prometheus.js';
import { ServerMetrics } from './server-metrics.js';
import { openTracing } from './traces.js';

export interface ObservabilityOptions {
  readonly records: RecordStore;
  /** Where the server's own metrics are. */
  readonly place: Place;
  readonly dataFolder: string;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** Metrics and traces of everything that the server does. */
export class Observability {
  readonly #prometheus = new Prometheus();
  readonly #executions: ExecutionMetrics;
  readonly #functions: FunctionMetrics;
  #server: ServerMetrics | null = null;
  #hasFailed = false;

  private constructor(
    readonly metrics: Metrics,
    private readonly options: ObservabilityOptions,
  ) {
    const tracing = openTracing(VERSION);
    this.#executions = new ExecutionMetrics({ metrics, counts: this.#prometheus, tracing });
    this.#functions = new FunctionMetrics(metrics, options.now);
  }

  static async open(options: ObservabilityOptions): Promise<Observability> {
    const { records, now, report } = options;
    return new Observability(await Metrics.open({ records, clock: { now }, report }), options);
  }

  /** For the host: what has become durable. */
  readonly onCommitted = (committed: Committed): void => {
    try {
      this.#executions.committed(committed);
    } catch (fault) {
      this.#failed(fault);
    }
  };

  /** For functions: a call is over. */
  readonly onCall = (call: FunctionCall): void => this.#functions.called(call);

  /** A fault of ours that must not hold up an execution; said once, since it would come with every one. */
  #failed(fault: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.options.report(`Metrics are incomplete: ${fault instanceof Error ? fault.stack : fault}`);
  }

  /** From now on the server's own health is measured. */
  watch(health: HealthWatch): void {
    const { place, dataFolder, now } = this.options;
    this.#server = new ServerMetrics({
      ...{ metrics: this.metrics, place, dataFolder, now },
      sample: () => health.sample(),
      running: () => health.running(),
      oldestWaitAt: () => oldestOpenWaitAt(this.options.records),
    });
  }

  async page(): Promise<{ readonly text: string; readonly contentType: string }> {
    return this.#prometheus.page((await this.#server?.values()) ?? new Map());
  }

  async close(): Promise<void> {
    this.#server?.close();
    await this.metrics.close();
  }
}
