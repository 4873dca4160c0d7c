import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { COMMIT_CHARS_MAX, STORE_DELETE_EXECUTIONS_MAX } from '../../limits.js';
import type {
  Commit,
  CommitResult,
  ExecutionStore,
  RecordStore,
  RecordWrite,
  Store,
  StoreStatistics,
} from '../ports.js';
import { StoreUnavailable } from '../ports.js';
import { charsOf, decodeAnswers, encodeBatch } from './batch.js';
import { BatchQueue } from './batch-queue.js';
import { receivedError } from './errors.js';
import { ReadClient } from './read-client.js';
import { Samples } from './samples.js';
import { PAGE_BYTES } from './schema.js';
import { StorageThread } from './storage-thread.js';
import type { ReadAnswer, ReadMessage, ThreadData, WriteAnswer, WriteRequest } from './thread-protocol.js';

export interface SqliteStoreOptions {
  /** Where the files lie; made when it does not exist. One process at a time. */
  readonly folder: string;
  /** The database grows no further; commits that need more reject with StoreUnavailable. Without it the disk is the limit. */
  readonly fileBytesMax?: number;
  readonly hooks?: CommitHooks;
}

/** Named points of a transaction, for tests that kill the process there or make it slow. Both run on the caller's thread. */
export interface CommitHooks {
  /** Nothing is written yet. */
  readonly onCommitting?: () => void;
  /** Everything is durable, and nobody has been told; a promise that it gives is waited for first. */
  readonly onCommitted?: () => unknown;
}

/**
 * Opens the store in a folder. All SQLite work is done by two threads, one that writes and one that reads; the caller's thread only
 * sends messages. Rejects with StoreInUse when another process has the folder, with StoreUnavailable when it cannot be used.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const folder = resolve(options.folder);
  makeFolder(folder);
  const { fileBytesMax } = options;
  const data = { folder, pagesMax: fileBytesMax === undefined ? null : Math.floor(fileBytesMax / PAGE_BYTES) };
  const writer = await StorageThread.start<WriteRequest, WriteAnswer>('writer-thread', data);
  const reader = await startReader(data, writer);
  return new SqliteStore({ folder, writer, reader, hooks: options.hooks ?? {} });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnavailable(
      `Expected to be able to make the data folder '${folder}', but it is not possible ` +
        `(${error instanceof Error ? error.message : String(error)}). Choose another folder or change its permissions.`,
    );
  }
}

async function startReader(data: ThreadData, writer: WriterThread): Promise<ReaderThread> {
  try {
    return await StorageThread.start<ReadMessage, readonly ReadAnswer[]>('reader-thread', data);
  } catch (error) {
    await writer.end({ type: 'close' });
    throw error;
  }
}

type WriterThread = StorageThread<WriteRequest, WriteAnswer>;
type ReaderThread = StorageThread<ReadMessage, readonly ReadAnswer[]>;

class SqliteStore implements Store {
  readonly executions: ExecutionStore;
  readonly records: RecordStore;
  readonly #folder: string;
  readonly #writer: WriterThread;
  readonly #reads: ReadClient;
  readonly #hooks: CommitHooks;
  readonly #queue: BatchQueue<Commit, CommitResult>;
  readonly #durations = new Samples();
  #commits = 0;
  #closing: Promise<void> | null = null;

  constructor(parts: { folder: string; writer: WriterThread; reader: ReaderThread; hooks: CommitHooks }) {
    this.#folder = parts.folder;
    this.#writer = parts.writer;
    this.#reads = new ReadClient(parts.reader);
    this.#hooks = parts.hooks;
    this.#queue = new BatchQueue((commits) => this.#transact(commits), { sizeMax: COMMIT_CHARS_MAX });
    const reads = this.#reads;
    this.executions = {
      nextId: () => reads.ask({ type: 'nextId' }),
      load: (execution, { from }) => reads.ask({ type: 'load', execution, from }),
      find: (machine, name) => reads.ask({ type: 'find', machine, name }),
      list: (query) => reads.ask({ type: 'list', query }),
      outbox: ({ after, limit }) => reads.ask({ type: 'outbox', after, limit }),
      timers: ({ before, after, limit }) => reads.ask({ type: 'timers', before, after, limit }),
      deleteStopped: (query) => this.#deleteStopped(query),
    };
    this.records = {
      get: (collection, key) => reads.ask({ type: 'get', collection, key }),
      scan: (query) => reads.ask({ type: 'scan', query }),
      write: (writes) => this.#write(writes),
    };
  }

  commit(commit: Commit): Promise<CommitResult> {
    if (this.#closing !== null) return Promise.reject(closed());
    return this.#queue.push(commit, { size: charsOf(commit) });
  }

  statistics(): StoreStatistics {
    return {
      commits: this.#commits,
      queued: this.#queue.length,
      commitMsP50: this.#durations.percentile(0.5),
      commitMsP99: this.#durations.percentile(0.99),
      bytesOnDisk: fileBytes(join(this.#folder, 'treadle.db')) + fileBytes(join(this.#folder, 'treadle.db-wal')),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #write(writes: readonly RecordWrite[]): Promise<void> {
    await this.commit({ entries: [], writes });
  }

  async #transact(commits: readonly Commit[]): Promise<(CommitResult | Error)[]> {
    const batch = encodeBatch(commits);
    const startedAt = performance.now();
    this.#hooks.onCommitting?.();
    const answers = await this.#writer.ask(batch);
    const held = this.#hooks.onCommitted?.();
    if (held instanceof Promise) await held;
    this.#durations.add(performance.now() - startedAt);
    this.#commits += commits.length;
    if (!Array.isArray(answers)) throw unexpected(answers);
    return decodeAnswers(answers, commits);
  }

  /** In slices, so that commits come in between; afterwards the file shrinks, in slices too. */
  async #deleteStopped(query: { readonly before: number; readonly limit: number }): Promise<number> {
    if (this.#closing !== null) throw closed();
    let deleted = 0;
    while (deleted < query.limit && this.#closing === null) {
      const limit = Math.min(STORE_DELETE_EXECUTIONS_MAX, query.limit - deleted);
      const count = await this.#ask({ type: 'delete', before: query.before, limit });
      if (count === 0) break;
      deleted += count;
    }
    if (deleted > 0) await this.#shrink();
    return deleted;
  }

  async #shrink(): Promise<void> {
    for (let left = Number.POSITIVE_INFINITY; left > 0 && this.#closing === null; ) {
      const now = await this.#ask({ type: 'vacuum' });
      if (now >= left) return; // nothing more to be had
      left = now;
    }
  }

  async #ask(request: Exclude<WriteRequest, readonly unknown[]>): Promise<number> {
    const answer = await this.#writer.ask(request);
    if (typeof answer !== 'number') throw unexpected(answer);
    return answer;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    await this.#reads.close();
    const answer = await this.#writer.end({ type: 'close' });
    if (answer !== 0) throw unexpected(answer);
  }
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('Expected an open store, but it has been closed.');
}

function unexpected(answer: Exclude<WriteAnswer, undefined>): Error {
  if (typeof answer === 'object' && 'error' in answer) return receivedError(answer.error);
  return new Error('Expected another kind of answer from the storage thread.');
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
