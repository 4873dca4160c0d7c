import type { Place } from '../../arn.js';
import type { HistoryRecord } from '../../interpreter/index.js';
import { METRIC_SOURCES_CACHED_MAX } from '../../limits/services.js';
import { kindOf } from './record-kinds.js';
import type { Source, Sources } from './sources.js';

/** A task that has been scheduled and is not over. */
export interface OpenTask {
  readonly family: Family;
  readonly source: Source;
  /** As the Prometheus page names what was called. */
  readonly resource: string;
  readonly scheduledAt: number;
  startedAt: number | null;
  /** Milliseconds after the start; an activity that times out earlier has missed a heartbeat. */
  readonly timeoutMs: number;
}

/** AWS's names of one kind of task. */
interface Family {
  readonly names: Readonly<Record<(typeof NAMES)[number], string>>;
  readonly dimension: string;
  /** As the Prometheus page names what was called; null = by its name. */
  readonly label: string | null;
}

const NAMES = [
  ...(['scheduled', 'started', 'succeeded', 'failed', 'timed_out', 'missedBeat'] as const),
  ...(['scheduleTime', 'runTime', 'time'] as const),
] as const;

function family(counts: string, times: string, rest: Omit<Family, 'names'>): Family {
  return {
    names: {
      ...{ scheduled: `${counts}Scheduled`, started: `${counts}Started`, succeeded: `${counts}Succeeded` },
      ...{ failed: `${counts}Failed`, timed_out: `${counts}TimedOut`, missedBeat: `${counts}HeartbeatTimedOut` },
      ...{ scheduleTime: `${times}ScheduleTime`, runTime: `${times}RunTime`, time: `${times}Time` },
    },
    ...rest,
  };
}

const INTEGRATION = family('ServiceIntegrations', 'ServiceIntegration', {
  ...{ dimension: 'ServiceIntegrationResourceArn', label: null },
});
const FUNCTION = family('LambdaFunctions', 'LambdaFunction', { dimension: 'LambdaFunctionArn', label: 'lambda' });
const ACTIVITY = family('Activities', 'Activity', { dimension: 'ActivityArn', label: 'activity' });

interface TaskSource {
  readonly family: Family;
  readonly source: Source;
  readonly resource: string;
}

/** The metrics of what the tasks of one revision call. */
export class TaskSources {
  readonly #held = new Map<string, TaskSource>();

  constructor(
    private readonly sources: Sources,
    private readonly place: Place,
  ) {}

  /** Counts a task that was scheduled. Null for a record of something else. */
  open(record: HistoryRecord): OpenTask | null {
    const found = scheduled(record);
    if (found === null) return null;
    const { timeoutInSeconds } = found;
    const { family, source, resource } = this.of(found);
    source.count(family.names.scheduled, 1, record.at);
    const timeoutMs = timeoutInSeconds === undefined ? Number.POSITIVE_INFINITY : timeoutInSeconds * 1000;
    return { family, source, resource, scheduledAt: record.at, startedAt: null, timeoutMs };
  }

  of({ family, called }: Pick<Scheduled, 'family' | 'called'>): TaskSource {
    const held = this.#held.get(called);
    if (held !== undefined) return held;
    // An activity's or a function's ARN, or the end of an integration's.
    const arn = family === INTEGRATION ? `arn:aws:states:::${called}` : called;
    const dimensions = [{ name: family.dimension, value: arn }];
    const source = this.sources.of(this.place, `${family.dimension} ${arn}`, () => dimensions);
    const made = { family, source, resource: family.label ?? called };
    if (this.#held.size < METRIC_SOURCES_CACHED_MAX) this.#held.set(called, made);
    return made;
  }
}

interface Scheduled {
  readonly family: Family;
  readonly called: string;
  readonly timeoutInSeconds: number | undefined;
}

function scheduled(record: HistoryRecord): Scheduled | null {
  switch (record.type) {
    case 'TaskScheduled': {
      const { resourceType, resource, timeoutInSeconds } = record.details;
      return { family: INTEGRATION, called: `${resourceType}:${resource}`, timeoutInSeconds };
    }
    case 'LambdaFunctionScheduled': {
      const { resource, timeoutInSeconds } = record.details;
      return { family: FUNCTION, called: resource, timeoutInSeconds };
    }
    case 'ActivityScheduled': {
      const { resource, timeoutInSeconds } = record.details;
      return { family: ACTIVITY, called: resource, timeoutInSeconds };
    }
    default:
      return null;
  }
}

export function taskStarted(task: OpenTask, at: number): void {
  task.startedAt = at;
  task.source.count(task.family.names.started, 1, at);
}

export interface EndedTask {
  readonly resource: string;
  readonly outcome: 'succeeded' | 'failed' | 'timed_out';
  readonly durationMs: number | null;
}

/** Counts the end of a task. Without `task` (it began in an earlier process) an integration is counted, but has no times. */
export function taskEnded(tasks: TaskSources, task: OpenTask | undefined, record: HistoryRecord): EndedTask | null {
  const outcome = outcomeOf(record);
  if (task === undefined) return endedUnknown(tasks, record, outcome);
  const { family, source, scheduledAt, resource } = task;
  const { names } = family;
  const { at } = record;
  // TaskStarted rides with the answer of a short call: that call began when it was scheduled.
  const startedAt = task.startedAt === null || task.startedAt === at ? scheduledAt : task.startedAt;
  if (task.startedAt !== null) {
    source.milliseconds(names.scheduleTime, startedAt - scheduledAt, at);
    source.milliseconds(names.runTime, at - startedAt, at);
  }
  source.milliseconds(names.time, at - scheduledAt, at);
  source.count(isMissedBeat(task, outcome, at) ? names.missedBeat : names[outcome], 1, at);
  return { resource, outcome, durationMs: at - scheduledAt };
}

function endedUnknown(
  tasks: TaskSources,
  { details, at }: HistoryRecord,
  outcome: EndedTask['outcome'],
): EndedTask | null {
  if (details === null || !('resourceType' in details)) return null;
  const called = `${details.resourceType}:${details.resource}`;
  const { family, source, resource } = tasks.of({ family: INTEGRATION, called });
  source.count(family.names[outcome], 1, at);
  return { resource, outcome, durationMs: null };
}

const isMissedBeat = ({ family, startedAt, timeoutMs }: OpenTask, outcome: EndedTask['outcome'], at: number): boolean =>
  outcome === 'timed_out' && family === ACTIVITY && startedAt !== null && at < startedAt + timeoutMs;

function outcomeOf({ type }: HistoryRecord): EndedTask['outcome'] {
  const kind = kindOf(type);
  if (kind === 'taskSucceeded') return 'succeeded';
  return kind === 'taskTimedOut' ? 'timed_out' : 'failed';
}
