import type { Core, Operation } from '../core.js';
import { namedProjection, type Projection, project } from '../expressions/projection.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { invalidValues } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { boolean, text } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import { itemsOf } from '../table/table.js';
import { parseItem } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import { itemBytes } from '../values/item-size.js';
import { consumedMember, readUnits } from './capacity.js';
import { checkKey, checkNestedPaths } from './checks.js';

const GET_ITEM = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  AttributesToGet: members.attributesToGet,
  TableName: members.tableName,
  Key: members.key,
  ConsistentRead: boolean,
  ProjectionExpression: text(),
  ExpressionAttributeNames: members.expressionNames,
};

/** Every read here is consistent. */
export const getItem =
  ({ directory, records }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('GetItem', GET_ITEM, input);
    checkParameters(request, ['ProjectionExpression'], ['AttributesToGet']);
    const key = checkedItem(request.Key);
    const named = attributesProjection(request.AttributesToGet);
    const projection = expressionsOf(request).projection ?? named;
    const table = directory.get(place.region, request.TableName);
    checkKey(key, { keys: table.keys, table });
    checkNestedPaths(projection?.nested, table);
    const text = await records.get(itemsOf(table), itemKey(table, key));
    const item = text === null ? null : parseItem(text);
    const { ReturnConsumedCapacity: asked, ConsistentRead: isConsistent } = request;
    const units = asked === undefined ? 0 : readUnits(item === null ? 0 : itemBytes(item), isConsistent);
    return {
      ...(item !== null && { Item: projection === null ? item : project(projection, item) }),
      ...consumedMember(asked, { table: table.name, tableUnits: units }),
    };
  };

/** Throws TableFault. */
export function attributesProjection(names: readonly string[] | undefined): Projection | null {
  if (names === undefined) return null;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidValues(`Duplicate value in attribute name: ${twice}`);
  return namedProjection(names);
}
