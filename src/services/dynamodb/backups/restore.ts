import type { RecordWrite } from '../../../store/ports.js';
import type { Core } from '../core.js';
import { entryOf } from '../items/change.js';
import type { LogEntry } from '../items/change-journal.js';
import { sequenceAt } from '../streams/sequences.js';
import { entriesOfIndex, indexesOf, itemsOf, logOf, type RestoreSource, type Table } from '../table/table.js';
import { tableLock } from '../table/table-lock.js';
import { type Item, parseItem } from '../values/attribute-value.js';
import { copiesOf } from './backup.js';
import { ABSENT } from './snapshots.js';

const SLICE_ITEMS = 200;
const SLICE_CHARS = 1_048_576;

/** Brings the items of a table that is CREATING; begun again after a crash it comes to the same end. */
export async function restoreItems(core: Core, table: Table, isOpen: () => boolean): Promise<void> {
  const { restoring } = table;
  if (restoring === null) return;
  const isThrough = await itemsFrom(core, table, { restoring, isOpen });
  if (!isThrough) return;
  if (!(await fillIndexes(core, table, isOpen))) return;
  await core.locks.hold([tableLock(table.region, table.name)], async () => {
    const current = core.directory.current(table);
    if (current !== null) await core.directory.put({ ...current, status: 'ACTIVE', restoring: null });
  });
}

interface Restoring {
  readonly restoring: RestoreSource;
  readonly isOpen: () => boolean;
}

async function itemsFrom(core: Core, table: Table, { restoring, isOpen }: Restoring): Promise<boolean> {
  if (restoring.type === 'backup') return copy(core, table, { from: copiesOf(restoring), isOpen });
  const isCopied = await copy(core, table, { from: itemsOf({ id: restoring.tableId }), isOpen });
  if (!isCopied) return false;
  return undo(core, table, { collection: logOf({ id: restoring.logId }), at: restoring.at, isOpen });
}

interface Copying {
  readonly from: string;
  readonly isOpen: () => boolean;
}

async function copy({ records }: Core, table: Table, { from, isOpen }: Copying): Promise<boolean> {
  const query = { collection: from, prefix: '', limit: SLICE_ITEMS, charsMax: SLICE_CHARS };
  for (let after: string | null = null; ; ) {
    if (!isOpen()) return false;
    const rows: Awaited<ReturnType<typeof records.scan>> = await records.scan({ ...query, after });
    if (rows.length === 0) return true;
    const kept = rows.filter(({ value }) => value !== ABSENT);
    await records.write(kept.map(({ key, value }) => put(table, key, value)));
    after = rows.at(-1)?.key ?? null;
  }
}

const put = (table: Table, key: string, value: string): RecordWrite => ({
  type: 'put',
  collection: itemsOf(table),
  key,
  value,
  expect: 'any',
});

/**
 * Takes back, newest first, every change after a moment. The copy was made while the table was written to, so it may have more or
 * fewer of these changes: the oldest entry of an item says how it was at the moment, whichever of them the copy has.
 */
async function undo(
  { records }: Core,
  table: Table,
  { collection, at, isOpen }: { readonly collection: string; readonly at: number; readonly isOpen: () => boolean },
): Promise<boolean> {
  const query = { collection, prefix: '', after: sequenceAt(at + 1), isDescending: true, limit: SLICE_ITEMS };
  for (let before: string | null = null; ; ) {
    if (!isOpen()) return false;
    const rows: Awaited<ReturnType<typeof records.scan>> = await records.scan({
      ...query,
      before,
      charsMax: SLICE_CHARS,
    });
    if (rows.length === 0) return true;
    const writes = rows.map(({ value }): RecordWrite => {
      const { key, old } = JSON.parse(value) as LogEntry; // our own text
      if (old === null) return { type: 'delete', collection: itemsOf(table), key };
      return put(table, key, JSON.stringify(old));
    });
    await records.write(writes);
    before = rows.at(-1)?.key ?? null;
  }
}

/** Nobody writes to the table yet, so nothing is locked. */
async function fillIndexes({ records }: Core, table: Table, isOpen: () => boolean): Promise<boolean> {
  const indexes = indexesOf(table);
  if (indexes.length === 0) return true;
  const query = { collection: itemsOf(table), prefix: '', limit: SLICE_ITEMS, charsMax: SLICE_CHARS };
  for (let after: string | null = null; ; ) {
    if (!isOpen()) return false;
    const rows: Awaited<ReturnType<typeof records.scan>> = await records.scan({ ...query, after });
    if (rows.length === 0) return true;
    const writes = rows.flatMap(({ value }) => entryWrites(table, parseItem(value)));
    if (writes.length > 0) await records.write(writes);
    after = rows.at(-1)?.key ?? null;
  }
}

export const entryWrites = (table: Table, item: Item): readonly RecordWrite[] =>
  indexesOf(table).flatMap((index): readonly RecordWrite[] => {
    const entry = entryOf(table, index, item);
    if (entry === null) return [];
    const value = JSON.stringify(entry.item);
    return [{ type: 'put', collection: entriesOfIndex(index), key: entry.key, value, expect: 'any' }];
  });
