import type { Core, Operation } from '../core.js';
import { holds } from '../expressions/evaluate.js';
import { type KeyConditions, keyConditionsOf } from '../expressions/key-condition.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { validationFault } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { boolean, integer, type StructureOf, text } from '../input/shape.js';
import { checkNestedPaths } from '../items/checks.js';
import { attributesProjection } from '../items/get-item.js';
import { checkConditions, checkKeyConditions, holdsOlder } from '../legacy/conditions.js';
import { keyNames } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';
import { queryBounds } from './query-bounds.js';
import { checkKeyConditionsOf, checkQueryStart } from './query-checks.js';
import { readPage } from './read-page.js';
import { checkSelect, fetchesItems, readTarget } from './read-target.js';
import { checkedStartKey } from './start-key.js';

const QUERY = {
  Select: members.select,
  IndexName: members.indexName,
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  QueryFilter: members.conditions,
  TableName: members.tableName,
  ConditionalOperator: members.conditionalOperator,
  AttributesToGet: members.attributesToGet,
  Limit: integer('Integer', { min: 1 }),
  KeyConditions: members.conditions,
  ExclusiveStartKey: members.attributeMap,
  ConsistentRead: boolean,
  ScanIndexForward: boolean,
  KeyConditionExpression: text(),
  FilterExpression: text(),
  ProjectionExpression: text(),
  ExpressionAttributeValues: members.attributeMap,
  ExpressionAttributeNames: members.expressionNames,
};
type QueryInput = StructureOf<typeof QUERY>;

export const query =
  ({ directory, records }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('Query', QUERY, input);
    const asked = checkedQuery(request);
    const table = directory.get(place.region, request.TableName);
    const target = readTarget(table, request.IndexName, request.ConsistentRead);
    checkKeyConditionsOf(target, asked.conditions, asked.start);
    if (asked.start !== null) checkQueryStart(target, asked.conditions, asked.start);
    checkNestedPaths(asked.projection?.nested, table);
    for (const name of keyNames(target.keys)) {
      if (!asked.filterHeads.has(name)) continue;
      const what = request.QueryFilter === undefined ? 'Filter Expression' : 'QueryFilter';
      throw validationFault(`${what} can only contain non-primary key attributes: Primary key attribute: ${name}`);
    }
    const fetches = fetchesItems(target, request.Select, asked.projection);
    checkNestedPaths(asked.filterNested, table);
    const isDescending = request.ScanIndexForward === false;
    return readPage(records, {
      target,
      bounds: queryBounds(target, asked.conditions, { start: asked.start, isDescending }),
      limit: request.Limit,
      filter: asked.filter,
      projection: asked.projection,
      fetches,
      select: request.Select,
      asked: request.ReturnConsumedCapacity,
      isConsistent: request.ConsistentRead,
    });
  };

/** What can be said without the table. Throws TableFault. */
function checkedQuery(request: QueryInput) {
  checkParameters(
    request,
    ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
    ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
  );
  const older = { all: checkConditions(request.QueryFilter), isAny: request.ConditionalOperator === 'OR' };
  const named = attributesProjection(request.AttributesToGet);
  const start = checkedStartKey(request.ExclusiveStartKey);
  if (request.KeyConditions === undefined && request.KeyConditionExpression === undefined) {
    throw validationFault(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  const { keyCondition, filter, projection } = expressionsOf(request);
  const conditions: KeyConditions =
    keyCondition === null ? olderKeyConditions(request) : keyConditionsOf(keyCondition.condition);
  checkKeyConditions(conditions);
  checkSelect(request.Select, {
    projects: projection !== null ? 'ProjectionExpression' : named !== null ? 'AttributesToGet' : null,
    hasIndex: request.IndexName !== undefined,
  });
  const holdsFilter = filter === null ? null : (item: Item) => holds(filter.condition, item);
  return {
    start,
    conditions,
    projection: projection ?? named,
    filter: request.QueryFilter === undefined ? holdsFilter : (item: Item) => holdsOlder(older, item),
    filterHeads: filter?.heads ?? new Set(older.all.keys()),
    filterNested: filter?.nested,
  };
}

const olderKeyConditions = ({ KeyConditions: given }: QueryInput): KeyConditions =>
  new Map([...checkConditions(given)].map(([name, { operator, values }]) => [name, { operator, values }]));
