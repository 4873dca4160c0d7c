import { TABLE_TRANSACTION_ACTIONS_MAX } from '../../../limits/services.js';
import { field, list, structure } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { atLeast, atMost, required, type StructureOf, type TypeOf, text } from '../input/shape.js';

const condition = {
  TableName: members.tableName,
  ConditionExpression: text(),
  ExpressionAttributeNames: members.expressionNames,
  ExpressionAttributeValues: members.attributeMap,
  ReturnValuesOnConditionCheckFailure: members.onConditionFailure,
};

const writeItem = structure('TransactWriteItem', {
  ConditionCheck: field('ConditionCheck', { ...condition, Key: members.key, ConditionExpression: required(text()) }),
  Put: field('Put', { ...condition, Item: members.item }),
  Delete: field('Delete', { ...condition, Key: members.key }),
  Update: field('Update', { ...condition, Key: members.key, UpdateExpression: required(text()) }),
});

export const TRANSACT_WRITE = {
  TransactItems: required(list(writeItem, atLeast(1), atMost(TABLE_TRANSACTION_ACTIONS_MAX))),
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  ReturnItemCollectionMetrics: members.returnItemCollectionMetrics,
  ClientRequestToken: text(atLeast(1), atMost(36)),
};
export type TransactWriteInput = StructureOf<typeof TRANSACT_WRITE>;
export type TransactWriteItem = TypeOf<typeof writeItem>;

const getItem = structure('TransactGetItem', {
  Get: required(
    field('Get', {
      Key: members.key,
      TableName: members.tableName,
      ProjectionExpression: text(),
      ExpressionAttributeNames: members.expressionNames,
    }),
  ),
});

export const TRANSACT_GET = {
  TransactItems: required(list(getItem, atLeast(1), atMost(TABLE_TRANSACTION_ACTIONS_MAX))),
  ReturnConsumedCapacity: members.returnConsumedCapacity,
};
