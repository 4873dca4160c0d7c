import type { Cancellation, TaskAnswer, TaskCall } from '../integrations/port.js';
import type { Caller, ChildPlace, Execution, HistoryRecord, Seed } from '../interpreter/index.js';
import type { Definition } from '../language/definition.js';
import type { JsonObject, Payload } from '../payload/index.js';
import type { ExecutionId, RecordWrite } from '../store/ports.js';

/** One revision of a state machine: what an execution keeps running with, whatever happens to the machine. */
export interface Revision {
  readonly id: string;
  /** ARN and name of the machine, without version or alias. */
  readonly machineArn: string;
  readonly machineName: string;
  readonly roleArn: string;
  readonly definition: Definition;
  /** Where its executions are logged; null where they are not. */
  readonly logging?: ExecutionLogging | null;
  /** Its executions leave spans. */
  readonly isTraced?: boolean;
}

/** A log group of CloudWatch Logs, and what of an execution goes there. */
export interface ExecutionLogging {
  readonly level: 'ALL' | 'ERROR' | 'FATAL';
  readonly includeExecutionData: boolean;
  readonly groupArn: string;
}

/** What has become durable of one execution, for whoever watches all of them. */
export interface Committed {
  readonly revision: Revision;
  /** As it is after the records; not to be changed or kept. */
  readonly execution: Execution;
  readonly records: readonly HistoryRecord[];
}

/** What somebody else writes in the commit of an execution's records. */
export interface Alongside {
  readonly writes: readonly RecordWrite[];
  /** They are durable. */
  readonly accept: () => void;
  /** The commit has failed, and it is not known whether they are. */
  readonly lookAgain: () => void;
}

/** Where the host gets an execution's revision from when it comes back from the store. */
export interface Revisions {
  /** Null when there is no such revision: a broken invariant, for a revision is kept while an execution refers to it. */
  load(id: string): Promise<Revision | null>;
}

/** Carries out tasks. Never rejects for the caller's faults. */
export interface Performer {
  perform(call: TaskCall, cancellation: Cancellation): Promise<TaskAnswer>;
}

/** Time and chance, so that tests may hold both. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `then` after `ms`; returns how to call it off. */
  after(ms: number, then: () => void): () => void;
}

export type SeedSource = () => Seed;

export interface StartRequest {
  readonly revision: Revision;
  readonly name: string;
  readonly input: Payload;
  /** Set for a child of a map run. */
  readonly child?: ChildPlace;
  /** Written in the same commit; a start that meets one of them standing already is `nameTaken`. */
  readonly writes?: readonly RecordWrite[];
  /** Set where a Task of another execution waits for the end. */
  readonly caller?: Caller;
  /** The version that was asked for, directly or through the alias; null = the machine itself. */
  readonly version?: number | null;
  readonly alias?: string | null;
  /** X-Amzn-Trace-Id of whoever starts it. */
  readonly traceHeader?: string | null;
}

export type StartResult =
  | { readonly type: 'started'; readonly execution: ExecutionId; readonly startedAt: number }
  /** `execution` is 0 where a record stands already that was to be written with it: whoever asked knows it. */
  | { readonly type: 'nameTaken'; readonly execution: ExecutionId };

/** Records that have become durable, for whoever follows an execution. */
export type RecordListener = (records: readonly HistoryRecord[]) => void;

/** What was found at start and goes on. */
export interface Recovery {
  readonly executions: number;
  /** Calls that are made again, and other things that were left to do. */
  readonly commands: number;
  /** Came due while nobody ran. */
  readonly timersOverdue: number;
}

/** One item of a map run as JSON text. */
export interface MapItemText {
  readonly text: string;
  /** Of an object's pair only: its key, and the JSON text of its value. */
  readonly key?: string;
  readonly value?: string;
  readonly source: string;
}

/** How one child of a map run ended. Texts are JSON; times are epoch milliseconds. */
export interface ChildResult {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING';
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly redriveCount?: number;
  readonly redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  readonly redriveStatusReason?: string;
}

/** Where map runs have their items from, and where their results go. Every fault of the caller's is thrown as `{ error, cause }`. */
export interface MapData {
  /** The elements of an array, the pairs of an object. */
  itemsOf(items: Payload | null): Iterable<MapItemText>;
  readItems(request: {
    readonly resource: string;
    readonly parameters: JsonObject;
    readonly readerConfig: JsonObject;
  }): AsyncIterable<MapItemText>;
  batchItems(
    items: AsyncIterable<{ readonly text: string }>,
    rule: {
      readonly maxItemsPerBatch: number;
      readonly maxInputBytesPerBatch: number;
      readonly batchInputText?: string;
    },
  ): AsyncIterable<{ readonly text: string; readonly itemCount: number }>;
  /** The state's output as JSON text, where nothing is exported. */
  stateOutput(
    request: { readonly stateName: string; readonly writerConfig?: JsonObject; readonly bytesMax: number },
    results: AsyncIterable<ChildResult>,
  ): Promise<string>;
  /** Exports the results; gives the state's output as JSON text. */
  writeResults(
    request: { readonly parameters: JsonObject; readonly writerConfig?: JsonObject; readonly mapRunArn: string },
    results: AsyncIterable<ChildResult>,
  ): Promise<{ readonly output: string }>;
}

/** An execution that was set aside: its records cannot be decided on. Our fault; its history is untouched. */
export class ExecutionQuarantined extends Error {
  override readonly name = 'ExecutionQuarantined';
}

export class HostClosed extends Error {
  override readonly name = 'HostClosed';
}
