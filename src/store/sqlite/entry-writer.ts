import { STORE_INTERNED_MAX } from '../../limits.js';
import type { CommitOutcome, ExecutionStatus } from '../ports.js';
import { assertStorable } from '../stored-text.js';
import {
  type FlatCursor,
  HAS_DATA,
  HAS_LISTS,
  HAS_REDRIVE,
  HAS_SNAPSHOT,
  HAS_START,
  HAS_STATUS,
  HAS_STOP,
  NO_ALIAS,
  NO_VERSION,
} from './batch.js';
import { SEQ_MAX, STATUSES } from './schema.js';
import type { Database, Statement } from './sqlite-module.js';

/** Writes one decision of one execution inside the batch's transaction, or nothing of it when it comes too late. */
export class EntryWriter {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #machines: InternedNames;
  readonly #revisions: InternedNames;

  constructor(database: Database) {
    this.#statements = prepareStatements(database);
    this.#machines = new InternedNames(database, 'machine');
    this.#revisions = new InternedNames(database, 'revision');
  }

  /** To be called when a transaction was undone: names that it had given numbers have none. */
  forgetInterned(): void {
    this.#machines.forget();
    this.#revisions.forget();
  }

  /** Leaves the cursor behind the entry, whatever the outcome. */
  write(cursor: FlatCursor): CommitOutcome {
    const entry = readEntry(cursor);
    const outcome = this.#writeFenced(entry);
    if (outcome.type === 'committed') this.#writeBesides(entry);
    return outcome;
  }

  /** The execution's row and segment, which say whether the entry may be written at all. */
  #writeFenced(entry: ReadEntry): CommitOutcome {
    const { execution, start, status, data } = entry;
    const { hasExecution, insertSegment, updateStatus, updateRedrive } = this.#statements;
    if (start !== null) {
      const taken = this.#insertExecution(entry, start);
      if (taken !== null) return taken;
    } else if (data === null && hasExecution.get(execution) === undefined) {
      return { type: 'conflict' };
    }
    if (data !== null && insertSegment.run(execution, data.firstSeq, data.text).changes === 0) {
      if (start !== null)
        throw new RangeError(`Expected no segments of execution ${execution} before its start, but there are.`);
      return { type: 'conflict' };
    }
    if (status !== null && start === null) updateStatus.get(status.code, status.stopAt, execution);
    if (status?.redrive) updateRedrive.get(status.redrive.count, status.redrive.at, execution);
    return { type: 'committed' };
  }

  #insertExecution(entry: ReadEntry, start: ReadStart): CommitOutcome | null {
    const { insertExecution, findByName } = this.#statements;
    const machine = this.#machines.numberOf(start.machine);
    const { code, stopAt } = entry.status ?? { code: 0, stopAt: null };
    const revision = this.#revisions.numberOf(start.revision);
    const { changes } = insertExecution.run(
      entry.execution,
      machine,
      start.name,
      code,
      start.startAt,
      stopAt,
      revision,
      start.version === NO_VERSION ? null : start.version,
      start.alias === NO_ALIAS ? null : start.alias,
    );
    if (changes > 0) return null;
    const namesake = findByName.get(machine, start.name);
    return namesake === undefined ? { type: 'conflict' } : { type: 'nameTaken', execution: namesake.id };
  }

  #writeBesides(entry: ReadEntry): void {
    const { execution, snapshot, lists } = entry;
    const { putSnapshot, addOutbox, removeOutbox, addTimer, removeTimer } = this.#statements;
    // `get` instead of `run`: it does not build the object with the count of changes that nobody reads here.
    if (snapshot !== null) putSnapshot.get(execution, snapshot.seq, snapshot.text);
    if (lists === null) return;
    for (const seq of lists.outboxAdd) addOutbox.get(execution, seq);
    for (const seq of lists.outboxRemove) removeOutbox.get(execution, seq);
    for (const timer of lists.timersAdd) addTimer.get(timer.dueAt, execution, timer.seq);
    for (const timer of lists.timersRemove) removeTimer.get(timer.dueAt, execution, timer.seq);
  }
}

function prepareStatements(database: Database) {
  const outboxKey = 'CAST(? AS INTEGER) * 2097152 + CAST(? AS INTEGER)';
  return {
    hasExecution: database.prepare<{ id: number }>('SELECT id FROM execution WHERE id = ?'),
    findByName: database.prepare<{ id: number }>('SELECT id FROM execution WHERE machine = ? AND name = ?'),
    insertExecution: database.prepare(
      'INSERT INTO execution(id, machine, name, status, start, stop, revision, version, alias) ' +
        'VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO NOTHING',
    ),
    insertSegment: database.prepare(
      'INSERT INTO segment(execution, seq, data) SELECT ?1, ?2, ?3 ' +
        'WHERE EXISTS (SELECT 1 FROM execution WHERE id = ?1) ON CONFLICT(execution, seq) DO NOTHING',
    ),
    updateStatus: database.prepare('UPDATE execution SET status = ?, stop = ? WHERE id = ?'),
    updateRedrive: database.prepare('UPDATE execution SET redrives = ?, redriven = ? WHERE id = ?'),
    putSnapshot: database.prepare(
      'INSERT INTO snapshot(execution, seq, data) VALUES(?, ?, ?) ' +
        'ON CONFLICT(execution) DO UPDATE SET seq = excluded.seq, data = excluded.data',
    ),
    addOutbox: database.prepare(`INSERT INTO outbox(key) VALUES(${outboxKey}) ON CONFLICT(key) DO NOTHING`),
    removeOutbox: database.prepare(`DELETE FROM outbox WHERE key = ${outboxKey}`),
    addTimer: database.prepare(
      'INSERT INTO timer(due, execution, seq) VALUES(?, ?, ?) ON CONFLICT(due, execution, seq) DO NOTHING',
    ),
    removeTimer: database.prepare('DELETE FROM timer WHERE due = ? AND execution = ? AND seq = ?'),
  };
}

/** Long names that many rows share, kept once; rows have the number. */
class InternedNames {
  readonly #insert: Statement<never>;
  readonly #find: Statement<{ id: number }>;
  readonly #numbers = new Map<string, number>();

  constructor(database: Database, table: 'machine' | 'revision') {
    this.#insert = database.prepare(`INSERT INTO ${table}(name) VALUES(?) ON CONFLICT(name) DO NOTHING`);
    this.#find = database.prepare(`SELECT id FROM ${table} WHERE name = ?`);
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#insert.run(name);
    const row = this.#find.get(name);
    if (row === undefined)
      throw new Error(`Expected a number for '${name}' right after its insertion, but found none.`);
    if (this.#numbers.size >= STORE_INTERNED_MAX) this.#numbers.clear();
    this.#numbers.set(name, row.id);
    return row.id;
  }

  forget(): void {
    this.#numbers.clear();
  }
}

interface ReadStart {
  readonly machine: string;
  readonly name: string;
  readonly startAt: number;
  readonly revision: string;
  readonly version: number;
  readonly alias: string;
}

interface ReadTimer {
  readonly dueAt: number;
  readonly seq: number;
}

interface ReadEntry {
  readonly execution: number;
  readonly start: ReadStart | null;
  readonly status: {
    readonly code: number;
    readonly stopAt: number | null;
    readonly redrive: { readonly count: number; readonly at: number } | null;
  } | null;
  readonly data: { readonly firstSeq: number; readonly text: string } | null;
  readonly snapshot: { readonly seq: number; readonly text: string } | null;
  readonly lists: {
    readonly outboxAdd: readonly number[];
    readonly outboxRemove: readonly number[];
    readonly timersAdd: readonly ReadTimer[];
    readonly timersRemove: readonly ReadTimer[];
  } | null;
}

const CODES: ReadonlyMap<string, number> = new Map(STATUSES.map((status: ExecutionStatus, code) => [status, code]));

function readEntry(cursor: FlatCursor): ReadEntry {
  const flags = cursor.number();
  return {
    execution: cursor.number(),
    start:
      flags & HAS_START
        ? {
            machine: readText(cursor),
            name: readText(cursor),
            startAt: cursor.number(),
            revision: readText(cursor),
            version: cursor.number(),
            alias: readText(cursor),
          }
        : null,
    status:
      flags & HAS_STATUS
        ? {
            code: readStatus(cursor),
            stopAt: flags & HAS_STOP ? cursor.number() : null,
            redrive: flags & HAS_REDRIVE ? { count: cursor.number(), at: cursor.number() } : null,
          }
        : null,
    data: flags & HAS_DATA ? { firstSeq: readSeq(cursor), text: readText(cursor) } : null,
    snapshot: flags & HAS_SNAPSHOT ? { seq: readSeq(cursor), text: readText(cursor) } : null,
    lists:
      flags & HAS_LISTS
        ? {
            outboxAdd: readList(cursor, readSeq),
            outboxRemove: readList(cursor, readSeq),
            timersAdd: readList(cursor, readTimer),
            timersRemove: readList(cursor, readTimer),
          }
        : null,
  };
}

function readText(cursor: FlatCursor): string {
  const text = cursor.text();
  assertStorable(text);
  return text;
}

function readStatus(cursor: FlatCursor): number {
  const status = cursor.text();
  const code = CODES.get(status);
  if (code === undefined) throw new TypeError(`Expected an execution's status, but found '${status}'.`);
  return code;
}

function readSeq(cursor: FlatCursor): number {
  const seq = cursor.number();
  if (!(seq >= 0 && seq <= SEQ_MAX)) throw new RangeError(`Expected a seq from 0 to ${SEQ_MAX}, but found ${seq}.`);
  return seq;
}

function readList<T>(cursor: FlatCursor, read: (cursor: FlatCursor) => T): readonly T[] {
  const count = cursor.number();
  const list: T[] = [];
  for (let index = 0; index < count; index++) list.push(read(cursor));
  return list;
}

function readTimer(cursor: FlatCursor): ReadTimer {
  return { dueAt: cursor.number(), seq: readSeq(cursor) };
}
