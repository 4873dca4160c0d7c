import { TABLE_BATCH_WRITES_MAX } from '../../../limits/services.js';
import type { Core, Operation } from '../core.js';
import { serializationFault, validationFault } from '../fault.js';
import { NOT_A_CLASS } from '../input/attribute-shape.js';
import { field, map, structure } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { atLeast, atMost, required, type Shape, type TypeOf } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import type { Table } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import { TABLE_KEYS } from './batch-get-item.js';
import { type Consumed, consumedCapacity } from './capacity.js';
import { checkItemBytes, checkItemKeys, checkKey } from './checks.js';
import { metricsOf } from './collection-metrics.js';
import { unitsOfWrite } from './consumed-by-write.js';
import { known } from './guard.js';

const writeRequest = structure('WriteRequest', {
  DeleteRequest: field('DeleteRequest', { Key: members.key }),
  PutRequest: field('PutRequest', { Item: members.item }),
});
type WriteRequest = TypeOf<typeof writeRequest>;

/** A list inside of a map; scalars are refused in other words than elsewhere. */
const writeRequests: Shape<readonly WriteRequest[]> = {
  isRequired: false,
  read: (value) => {
    if (typeof value !== 'object') throw serializationFault(NOT_A_CLASS);
    if (!Array.isArray(value)) throw serializationFault('Start of structure or map found where not expected');
    return value.map((element) => writeRequest.read(element));
  },
  check: (value, path, faults) => {
    for (const [index, element] of value.entries()) writeRequest.check(element, `${path}.${index + 1}.member`, faults);
  },
};

const BATCH_WRITE = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  ReturnItemCollectionMetrics: members.returnItemCollectionMetrics,
  RequestItems: required(
    map('java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>', writeRequests, {
      rules: [atLeast(1)],
      keys: TABLE_KEYS,
      values: [atMost(TABLE_BATCH_WRITES_MAX), atLeast(1)],
    }),
  ),
};

interface BatchWrite {
  readonly table: Table;
  readonly key: string;
  readonly keyItem: Item;
  /** Null: it is deleted. */
  readonly item: Item | null;
}

/** Each write is one by itself, as on AWS. */
export const batchWriteItem =
  ({ directory, writer }: Core): Operation =>
  async ({ input, place, taskKey }) => {
    const request = readRequest('BatchWriteItem', BATCH_WRITE, input);
    const checked = Object.entries(request.RequestItems).map(
      ([name, requests]) => [name, requests.map(checkedWrite)] as const,
    );
    const count = checked.reduce((sum, [, writes]) => sum + writes.length, 0);
    if (count > TABLE_BATCH_WRITES_MAX) throw validationFault('Too many items requested for the BatchWriteItem call');
    const writes = checked.flatMap(([name, items]) => placed(directory.get(place.region, name), items));
    const asked = request.ReturnConsumedCapacity;
    const consumed = await Promise.all(
      writes.map(({ table, key, item }, index) =>
        writer.write({
          targets: [{ table, key }],
          reads: asked === 'INDEXES' || asked === 'TOTAL',
          taskKey: taskKey === undefined ? undefined : `${taskKey}/${index}`,
          decide: ([old = null]) => ({ items: [item], body: unitsOfWrite(table, { old: known(old), item }) }),
        }),
      ),
    );
    return {
      UnprocessedItems: {},
      ...((asked === 'INDEXES' || asked === 'TOTAL') && {
        ConsumedCapacity: summed(consumed).map((units) => consumedCapacity(asked, units)),
      }),
      ...metrics(request.ReturnItemCollectionMetrics, writes),
    };
  };

/** Throws TableFault. */
function checkedWrite({ PutRequest: put, DeleteRequest: remove }: WriteRequest): {
  item: Item | null;
  key: Item | null;
} {
  if ((put === undefined) === (remove === undefined)) {
    throw validationFault(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (put === undefined) return { item: null, key: checkedItem(remove?.Key ?? {}) };
  const item = checkedItem(put.Item);
  checkItemBytes(item);
  return { item, key: null };
}

function placed(
  table: Table,
  writes: ReadonlyArray<{ readonly item: Item | null; readonly key: Item | null }>,
): readonly BatchWrite[] {
  const seen = new Set<string>();
  return writes.map(({ item, key }) => {
    if (item !== null) checkBatchItem(item, table);
    else checkKey(key ?? {}, { keys: table.keys, table });
    const keyItem = item ?? key ?? {};
    const place = itemKey(table, keyItem);
    if (seen.has(place)) throw validationFault('Provided list of item keys contains duplicates');
    seen.add(place);
    return { table, key: place, keyItem, item };
  });
}

/** AWS has shorter words here for what is wrong with a key. */
function checkBatchItem(item: Item, table: Table): void {
  try {
    checkItemKeys(item, table);
  } catch (fault) {
    if (fault instanceof Error && /Missing the key|Type mismatch for key/.test(fault.message)) {
      throw validationFault('The provided key element does not match the schema');
    }
    throw fault;
  }
}

function summed(all: readonly Consumed[]): readonly Consumed[] {
  const byTable = new Map<string, Consumed>();
  for (const one of all) {
    const before = byTable.get(one.table);
    byTable.set(one.table, before === undefined ? one : added(before, one));
  }
  return [...byTable.values()];
}

export const added = (left: Consumed, right: Consumed): Consumed => ({
  table: left.table,
  tableUnits: left.tableUnits + right.tableUnits,
  globalIndexes: addedUnits(left.globalIndexes, right.globalIndexes),
  localIndexes: addedUnits(left.localIndexes, right.localIndexes),
});

type Units = ReadonlyMap<string, number> | undefined;

function addedUnits(left: Units, right: Units): ReadonlyMap<string, number> {
  const sum = new Map(left ?? []);
  for (const [name, units] of right ?? []) sum.set(name, (sum.get(name) ?? 0) + units);
  return sum;
}

function metrics(asked: 'SIZE' | 'NONE' | undefined, writes: readonly BatchWrite[]): object {
  if (asked !== 'SIZE') return {};
  const byTable: Record<string, object[]> = {};
  for (const { table, keyItem } of writes) {
    if (table.localIndexes.length === 0) continue;
    const list = byTable[table.name] ?? [];
    byTable[table.name] = [...list, metricsOf(table, keyItem)];
  }
  return Object.keys(byTable).length === 0 ? {} : { ItemCollectionMetrics: byTable };
}
