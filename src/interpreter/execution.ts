import type { Payload } from '../payload/index.js';
import type { ErrorDetails, StartedBy } from './history.js';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Why an execution of this status is never redriven, in AWS's words; null where it may be. */
export const notRedrivable = (status: ExecutionStatus): string | null =>
  status === 'RUNNING' || status === 'SUCCEEDED' ? `Execution is ${status} and cannot be redriven` : null;

/** AWS: why an execution with too many events is not redriven. */
export const HISTORY_FULL = 'Execution history event limit exceeded';

/** How history ends the resource of a task that waits for its token. */
export const CALLBACK_SUFFIX = '.waitForTaskToken';

/** What an execution is called and belongs to; known before its first record. */
export interface ExecutionIdentity {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly region: string;
}

/**
 * Where an execution stands, rebuilt from its records. Only `evolve` changes it; the host owns it alone.
 */
export interface Execution {
  readonly identity: ExecutionIdentity;
  status: ExecutionStatus;
  /** Seq of the last record, and number of the last event. */
  seq: number;
  eventId: number;
  /** Epoch milliseconds of the last record. */
  at: number;
  startedAt: number;
  /** Null before ExecutionStarted. */
  input: Payload | null;
  /** The version and the alias that it was started with, where it was. */
  startedBy: StartedBy;
  /** X-Amzn-Trace-Id of whoever started it; null where none was given. */
  traceHeader: string | null;
  /** Null until ExecutionSucceeded. */
  output: Payload | null;
  /** Set by a failure, an abort or a time-out. */
  failure: ErrorDetails | null;
  /** How often it was redriven, and when for the last time; epoch milliseconds. */
  redriveCount: number;
  redrivenAt: number | null;
  /** When the execution times out; null = never. */
  timeoutAt: number | null;
  /** Set in a child of a map run. */
  child: ChildPlace | null;
  /** Set where a Task waits for its end. */
  caller: Caller | null;
  /** By id: the seq of the record that opened the frame. */
  readonly frames: Map<number, Frame>;
}

/** Which child of a map run an execution is. */
export interface ChildPlace {
  readonly mapRunArn: string;
  readonly index: number;
  /** Items in its input: more than one where they are batched. */
  readonly itemCount: number;
  /** Of the run, by which the child was redriven for the last time; 0 = it was not. */
  readonly runRedrive: number;
}

/** The Task of another execution that has started this one (`startExecution.sync`, `.sync:2`). */
export interface Caller {
  readonly execution: number;
  /** Seq of its scheduled record. */
  readonly task: number;
  readonly pattern: 'sync' | 'sync:2';
}

export const ROOT_FRAME = 1;

/** One thread of states: the machine itself, a branch, an iteration. */
export interface Frame {
  /** Seq of the record that opened it. */
  readonly id: number;
  /** The frame whose Parallel or Map opened this one; null for the root. */
  readonly parent: number | null;
  /** Which branch or iteration it is. */
  readonly index: number;
  /** The chain pointer: id of the event that the next one points at. */
  last: number;
  /** The current state; null between two states. */
  state: string | null;
  /** Event number, that event's own pointer, and time of the current state's Entered. */
  enteredEventId: number;
  enteredPreviousEventId: number;
  enteredAt: number;
  /** Raw input of the current or the next state. */
  input: Payload;
  /** The state to enter next; null inside a state and at the end. */
  next: string | null;
  /** This scope's variables; null where none was assigned. */
  variables: Map<string, Payload> | null;
  /** Retries so far by retrier of the current state, up to the last one that was used; null where there were none. */
  retries: number[] | null;
  /** What the current state waits for. */
  awaits: Awaits | null;
  /** The awaited thing has come and the state has not gone on yet. */
  outcome: Outcome | null;
  /** The last run of the current state, a distributed Map, unless it has succeeded: what a redrive goes on with. */
  mapRun: LastMapRun | null;
}

export type Awaits = AwaitsTask | AwaitsTimer | AwaitsRetry | AwaitsMapRun | AwaitsChildren | AwaitsRedrive;

export interface AwaitsTask {
  readonly type: 'task';
  /** Seq of the scheduled record: the task's key. */
  readonly seq: number;
  /** `function`: a function's ARN written directly, with events of its own. */
  readonly resourceType: string;
  readonly resource: string;
  readonly parameters: Payload;
  isStarted: boolean;
  isSubmitted: boolean;
  /** How often its call was made anew because somebody asked for it, and whether it is being made now. */
  sends: number;
  isSendingAgain: boolean;
  /** Why the last of these calls was refused; null where it was not. */
  sendFault: string | null;
  /** Epoch milliseconds of the scheduled record. */
  readonly scheduledAt: number;
  /** When its heartbeats begin to count: epoch milliseconds of the scheduled record, or of a worker's start. */
  beatsFrom: number;
  /** When the task times out, and when its first beat is due; for an activity null until a worker has it. */
  dueAt: number | null;
  heartbeatDueAt: number | null;
  /** Seconds that an activity's worker has, from when it takes the task; null for other tasks. */
  readonly workerLimits: { readonly timeout: number | null; readonly heartbeat: number | null } | null;
  /** How the worker of an activity names the task; null where no worker has it, and for other tasks. */
  token: string | null;
  /** What that worker calls itself. */
  workerName: string | null;
}

/** Whether somebody has to answer it of his own accord: whoever was sent its token, or a worker. */
export const isOpenWait = ({ resourceType, resource }: AwaitsTask): boolean =>
  resourceType === 'activity' || resource.endsWith(CALLBACK_SUFFIX);

/** Whether its call may be made anew: it was accepted, and its token has not come back. */
export const canBeSentAgain = (task: AwaitsTask): boolean =>
  task.isSubmitted && !task.isSendingAgain && task.resource.endsWith(CALLBACK_SUFFIX);

/** A Wait. */
export interface AwaitsTimer {
  readonly type: 'timer';
  readonly seq: number;
  readonly dueAt: number;
}

export interface AwaitsRetry {
  readonly type: 'retry';
  readonly seq: number;
  readonly dueAt: number;
}

/** The children of a distributed Map. */
export interface AwaitsMapRun extends MapRunOf {
  readonly type: 'mapRun';
  /** Seq of MapRunStarted, or of MapRunRedriven. */
  readonly seq: number;
}

interface MapRunOf {
  readonly mapRunArn: string;
  /** Null where an ItemReader brings the items. */
  readonly items: Payload | null;
  /** A `MapRunPlan` as JSON. */
  readonly plan: Payload;
  /** How often it has been redriven, and when for the last time; epoch milliseconds. */
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
}

export interface LastMapRun extends MapRunOf {
  /** What it has failed with; null where it has not, e.g. since its parent was stopped. */
  readonly error: string | null;
}

/** Its state is to be done again, by a redrive; nothing from outside is awaited. */
export interface AwaitsRedrive {
  readonly type: 'redrive';
}

export interface AwaitsChildren {
  readonly type: 'children';
  readonly total: number;
  /** Index of the next iteration to open; equals `total` when all are open or done. */
  nextIndex: number;
  /** Open frames by index. */
  readonly open: Map<number, number>;
  /** Outputs by index, up to the last one that has come; null where a branch is not done. */
  readonly results: (Payload | null)[];
  resultCount: number;
  /** What is mapped, and how many iterations may be open at once; null for a Parallel. */
  readonly map: { readonly items: Payload; readonly slots: number } | null;
}

export type Outcome =
  | { readonly type: 'succeeded'; readonly result: Payload }
  /** `isAfterSuccess`: what was awaited had succeeded, and an expression about its result has failed. */
  | { readonly type: 'failed'; readonly error: ErrorDetails; readonly isAfterSuccess?: true };

export function newExecution(identity: ExecutionIdentity): Execution {
  return {
    identity,
    status: 'RUNNING',
    seq: 0,
    eventId: 0,
    at: 0,
    startedAt: 0,
    input: null,
    startedBy: {},
    traceHeader: null,
    output: null,
    failure: null,
    redriveCount: 0,
    redrivenAt: null,
    timeoutAt: null,
    child: null,
    caller: null,
    frames: new Map(),
  };
}

/** The frame must exist: a broken invariant otherwise. */
export function frameOf(execution: Execution, id: number): Frame {
  const frame = execution.frames.get(id);
  if (frame === undefined) throw new Error(`Broken invariant: ${execution.identity.arn} has no frame ${id}`);
  return frame;
}
