import { type Place, tableArn } from '../../arn.js';
import { TABLE_EXPIRY_SWEEP_MS } from '../../limits/services.js';
import type { RecordStore } from '../../store/ports.js';
import { Performed } from '../performed.js';
import type { Clock } from '../ports.js';
import { copyTable } from './backups/backup-jobs.js';
import { sweepLog } from './backups/continuous-backups.js';
import { restoreItems } from './backups/restore.js';
import { Snapshots } from './backups/snapshots.js';
import type { Core, Operation } from './core.js';
import { TableFault } from './fault.js';
import { ChangeJournal } from './items/change-journal.js';
import { ItemWriter } from './items/item-writer.js';
import { Locks } from './items/locks.js';
import { operationsOf } from './operations.js';
import { Sequences } from './streams/sequences.js';
import { recordsOf, StreamDirectory } from './streams/stream-directory.js';
import { streamOperations } from './streams/stream-operations.js';
import { StreamReader } from './streams/stream-reader.js';
import { backfillIndex } from './table/backfill.js';
import { TableCounts } from './table/counts.js';
import { TableDirectory } from './table/directory.js';
import { logOf, type Table } from './table/table.js';
import { RequestTokens } from './transactions/request-tokens.js';
import { backfillExpiries, expireItems } from './ttl/expire.js';

/** What a DynamoDB operation answers, as on the wire. */
export interface TableAnswer {
  readonly status: number;
  /** The output's members, or `__type` and `message`. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TablesOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly report: (line: string) => void;
  /** Of this server, for clients that ask. */
  readonly endpointUrl: () => string;
}

const SWEEP_MS = 60 * 60_000;

/**
 * DynamoDB on the store, with its streams. What was answered is durable; a write with its index entries and its record in the stream is
 * one transaction, and a Task's call that is performed again writes nothing and gets its first answer.
 */
export class Tables {
  /** Streams, as event sources read them. */
  readonly streams: StreamReader;
  readonly #core: Core;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #performed: Performed;
  readonly #tokens: RequestTokens;
  readonly #streamDirectory: StreamDirectory;
  readonly #underWay = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isOpen = true;

  private constructor(
    private readonly options: TablesOptions,
    opened: { readonly directory: TableDirectory; readonly streams: StreamDirectory; readonly sequences: Sequences },
  ) {
    const { records, clock } = options;
    const { directory, streams, sequences } = opened;
    const locks = new Locks();
    const snapshots = new Snapshots();
    const journal = new ChangeJournal(sequences, snapshots);
    this.#performed = new Performed(records, clock, 'dynamodb.performed');
    this.#tokens = new RequestTokens(records, clock, locks);
    this.#streamDirectory = streams;
    const writer = new ItemWriter({ records, locks, directory, performed: this.#performed, journal });
    this.#core = { records, clock, directory, writer, locks };
    const counts = new TableCounts(records, clock.now, (work) => this.#background('count', work), this.#goesOn);
    const sweep = (): void => this.#background('sweep', () => directory.sweep(this.#goesOn));
    const streamParts = { records, clock, streams, sequences };
    this.streams = new StreamReader(streamParts);
    this.#operations = new Map([
      ...operationsOf(this.#core, {
        counts: (table) => counts.of(table),
        onDeleted: (table) => {
          counts.forget(table);
          sweep();
        },
        tokens: this.#tokens,
        endpointUrl: options.endpointUrl,
        snapshots,
        onBegun: (backup, snapshot) => {
          const copying = { snapshot, snapshots, isOpen: this.#goesOn };
          this.#background(`backup ${backup.name}`, () => copyTable(this.#core, backup, copying));
        },
        onDropped: sweep,
      }),
      ...Object.entries(streamOperations(streamParts)),
    ]);
    directory.onChange((table, before) => {
      this.#complete(table, before);
      sweep();
    });
  }

  /** Reads what there is, and writes nothing: the tables of a backup can be opened too. */
  static async open(options: TablesOptions): Promise<Tables> {
    const { records, clock } = options;
    const streams = await StreamDirectory.open(records, clock);
    const directory = await TableDirectory.open(records, streams);
    const logs = directory.all().flatMap(({ pointInTime }) => (pointInTime === null ? [] : [logOf(pointInTime)]));
    const collections = [...streams.all().map(recordsOf), ...logs];
    const sequences = await Sequences.open(records, { clock, collections });
    return new Tables(options, { directory, streams, sequences });
  }

  /** Takes up what the last server left: indexes to fill, tables to restore or to empty. */
  start(): void {
    const { directory } = this.#core;
    this.#performed.start(this.options.report);
    this.#background('sweep', () => directory.sweep(this.#goesOn));
    for (const table of directory.all()) this.#complete(table, null);
    this.#every(TABLE_EXPIRY_SWEEP_MS, 'expiry', () => expireItems(this.#core, this.#goesOn));
    this.#every(SWEEP_MS, 'sweep', () => this.#sweepOld());
  }

  /** Performs an operation (`PutItem`, …). Never rejects for the caller's faults: they are in the answer. */
  async call(operation: string, input: unknown, place: Place, taskKey?: string): Promise<TableAnswer> {
    try {
      const perform = this.#operations.get(operation);
      if (perform === undefined) throw unknownOperation(operation);
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        throw new TableFault('SerializationException', 'Expected the input to be an object.');
      }
      return { status: 200, body: { ...(await perform({ input: withTableName(input, place), place, taskKey })) } };
    } catch (fault) {
      if (!(fault instanceof TableFault)) throw fault;
      const { type, message, members, status } = fault;
      return { status, body: { __type: type, message, ...members } };
    }
  }

  /** Deletes now what has expired; a timer calls this. */
  expire(): Promise<void> {
    return expireItems(this.#core, this.#goesOn);
  }

  /** Resolves when nothing is under way in the background. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Waits for what is under way in the background. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const timer of this.#timers) clearInterval(timer);
    this.#performed.stop();
    await this.settled();
  }

  readonly #goesOn = (): boolean => this.#isOpen;

  /** Does in the background what a table waits for. */
  #complete(table: Table, before: Table | null): void {
    const known = new Set((before?.globalIndexes ?? []).map(({ id }) => id));
    for (const index of table.globalIndexes) {
      if (index.status !== 'CREATING' || known.has(index.id)) continue;
      this.#background(`index ${index.name}`, () => backfillIndex(this.#core, table, index, this.#goesOn));
    }
    const { ttl } = table;
    if (ttl !== null && !ttl.isComplete && before?.ttl?.id !== ttl.id) {
      this.#background(`expiry of ${table.name}`, () => backfillExpiries(this.#core, table, ttl, this.#goesOn));
    }
    if (table.restoring !== null && before === null) {
      this.#background(`restore of ${table.name}`, () => restoreItems(this.#core, table, this.#goesOn));
    }
  }

  async #sweepOld(): Promise<void> {
    await this.#tokens.sweep();
    await this.#streamDirectory.sweep(this.#goesOn);
    for (const table of this.#core.directory.all()) await sweepLog(this.#core, table, this.#goesOn);
  }

  #every(ms: number, what: string, work: () => Promise<void>): void {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      this.#background(what, () => work().finally(() => (isRunning = false)));
    }, ms);
    this.#timers.push(timer.unref());
  }

  #background(what: string, work: () => Promise<void>): void {
    if (!this.#isOpen) return;
    const running: Promise<void> = work()
      .catch((fault: unknown) => {
        if (!this.#isOpen) return;
        this.options.report(`Tables: ${what} has failed: ${fault instanceof Error ? fault.message : fault}`);
      })
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }
}

/** AWS takes a table's ARN for its name. */
function withTableName(input: object, place: Place): object {
  const name: unknown = Reflect.get(input, 'TableName');
  const prefix = tableArn(place, '');
  if (typeof name !== 'string' || !name.startsWith(prefix)) return input;
  return { ...input, TableName: name.slice(prefix.length) };
}

const unknownOperation = (operation: string): TableFault =>
  new TableFault('UnknownOperationException', `Treadle's tables do not have the operation '${operation}'.`);
