/**
 * What Treadle asks of a store. Two ports, one transaction: `commit` takes executions' decisions and services' records together.
 * Adapters keep texts as they are and know nothing about events. `test/`'s conformance suite (`conformance.ts`) defines the behaviour.
 */
export interface Store {
  readonly executions: ExecutionStore;
  readonly records: RecordStore;
  /** One durable transaction. Rejects with StoreUnavailable when nothing was written (the caller may try again after reloading). */
  commit(commit: Commit): Promise<CommitResult>;
  statistics(): StoreStatistics;
  /** Waits for what is under way, then releases files and threads. */
  close(): Promise<void>;
}

/** What a health page shows. Percentiles are of the latest transactions only. */
export interface StoreStatistics {
  /** `commit` calls answered since the store was opened, conflicts included. */
  readonly commits: number;
  /** `commit` calls not answered yet. */
  readonly queued: number;
  /** Milliseconds from handing a transaction over until it is durable; 0 before the first. */
  readonly commitMsP50: number;
  readonly commitMsP99: number;
  /** 0 where nothing is on a disk. */
  readonly bytesOnDisk: number;
}

/** Given out by the host, counting up; unique in the store, never used again. */
export type ExecutionId = number;

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/**
 * One transaction. The entries are independent of each other; the writes are written, all of them, where every entry is committed. A
 * write whose expectation does not hold leaves nothing of the commit.
 */
export interface Commit {
  readonly entries: readonly CommitEntry[];
  readonly writes: readonly RecordWrite[];
}

/** One decision of one execution. */
export interface CommitEntry {
  readonly execution: ExecutionId;
  /**
   * Seq of the first record of `data`: one more than the seq that the decision was based on. The fence: where a segment
   * with this first seq exists already, the entry changes nothing and its outcome is `conflict`. 0 with `data` null: no records
   * (only outbox, timers or snapshot change), no fence.
   */
  readonly firstSeq: number;
  /** The decision's records, encoded (see segment.ts). Opaque to the store. */
  readonly data: string | null;
  /** Set in the first entry of an execution. */
  readonly start: NewExecution | null;
  /** Set in the entry that ends it (or, on redrive, opens it again). */
  readonly status: {
    readonly status: ExecutionStatus;
    readonly stopAt: number | null;
    /** How often it has been redriven, and when just now; null = it was not. */
    readonly redrive?: { readonly count: number; readonly at: number } | null;
  } | null;
  /** Seqs of records whose commands have to be performed, or were. */
  readonly outboxAdd: readonly number[];
  readonly outboxRemove: readonly number[];
  readonly timersAdd: readonly TimerKey[];
  readonly timersRemove: readonly TimerKey[];
  /** Only a cache: a missing one, or one of another format, means replay. Replaces the older one. */
  readonly snapshot: { readonly seq: number; readonly data: string } | null;
}

export interface TimerKey {
  /** Epoch milliseconds. */
  readonly dueAt: number;
  readonly seq: number;
}

export interface NewExecution {
  /** ARN without version or alias; `(machine, name)` is unique. */
  readonly machine: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly startAt: number;
  /** The definition's revision, kept while an execution refers to it. */
  readonly revision: string;
  /** The number of the machine's version that it was started with; null = with the machine itself. */
  readonly version: number | null;
  /** The name of the alias that led to the version. */
  readonly alias: string | null;
}

export interface CommitResult {
  /** In the order of the entries. */
  readonly outcomes: readonly CommitOutcome[];
}

export type CommitOutcome =
  | { readonly type: 'committed' }
  /** The execution has moved on, or the entry's execution does not exist: reload and decide again. */
  | { readonly type: 'conflict' }
  /** `start` named an execution that exists; nothing was written for this entry. */
  | { readonly type: 'nameTaken'; readonly execution: ExecutionId };

export interface ExecutionRow extends NewExecution {
  readonly execution: ExecutionId;
  readonly status: ExecutionStatus;
  readonly stopAt: number | null;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
}

export interface StoredSegment {
  readonly firstSeq: number;
  readonly data: string;
}

export interface StoredExecution {
  readonly row: ExecutionRow;
  readonly snapshot: { readonly seq: number; readonly data: string } | null;
  /** Every segment in order of seq; with `afterSnapshot`, only those newer than the snapshot. */
  readonly segments: readonly StoredSegment[];
}

/** Reads see everything that was committed before they were asked for. */
export interface ExecutionStore {
  /** One more than the highest id ever used. */
  nextId(): Promise<ExecutionId>;
  load(execution: ExecutionId, options: { readonly from: 'start' | 'snapshot' }): Promise<StoredExecution | null>;
  find(machine: string, name: string): Promise<ExecutionRow | null>;
  /** Newest first (startAt, then id, both descending). */
  list(query: ExecutionQuery): Promise<readonly ExecutionRow[]>;
  /** Rows of commands not yet performed, by (execution, seq) ascending, after the given one. */
  outbox(query: { readonly after: OutboxRow | null; readonly limit: number }): Promise<readonly OutboxRow[]>;
  /** Timers with `dueAt < before`, by (dueAt, execution, seq) ascending, after the given one. */
  timers(query: {
    readonly before: number;
    readonly after: TimerRow | null;
    readonly limit: number;
  }): Promise<readonly TimerRow[]>;
  /** Deletes at most `limit` executions that stopped before; gives the space back to the disk. Returns how many. */
  deleteStopped(query: { readonly before: number; readonly limit: number }): Promise<number>;
}

export interface ExecutionQuery {
  /** Null = of all machines. */
  readonly machine: string | null;
  readonly status: ExecutionStatus | null;
  /** Only those started with this version, or through this alias. */
  readonly startedBy?: { readonly version: number } | { readonly alias: string };
  /** Null = from the newest. */
  readonly after: { readonly startAt: number; readonly execution: ExecutionId } | null;
  readonly limit: number;
}

export interface OutboxRow {
  readonly execution: ExecutionId;
  readonly seq: number;
}

export interface TimerRow extends TimerKey {
  readonly execution: ExecutionId;
}

/**
 * Small documents of the services: machines, functions, topics, deliveries.
 * Keys sort by their UTF-8 bytes (by code point), as S3 and DynamoDB sort theirs.
 */
export interface RecordStore {
  get(collection: string, key: string): Promise<string | null>;
  /** Ascending by key, unless asked otherwise. */
  scan(query: RecordQuery): Promise<readonly StoredRecord[]>;
  /** `commit` with writes only. Rejects with RecordConflict when an expectation does not hold: nothing was written. */
  write(writes: readonly RecordWrite[]): Promise<void>;
}

export interface RecordQuery {
  readonly collection: string;
  readonly prefix: string;
  /** Keys greater than this one; null = from the first. */
  readonly after: string | null;
  /** Keys less than this one; without it, to the last. */
  readonly before?: string | null;
  /** From the last key to the first. */
  readonly isDescending?: boolean;
  readonly limit: number;
  /** The first record whose value makes it so many UTF-16 units is the last one read. */
  readonly charsMax?: number;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: string;
}

export type RecordWrite =
  | {
      readonly type: 'put';
      readonly collection: string;
      readonly key: string;
      readonly value: string;
      /** `absent`: the whole commit is refused when the key exists. */
      readonly expect: 'absent' | 'any';
    }
  | { readonly type: 'delete'; readonly collection: string; readonly key: string };

/** Nothing was written, or it is not known whether it was: reload before deciding again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A RecordWrite's expectation did not hold; nothing was written. */
export class RecordConflict extends Error {
  override readonly name = 'RecordConflict';
  constructor(
    readonly collection: string,
    readonly key: string,
  ) {
    super(`Expected no record '${key}' in '${collection}', but there is one.`);
  }
}

/** Another process has the data folder open. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse';
}
