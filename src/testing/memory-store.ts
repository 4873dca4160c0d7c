import {
  type Commit,
  type CommitEntry,
  type CommitOutcome,
  type CommitResult,
  type ExecutionId,
  type ExecutionQuery,
  type ExecutionRow,
  type ExecutionStore,
  type OutboxRow,
  RecordConflict,
  type RecordQuery,
  type RecordStore,
  type RecordWrite,
  type Store,
  type StoredExecution,
  type StoredRecord,
  type StoredSegment,
  type StoreStatistics,
  StoreUnavailable,
  type TimerRow,
} from '../store/ports.js';
import { assertStorable } from '../store/stored-text.js';

/** A store in plain memory for tests and benchmarks: every behaviour of the real ones but durability. Sorts when it is asked. */
export function memoryStore(): Store {
  return new MemoryStore();
}

interface Held {
  row: ExecutionRow;
  readonly segments: StoredSegment[];
  readonly firstSeqs: Set<number>;
  snapshot: { readonly seq: number; readonly data: string } | null;
  readonly outbox: Set<number>;
  readonly timers: Map<string, TimerRow>;
}

class MemoryStore implements Store {
  readonly executions: ExecutionStore;
  readonly records: RecordStore;
  readonly #held = new Map<ExecutionId, Held>();
  readonly #names = new Map<string, ExecutionId>();
  readonly #collections = new Map<string, Map<string, string>>();
  #highestId = 0;
  #commits = 0;
  #isClosed = false;

  constructor() {
    this.executions = {
      nextId: async () => this.#open().#highestId + 1,
      load: async (execution, { from }) => this.#open().#load(execution, from),
      find: async (machine, name) => this.#open().#find(machine, name),
      list: async (query) => this.#open().#list(query),
      outbox: async ({ after, limit }) => this.#open().#outbox(after).slice(0, limit),
      timers: async ({ before, after, limit }) => this.#open().#timers(before, after).slice(0, limit),
      deleteStopped: async ({ before, limit }) => this.#open().#deleteStopped(before, limit),
    };
    this.records = {
      get: async (collection, key) => this.#open().#collections.get(collection)?.get(key) ?? null,
      scan: async (query) => this.#open().#scan(query),
      write: async (writes) => {
        await this.commit({ entries: [], writes });
      },
    };
  }

  async commit(commit: Commit): Promise<CommitResult> {
    this.#open();
    for (const entry of commit.entries) assertEntryStorable(entry);
    this.#commits++;
    const changes = this.#changesBy(commit.writes);
    if (changes instanceof RecordConflict && commit.entries.every((entry) => this.#refusal(entry) === null))
      throw changes;
    const outcomes = commit.entries.map((entry) => this.#apply(entry));
    if (!(changes instanceof RecordConflict) && outcomes.every(({ type }) => type === 'committed')) {
      for (const { write, value } of changes) this.#change(write, value);
    }
    return { outcomes };
  }

  statistics(): StoreStatistics {
    return { commits: this.#commits, queued: 0, commitMsP50: 0, commitMsP99: 0, bytesOnDisk: 0 };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #open(): this {
    if (this.#isClosed) throw new StoreUnavailable('Expected an open store, but it has been closed.');
    return this;
  }

  /** Why nothing of the entry may be written; null = it may. */
  #refusal({ execution, start, data, firstSeq }: CommitEntry): CommitOutcome | null {
    const held = this.#held.get(execution);
    if (start === null) {
      return held === undefined || (data !== null && held.firstSeqs.has(firstSeq)) ? { type: 'conflict' } : null;
    }
    const namesake = this.#names.get(JSON.stringify([start.machine, start.name]));
    if (namesake !== undefined) return { type: 'nameTaken', execution: namesake };
    return held === undefined ? null : { type: 'conflict' };
  }

  #apply(entry: CommitEntry): CommitOutcome {
    const refusal = this.#refusal(entry);
    const held = refusal === null ? (this.#held.get(entry.execution) ?? this.#start(entry)) : undefined;
    if (held === undefined) return refusal ?? { type: 'conflict' };
    if (entry.data !== null) {
      held.firstSeqs.add(entry.firstSeq);
      held.segments.push({ firstSeq: entry.firstSeq, data: entry.data });
      held.segments.sort((a, b) => a.firstSeq - b.firstSeq);
    }
    if (entry.status !== null) {
      const { status, stopAt, redrive } = entry.status;
      const counted = redrive ? { redriveCount: redrive.count, redrivenAt: redrive.at } : {};
      held.row = { ...held.row, status, stopAt, ...counted };
    }
    if (entry.snapshot !== null) held.snapshot = entry.snapshot;
    for (const seq of entry.outboxAdd) held.outbox.add(seq);
    for (const seq of entry.outboxRemove) held.outbox.delete(seq);
    for (const { dueAt, seq } of entry.timersAdd) {
      held.timers.set(`${dueAt} ${seq}`, { dueAt, seq, execution: entry.execution });
    }
    for (const { dueAt, seq } of entry.timersRemove) held.timers.delete(`${dueAt} ${seq}`);
    return { type: 'committed' };
  }

  #start({ execution, start }: CommitEntry): Held | undefined {
    if (start === null) return undefined;
    const { machine, name, startAt, revision, version, alias } = start;
    const held: Held = {
      row: {
        machine,
        name,
        startAt,
        revision,
        version,
        alias,
        execution,
        status: 'RUNNING',
        stopAt: null,
        redriveCount: 0,
        redrivenAt: null,
      },
      segments: [],
      firstSeqs: new Set(),
      snapshot: null,
      outbox: new Set(),
      timers: new Map(),
    };
    this.#names.set(JSON.stringify([start.machine, start.name]), execution);
    this.#held.set(execution, held);
    this.#highestId = Math.max(this.#highestId, execution);
    return held;
  }

  #load(execution: ExecutionId, from: 'start' | 'snapshot'): StoredExecution | null {
    const held = this.#held.get(execution);
    if (held === undefined) return null;
    const snapshot = from === 'snapshot' ? held.snapshot : null;
    const segments = held.segments.filter((segment) => snapshot === null || segment.firstSeq > snapshot.seq);
    return { row: held.row, snapshot, segments };
  }

  #find(machine: string, name: string): ExecutionRow | null {
    const execution = this.#names.get(JSON.stringify([machine, name]));
    return execution === undefined ? null : (this.#held.get(execution)?.row ?? null);
  }

  #list({ machine, status, startedBy, after, limit }: ExecutionQuery): ExecutionRow[] {
    return [...this.#held.values()]
      .map((held) => held.row)
      .filter((row) => (machine === null || row.machine === machine) && (status === null || row.status === status))
      .filter((row) => startedBy === undefined || isStartedBy(row, startedBy))
      .filter((row) => after === null || newestFirst(after, row) < 0)
      .sort(newestFirst)
      .slice(0, limit);
  }

  #outbox(after: OutboxRow | null): OutboxRow[] {
    const order = (a: OutboxRow, b: OutboxRow) => a.execution - b.execution || a.seq - b.seq;
    return [...this.#held]
      .flatMap(([execution, held]) => [...held.outbox].map((seq) => ({ execution, seq })))
      .filter((row) => after === null || order(after, row) < 0)
      .sort(order);
  }

  #timers(before: number, after: TimerRow | null): TimerRow[] {
    const order = (a: TimerRow, b: TimerRow) => a.dueAt - b.dueAt || a.execution - b.execution || a.seq - b.seq;
    return [...this.#held.values()]
      .flatMap((held) => [...held.timers.values()])
      .filter((row) => row.dueAt < before && (after === null || order(after, row) < 0))
      .sort(order);
  }

  #deleteStopped(before: number, limit: number): number {
    const stopped = [...this.#held.values()]
      .flatMap(({ row }) => (row.stopAt !== null && row.stopAt < before ? [{ row, stopAt: row.stopAt }] : []))
      .sort((a, b) => a.stopAt - b.stopAt)
      .slice(0, limit);
    for (const { row } of stopped) {
      this.#held.delete(row.execution);
      this.#names.delete(JSON.stringify([row.machine, row.name]));
    }
    return stopped.length;
  }

  #scan({ collection, prefix, after, before = null, isDescending, limit, charsMax }: RecordQuery): StoredRecord[] {
    const rows = [...(this.#collections.get(collection) ?? [])]
      .filter(([key]) => key.startsWith(prefix) && (after === null || compareBytes(after, key) < 0))
      .filter(([key]) => before === null || compareBytes(key, before) < 0)
      .sort(([a], [b]) => (isDescending === true ? compareBytes(b, a) : compareBytes(a, b)))
      .slice(0, limit)
      .map(([key, value]) => ({ key, value }));
    let chars = 0;
    const last = rows.findIndex(({ value }) => {
      chars += value.length;
      return charsMax !== undefined && chars >= charsMax;
    });
    return last < 0 ? rows : rows.slice(0, last + 1);
  }

  /** All or none. A conflict is given back. */
  #changesBy(writes: readonly RecordWrite[]): Iterable<Change> | RecordConflict {
    const changes = new Map<string, Change>();
    for (const write of writes) {
      assertStorable(write.collection);
      assertStorable(write.key);
      const place = JSON.stringify([write.collection, write.key]);
      if (write.type === 'delete') {
        changes.set(place, { write, value: null });
        continue;
      }
      assertStorable(write.value);
      const change = changes.get(place);
      const old = change === undefined ? this.#collections.get(write.collection)?.get(write.key) : change.value;
      if (write.expect === 'absent' && typeof old === 'string') return new RecordConflict(write.collection, write.key);
      changes.set(place, { write, value: write.value });
    }
    return changes.values();
  }

  #change({ collection, key }: RecordWrite, value: string | null): void {
    const records = this.#collections.get(collection) ?? new Map<string, string>();
    this.#collections.set(collection, records);
    if (value === null) records.delete(key);
    else records.set(key, value);
  }
}

interface Change {
  readonly write: RecordWrite;
  readonly value: string | null;
}

function assertEntryStorable({ start, data, snapshot }: CommitEntry): void {
  for (const text of [start?.machine, start?.name, start?.revision, start?.alias, data, snapshot?.data]) {
    if (typeof text === 'string') assertStorable(text);
  }
}

const isStartedBy = (row: ExecutionRow, by: { readonly version: number } | { readonly alias: string }): boolean =>
  'version' in by ? row.version === by.version : row.alias === by.alias;

type Started = Pick<ExecutionRow, 'startAt' | 'execution'>;

function newestFirst(a: Started, b: Started): number {
  return b.startAt - a.startAt || b.execution - a.execution;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
