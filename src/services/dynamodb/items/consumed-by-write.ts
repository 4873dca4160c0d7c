import type { Index, Table } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';
import { equalItems } from '../values/compare.js';
import { type CapacityAsked, type Consumed, consumedMember, writeUnits } from './capacity.js';
import { entryOf } from './change.js';

interface Written {
  readonly old: Item | null;
  readonly item: Item | null;
}

export const consumedByWrite = (asked: CapacityAsked, table: Table, written: Written): object =>
  consumedMember(asked, unitsOfWrite(table, written));

/** An index costs where its entry changes: what goes and what comes are two writes when the key changes. */
export function unitsOfWrite(table: Table, written: Written, factor = 1): Consumed {
  const { old, item } = written;
  const units = (indexes: readonly Index[]): ReadonlyMap<string, number> =>
    new Map(
      indexes
        .map((index): [string, number] => [index.name, unitsOfIndex(table, index, written) * factor])
        .filter(([, count]) => count > 0),
    );
  return {
    table: table.name,
    tableUnits: writeUnits(item, old) * factor,
    globalIndexes: units(table.globalIndexes),
    localIndexes: units(table.localIndexes),
  };
}

function unitsOfIndex(table: Table, index: Index, { old, item }: Written): number {
  const before = old === null ? null : entryOf(table, index, old);
  const after = item === null ? null : entryOf(table, index, item);
  if (before !== null && after !== null && before.key === after.key) {
    return equalItems(before.item, after.item) ? 0 : writeUnits(after.item, before.item);
  }
  return (before === null ? 0 : writeUnits(null, before.item)) + (after === null ? 0 : writeUnits(after.item, null));
}
