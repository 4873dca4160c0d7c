import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import {
  Choice,
  Condition,
  type IChainable,
  JitterType,
  JsonPath,
  Map as MapState,
  Pass,
  Result,
} from 'aws-cdk-lib/aws-stepfunctions';
import { DynamoAttributeValue, DynamoUpdateItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';

const DEMO_STOCK = [
  { itemId: 'item-c9f4x', itemDescription: 'Macbook', quantityInStock: 1000 },
  { itemId: 'item-g7b2q', itemDescription: 'iPhone', quantityInStock: 1000 },
  { itemId: 'item-p4c97', itemDescription: 'iPad', quantityInStock: 1000 },
  { itemId: 'item-h2k8d', itemDescription: 'Headphones', quantityInStock: 1 },
  { itemId: 'item-w5t3m', itemDescription: 'Watch', quantityInStock: 0 },
];

/** The same as `../fill-stock.asl.json`, written with constructs: without input it fills in the demo shop. */
export function fillStock(scope: Construct, stock: Table): IChainable {
  const setItem = new DynamoUpdateItem(scope, 'Set Item', {
    table: stock,
    key: { itemId: DynamoAttributeValue.fromString(JsonPath.stringAt('$.itemId')) },
    updateExpression: 'SET itemDescription = :description, quantityInStock = :quantity',
    expressionAttributeValues: {
      ':description': DynamoAttributeValue.fromString(JsonPath.stringAt('$.itemDescription')),
      ':quantity': DynamoAttributeValue.numberFromString(JsonPath.format('{}', JsonPath.stringAt('$.quantityInStock'))),
    },
    resultPath: JsonPath.DISCARD,
  });
  setItem.addRetry({
    errors: [
      'DynamoDB.InternalServerErrorException',
      'DynamoDB.ProvisionedThroughputExceededException',
      'DynamoDB.RequestLimitExceededException',
      'DynamoDB.SdkClientException',
    ],
    interval: Duration.seconds(1),
    maxAttempts: 4,
    backoffRate: 2,
    jitterStrategy: JitterType.FULL,
  });
  const setStock = new MapState(scope, 'Set Stock', { itemsPath: '$.stock', resultPath: '$.stock' });
  setStock.itemProcessor(setItem);
  const demoStock = new Pass(scope, 'Demo Stock', { result: Result.fromObject({ stock: DEMO_STOCK }) });
  return new Choice(scope, 'Is Stock Given')
    .when(Condition.isPresent('$.stock'), setStock)
    .otherwise(demoStock.next(setStock));
}
