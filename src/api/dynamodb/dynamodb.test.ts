import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Tables } from '../../services/dynamodb/tables.js';
import { memoryStore } from '../../testing/memory-store.js';
import { createHttpApi, type HttpApi } from '../http.js';
import { dynamodbService } from './dynamodb.js';

let tables: Tables;
let api: HttpApi;
let client: DynamoDBClient;

beforeAll(async () => {
  tables = await Tables.open({
    records: memoryStore().records,
    clock: { now: Date.now },
    report: () => undefined,
    endpointUrl: () => '',
  });
  api = createHttpApi({ services: [dynamodbService(tables)], place: { account: '111122223333' } });
  const port = await api.listen({ port: 0, host: '127.0.0.1' });
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  await client.send(
    new CreateTableCommand({
      TableName: 'CustomerOrders',
      AttributeDefinitions: [
        { AttributeName: 'CustomerId', AttributeType: 'S' },
        { AttributeName: 'PlacedAt', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'CustomerId', KeyType: 'HASH' },
        { AttributeName: 'PlacedAt', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
afterAll(async () => {
  client.destroy();
  await api.close(0);
  await tables.close();
});

const TableName = 'CustomerOrders';

test('a table has our account and the region of the request', async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.TableArn).toBe('arn:aws:dynamodb:eu-west-1:111122223333:table/CustomerOrders');
  expect(Table?.TableStatus).toBe('ACTIVE');
  expect(Table?.CreationDateTime).toBeInstanceOf(Date);
});

test('items are written, changed under a condition, and queried', async () => {
  const item = (at: number) => ({ CustomerId: { S: 'jo' }, PlacedAt: { N: String(at) }, Note: { S: 'häl"lo' } });
  await client.send(new PutItemCommand({ TableName, Item: item(1) }));
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: { [TableName]: [2, 3].map((at) => ({ PutRequest: { Item: item(at) } })) },
    }),
  );
  const updated = await client.send(
    new UpdateItemCommand({
      TableName,
      Key: { CustomerId: { S: 'jo' }, PlacedAt: { N: '1' } },
      UpdateExpression: 'SET #s = :s ADD Changes :one',
      ExpressionAttributeNames: { '#s': 'State' },
      ExpressionAttributeValues: { ':s': { S: 'PAID' }, ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    }),
  );
  expect(updated.Attributes).toMatchObject({ State: { S: 'PAID' }, Changes: { N: '1' } });
  const found = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'CustomerId = :c AND PlacedAt > :at',
      ExpressionAttributeValues: { ':c': { S: 'jo' }, ':at': { N: '1' } },
      ScanIndexForward: false,
    }),
  );
  expect(found.Items?.map(({ PlacedAt }) => PlacedAt?.N)).toEqual(['3', '2']);
});

test('exceptions have their names', async () => {
  const Item = { CustomerId: { S: 'jo' }, PlacedAt: { N: '9' } };
  await expect(
    client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_exists(PlacedAt)' })),
  ).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
  });
  await expect(client.send(new PutItemCommand({ TableName: 'Nowhere', Item }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM Orders' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: "Treadle does not know the operation 'ExecuteStatement' of the service 'dynamodb'.",
  });
});
