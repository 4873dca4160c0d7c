import type { Place } from '../../arn.js';
import type { RecordStore } from '../../store/ports.js';
import { Performed } from '../performed.js';
import type { Clock } from '../ports.js';
import type { Core, Operation } from './core.js';
import { TableFault } from './fault.js';
import { ItemWriter } from './items/item-writer.js';
import { Locks } from './items/locks.js';
import { operationsOf } from './operations.js';
import { backfillIndex } from './table/backfill.js';
import { TableDirectory } from './table/directory.js';
import type { Table } from './table/table.js';

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
}

/**
 * DynamoDB on the store. What was answered is durable; a write with its index entries is one transaction, and a Task's call that
 * is performed again writes nothing and gets its first answer.
 */
export class Tables {
  readonly #core: Core;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #performed: Performed;
  readonly #underWay = new Set<Promise<void>>();
  #isOpen = true;

  private constructor(
    private readonly options: TablesOptions,
    directory: TableDirectory,
  ) {
    const { records, clock } = options;
    const locks = new Locks();
    this.#performed = new Performed(records, clock, 'dynamodb.performed');
    const journal = { needsOld: () => false, writes: () => [] };
    const writer = new ItemWriter({ records, locks, directory, performed: this.#performed, journal });
    this.#core = { records, clock, directory, writer, locks };
    this.#operations = operationsOf(this.#core, {
      counts: () => ({ items: 0, bytes: 0 }),
      onDeleted: () => this.#background('sweep', () => directory.sweep(this.#goesOn)),
    });
    directory.onChange((table, before) => this.#fillIndexes(table, before));
  }

  static async open(options: TablesOptions): Promise<Tables> {
    return new Tables(options, await TableDirectory.open(options.records));
  }

  /** Takes up what the last server left: indexes to fill, deleted tables to empty. */
  start(): void {
    const { directory } = this.#core;
    this.#performed.start(this.options.report);
    this.#background('sweep', () => directory.sweep(this.#goesOn));
    for (const table of directory.all()) this.#fillIndexes(table, null);
  }

  /** Performs an operation (`PutItem`, …). Never rejects for the caller's faults: they are in the answer. */
  async call(operation: string, input: unknown, place: Place, taskKey?: string): Promise<TableAnswer> {
    try {
      const perform = this.#operations.get(operation);
      if (perform === undefined) throw unknownOperation(operation);
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        throw new TableFault('SerializationException', 'Expected the input to be an object.');
      }
      return { status: 200, body: { ...(await perform({ input, place, taskKey })) } };
    } catch (fault) {
      if (!(fault instanceof TableFault)) throw fault;
      const { type, message, members, status } = fault;
      return { status, body: { __type: type, message, ...members } };
    }
  }

  /** Waits for what is under way in the background. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#performed.stop();
    await Promise.all(this.#underWay);
  }

  readonly #goesOn = (): boolean => this.#isOpen;

  #fillIndexes(table: Table, before: Table | null): void {
    const known = new Set((before?.globalIndexes ?? []).map(({ id }) => id));
    for (const index of table.globalIndexes) {
      if (index.status !== 'CREATING' || known.has(index.id)) continue;
      this.#background(`index ${index.name}`, () => backfillIndex(this.#core, table, index, this.#goesOn));
    }
  }

  #background(what: string, work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch((fault: unknown) => {
        if (this.#isOpen)
          this.options.report(`Tables: ${what} has failed: ${fault instanceof Error ? fault.message : fault}`);
      })
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }
}

const unknownOperation = (operation: string): TableFault =>
  new TableFault('UnknownOperationException', `Treadle's tables do not have the operation '${operation}'.`);
