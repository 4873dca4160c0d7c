import type { Core, Operation } from '../core.js';
import { project } from '../expressions/projection.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { attributeField } from '../input/attribute-shape.js';
import { map, structure } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { text } from '../input/shape.js';
import { itemKey } from '../keys/item-key.js';
import { attributeUpdates } from '../legacy/attribute-updates.js';
import { expectedOf } from '../legacy/expected.js';
import type { Item } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import { checkKey, checkNestedPaths } from './checks.js';
import { collectionMetrics } from './collection-metrics.js';
import { consumedByWrite } from './consumed-by-write.js';
import { checkGuard, type Guard, known } from './guard.js';
import { checkPlan, touchedPaths, type UpdatePlan, updated } from './update-plan.js';

const UPDATE_ITEM = {
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  TableName: members.tableName,
  ReturnItemCollectionMetrics: members.returnItemCollectionMetrics,
  ReturnValues: members.returnValues,
  Key: members.key,
  ConditionalOperator: members.conditionalOperator,
  Expected: members.expected,
  AttributeUpdates: map(
    'AttributeValueUpdate',
    structure('AttributeValueUpdate', { Action: text(), Value: attributeField }),
  ),
  ConditionExpression: text(),
  UpdateExpression: text(),
  ExpressionAttributeValues: members.attributeMap,
  ExpressionAttributeNames: members.expressionNames,
  ReturnValuesOnConditionCheckFailure: members.onConditionFailure,
};

export const updateItem =
  ({ directory, writer }: Core): Operation =>
  async ({ input, place, taskKey }) => {
    const request = readRequest('UpdateItem', UPDATE_ITEM, input);
    checkParameters(request, ['UpdateExpression', 'ConditionExpression'], ['AttributeUpdates', 'Expected']);
    const key = checkedItem(request.Key);
    const older = attributeUpdates(request.AttributeUpdates ?? {});
    const expected = expectedOf(request);
    const { condition, update } = expressionsOf(request);
    const table = directory.get(place.region, request.TableName);
    checkKey(key, { keys: table.keys, table });
    const plan: UpdatePlan = { update, older };
    checkPlan(plan, table);
    checkNestedPaths(condition?.nested, table);
    const shows = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const guard: Guard = { condition, older: expected, shows };
    return writer.write({
      targets: [{ table, key: itemKey(table, key) }],
      reads: true,
      taskKey,
      decide: ([found = null]) => {
        const old = known(found);
        checkGuard(guard, old);
        const item = updated(plan, old ?? key, table);
        return {
          items: [item],
          body: {
            ...returnedAttributes(request.ReturnValues, plan, { old, item }),
            ...consumedByWrite(request.ReturnConsumedCapacity, table, { old, item }),
            ...collectionMetrics(request.ReturnItemCollectionMetrics, table, key),
          },
        };
      },
    });
  };

type ReturnValues = 'ALL_NEW' | 'UPDATED_OLD' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW';

function returnedAttributes(
  asked: ReturnValues = 'NONE',
  plan: UpdatePlan,
  { old, item }: { readonly old: Item | null; readonly item: Item },
): { readonly Attributes?: Item } {
  switch (asked) {
    case 'NONE':
      return {};
    case 'ALL_OLD':
      return old === null ? {} : { Attributes: old };
    case 'ALL_NEW':
      return { Attributes: item };
    case 'UPDATED_OLD':
      return old === null ? {} : { Attributes: project({ paths: touchedPaths(plan) }, old) };
    case 'UPDATED_NEW':
      return { Attributes: project({ paths: touchedPaths(plan) }, item) };
    default:
      return asked satisfies never;
  }
}
