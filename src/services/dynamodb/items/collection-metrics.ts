import { keyValue } from '../keys/item-key.js';
import type { Table } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';

/**
 * The member ItemCollectionMetrics, of tables with local indexes, where it was asked for. There is no limit of 10 GB here, so
 * the estimate is the lowest that AWS gives.
 */
export function collectionMetrics(asked: 'SIZE' | 'NONE' | undefined, table: Table, key: Item): object {
  if (asked !== 'SIZE' || table.localIndexes.length === 0) return {};
  return { ItemCollectionMetrics: metricsOf(table, key) };
}

export const metricsOf = (table: Table, key: Item): object => ({
  ItemCollectionKey: { [table.keys.hash]: keyValue(key, table.keys.hash) },
  SizeEstimateRangeGB: [0, 1],
});
