import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { Tables } from './tables.js';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });

let store: Store;
let now: number;
let tables: Tables;
const open = () =>
  Tables.open({
    records: store.records,
    clock: { now: () => now },
    report: (line) => expect.fail(line),
    endpointUrl: () => 'http://localhost:4566',
  });

beforeEach(async () => {
  store = memoryStore();
  now = Date.parse('2026-01-01T00:00:00Z');
  tables = await open();
  await ok('CreateTable', {
    TableName: 'Orders',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'team', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byTeam',
        KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n'] },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});
afterEach(() => tables.close());

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Body = any;

async function ok(operation: string, input: object, key?: string): Promise<Body> {
  const { status, body } = await tables.call(operation, input, PLACE, key);
  expect({ status, ...(status !== 200 && body) }).toEqual({ status: 200 });
  return JSON.parse(JSON.stringify(body));
}

async function fails(operation: string, input: object): Promise<Body> {
  const { status, body } = await tables.call(operation, input, PLACE);
  expect(status).toBe(400);
  return { ...body, code: String(body.__type).split('#').at(-1) };
}

const put = (id: string, n: number, more: object = {}) =>
  ok('PutItem', { TableName: 'Orders', Item: { id: S(id), n: N(n), ...more } });
const get = async (id: string, TableName = 'Orders') => (await ok('GetItem', { TableName, Key: { id: S(id) } })).Item;
const all = async (TableName: string): Promise<Record<string, string>> => {
  const { Items } = await ok('Scan', { TableName });
  return Object.fromEntries(Items.map((item: Body) => [item.id.S, item.n?.N]).sort());
};

test('a transaction is done as a whole', async () => {
  await put('a', 1);
  const TransactItems = [
    { Put: { TableName: 'Orders', Item: { id: S('b'), n: N(5) } } },
    {
      Update: {
        TableName: 'Orders',
        Key: { id: S('a') },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': N(1) },
      },
    },
    { ConditionCheck: { TableName: 'Orders', Key: { id: S('c') }, ConditionExpression: 'attribute_not_exists(id)' } },
    { Delete: { TableName: 'Orders', Key: { id: S('d') } } },
  ];
  expect(await ok('TransactWriteItems', { TransactItems, ReturnConsumedCapacity: 'TOTAL' })).toEqual({
    ConsumedCapacity: [{ CapacityUnits: 8, TableName: 'Orders' }],
  });
  expect(await all('Orders')).toEqual({ a: '2', b: '5' });
  const { Responses } = await ok('TransactGetItems', {
    TransactItems: ['a', 'x', 'b'].map((id) => ({ Get: { TableName: 'Orders', Key: { id: S(id) } } })),
  });
  expect(Responses).toEqual([{ Item: { id: S('a'), n: N(2) } }, {}, { Item: { id: S('b'), n: N(5) } }]);
});

test('a transaction that fails changes nothing, and says why', async () => {
  await put('a', 1);
  const checked = {
    Put: {
      TableName: 'Orders',
      Item: { id: S('a') },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
  const other = { Put: { TableName: 'Orders', Item: { id: S('b') } } };
  expect(await fails('TransactWriteItems', { TransactItems: [other, checked] })).toMatchObject({
    code: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { id: S('a'), n: N(1) } },
    ],
  });
  expect(await all('Orders')).toEqual({ a: '1' });
  const unfit = { Put: { TableName: 'Orders', Item: { id: N(1) } } };
  expect(await fails('TransactWriteItems', { TransactItems: [unfit, other] })).toMatchObject({
    CancellationReasons: [{ Code: 'ValidationError' }, { Code: 'None' }],
  });
  expect(await fails('TransactWriteItems', { TransactItems: [other, other] })).toMatchObject({
    message: 'Transaction request cannot include multiple operations on one item',
  });
  expect(await fails('TransactWriteItems', { TransactItems: [{}] })).toMatchObject({
    message: 'TransactItems can only contain one of Check, Put, Update or Delete',
  });
  expect(await fails('TransactWriteItems', { TransactItems: [] })).toMatchObject({
    message:
      "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
  });
});

test('a transaction with a token is done once within ten minutes, also after a restart', async () => {
  const update = (by: number) => ({
    ClientRequestToken: 'token',
    TransactItems: [
      {
        Update: {
          TableName: 'Orders',
          Key: { id: S('a') },
          UpdateExpression: 'ADD n :n',
          ExpressionAttributeValues: { ':n': N(by) },
        },
      },
    ],
  });
  await ok('TransactWriteItems', update(1));
  await tables.close();
  tables = await open();
  await ok('TransactWriteItems', update(1));
  expect(await get('a')).toMatchObject({ n: N(1) });
  expect((await fails('TransactWriteItems', update(2))).code).toBe('IdempotentParameterMismatchException');
  now += 10 * 60_000;
  await ok('TransactWriteItems', update(2));
  expect(await get('a')).toMatchObject({ n: N(3) });
});

test('a stream has every change, in order, once', async () => {
  await put('a', 1);
  await put('a', 1);
  await ok('UpdateItem', {
    TableName: 'Orders',
    Key: { id: S('a') },
    UpdateExpression: 'SET n = :n',
    ExpressionAttributeValues: { ':n': N(2) },
  });
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: S('a') } });
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: S('a') } });
  const { Streams } = await ok('ListStreams', {});
  expect(Streams).toHaveLength(1);
  const StreamArn = Streams[0].StreamArn;
  expect(StreamArn).toBe('arn:aws:dynamodb:us-east-1:000000000000:table/Orders/stream/2026-01-01T00:00:00.000');
  const { StreamDescription } = await ok('DescribeStream', { StreamArn });
  expect(StreamDescription).toMatchObject({ StreamStatus: 'ENABLED', StreamViewType: 'NEW_AND_OLD_IMAGES' });
  const [{ ShardId }] = StreamDescription.Shards;
  const iterator = async (ShardIteratorType: string, more: object = {}) =>
    (await ok('GetShardIterator', { StreamArn, ShardId, ShardIteratorType, ...more })).ShardIterator;
  const first = await ok('GetRecords', { ShardIterator: await iterator('TRIM_HORIZON'), Limit: 2 });
  const second = await ok('GetRecords', { ShardIterator: first.NextShardIterator });
  const records = [...first.Records, ...second.Records];
  expect(records.map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage?.n.N, dynamodb.NewImage?.n.N])).toEqual(
    [
      ['INSERT', undefined, '1'],
      ['MODIFY', '1', '2'],
      ['REMOVE', '2', undefined],
    ],
  );
  const SequenceNumber = records[1].dynamodb.SequenceNumber;
  const at = await ok('GetRecords', { ShardIterator: await iterator('AT_SEQUENCE_NUMBER', { SequenceNumber }) });
  const after = await ok('GetRecords', { ShardIterator: await iterator('AFTER_SEQUENCE_NUMBER', { SequenceNumber }) });
  expect([at.Records.length, after.Records.length]).toEqual([2, 1]);
  const latest = await iterator('LATEST');
  expect((await ok('GetRecords', { ShardIterator: latest })).Records).toEqual([]);
  await put('z', 9);
  expect((await ok('GetRecords', { ShardIterator: latest })).Records).toHaveLength(1);
  now += 16 * 60_000;
  expect((await fails('GetRecords', { ShardIterator: latest })).code).toBe('ExpiredIteratorException');
  await ok('UpdateTable', { TableName: 'Orders', StreamSpecification: { StreamEnabled: false } });
  const last = await ok('GetRecords', { ShardIterator: await iterator('TRIM_HORIZON') });
  const end = await ok('GetRecords', { ShardIterator: last.NextShardIterator });
  expect([last.Records.length, end.Records.length, end.NextShardIterator]).toEqual([4, 0, undefined]);
  expect((await ok('DescribeStream', { StreamArn })).StreamDescription.StreamStatus).toBe('DISABLED');
});

test('items expire, those that were there before too', async () => {
  const seconds = now / 1000;
  await put('old', 1, { until: N(seconds + 10) });
  await put('never', 1);
  await put('text', 1, { until: S('1') });
  await put('mistake', 1, { until: N(5) });
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' };
  await ok('UpdateTimeToLive', { TableName: 'Orders', TimeToLiveSpecification });
  expect((await fails('UpdateTimeToLive', { TableName: 'Orders', TimeToLiveSpecification })).message).toBe(
    'TimeToLive is already enabled',
  );
  await tables.settled();
  expect(await ok('DescribeTimeToLive', { TableName: 'Orders' })).toEqual({
    TimeToLiveDescription: { AttributeName: 'until', TimeToLiveStatus: 'ENABLED' },
  });
  await put('new', 1, { until: N(seconds + 10), team: S('x') });
  await put('longer', 1, { until: N(seconds + 10) });
  await put('longer', 2, { until: N(seconds + 1000) });
  await tables.expire();
  expect(Object.keys(await all('Orders'))).toHaveLength(6);
  now += 11_000;
  await tables.expire();
  expect(Object.keys(await all('Orders'))).toEqual(['longer', 'mistake', 'never', 'text']);
  const query = { KeyConditionExpression: 'team = :t', ExpressionAttributeValues: { ':t': S('x') } };
  expect(await ok('Query', { TableName: 'Orders', IndexName: 'byTeam', ...query })).toMatchObject({ Count: 0 });
  const [{ StreamArn }] = (await ok('ListStreams', { TableName: 'Orders' })).Streams;
  const [{ ShardId }] = (await ok('DescribeStream', { StreamArn })).StreamDescription.Shards;
  const iterator = await ok('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  const { Records } = await ok('GetRecords', iterator);
  const removed = Records.filter(({ eventName }: Body) => eventName === 'REMOVE');
  expect(removed).toHaveLength(2);
  expect(removed[0].userIdentity).toEqual({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' });
});

test('a backup is the table as it was when it was asked for, and outlives it', async () => {
  for (let id = 0; id < 300; id++) await put(String(id), 1, { team: S('x') });
  const { BackupDetails } = await ok('CreateBackup', { TableName: 'Orders', BackupName: 'first' });
  const BackupArn = BackupDetails.BackupArn;
  await Promise.all(Array.from({ length: 300 }, (_, id) => put(String(id), 2)));
  await put('later', 3);
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: S('7') } });
  await tables.settled();
  expect((await ok('DescribeBackup', { BackupArn })).BackupDescription).toMatchObject({
    BackupDetails: { BackupStatus: 'AVAILABLE' },
    SourceTableDetails: { ItemCount: 300, TableName: 'Orders' },
  });
  await ok('DeleteTable', { TableName: 'Orders' });
  expect((await ok('ListBackups', { TableName: 'Orders' })).BackupSummaries).toHaveLength(1);
  const restored = await ok('RestoreTableFromBackup', { TargetTableName: 'Again', BackupArn });
  expect(restored.TableDescription).toMatchObject({ TableStatus: 'CREATING' });
  await tables.settled();
  const found = await all('Again');
  expect([Object.keys(found).length, new Set(Object.values(found))]).toEqual([300, new Set(['1'])]);
  const query = { KeyConditionExpression: 'team = :t', ExpressionAttributeValues: { ':t': S('x') } };
  expect(await ok('Query', { TableName: 'Again', IndexName: 'byTeam', ...query })).toMatchObject({ Count: 300 });
  await ok('DeleteBackup', { BackupArn });
  expect((await fails('DescribeBackup', { BackupArn })).code).toBe('BackupNotFoundException');
});

test('a table is restored to any moment since its changes are kept', async () => {
  const restore = { SourceTableName: 'Orders', TargetTableName: 'Then' };
  expect((await fails('RestoreTableToPointInTime', { ...restore, UseLatestRestorableTime: true })).code).toBe(
    'PointInTimeRecoveryUnavailableException',
  );
  await put('before', 1);
  await put('kept', 1);
  await ok('UpdateContinuousBackups', {
    TableName: 'Orders',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  now += 1000;
  await put('before', 2);
  const moment = now / 1000;
  now += 1000;
  await put('before', 3);
  await put('after', 1);
  await put('after', 2);
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: S('kept') } });
  now += 1000;
  expect((await fails('RestoreTableToPointInTime', { ...restore, RestoreDateTime: moment - 100 })).code).toBe(
    'InvalidRestoreTimeException',
  );
  await ok('RestoreTableToPointInTime', { ...restore, RestoreDateTime: moment });
  await ok('RestoreTableToPointInTime', { ...restore, TargetTableName: 'Now', UseLatestRestorableTime: true });
  await tables.settled();
  expect(await all('Then')).toEqual({ before: '2', kept: '1' });
  expect(await all('Now')).toEqual({ after: '2', before: '3' });
  expect(await ok('DescribeContinuousBackups', { TableName: 'Orders' })).toMatchObject({
    ContinuousBackupsDescription: {
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
    },
  });
});

test('a restore that was cut off goes on at the next start', async () => {
  await put('a', 1);
  const { BackupDetails } = await ok('CreateBackup', { TableName: 'Orders', BackupName: 'first' });
  await tables.settled();
  await ok('RestoreTableFromBackup', { TargetTableName: 'Again', BackupArn: BackupDetails.BackupArn });
  await tables.close();
  tables = await open();
  tables.start();
  await tables.settled();
  expect(await all('Again')).toEqual({ a: '1' });
});

test('what is deleted is counted and emptied', async () => {
  await put('a', 1);
  await put('b', 1);
  await ok('DescribeTable', { TableName: 'Orders' });
  await tables.settled();
  expect((await ok('DescribeTable', { TableName: 'Orders' })).Table).toMatchObject({
    ItemCount: 2,
    TableSizeBytes: 12,
  });
  await ok('UpdateTable', { TableName: 'Orders', DeletionProtectionEnabled: true });
  expect((await fails('DeleteTable', { TableName: 'Orders' })).message).toContain('protected against deletion');
  await ok('UpdateTable', { TableName: 'Orders', DeletionProtectionEnabled: false });
  const { Table } = await ok('DescribeTable', { TableName: 'Orders' });
  await ok('DeleteTable', { TableName: 'Orders' });
  await tables.settled();
  const left = await store.records.scan({
    collection: `dynamodb.item/${Table.TableId}`,
    prefix: '',
    after: null,
    limit: 9,
  });
  expect(left).toEqual([]);
});
