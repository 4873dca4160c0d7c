import type {
  ExecutionId,
  ExecutionQuery,
  ExecutionRow,
  ExecutionStatus,
  OutboxRow,
  RecordQuery,
  StoredExecution,
  StoredRecord,
  StoredSegment,
  TimerRow,
} from '../ports.js';
import { prefixEnd } from './prefix-end.js';
import { STATUSES } from './schema.js';
import type { Database, SqlValue, Statement } from './sqlite-module.js';
import type { ReadRequest, ReadResult } from './thread-protocol.js';

/** Every read of the store, by SQL that walks one index from where the page starts. */
export class Reads {
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** One statement per combination of filters, at most twenty-four. */
  readonly #lists = new Map<string, Statement<RawRow>>();

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  answer(request: ReadRequest): ReadResult {
    switch (request.type) {
      case 'nextId':
        return (this.#statements.highestId.get()?.highest ?? 0) + 1;
      case 'load':
        return this.#load(request.execution, request.from);
      case 'find':
        return this.#find(request.machine, request.name);
      case 'list':
        return this.#list(request.query);
      case 'outbox':
        return this.#outbox(request.after, request.limit);
      case 'timers':
        return this.#timers(request.before, request.after, request.limit);
      case 'get':
        return this.#statements.getRecord.get(request.collection, request.key)?.value ?? null;
      case 'scan':
        return this.#scan(request.query);
      default:
        return request satisfies never;
    }
  }

  #load(execution: ExecutionId, from: 'start' | 'snapshot'): StoredExecution | null {
    const raw = this.#statements.execution.get(execution);
    if (raw === undefined) return null;
    const snapshot = (from === 'snapshot' ? this.#statements.snapshot.get(execution) : undefined) ?? null;
    const segments = this.#statements.segments.all(execution, snapshot?.seq ?? -1);
    return { row: executionRow(raw), snapshot, segments };
  }

  #find(machine: string, name: string): ExecutionRow | null {
    const raw = this.#statements.findExecution.get(machine, name);
    return raw === undefined ? null : executionRow(raw);
  }

  #list({ machine, status, startedBy, after, limit }: ExecutionQuery): readonly ExecutionRow[] {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    if (machine !== null) {
      conditions.push('e.machine = (SELECT id FROM machine WHERE name = ?)');
      values.push(machine);
    }
    if (status !== null) {
      conditions.push('e.status = ?');
      values.push(STATUSES.indexOf(status));
    }
    if (startedBy !== undefined) {
      const isVersion = 'version' in startedBy;
      conditions.push(isVersion ? 'e.version = ?' : 'e.alias = ?');
      values.push(isVersion ? startedBy.version : startedBy.alias);
    }
    if (after !== null) {
      conditions.push('(e.start, e.id) < (?, ?)');
      values.push(after.startAt, after.execution);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    let list = this.#lists.get(where);
    if (list === undefined) {
      list = this.#database.prepare<RawRow>(`${SELECT_EXECUTION} ${where} ORDER BY e.start DESC, e.id DESC LIMIT ?`);
      this.#lists.set(where, list);
    }
    return list.all(...values, limit).map(executionRow);
  }

  #outbox(after: OutboxRow | null, limit: number): readonly OutboxRow[] {
    return this.#statements.outbox.all(after?.execution ?? 0, after?.seq ?? -1, limit);
  }

  #timers(before: number, after: TimerRow | null, limit: number): readonly TimerRow[] {
    if (after === null) return this.#statements.firstTimers.all(before, limit);
    return this.#statements.nextTimers.all(before, after.dueAt, after.execution, after.seq, limit);
  }

  #scan({ collection, prefix, after, before, isDescending, limit, charsMax }: RecordQuery): readonly StoredRecord[] {
    const { scan, scanBack } = this.#statements;
    const statement = isDescending === true ? scanBack : scan;
    const values = [collection, prefix, after ?? '', after, prefixEnd(prefix), before ?? null, limit];
    return charsMax === undefined ? statement.all(...values) : firstOf(statement.iterate(...values), charsMax);
  }
}

function firstOf(rows: Iterable<StoredRecord>, charsMax: number): readonly StoredRecord[] {
  const read: StoredRecord[] = [];
  let chars = 0;
  for (const row of rows) {
    read.push(row);
    chars += row.value.length;
    if (chars >= charsMax) break;
  }
  return read;
}

interface RawRow {
  readonly execution: number;
  readonly machine: string;
  readonly name: string;
  readonly status: number;
  readonly startAt: number;
  readonly stopAt: number | null;
  readonly revision: string;
  readonly version: number | null;
  readonly alias: string | null;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
}

/** CROSS JOIN keeps SQLite from starting with the small tables. */
const SELECT_EXECUTION = `SELECT e.id AS execution, m.name AS machine, e.name AS name, e.status AS status,
  e.start AS startAt, e.stop AS stopAt, r.name AS revision, e.version AS version, e.alias AS alias,
  e.redrives AS redriveCount, e.redriven AS redrivenAt
  FROM execution e CROSS JOIN machine m ON m.id = e.machine CROSS JOIN revision r ON r.id = e.revision`;

function prepareStatements(database: Database) {
  const timers = (after: string) =>
    database.prepare<TimerRow>(
      `SELECT due AS dueAt, execution, seq FROM timer WHERE due < ? ${after} ` +
        'AND EXISTS (SELECT 1 FROM execution WHERE id = timer.execution) ORDER BY due, execution, seq LIMIT ?',
    );
  // One lower and one upper bound, so that a page starts where the last one ended; a blob sorts after every text.
  const scan = (order: 'ASC' | 'DESC') =>
    database.prepare<StoredRecord>(
      'SELECT key, value FROM record WHERE collection = ? AND key >= max(?, ?) AND key IS NOT ? ' +
        `AND key < min(coalesce(?, x''), coalesce(?, x'')) ORDER BY key ${order} LIMIT ?`,
    );
  return {
    highestId: database.prepare<{ highest: number }>(
      "SELECT max(value, coalesce((SELECT max(id) FROM execution), 0)) AS highest FROM meta WHERE name = 'highestExecution'",
    ),
    execution: database.prepare<RawRow>(`${SELECT_EXECUTION} WHERE e.id = ?`),
    findExecution: database.prepare<RawRow>(
      `${SELECT_EXECUTION} WHERE e.machine = (SELECT id FROM machine WHERE name = ?) AND e.name = ?`,
    ),
    snapshot: database.prepare<{ seq: number; data: string }>('SELECT seq, data FROM snapshot WHERE execution = ?'),
    segments: database.prepare<StoredSegment>(
      'SELECT seq AS firstSeq, data FROM segment WHERE execution = ? AND seq > ? ORDER BY seq',
    ),
    outbox: database.prepare<OutboxRow>(
      'SELECT key >> 21 AS execution, key & 2097151 AS seq FROM outbox ' +
        'WHERE key > CAST(? AS INTEGER) * 2097152 + CAST(? AS INTEGER) ORDER BY key LIMIT ?',
    ),
    firstTimers: timers(''),
    nextTimers: timers('AND (due, execution, seq) > (?, ?, ?)'),
    getRecord: database.prepare<{ value: string }>('SELECT value FROM record WHERE collection = ? AND key = ?'),
    scan: scan('ASC'),
    scanBack: scan('DESC'),
  };
}

function executionRow(raw: RawRow): ExecutionRow {
  return { ...raw, status: statusOf(raw.status) };
}

function statusOf(code: number): ExecutionStatus {
  const status = STATUSES[code];
  if (status === undefined) throw new Error(`Expected the number of an execution's status, but found ${code}.`);
  return status;
}
