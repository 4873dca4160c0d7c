import type { RecordWrite } from '../../../store/ports.js';
import { entryKey } from '../keys/item-key.js';
import { entriesOfIndex, type Index, indexesOf, itemsOf, keyNames, type Table } from '../table/table.js';
import { attributeOf, type Item, newItem } from '../values/attribute-value.js';
import { equalItems } from '../values/compare.js';

/** What becomes of one item. */
export interface Change {
  readonly table: Table;
  readonly key: string;
  /** Null: there was none. `unknown`: nobody had to know. */
  readonly old: Item | null | 'unknown';
  /** Null: it is deleted. */
  readonly item: Item | null;
}

export const itemWrite = ({ table, key, item }: Pick<Change, 'table' | 'key' | 'item'>): RecordWrite =>
  item === null
    ? { type: 'delete', collection: itemsOf(table), key }
    : { type: 'put', collection: itemsOf(table), key, value: JSON.stringify(item), expect: 'any' };

/** The writes that keep all indexes of the table true. */
export function indexWrites({ table, old, item }: Change): readonly RecordWrite[] {
  const writes: RecordWrite[] = [];
  for (const index of indexesOf(table)) {
    const before = old === null || old === 'unknown' ? null : entryOf(table, index, old);
    const after = item === null ? null : entryOf(table, index, item);
    const collection = entriesOfIndex(index);
    if (before !== null && before.key !== after?.key) writes.push({ type: 'delete', collection, key: before.key });
    if (after === null) continue;
    if (before?.key === after.key && equalItems(before.item, after.item)) continue;
    writes.push({ type: 'put', collection, key: after.key, value: JSON.stringify(after.item), expect: 'any' });
  }
  return writes;
}

export interface IndexEntry {
  readonly key: string;
  readonly item: Item;
}

/** Null when the item is not in the index. */
export function entryOf(table: Table, index: Index, item: Item): IndexEntry | null {
  const key = entryKey(table, index, item);
  return key === null ? null : { key, item: projected(table, index, item) };
}

function projected(table: Table, index: Index, item: Item): Item {
  if (index.projection.type === 'ALL') return item;
  const part = newItem();
  for (const name of [...keyNames(index.keys), ...keyNames(table.keys), ...index.projection.attributes]) {
    const value = attributeOf(item, name);
    if (value !== undefined) part[name] = value;
  }
  return part;
}
