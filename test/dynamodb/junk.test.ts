import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPERATIONS } from '../../src/services/dynamodb/operations.js';
import { STREAM_OPERATIONS } from '../../src/services/dynamodb/streams/stream-operations.js';
import { Tables } from '../../src/services/dynamodb/tables.js';
import { memoryStore } from '../../src/testing/memory-store.js';

/** Whatever a request holds, it is answered or refused, never a fault of ours. */

const PLACE = { region: 'us-east-1', account: '000000000000' };
const MEMBERS = [
  ...['TableName', 'Item', 'Key', 'Keys', 'Expected', 'AttributeUpdates', 'KeyConditions', 'QueryFilter', 'ScanFilter'],
  ...['ConditionExpression', 'UpdateExpression', 'KeyConditionExpression', 'FilterExpression', 'ProjectionExpression'],
  ...[
    'ExpressionAttributeNames',
    'ExpressionAttributeValues',
    'ExclusiveStartKey',
    'Limit',
    'Segment',
    'TotalSegments',
  ],
  ...['RequestItems', 'TransactItems', 'ClientRequestToken', 'IndexName', 'Select', 'ReturnValues', 'AttributesToGet'],
  ...['AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes', 'GlobalSecondaryIndexUpdates', 'BillingMode'],
  ...['StreamSpecification', 'TimeToLiveSpecification', 'PointInTimeRecoverySpecification', 'Tags', 'ResourceArn'],
  ...[
    'BackupArn',
    'BackupName',
    'TargetTableName',
    'RestoreDateTime',
    'StreamArn',
    'ShardId',
    'ShardIterator',
    '__proto__',
  ],
];
const WORDS = [
  ...[
    'a',
    '#a',
    ':a',
    'S',
    'N',
    'M',
    'L',
    'SS',
    'Put',
    'Update',
    'Junk',
    'id',
    'SET a = :a',
    'a = :a AND (',
    'attribute_exists(a)',
  ],
  ...[
    'a[999999999999]',
    'a.b.c',
    'h = :a',
    '1e999',
    '-',
    '',
    '\0',
    '\ud800',
    'arn:aws:dynamodb:us-east-1:000000000000:table/Junk',
    'toString',
  ],
];
const word = fc.constantFrom(...WORDS);
const leaf = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.double());
const { junk } = fc.letrec((tie) => ({
  junk: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('junk'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(word, fc.constantFrom(...MEMBERS)), tie('junk'), { maxKeys: 3 }),
  ),
}));
const attribute = fc.oneof(
  { weight: 3, arbitrary: fc.record({ S: word }) },
  fc.dictionary(fc.constantFrom('S', 'N', 'B', 'L', 'M', 'SS', 'NULL', 'BOOL'), junk, { maxKeys: 2 }),
);
const item = fc.dictionary(fc.constantFrom('id', 'a', '__proto__'), attribute, { maxKeys: 3 });
const request = fc
  .dictionary(fc.constantFrom(...MEMBERS), fc.oneof(junk, item), { maxKeys: 5 })
  .map((members) => ({ ...members }));

const text = fc.oneof(
  word,
  fc
    .array(
      fc.constantFrom(
        'SET',
        'REMOVE',
        'ADD',
        'a',
        'id',
        '#a',
        ':a',
        '=',
        '(',
        ')',
        ',',
        '[0]',
        '.',
        '+',
        'AND',
        'NOT',
        'size',
        'in',
        'between',
      ),
      { maxLength: 9 },
    )
    .map((parts) => parts.join(' ')),
);
const expressions = {
  ExpressionAttributeNames: fc.dictionary(fc.constantFrom('#a', 'x'), word, { maxKeys: 2 }),
  ExpressionAttributeValues: fc.dictionary(fc.constantFrom(':a', 'x'), attribute, { maxKeys: 2 }),
};
const shaped = (
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) =>
  fc
    .tuple(
      fc.record({ TableName: fc.constant('Junk'), ...required }),
      fc.record({ ...expressions, ...optional }, { requiredKeys: [] }),
    )
    .map(([first, rest]) => ({ ...rest, ...first }));
/** Requests with the members that they must have, so that it comes to their values. */
const SHAPED: Readonly<Record<string, fc.Arbitrary<object>>> = {
  PutItem: shaped({ Item: item }, { ConditionExpression: text, Expected: junk, ReturnValues: word }),
  UpdateItem: shaped({ Key: item }, { UpdateExpression: text, ConditionExpression: text, AttributeUpdates: junk }),
  DeleteItem: shaped({ Key: item }, { ConditionExpression: text }),
  Query: shaped(
    { KeyConditionExpression: text },
    { FilterExpression: text, ExclusiveStartKey: item, ProjectionExpression: text },
  ),
  Scan: shaped({
    FilterExpression: text,
    ScanFilter: junk,
    ExclusiveStartKey: item,
    Segment: leaf,
    TotalSegments: leaf,
  }),
  TransactWriteItems: fc.record({
    TransactItems: fc.array(
      fc.dictionary(
        fc.constantFrom('Put', 'Delete', 'Update'),
        shaped({ Item: item }, { Key: item, UpdateExpression: text }),
        { maxKeys: 2 },
      ),
      { maxLength: 3 },
    ),
  }),
  BatchWriteItem: fc.record({
    RequestItems: fc.record({
      Junk: fc.array(
        fc.dictionary(fc.constantFrom('PutRequest', 'DeleteRequest'), fc.record({ Item: item, Key: item }), {
          maxKeys: 2,
        }),
        { maxLength: 3 },
      ),
    }),
  }),
};
const shapedCall = fc
  .constantFrom(...Object.keys(SHAPED))
  .chain((name) => (SHAPED[name] ?? request).map((input): readonly [string, object] => [name, input]));
const anyCall = fc.tuple(
  fc.constantFrom(...OPERATIONS, ...STREAM_OPERATIONS).filter((name) => name !== 'DeleteTable'),
  request,
);

test('junk is refused', async () => {
  const reports: string[] = [];
  const tables = await Tables.open({
    records: memoryStore().records,
    clock: { now: Date.now },
    report: (line) => reports.push(line),
    endpointUrl: () => 'http://localhost',
  });
  const table = {
    TableName: 'Junk',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  await tables.call('CreateTable', table, PLACE);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: shapedCall }, anyCall), async ([name, input]) => {
      const { status, body } = await tables.call(name, input, PLACE);
      if (status === 200) {
        answered += 1;
        return;
      }
      expect(status).toBe(400);
      expect(typeof body.__type === 'string' && typeof body.message === 'string').toBe(true);
    }),
    { numRuns: Number(process.env.RUNS ?? 1000) },
  );
  await tables.close();
  expect(reports).toEqual([]);
  expect(answered).toBeGreaterThan(0);
});
