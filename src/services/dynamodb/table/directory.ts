import { randomUUID } from 'node:crypto';
import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { everyRecord } from '../../../store/record-pages.js';
import { putJson } from '../../../store/record-writes.js';
import { resourceNotFound } from '../fault.js';
import { entriesOfIndex, expiriesOf, indexesOf, itemsOf, logOf, TABLES, type Table, tableKey } from './table.js';

const PAGE = 200;
/** Rows that are deleted in one transaction, so that commits of others come in between. */
const DROP_ROWS = 500;
/** Collections that belong to nobody any more, until they are empty. */
const DROPPED = 'dynamodb.dropped';

/** All tables of all regions, in memory as in the store. */
export class TableDirectory {
  readonly #tables = new Map<string, Table>();
  readonly #byId = new Map<string, Table>();
  readonly #listeners: ((table: Table, before: Table | null) => void)[] = [];

  readonly #companion: Companion;

  private constructor(
    private readonly records: Pick<RecordStore, 'scan' | 'write'>,
    companion: Companion,
  ) {
    this.#companion = companion;
  }

  static async open(records: Pick<RecordStore, 'scan' | 'write'>, companion: Companion): Promise<TableDirectory> {
    const directory = new TableDirectory(records, companion);
    for await (const { value } of everyRecord(records, { collection: TABLES, limit: PAGE }))
      directory.#hold(JSON.parse(value) as Table); // our own text
    return directory;
  }

  find(region: string, name: string): Table | null {
    return this.#tables.get(tableKey(region, name)) ?? null;
  }

  /** A table that can be used. Throws ResourceNotFoundException. */
  get(region: string, name: string): Table {
    const table = this.find(region, name);
    if (table === null || table.status !== 'ACTIVE') throw resourceNotFound('Requested resource not found');
    return table;
  }

  /** As it is now; null when it has been deleted. */
  current({ id }: Pick<Table, 'id'>): Table | null {
    return this.#byId.get(id) ?? null;
  }

  /** By name. */
  list(region: string): readonly Table[] {
    return [...this.#tables.values()]
      .filter((table) => table.region === region)
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  all(): readonly Table[] {
    return [...this.#tables.values()];
  }

  /** Called after a table was made or changed. */
  onChange(listener: (table: Table, before: Table | null) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when it is durable. `dropped` collections are emptied afterwards. */
  async put(table: Table, dropped: readonly string[] = []): Promise<void> {
    const before = this.current(table);
    await this.records.write([
      putJson(TABLES, tableKey(table.region, table.name), table),
      ...dropped.map(dropWrite),
      ...this.#companion.writes(before, table),
    ]);
    this.#companion.apply(before, table);
    this.#hold(table);
    for (const listener of this.#listeners) listener(table, before);
  }

  /** Nobody finds the table from now on; resolves when that is durable. */
  async remove(table: Table): Promise<void> {
    const key = tableKey(table.region, table.name);
    this.#tables.delete(key);
    this.#byId.delete(table.id);
    try {
      await this.records.write([
        { type: 'delete', collection: TABLES, key },
        ...collectionsOf(table).map(dropWrite),
        ...this.#companion.writes(table, null),
      ]);
    } catch (fault) {
      this.#hold(table);
      throw fault;
    }
    this.#companion.apply(table, null);
  }

  /** Empties what was dropped, in slices. `isOpen` says whether to go on. */
  async sweep(isOpen: () => boolean): Promise<void> {
    const rows = await this.records.scan({ collection: DROPPED, prefix: '', after: null, limit: PAGE });
    for (const { key: collection } of rows) {
      for (;;) {
        if (!isOpen()) return;
        const keys = await this.records.scan({
          collection,
          prefix: '',
          after: null,
          limit: DROP_ROWS,
          charsMax: DROP_CHARS,
        });
        if (keys.length === 0) break;
        await this.records.write(keys.map(({ key }) => ({ type: 'delete', collection, key })));
      }
      await this.records.write([{ type: 'delete', collection: DROPPED, key: collection }]);
    }
  }

  #hold(table: Table): void {
    this.#tables.set(tableKey(table.region, table.name), table);
    this.#byId.set(table.id, table);
  }
}

/** What begins and ends with tables, in the same transactions: streams. */
export interface Companion {
  writes(before: Table | null, table: Table | null): readonly RecordWrite[];
  /** The writes are durable. */
  apply(before: Table | null, table: Table | null): void;
}

const collectionsOf = (table: Table): readonly string[] => [
  itemsOf(table),
  ...indexesOf(table).map(entriesOfIndex),
  ...(table.ttl === null ? [] : [expiriesOf(table.ttl)]),
  ...(table.pointInTime === null ? [] : [logOf(table.pointInTime)]),
];

const DROP_CHARS = 1_048_576;

export const dropWrite = (collection: string): RecordWrite => putJson(DROPPED, collection, true);

export const newId = (): string => randomUUID();
