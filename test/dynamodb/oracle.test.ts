import { afterAll, beforeAll, expect, test } from 'vitest';
import { Tables } from '../../src/services/dynamodb/tables.js';
import { memoryStore } from '../../src/testing/memory-store.js';
import { type Oracle, openOracle } from './dynalite-oracle.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
let oracle: Oracle;
let tables: Tables;

beforeAll(async () => {
  oracle = await openOracle();
  tables = await Tables.open({
    records: memoryStore().records,
    clock: { now: () => 1 },
    report: () => undefined,
    endpointUrl: () => '',
  });
});
afterAll(async () => {
  await Promise.all([oracle.close(), tables.close()]);
});

const both = async (operation: string, input: object) => {
  const [wanted, given] = await Promise.all([
    oracle.call(operation, input),
    tables.call(operation, structuredClone(input), PLACE),
  ]);
  return { wanted, given: JSON.parse(JSON.stringify(given)) };
};

const T = 'Orders';
const S = (text: string) => ({ S: text });
const N = (text: string) => ({ N: text });
const CREATE = {
  TableName: T,
  AttributeDefinitions: [
    { AttributeName: 'h', AttributeType: 'S' },
    { AttributeName: 'r', AttributeType: 'N' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'h', KeyType: 'HASH' },
    { AttributeName: 'r', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [
        { AttributeName: 'g', KeyType: 'HASH' },
        { AttributeName: 'r', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'localG',
      KeySchema: [
        { AttributeName: 'h', KeyType: 'HASH' },
        { AttributeName: 'g', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

/** Requests in order, each answered the same by both, texts of refusals included. */
const CASES: readonly (readonly [operation: string, input: object])[] = [
  ['CreateTable', { TableName: 'ab' }],
  ['CreateTable', {}],
  ['CreateTable', { TableName: 'abc;' }],
  ['CreateTable', { TableName: 'abc', AttributeDefinitions: [{}], KeySchema: [] }],
  ['CreateTable', { ...CREATE, KeySchema: [{ AttributeName: 'h', KeyType: 'RANGE' }] }],
  ['CreateTable', { ...CREATE, BillingMode: undefined }],
  ['CreateTable', { ...CREATE, BillingMode: 'FREE' }],
  ['CreateTable', { ...CREATE, LocalSecondaryIndexes: [] }],
  ['CreateTable', { ...CREATE, GlobalSecondaryIndexes: [{ ...CREATE.GlobalSecondaryIndexes[0], IndexName: 'x' }] }],
  ['CreateTable', { ...CREATE, KeySchema: [{ AttributeName: 'zz', KeyType: 'HASH' }] }],
  ['PutItem', { TableName: T, Item: { h: S('a') } }],
  ['PutItem', { Item: { h: S('a') } }],
  ['PutItem', { TableName: T }],
  ['PutItem', { TableName: T, Item: 5 }],
  ['PutItem', { TableName: T, Item: { h: 5 } }],
  ['PutItem', { TableName: T, Item: { h: { S: 5 } } }],
  ['PutItem', { TableName: T, Item: { h: { S: true } } }],
  ['PutItem', { TableName: T, Item: { h: { S: ['a'] } } }],
  ['PutItem', { TableName: T, Item: { h: { N: {} } } }],
  ['PutItem', { TableName: T, Item: { h: { B: 'a' } } }],
  ['PutItem', { TableName: T, Item: { h: { L: {} } } }],
  ['PutItem', { TableName: T, Item: { h: { M: [] } } }],
  ['PutItem', { TableName: T, Item: { h: { BOOL: 'maybe' } } }],
  ['PutItem', { TableName: T, Item: [] }],
  ['PutItem', { TableName: T, Item: {}, ReturnValues: 'SOME', ReturnConsumedCapacity: 'ALL' }],
  ['PutItem', { TableName: T, Item: {}, ReturnValues: 'ALL_NEW' }],
  ['PutItem', { TableName: T, Item: { h: {} } }],
  ['PutItem', { TableName: T, Item: { h: { S: 'a', N: '1' } } }],
  ['PutItem', { TableName: T, Item: { h: { NULL: false } } }],
  ['PutItem', { TableName: T, Item: { h: { SS: [] } } }],
  ['PutItem', { TableName: T, Item: { h: { NS: ['1', '1.0'] } } }],
  ['PutItem', { TableName: T, Item: { h: { SS: ['a', 'a'] } } }],
  ['PutItem', { TableName: T, Item: { h: { BS: ['YQ==', 'YQ=='] } } }],
  ['PutItem', { TableName: T, Item: { h: { N: '' } } }],
  ['PutItem', { TableName: T, Item: { h: { N: 'x' } } }],
  ['PutItem', { TableName: T, Item: { h: { N: '1e126' } } }],
  ['PutItem', { TableName: T, Item: { h: { N: '1e-131' } } }],
  ['PutItem', { TableName: T, Item: { h: { N: '123456789012345678901234567890123456789' } } }],
  ['PutItem', { TableName: T, Item: { h: N('1'), r: N('1') } }],
  ['PutItem', { TableName: T, Item: { h: S(''), r: N('1') } }],
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1'), g: N('1') } }],
  ['PutItem', { TableName: T, Item: { h: S('a'.repeat(2049)), r: N('1') } }],
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1') }, Expected: {}, ConditionExpression: 'a = b' }],
  ['PutItem', { TableName: T, Item: {}, ExpressionAttributeNames: { '#a': 'b' } }],
  ['PutItem', { TableName: T, Item: {}, ExpressionAttributeValues: { ':a': S('b') } }],
  ['PutItem', { TableName: T, Item: {}, ConditionExpression: '', ExpressionAttributeValues: {} }],
  ['PutItem', { TableName: T, Item: {}, ConditionExpression: '', ExpressionAttributeValues: { a: S('a') } }],
  ['PutItem', { TableName: T, Item: {}, ConditionExpression: '', ExpressionAttributeValues: { ':a': {} } }],
  ['PutItem', { TableName: T, Item: {}, ConditionExpression: '' }],
  ...[
    'abort = :a',
    '#x = :a',
    'a = :x',
    'a = a',
    'a.b[1] = a.b[1]',
    '((a = :a))',
    '(a = :a) and a = :a',
    'size(a) = :a',
    'size(:n) = :a',
    'size(a)',
    'wrong(a)',
    'attribute_exists(:a)',
    'attribute_exists(a, b)',
    'attribute_exists(a) = :a',
    'attribute_type(a, :a)',
    'attribute_type(a, b)',
    'begins_with(a, :n)',
    'a between :n and :a',
    'a between :n and :m',
    'contains(a, size(b)) and a = :a',
    'a in (:a, attribute_exists(b))',
    'attribute_exists(h)',
    'attribute_not_exists(h) and not attribute_exists(g.x)',
    'not (a = :a or b = :n) and c <> :a',
  ].map((ConditionExpression): [string, object] => [
    'PutItem',
    {
      TableName: T,
      Item: { h: S('a'), r: N('1') },
      ConditionExpression,
      ExpressionAttributeValues: { ':a': S('zz'), ':n': N('3'), ':m': N('2') },
    },
  ]),
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1') }, Expected: { h: {} } }],
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1') }, Expected: { h: { Exists: false, Value: S('a') } } }],
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1') }, Expected: { h: { ComparisonOperator: 'IN' } } }],
  [
    'PutItem',
    {
      TableName: T,
      Item: { h: S('a'), r: N('1') },
      Expected: { h: { ComparisonOperator: 'LT', AttributeValueList: [] } },
    },
  ],
  ['PutItem', { TableName: T, Item: { h: S('a'), r: N('1') }, Expected: { h: { Exists: true, Value: S('a') } } }],
  [
    'PutItem',
    {
      TableName: T,
      Item: { h: S('a'), r: N('01.50'), x: N('-0.00'), l: { L: [S('x'), N('2'), { M: { k: N('1') } }] } },
    },
  ],
  [
    'PutItem',
    { TableName: T, Item: { h: S('a'), r: N('1.5'), g: S('q'), s: { SS: ['x', 'y'] } }, ReturnValues: 'ALL_OLD' },
  ],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') } }],
  ['GetItem', { TableName: T, Key: { h: S('a') } }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: S('1') } }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') }, ProjectionExpression: 'g, h.x' }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') }, ProjectionExpression: 'g, g' }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') }, ProjectionExpression: 'g, z.b, z[1]' }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') }, AttributesToGet: ['g', 'g'] }],
  ['GetItem', { TableName: T, Key: { h: S('a'), r: N('1.5') }, AttributesToGet: ['g', 'nothing'] }],
  ['GetItem', { TableName: 'Nowhere', Key: { h: S('a') } }],
  ...[
    'SET g = :n',
    'SET h = :a',
    'SET h.x = :a',
    'SET g.x = :a',
    'SET a = :a SET b = :a',
    'SET a = :a, a = :a',
    'SET a.b = :a, a[1] = :a',
    'SET a = nothing',
    'SET a = wrong(b)',
    'SET a = if_not_exists(:a, :a)',
    'SET a = if_not_exists(b)',
    'SET a = list_append(:a, :l)',
    'SET a = :a + :n',
    'SET a = g + :n',
    'ADD a :a',
    'ADD g :n',
    'DELETE a :n',
    'REMOVE h',
    'REMOVE zz.yy',
    'SET a = :zz',
    'SET #a = :a',
    'SET abort = :a',
    'SET n = :n, l = :l, m = :e',
    'SET n = n + :n, l = list_append(l, :l), l2 = if_not_exists(l, :l), m.k = :a',
    'SET l[7] = :a, l[0] = :n',
    'SET n = n - :n REMOVE l[1] ADD s :s, cnt :n DELETE l3 :s',
    'ADD s :s2',
    'DELETE s :s2',
    'REMOVE s, m',
  ].map((UpdateExpression): [string, object] => {
    const values: Record<string, object> = {
      ':a': S('zz'),
      ':n': N('3'),
      ':l': { L: [S('1'), S('2')] },
      ':e': { M: {} },
      ':s': { SS: ['x', 'z'] },
      ':s2': { SS: ['z', 'q'] },
    };
    const used = Object.fromEntries(
      Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(UpdateExpression)),
    );
    return [
      'UpdateItem',
      {
        TableName: T,
        Key: { h: S('u'), r: N('1') },
        UpdateExpression,
        ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
        ReturnValues: 'UPDATED_NEW',
      },
    ];
  }),
  ['GetItem', { TableName: T, Key: { h: S('u'), r: N('1') } }],
  [
    'UpdateItem',
    {
      TableName: T,
      Key: { h: S('u'), r: N('1') },
      AttributeUpdates: { n: { Action: 'ADD', Value: N('-0.5') }, x: { Value: S('q') } },
      ReturnValues: 'ALL_NEW',
    },
  ],
  ['UpdateItem', { TableName: T, Key: { h: S('u'), r: N('1') }, AttributeUpdates: { n: {} } }],
  [
    'UpdateItem',
    { TableName: T, Key: { h: S('u'), r: N('1') }, AttributeUpdates: { n: { Action: 'ADD', Value: S('') } } },
  ],
  ['UpdateItem', { TableName: T, Key: { h: S('u'), r: N('1') }, AttributeUpdates: { h: { Value: S('b') } } }],
  [
    'UpdateItem',
    {
      TableName: T,
      Key: { h: S('u'), r: N('1') },
      AttributeUpdates: { x: { Action: 'DELETE' } },
      ReturnValues: 'ALL_OLD',
    },
  ],
  ['Query', { TableName: T }],
  ...[
    'h = :a',
    'h = :a and r > :n',
    'h = :a and r = :n',
    'h = :a and r between :n and :m',
    'h = :a or r = :n',
    'h > :a',
    'r = :n',
    'h = :a and g = :a',
    'h = :n',
    'h = :a and h = :a',
    'not h = :a',
    'contains(h, :a)',
    'begins_with(:a, h)',
    'h.x = :a',
    ':a = h and :n < r',
    'size(h) = :n',
    'h = :a and r <> :n',
  ].map((KeyConditionExpression): [string, object] => {
    const values: Record<string, object> = { ':a': S('a'), ':n': N('1'), ':m': N('2') };
    const used = Object.fromEntries(Object.entries(values).filter(([name]) => KeyConditionExpression.includes(name)));
    return ['Query', { TableName: T, KeyConditionExpression, ExpressionAttributeValues: used }];
  }),
  [
    'Query',
    { TableName: T, IndexName: 'none', KeyConditionExpression: 'g = :a', ExpressionAttributeValues: { ':a': S('q') } },
  ],
  [
    'Query',
    { TableName: T, IndexName: 'byG', KeyConditionExpression: 'g = :a', ExpressionAttributeValues: { ':a': S('q') } },
  ],
  [
    'Query',
    {
      TableName: T,
      IndexName: 'byG',
      ConsistentRead: true,
      KeyConditionExpression: 'g = :a',
      ExpressionAttributeValues: { ':a': S('q') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      IndexName: 'localG',
      KeyConditionExpression: 'h = :a',
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      IndexName: 'localG',
      Select: 'ALL_ATTRIBUTES',
      KeyConditionExpression: 'h = :a',
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      Select: 'COUNT',
      Limit: 1,
      KeyConditionExpression: 'h = :a',
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      KeyConditionExpression: 'h = :a',
      FilterExpression: 'r = :a',
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      KeyConditionExpression: 'h = :a',
      ExclusiveStartKey: { h: S('b'), r: N('1') },
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      KeyConditionExpression: 'h = :a',
      ExclusiveStartKey: { h: S('b') },
      ExpressionAttributeValues: { ':a': S('a') },
    },
  ],
  [
    'Query',
    {
      TableName: T,
      KeyConditions: { h: { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] } },
      QueryFilter: { g: { ComparisonOperator: 'NOT_NULL' } },
    },
  ],
  ['Query', { TableName: T, KeyConditions: { h: { ComparisonOperator: 'NE', AttributeValueList: [S('a')] } } }],
  ['Query', { TableName: T, KeyConditions: { h: { ComparisonOperator: 'EQ', AttributeValueList: [] } } }],
  ['Query', { TableName: T, KeyConditions: {} }],
  ['Scan', { TableName: T }],
  ['Scan', { TableName: T, Limit: 1 }],
  ['Scan', { TableName: T, Segment: 1 }],
  ['Scan', { TableName: T, TotalSegments: 2 }],
  ['Scan', { TableName: T, Segment: 2, TotalSegments: 2 }],
  ['Scan', { TableName: T, Segment: 0, TotalSegments: 2 }],
  ['Scan', { TableName: T, Segment: 1, TotalSegments: 2 }],
  ['Scan', { TableName: T, IndexName: 'byG' }],
  ['Scan', { TableName: T, ScanFilter: { g: { ComparisonOperator: 'NULL' } } }],
  ['Scan', { TableName: T, ExclusiveStartKey: { h: S('a') } }],
  ['Scan', { TableName: T, ExclusiveStartKey: { h: S('a'), r: N('x') } }],
  ['BatchGetItem', { RequestItems: {} }],
  ['BatchGetItem', { RequestItems: { [T]: { Keys: [] } } }],
  [
    'BatchGetItem',
    {
      RequestItems: {
        [T]: {
          Keys: [
            { h: S('a'), r: N('1') },
            { h: S('a'), r: N('1.0') },
          ],
        },
      },
    },
  ],
  ['BatchGetItem', { RequestItems: { [T]: { Keys: [{ h: S('a'), r: N('1.5') }] } } }],
  ['BatchWriteItem', { RequestItems: { [T]: [] } }],
  ['BatchWriteItem', { RequestItems: { [T]: [{}] } }],
  ['BatchWriteItem', { RequestItems: { [T]: [{ PutRequest: { Item: { h: S('a') } } }] } }],
  ['BatchWriteItem', { RequestItems: { [T]: [{ DeleteRequest: { Key: { h: S('a') } } }] } }],
  ['BatchWriteItem', { RequestItems: { [T]: 5 } }],
  [
    'BatchWriteItem',
    {
      RequestItems: {
        [T]: [
          { DeleteRequest: { Key: { h: S('a'), r: N('9') } } },
          { PutRequest: { Item: { h: S('b'), r: N('-3') } } },
        ],
      },
    },
  ],
  ['DeleteItem', { TableName: T, Key: { h: S('b'), r: N('-3') }, ReturnValues: 'ALL_OLD' }],
  ['DeleteItem', { TableName: T, Key: { h: S('b'), r: N('-3') }, ReturnValues: 'ALL_OLD' }],
  ['DeleteItem', { TableName: T, Key: { h: S('b'), r: N('-3') }, ConditionExpression: 'attribute_exists(h)' }],
  ['UpdateTable', { TableName: T }],
  ['UpdateTable', { TableName: T, BillingMode: 'PROVISIONED' }],
  ['UpdateTable', { TableName: T, ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }],
  ['UpdateTable', { TableName: T, GlobalSecondaryIndexUpdates: [{}] }],
  ['TagResource', {}],
  ['TagResource', { ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders' }],
  ['TagResource', { ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders', Tags: [] }],
  [
    'TagResource',
    { ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/None1', Tags: [{ Key: 'a', Value: 'b' }] },
  ],
  ['ListTagsOfResource', { ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:tables/x' }],
  ['ListTables', { Limit: 101 }],
  ['ListTables', {}],
  ['DescribeTable', { TableName: 'Nowhere' }],
  ['DeleteTable', { TableName: 'Nowhere' }],
];

test('requests are answered as by dynalite', async () => {
  const created = await both('CreateTable', CREATE);
  expect([created.wanted.status, created.given.status]).toEqual([200, 200]);
  const differences: object[] = [];
  for (const [operation, input] of CASES) {
    const { wanted, given } = await both(operation, input);
    try {
      expect(given).toEqual(wanted);
    } catch {
      differences.push({
        operation,
        input: JSON.stringify(input).slice(0, 300),
        wanted: JSON.stringify(wanted),
        given: JSON.stringify(given),
      });
    }
  }
  expect(differences).toEqual([]);
});
