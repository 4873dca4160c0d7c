import { TABLE_BATCH_BYTES_MAX, TABLE_BATCH_KEYS_MAX } from '../../../limits/services.js';
import type { RecordStore } from '../../../store/ports.js';
import type { Core, Operation } from '../core.js';
import { type Projection, project } from '../expressions/projection.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { validationFault } from '../fault.js';
import { keyMap } from '../input/attribute-shape.js';
import { list, map, structure } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { atLeast, atMost, boolean, pattern, required, type StructureOf, text } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import { itemsOf, type Table } from '../table/table.js';
import { type Item, parseItem } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import { itemBytes } from '../values/item-size.js';
import { consumedCapacity, readUnits } from './capacity.js';
import { checkKey, checkNestedPaths } from './checks.js';
import { attributesProjection } from './get-item.js';

export const TABLE_KEYS = [atMost<string>(255), atLeast<string>(3), pattern('[a-zA-Z0-9_.-]+')];

const BATCH_GET = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  RequestItems: required(
    map(
      'KeysAndAttributes',
      structure('KeysAndAttributes', {
        Keys: required(list(keyMap, atLeast(1), atMost(TABLE_BATCH_KEYS_MAX))),
        AttributesToGet: members.attributesToGet,
        ConsistentRead: boolean,
        ProjectionExpression: text(),
        ExpressionAttributeNames: members.expressionNames,
      }),
      { rules: [atLeast(1)], keys: TABLE_KEYS },
    ),
  ),
};
type Asked = StructureOf<typeof BATCH_GET>['RequestItems'][string];

/** What is asked of one table. */
interface TableReads {
  readonly table: Table;
  readonly asked: Asked;
  readonly keys: readonly Item[];
  readonly projection: Projection | null;
}

export const batchGetItem =
  ({ directory, records }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('BatchGetItem', BATCH_GET, input);
    const checked = checkedKeys(request.RequestItems);
    const reads = checked.map(({ name, ...read }): TableReads => {
      const table = directory.get(place.region, name);
      checkNestedPaths(read.projection?.nested, table);
      for (const key of read.keys) checkKey(key, { keys: table.keys, table });
      return { ...read, table };
    });
    const found = await Promise.all(reads.map((read) => readAll(records, read)));
    return answer(reads, found, request.ReturnConsumedCapacity);
  };

/** Throws TableFault. */
function checkedKeys(asked: Readonly<Record<string, Asked>>) {
  let count = 0;
  return Object.entries(asked).map(([name, read]) => {
    checkParameters(read, ['ProjectionExpression'], ['AttributesToGet']);
    const named = attributesProjection(read.AttributesToGet);
    const projection = expressionsOf(read).projection ?? named;
    const seen = new Set<string>();
    const keys = read.Keys.map((raw) => {
      const key = checkedItem(raw);
      const shown = JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
      if (seen.has(shown)) throw validationFault('Provided list of item keys contains duplicates');
      seen.add(shown);
      count += 1;
      if (count > TABLE_BATCH_KEYS_MAX) throw validationFault('Too many items requested for the BatchGetItem call');
      return key;
    });
    return { name, asked: read, keys, projection };
  });
}

const readAll = (records: Pick<RecordStore, 'get'>, { table, keys }: TableReads): Promise<readonly (Item | null)[]> =>
  Promise.all(
    keys.map(async (key) => {
      const found = await records.get(itemsOf(table), itemKey(table, key));
      return found === null ? null : parseItem(found);
    }),
  );

function answer(
  reads: readonly TableReads[],
  found: readonly (readonly (Item | null)[])[],
  asked: 'INDEXES' | 'TOTAL' | 'NONE' | undefined,
): object {
  const Responses: Record<string, readonly Item[]> = {};
  const UnprocessedKeys: Record<string, object> = {};
  const capacities: object[] = [];
  let bytes = 0;
  for (const [at, { table, keys, projection, asked: read }] of reads.entries()) {
    const items: Item[] = [];
    const left: Item[] = [];
    let units = 0;
    for (const [index, item] of (found[at] ?? []).entries()) {
      const size = item === null ? 0 : itemBytes(item);
      const key = keys[index];
      if (bytes + size > TABLE_BATCH_BYTES_MAX && key !== undefined) {
        left.push(key);
        continue;
      }
      bytes += size;
      units += readUnits(size, read.ConsistentRead);
      if (item !== null) items.push(projection === null ? item : project(projection, item));
    }
    Responses[table.name] = items;
    if (left.length > 0) UnprocessedKeys[table.name] = { ...read, Keys: left };
    if (asked === 'INDEXES' || asked === 'TOTAL') {
      capacities.push(consumedCapacity(asked, { table: table.name, tableUnits: units }));
    }
  }
  return { Responses, UnprocessedKeys, ...(capacities.length > 0 && { ConsumedCapacity: capacities }) };
}
