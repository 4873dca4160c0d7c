import type {
  ExecutionId,
  ExecutionQuery,
  ExecutionRow,
  OutboxRow,
  RecordQuery,
  StoredExecution,
  StoredRecord,
  TimerRow,
} from '../ports.js';
import type { Flat } from './batch.js';
import type { SentError } from './errors.js';

/** What the main thread and the two storage threads say to each other. */
export interface ThreadData {
  readonly folder: string;
  readonly pagesMax: number | null;
}

/** The first message of a thread. */
export type ThreadStarted = { readonly type: 'started' } | { readonly type: 'failed'; readonly error: SentError };

export type WriteRequest =
  | { readonly type: 'delete'; readonly before: number; readonly limit: number }
  | { readonly type: 'vacuum' }
  | { readonly type: 'close' }
  /** Commits, the usual case, come bare. */
  | Flat;

/** To commits their answers; to `delete` how many were deleted, to `vacuum` how many free pages are left, to `close` 0. */
export type WriteAnswer = Flat | number | { readonly error: SentError };

export type ReadRequest =
  | { readonly type: 'nextId' }
  | { readonly type: 'load'; readonly execution: ExecutionId; readonly from: 'start' | 'snapshot' }
  | { readonly type: 'find'; readonly machine: string; readonly name: string }
  | { readonly type: 'list'; readonly query: ExecutionQuery }
  | { readonly type: 'outbox'; readonly after: OutboxRow | null; readonly limit: number }
  | { readonly type: 'timers'; readonly before: number; readonly after: TimerRow | null; readonly limit: number }
  | { readonly type: 'get'; readonly collection: string; readonly key: string }
  | { readonly type: 'scan'; readonly query: RecordQuery };

/** What each read gives. */
export interface ReadResults {
  readonly nextId: ExecutionId;
  readonly load: StoredExecution | null;
  readonly find: ExecutionRow | null;
  readonly list: readonly ExecutionRow[];
  readonly outbox: readonly OutboxRow[];
  readonly timers: readonly TimerRow[];
  readonly get: string | null;
  readonly scan: readonly StoredRecord[];
}

export type ReadResult = ReadResults[keyof ReadResults];

export type ReadAnswer = { readonly value: ReadResult } | { readonly error: SentError };

/** Several reads travel together; `close` ends the thread. */
export type ReadMessage = readonly ReadRequest[] | 'close';
