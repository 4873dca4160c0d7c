import type { Core, Operation } from '../core.js';
import { project } from '../expressions/projection.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { TableFault, transactionCanceled, validationFault } from '../fault.js';
import { readRequest } from '../input/request.js';
import { added } from '../items/batch-write-item.js';
import { type Consumed, consumedCapacity, readUnits } from '../items/capacity.js';
import { checkKey, checkNestedPaths } from '../items/checks.js';
import { itemKey } from '../keys/item-key.js';
import { itemsOf, type Table } from '../table/table.js';
import { type Item, parseItem } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import { itemBytes } from '../values/item-size.js';
import type { Reason } from './transact-action.js';
import { TRANSACT_GET } from './transact-members.js';

/** The items as they are at one moment: nobody writes any of them while they are read. */
export const transactGetItems =
  ({ directory, records, locks }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('TransactGetItems', TRANSACT_GET, input);
    const gets = request.TransactItems.map(({ Get: get }) => {
      checkParameters(get, ['ProjectionExpression'], []);
      return { name: get.TableName, key: checkedItem(get.Key), projection: expressionsOf(get).projection };
    });
    const placed = gets.map(({ name, key, projection }) => {
      const table = directory.get(place.region, name);
      checkNestedPaths(projection?.nested, table);
      return { table, key, projection };
    });
    checkKeys(placed);
    const places = placed.map(({ table, key }) => ({ table, place: itemKey(table, key) }));
    const names = places.map(({ table, place: at }) => `${table.id}/${at}`);
    if (new Set(names).size < names.length) {
      throw validationFault('Transaction request cannot include multiple operations on one item');
    }
    const items = await locks.hold(names, () =>
      Promise.all(places.map(({ table, place: at }) => records.get(itemsOf(table), at))),
    );
    const found = items.map((text) => (text === null ? null : parseItem(text)));
    const asked = request.ReturnConsumedCapacity;
    return {
      Responses: found.map((item, at) => {
        const projection = placed[at]?.projection ?? null;
        return item === null ? {} : { Item: projection === null ? item : project(projection, item) };
      }),
      ...((asked === 'INDEXES' || asked === 'TOTAL') && {
        ConsumedCapacity: consumed(placed, found).map((units) => consumedCapacity(asked, units)),
      }),
    };
  };

function checkKeys(gets: ReadonlyArray<{ readonly table: Table; readonly key: Item }>): void {
  const reasons = gets.map(({ table, key }): Reason => {
    try {
      checkKey(key, { keys: table.keys, table });
      return { Code: 'None' };
    } catch (fault) {
      if (!(fault instanceof TableFault)) throw fault;
      return { Code: 'ValidationError', Message: fault.message };
    }
  });
  if (reasons.every(({ Code }) => Code === 'None')) return;
  const codes = reasons.map(({ Code }) => Code).join(', ');
  throw transactionCanceled(
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

/** AWS: what a transaction reads costs twice, and is consistent. */
function consumed(
  gets: ReadonlyArray<{ readonly table: Table }>,
  found: readonly (Item | null)[],
): readonly Consumed[] {
  const byTable = new Map<string, Consumed>();
  for (const [at, { table }] of gets.entries()) {
    const item = found[at] ?? null;
    const units = { table: table.name, tableUnits: 2 * readUnits(item === null ? 0 : itemBytes(item), true) };
    const before = byTable.get(table.name);
    byTable.set(table.name, before === undefined ? units : added(before, units));
  }
  return [...byTable.values()];
}
