import { type Place, parseArn } from '../../arn.js';
import type { Committed, Revision } from '../../host/index.js';
import type { Execution, HistoryRecord } from '../../interpreter/index.js';
import { METRIC_SOURCES_CACHED_MAX, TRACKED_EXECUTIONS_MAX } from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { kindOf } from './record-kinds.js';
import { type Source, Sources } from './sources.js';
import { type OpenTask, TaskSources, taskEnded, taskStarted } from './task-metrics.js';
import { ExecutionTrace, type Tracing } from './traces.js';

/** Who counts what the engine does, besides the metrics of AWS. */
export interface EngineCounts {
  /** One more commit, in which so many states were entered. */
  committed(transitions: number): void;
  executionEnded(machineName: string, status: string): void;
  /** Milliseconds; null where its beginning is not known. */
  taskEnded(resource: string, outcome: 'succeeded' | 'failed' | 'timed_out', durationMs: number | null): void;
}

export interface ExecutionMetricsOptions {
  readonly metrics: Metrics;
  readonly counts: EngineCounts;
  readonly tracing: Tracing;
}

/** Where the metrics of a revision's executions go. */
interface RevisionSources {
  readonly place: Place;
  /** Of the account and of the machine. */
  readonly executions: readonly Source[];
  readonly machine: Source;
  readonly transitions: Source;
  readonly tasks: TaskSources;
}

/** What is remembered of an execution that runs. After a restart it begins anew: times may be missing then. */
interface Tracked {
  readonly revision: Revision;
  readonly of: RevisionSources;
  /** With those of the version and the alias, where there are such. */
  readonly sources: readonly Source[];
  /** By frame: one has one task at a time. */
  readonly tasks: Map<number, OpenTask>;
  readonly trace: ExecutionTrace | null;
}

/** The metrics that AWS has of Step Functions, and the traces, from records that have become durable. */
export class ExecutionMetrics {
  /** By ARN; the one that was seen first goes first. */
  readonly #tracked = new Map<string, Tracked>();
  /** By id of the revision. */
  readonly #revisions = new Map<string, RevisionSources>();
  readonly #sources: Sources;

  constructor(private readonly options: ExecutionMetricsOptions) {
    this.#sources = new Sources(options.metrics, 'AWS/States');
  }

  committed({ revision, execution, records }: Committed): void {
    const tracked = this.#tracked.get(execution.identity.arn) ?? this.#track(revision, execution);
    let transitions = 0;
    for (const record of records) {
      if (this.#see(tracked, execution, record)) transitions += 1;
      tracked.trace?.see(record);
    }
    this.options.counts.committed(transitions);
    if (transitions > 0) tracked.of.transitions.count('ConsumedCapacity', transitions, execution.at);
  }

  /** True for a state transition. */
  #see(tracked: Tracked, execution: Execution, record: HistoryRecord): boolean {
    switch (kindOf(record.type)) {
      case 'executionStarted':
        for (const source of tracked.sources) source.count('ExecutionsStarted', 1, record.at);
        return false;
      case 'executionRedriven':
        tracked.of.machine.count('ExecutionsRedriven', 1, record.at);
        return false;
      case 'executionEnded':
        this.#ended(tracked, execution, record);
        return false;
      case 'stateEntered':
        return true;
      case 'taskScheduled': {
        const task = tracked.of.tasks.open(record);
        if (task === null) return false;
        tracked.tasks.set(record.frame, task);
        return false;
      }
      case 'taskStarted': {
        const task = tracked.tasks.get(record.frame);
        if (task !== undefined) taskStarted(task, record.at);
        return false;
      }
      case 'taskSucceeded':
      case 'taskFailed':
      case 'taskTimedOut':
        this.#taskEnded(tracked, record);
        return false;
      case 'childStarted':
      case 'stateLeft':
      case undefined:
        return false;
      default:
        throw new Error(`Broken invariant: metrics do not know the record ${record.type}`);
    }
  }

  #taskEnded({ tasks, of }: Tracked, record: HistoryRecord): void {
    const task = tasks.get(record.frame);
    tasks.delete(record.frame);
    const ended = taskEnded(of.tasks, task, record);
    if (ended !== null) this.options.counts.taskEnded(ended.resource, ended.outcome, ended.durationMs);
  }

  #ended(tracked: Tracked, execution: Execution, record: HistoryRecord): void {
    const name = ENDS[record.type] ?? 'ExecutionsFailed';
    for (const source of tracked.sources) {
      source.count(name, 1, record.at);
      source.milliseconds('ExecutionTime', record.at - execution.startedAt, record.at);
    }
    if (execution.redriveCount > 0) tracked.of.machine.count(`Redriven${name}`, 1, record.at);
    this.options.counts.executionEnded(tracked.revision.machineName, execution.status);
    tracked.trace?.end(execution);
    this.#tracked.delete(execution.identity.arn);
  }

  #track(revision: Revision, execution: Execution): Tracked {
    const of = this.#revisions.get(revision.id) ?? this.#sourcesOf(revision);
    const { machineArn } = revision;
    const qualified = qualifiersOf(execution).map((dimension) =>
      this.#sources.of(of.place, `${machineArn} ${dimension.name} ${dimension.value}`, () => [
        { name: 'StateMachineArn', value: machineArn },
        dimension,
      ]),
    );
    const sources = qualified.length === 0 ? of.executions : [...of.executions, ...qualified];
    const trace = revision.isTraced ? new ExecutionTrace(this.options.tracing) : null;
    const tracked = { revision, of, sources, tasks: new Map(), trace };
    if (this.#tracked.size >= TRACKED_EXECUTIONS_MAX) this.#tracked.delete(this.#tracked.keys().next().value ?? '');
    this.#tracked.set(execution.identity.arn, tracked);
    return tracked;
  }

  #sourcesOf({ id, machineArn }: Revision): RevisionSources {
    const { region, account } = parseArn(machineArn) ?? { region: '', account: '' };
    const place = { region, account };
    const machine = this.#sources.of(place, machineArn, () => [{ name: 'StateMachineArn', value: machineArn }]);
    const made: RevisionSources = {
      place,
      executions: [this.#sources.of(place, '', () => []), machine],
      machine,
      transitions: this.#sources.of(place, 'transitions', () => [{ name: 'ServiceMetric', value: 'StateTransition' }]),
      tasks: new TaskSources(this.#sources, place),
    };
    if (this.#revisions.size >= METRIC_SOURCES_CACHED_MAX) this.#revisions.clear(); // made again at need
    this.#revisions.set(id, made);
    return made;
  }
}

const ENDS: Readonly<Partial<Record<HistoryRecord['type'], string>>> = {
  ExecutionSucceeded: 'ExecutionsSucceeded',
  ExecutionFailed: 'ExecutionsFailed',
  ExecutionAborted: 'ExecutionsAborted',
  ExecutionTimedOut: 'ExecutionsTimedOut',
};

/** The version and the alias that it was started with. */
function qualifiersOf({ startedBy }: Execution): readonly { readonly name: string; readonly value: string }[] {
  const { stateMachineVersionArn, stateMachineAliasArn } = startedBy;
  const last = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
  return [
    ...(stateMachineVersionArn === undefined ? [] : [{ name: 'Version', value: last(stateMachineVersionArn) }]),
    ...(stateMachineAliasArn === undefined ? [] : [{ name: 'Alias', value: last(stateMachineAliasArn) }]),
  ];
}
