import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../store/sqlite/index.js';
import { memoryStore } from '../../testing/memory-store.js';
import { Tables } from './tables.js';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const ORDERS = {
  TableName: 'Orders',
  AttributeDefinitions: [{ AttributeName: 'OrderId', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'OrderId', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const ITEM = { TableName: 'Orders', Item: { OrderId: { S: 'a' }, Total: { N: '2250' } } };
const KEY = { TableName: 'Orders', Key: { OrderId: { S: 'a' } } };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-tables-'));
});
afterEach(() => rm(folder, { recursive: true }));

const REST = { clock: { now: Date.now }, report: () => undefined, endpointUrl: () => 'http://localhost' };
const inMemory = (): Promise<Tables> => Tables.open({ records: memoryStore().records, ...REST });

async function onDisk(): Promise<{ readonly tables: Tables; close(): Promise<void> }> {
  const store = await openSqliteStore({ folder });
  const tables = await Tables.open({ records: store.records, ...REST });
  tables.start();
  return {
    tables,
    close: async () => {
      await tables.close();
      await store.close();
    },
  };
}

test('tables and items survive a restart; each region has its own', async () => {
  const first = await onDisk();
  expect(await first.tables.call('CreateTable', ORDERS, PLACE)).toMatchObject({
    status: 200,
    body: {
      TableDescription: { TableStatus: 'ACTIVE', TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders' },
    },
  });
  expect(await first.tables.call('PutItem', ITEM, PLACE)).toEqual({ status: 200, body: {} });
  await first.close();
  const again = await onDisk();
  expect(await again.tables.call('GetItem', KEY, PLACE)).toEqual({ status: 200, body: { Item: ITEM.Item } });
  const byArn = { ...KEY, TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders' };
  expect(await again.tables.call('GetItem', byArn, PLACE)).toEqual({ status: 200, body: { Item: ITEM.Item } });
  const elsewhere = { ...PLACE, region: 'eu-west-1' };
  expect((await again.tables.call('ListTables', {}, elsewhere)).body).toEqual({ TableNames: [] });
  await again.close();
});

test('items survive a kill', async () => {
  const script = `
    const [storeUrl, tablesUrl, folder] = process.argv.slice(1);
    const { openSqliteStore } = await import(storeUrl);
    const { Tables } = await import(tablesUrl);
    const { records } = await openSqliteStore({ folder });
    const tables = await Tables.open({ records, clock: { now: Date.now }, report: console.error, endpointUrl: String });
    const place = ${JSON.stringify(PLACE)};
    await tables.call('CreateTable', ${JSON.stringify(ORDERS)}, place);
    await tables.call('PutItem', ${JSON.stringify(ITEM)}, place);
    process.kill(process.pid, 'SIGKILL');`;
  const built = (path: string): string => new URL(path, import.meta.url).href.replace('/src/', '/dist/');
  const urls = [built('../../store/sqlite/index.js'), built('./tables.js')];
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...urls, folder], { stdio: 'inherit' });
  const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const { tables, close } = await onDisk();
  expect((await tables.call('GetItem', KEY, PLACE)).body).toEqual({ Item: ITEM.Item });
  expect((await tables.call('DescribeTable', { TableName: 'Orders' }, PLACE)).body).toMatchObject({
    Table: { TableStatus: 'ACTIVE' },
  });
  await close();
});

test('tables can be deleted and made again; tags are kept', async () => {
  const tables = await inMemory();
  const Tags = [{ Key: 'team', Value: 'shop' }];
  await tables.call('CreateTable', { ...ORDERS, Tags }, PLACE);
  const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders';
  expect((await tables.call('ListTagsOfResource', { ResourceArn }, PLACE)).body).toEqual({ Tags });
  await tables.call('PutItem', ITEM, PLACE);
  expect((await tables.call('CreateTable', ORDERS, PLACE)).body).toMatchObject({
    __type: 'com.amazonaws.dynamodb.v20120810#ResourceInUseException',
  });
  expect((await tables.call('DeleteTable', { TableName: 'Orders' }, PLACE)).status).toBe(200);
  await tables.call('CreateTable', ORDERS, PLACE);
  expect((await tables.call('Scan', { TableName: 'Orders', ConsistentRead: true }, PLACE)).body).toMatchObject({
    Count: 0,
  });
  await tables.close();
});

test("a Task's write that is performed again writes nothing and gets its first answer", async () => {
  const tables = await inMemory();
  await tables.call('CreateTable', ORDERS, PLACE);
  const add = {
    ...KEY,
    UpdateExpression: 'ADD Changes :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ReturnValues: 'ALL_NEW',
  };
  const first = await tables.call('UpdateItem', add, PLACE, 'execution#7');
  expect(first.body).toMatchObject({ Attributes: { Changes: { N: '1' } } });
  expect(await tables.call('UpdateItem', add, PLACE, 'execution#7')).toEqual(first);
  const insert = { ...ITEM, Item: { OrderId: { S: 'b' } }, ConditionExpression: 'attribute_not_exists(OrderId)' };
  expect((await tables.call('PutItem', insert, PLACE, 'execution#9')).status).toBe(200);
  expect((await tables.call('PutItem', insert, PLACE, 'execution#9')).status).toBe(200);
  expect((await tables.call('PutItem', insert, PLACE, 'execution#12')).body).toMatchObject({
    message: 'The conditional request failed',
  });
  expect((await tables.call('GetItem', KEY, PLACE)).body).toMatchObject({ Item: { Changes: { N: '1' } } });
  await tables.close();
});

test('writers of one item come one after the other', async () => {
  const { tables, close } = await onDisk();
  await tables.call('CreateTable', ORDERS, PLACE);
  const add = { ...KEY, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } };
  await Promise.all(Array.from({ length: 50 }, () => tables.call('UpdateItem', add, PLACE)));
  expect((await tables.call('GetItem', KEY, PLACE)).body).toMatchObject({ Item: { n: { N: '50' } } });
  await close();
});

test('an index that is added has what was there before, and keeps up with writes meanwhile', async () => {
  const { tables, close } = await onDisk();
  await tables.call('CreateTable', ORDERS, PLACE);
  const put = (id: number, team: string) =>
    tables.call('PutItem', { TableName: 'Orders', Item: { OrderId: { S: `${id}` }, team: { S: team } } }, PLACE);
  await Promise.all(Array.from({ length: 250 }, (_, id) => put(id, 'old')));
  await tables.call('PutItem', { TableName: 'Orders', Item: { OrderId: { S: 'x' }, team: { N: '1' } } }, PLACE);
  const index = {
    IndexName: 'byTeam',
    KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  };
  const AttributeDefinitions = [...ORDERS.AttributeDefinitions, { AttributeName: 'team', AttributeType: 'S' }];
  const change = { TableName: 'Orders', AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: index }] };
  expect((await tables.call('UpdateTable', change, PLACE)).body).toMatchObject({
    TableDescription: { TableStatus: 'UPDATING', GlobalSecondaryIndexes: [{ IndexStatus: 'CREATING' }] },
  });
  await Promise.all(Array.from({ length: 50 }, (_, id) => put(id, 'new')));
  const status = async () => JSON.stringify((await tables.call('DescribeTable', { TableName: 'Orders' }, PLACE)).body);
  while ((await status()).includes('CREATING')) await new Promise((resolve) => setImmediate(resolve));
  const count = async (team: string) => {
    const query = {
      TableName: 'Orders',
      IndexName: 'byTeam',
      KeyConditionExpression: 'team = :t',
      ExpressionAttributeValues: { ':t': { S: team } },
    };
    return (await tables.call('Query', query, PLACE)).body.Count;
  };
  expect([await count('old'), await count('new')]).toEqual([200, 50]);
  await close();
});

test.each([
  [
    'PutItem',
    { TableName: 'Orders', Item: null },
    "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null",
  ],
  ['PutItem', { TableName: 'Nowhere', Item: {} }, 'Requested resource not found'],
  ['PutItem', { ...ITEM, ConditionExpression: 'attribute_exists(OrderId)' }, 'The conditional request failed'],
  [
    'PutItem',
    { ...ITEM, ConditionExpression: 'a = = b' },
    'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"',
  ],
  [
    'PutItem',
    { ...ITEM, ConditionExpression: 'a =' },
    'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="',
  ],
  [
    'CreateTable',
    { ...ORDERS, TableName: 'Other', SSESpecification: { Enabled: true } },
    "Treadle's tables do not do 'SSESpecification': nothing is encrypted. Leave it out.",
  ],
  ['ExecuteStatement', {}, "Treadle's tables do not have the operation 'ExecuteStatement'."],
  [
    'PutItem',
    { TableName: 'Orders', Item: { OrderId: { N: '1' } } },
    'One or more parameter values were invalid: Type mismatch for key OrderId expected: S actual: N',
  ],
])('%s %j is refused', async (operation, input, message) => {
  const tables = await inMemory();
  await tables.call('CreateTable', ORDERS, PLACE);
  expect(await tables.call(operation, input, PLACE)).toMatchObject({ status: 400, body: { message } });
  await tables.close();
});

test('names that objects have of their own are names like others', async () => {
  const tables = await inMemory();
  await tables.call('CreateTable', ORDERS, PLACE);
  const Item = JSON.parse('{"OrderId":{"S":"a"},"__proto__":{"S":"p"},"toString":{"M":{"constructor":{"N":"1"}}}}');
  await tables.call('PutItem', { TableName: 'Orders', Item }, PLACE);
  const found = await tables.call('GetItem', KEY, PLACE);
  expect(JSON.parse(JSON.stringify(found.body.Item))).toEqual(Item);
  const check = { ...KEY, ConditionExpression: 'attribute_not_exists(valueOf) AND toString.#c = :n' };
  const values = { ExpressionAttributeNames: { '#c': 'constructor' }, ExpressionAttributeValues: { ':n': { N: '1' } } };
  expect((await tables.call('DeleteItem', { ...check, ...values }, PLACE)).status).toBe(200);
  await tables.close();
});
