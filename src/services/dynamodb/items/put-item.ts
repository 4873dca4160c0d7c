import type { Core, Operation } from '../core.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { validationFault } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { text } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import { expectedOf } from '../legacy/expected.js';
import { checkedItem } from '../values/checked.js';
import { checkItemBytes, checkItemKeys, checkNestedPaths } from './checks.js';
import { collectionMetrics } from './collection-metrics.js';
import { consumedByWrite } from './consumed-by-write.js';
import { checkGuard, type Guard, isGuarded, known } from './guard.js';

const PUT_ITEM = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  TableName: members.tableName,
  Item: members.item,
  ConditionalOperator: members.conditionalOperator,
  Expected: members.expected,
  ReturnValues: members.returnValues,
  ReturnItemCollectionMetrics: members.returnItemCollectionMetrics,
  ConditionExpression: text(),
  ExpressionAttributeValues: members.attributeMap,
  ExpressionAttributeNames: members.expressionNames,
  ReturnValuesOnConditionCheckFailure: members.onConditionFailure,
};

export const putItem =
  ({ directory, writer }: Core): Operation =>
  async ({ input, place, taskKey }) => {
    const request = readRequest('PutItem', PUT_ITEM, input);
    checkParameters(request, ['ConditionExpression'], ['Expected']);
    const item = checkedItem(request.Item);
    const { ReturnValues: returned = 'NONE' } = request;
    if (returned !== 'ALL_OLD' && returned !== 'NONE')
      throw validationFault('ReturnValues can only be ALL_OLD or NONE');
    checkItemBytes(item);
    const older = expectedOf(request);
    const { condition } = expressionsOf(request);
    const table = directory.get(place.region, request.TableName);
    checkNestedPaths(condition?.nested, table);
    checkItemKeys(item, table);
    const guard: Guard = { condition, older, shows: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
    return writer.write({
      targets: [{ table, key: itemKey(table, item) }],
      reads: isGuarded(guard) || returned === 'ALL_OLD' || request.ReturnConsumedCapacity !== undefined,
      taskKey,
      decide: ([found = null]) => {
        const old = known(found);
        checkGuard(guard, old);
        return {
          items: [item],
          body: {
            ...(old !== null && returned === 'ALL_OLD' && { Attributes: old }),
            ...consumedByWrite(request.ReturnConsumedCapacity, table, { old, item }),
            ...collectionMetrics(request.ReturnItemCollectionMetrics, table, item),
          },
        };
      },
    });
  };
