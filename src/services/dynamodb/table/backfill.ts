import type { RecordWrite } from '../../../store/ports.js';
import type { Core } from '../core.js';
import { entryOf } from '../items/change.js';
import { parseItem } from '../values/attribute-value.js';
import { entriesOfIndex, type Index, itemsOf, type Table } from './table.js';
import { tableLock } from './table-lock.js';

/** Items of one slice: they are locked together, so it is short. */
const SLICE_ITEMS = 100;
const SLICE_CHARS = 1_048_576;

/** Goes through all items of a table, slice by slice, while it is written to: `writesOf` sees each item as it is, locked. */
export async function throughItems(
  { records, locks }: Pick<Core, 'records' | 'locks'>,
  table: Table,
  { isOpen, writesOf, onSlice = () => undefined }: Passage,
): Promise<boolean> {
  const collection = itemsOf(table);
  const query = { collection, prefix: '', limit: SLICE_ITEMS, charsMax: SLICE_CHARS };
  for (let after: string | null = null; ; ) {
    if (!isOpen()) return false;
    const keys: readonly string[] = (await records.scan({ ...query, after })).map(({ key }) => key);
    const last = keys.at(-1);
    if (last === undefined) return true;
    const names = keys.map((key) => `${table.id}/${key}`);
    await locks.hold(names, async () => {
      const found = await Promise.all(keys.map((key) => records.get(collection, key)));
      const rows = found.flatMap((value, at) => (value === null ? [] : [{ key: keys[at] ?? '', value }]));
      const writes = (await Promise.all(rows.map(writesOf))).flat();
      if (writes.length > 0 && isOpen()) await records.write(writes);
      onSlice(last);
    });
    after = last;
  }
}

export interface Passage {
  readonly isOpen: () => boolean;
  readonly writesOf: (row: Row) => readonly RecordWrite[] | Promise<readonly RecordWrite[]>;
  /** Everything up to this key has been gone through; its items are still locked. */
  readonly onSlice?: (last: string) => void;
}

export interface Row {
  readonly key: string;
  readonly value: string;
}

/** Makes the entries of an index for the items that were there before it; then the index can be read. */
export async function backfillIndex(core: Core, table: Table, index: Index, isOpen: () => boolean): Promise<void> {
  const collection = entriesOfIndex(index);
  const isThrough = await throughItems(core, table, {
    isOpen,
    writesOf: ({ value }) => {
      const entry = entryOf(table, index, ofKeyTypes(table, index, value));
      return entry === null
        ? []
        : [{ type: 'put', collection, key: entry.key, value: JSON.stringify(entry.item), expect: 'any' }];
    },
  });
  if (!isThrough) return;
  await core.locks.hold([tableLock(table.region, table.name)], async () => {
    const current = core.directory.current(table);
    if (current === null) return;
    const globalIndexes = current.globalIndexes.map((other) =>
      other.id === index.id ? { ...other, status: 'ACTIVE' as const } : other,
    );
    await core.directory.put({ ...current, globalIndexes });
  });
}

/** An item written before the index may have anything in its key attributes; what does not fit is left out, as on AWS. */
function ofKeyTypes(table: Table, { keys }: Index, value: string) {
  const item = { ...parseItem(value) };
  for (const { name, type } of table.attributes) {
    if (name !== keys.hash && name !== keys.range) continue;
    const given = Object.hasOwn(item, name) ? item[name] : undefined;
    if (given !== undefined && (!(type in given) || Reflect.get(given, type) === '')) delete item[name];
  }
  return item;
}
