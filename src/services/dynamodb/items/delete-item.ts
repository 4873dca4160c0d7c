import type { Core, Operation } from '../core.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { validationFault } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { text } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import { expectedOf } from '../legacy/expected.js';
import { checkedItem } from '../values/checked.js';
import { checkKey, checkNestedPaths } from './checks.js';
import { collectionMetrics } from './collection-metrics.js';
import { consumedByWrite } from './consumed-by-write.js';
import { checkGuard, type Guard, isGuarded, known } from './guard.js';

const DELETE_ITEM = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  TableName: members.tableName,
  ReturnItemCollectionMetrics: members.returnItemCollectionMetrics,
  ReturnValues: members.returnValues,
  Key: members.key,
  ConditionalOperator: members.conditionalOperator,
  Expected: members.expected,
  ConditionExpression: text(),
  ExpressionAttributeValues: members.attributeMap,
  ExpressionAttributeNames: members.expressionNames,
  ReturnValuesOnConditionCheckFailure: members.onConditionFailure,
};

export const deleteItem =
  ({ directory, writer }: Core): Operation =>
  async ({ input, place, taskKey }) => {
    const request = readRequest('DeleteItem', DELETE_ITEM, input);
    checkParameters(request, ['ConditionExpression'], ['Expected']);
    const key = checkedItem(request.Key);
    const { ReturnValues: returned = 'NONE' } = request;
    if (returned !== 'ALL_OLD' && returned !== 'NONE')
      throw validationFault('ReturnValues can only be ALL_OLD or NONE');
    const older = expectedOf(request);
    const { condition } = expressionsOf(request);
    const table = directory.get(place.region, request.TableName);
    checkNestedPaths(condition?.nested, table);
    checkKey(key, { keys: table.keys, table });
    const guard: Guard = { condition, older, shows: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
    return writer.write({
      targets: [{ table, key: itemKey(table, key) }],
      reads: isGuarded(guard) || returned === 'ALL_OLD' || request.ReturnConsumedCapacity !== undefined,
      taskKey,
      decide: ([found = null]) => {
        const old = known(found);
        checkGuard(guard, old);
        return {
          items: [found === null ? 'keep' : null],
          body: {
            ...(old !== null && returned === 'ALL_OLD' && { Attributes: old }),
            ...consumedByWrite(request.ReturnConsumedCapacity, table, { old, item: null }),
            ...collectionMetrics(request.ReturnItemCollectionMetrics, table, key),
          },
        };
      },
    });
  };
