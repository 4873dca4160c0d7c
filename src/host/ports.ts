import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import type { Execution, HistoryRecord, Seed } from '../interpreter/index.js';
import type { Definition } from '../language/definition.js';
import type { Payload } from '../payload/index.js';
import type { ExecutionId } from '../store/ports.js';

/** One revision of a state machine: what an execution keeps running with, whatever happens to the machine. */
export interface Revision {
  readonly id: string;
  /** ARN and name of the machine, without version or alias. */
  readonly machineArn: string;
  readonly machineName: string;
  readonly roleArn: string;
  readonly definition: Definition;
  /** Its executions leave spans. */
  readonly isTraced?: boolean;
}

/** What has become durable of one execution, for whoever watches all of them. */
export interface Committed {
  readonly revision: Revision;
  /** As it is after the records; not to be changed or kept. */
  readonly execution: Execution;
  readonly records: readonly HistoryRecord[];
}

/** Where the host gets an execution's revision from when it comes back from the store. */
export interface Revisions {
  /** Null when there is no such revision: a broken invariant, for a revision is kept while an execution refers to it. */
  load(id: string): Promise<Revision | null>;
}

/** Carries out tasks. Never rejects for the caller's faults. */
export interface Performer {
  perform(call: TaskCall, signal: AbortSignal): Promise<TaskAnswer>;
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
  /** The version that was asked for, directly or through the alias; null = the machine itself. */
  readonly version?: number | null;
  readonly alias?: string | null;
  /** X-Amzn-Trace-Id of whoever starts it. */
  readonly traceHeader?: string | null;
}

export type StartResult =
  | { readonly type: 'started'; readonly execution: ExecutionId; readonly startedAt: number }
  | { readonly type: 'nameTaken'; readonly execution: ExecutionId };

/** Records that have become durable, for whoever follows an execution. */
export type RecordListener = (records: readonly HistoryRecord[]) => void;

/** What was found at start and goes on. */
export interface Recovery {
  readonly executions: number;
  readonly commands: number;
}

/** An execution that was set aside: its records cannot be decided on. Our fault; its history is untouched. */
export class ExecutionQuarantined extends Error {
  override readonly name = 'ExecutionQuarantined';
}

export class HostClosed extends Error {
  override readonly name = 'HostClosed';
}
