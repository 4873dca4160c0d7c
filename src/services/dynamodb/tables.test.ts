import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('tables and items survive a restart; each region has its own', async () => {
  const tables = new Tables({ folder });
  expect(await tables.call('CreateTable', ORDERS, PLACE)).toMatchObject({
    status: 200,
    body: {
      TableDescription: { TableStatus: 'ACTIVE', TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders' },
    },
  });
  expect(await tables.call('PutItem', ITEM, PLACE)).toEqual({ status: 200, body: {} });
  await tables.close();
  const again = new Tables({ folder });
  expect(await again.call('GetItem', KEY, PLACE)).toEqual({ status: 200, body: { Item: ITEM.Item } });
  expect((await again.call('ListTables', {}, { ...PLACE, region: 'eu-west-1' })).body).toEqual({ TableNames: [] });
  await again.close();
});

test('items survive a kill', async () => {
  const script = `
    const { Tables } = await import(process.argv[1]);
    const tables = new Tables({ folder: process.argv[2] });
    const place = ${JSON.stringify(PLACE)};
    await tables.call('CreateTable', ${JSON.stringify(ORDERS)}, place);
    await tables.call('PutItem', ${JSON.stringify(ITEM)}, place);
    process.kill(process.pid, 'SIGKILL');`;
  const built = new URL('./tables.js', import.meta.url).href.replace('/src/', '/dist/');
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, built, folder], { stdio: 'inherit' });
  const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const tables = new Tables({ folder });
  expect((await tables.call('GetItem', KEY, PLACE)).body).toEqual({ Item: ITEM.Item });
  expect((await tables.call('DescribeTable', { TableName: 'Orders' }, PLACE)).body).toMatchObject({
    Table: { TableStatus: 'ACTIVE' },
  });
  await tables.close();
});

test('tables can be deleted and made again; tags are kept', async () => {
  const tables = new Tables({ folder: null });
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
    { ...ITEM, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    "Treadle's tables do not do 'ReturnValuesOnConditionCheckFailure' in PutItem. Leave it out.",
  ],
  [
    'CreateTable',
    { ...ORDERS, TableName: 'Other', StreamSpecification: { StreamEnabled: true } },
    "Treadle's tables do not do 'StreamSpecification' in CreateTable. Leave it out.",
  ],
  ['TransactWriteItems', {}, "Treadle's tables do not have the operation 'TransactWriteItems'."],
  [
    'PutItem',
    { TableName: 'Orders', Item: { OrderId: { N: '1' } } },
    'One or more parameter values were invalid: Type mismatch for key OrderId expected: S actual: N',
  ],
])('%s %j is refused', async (operation, input, message) => {
  const tables = new Tables({ folder: null });
  await tables.call('CreateTable', ORDERS, PLACE);
  expect(await tables.call(operation, input, PLACE)).toMatchObject({ status: 400, body: { message } });
  await tables.close();
});

test('a folder that is open elsewhere is an error, not a second set of tables', async () => {
  const tables = new Tables({ folder });
  await tables.call('ListTables', {}, PLACE);
  await expect(new Tables({ folder }).call('ListTables', {}, PLACE)).rejects.toThrow();
  await tables.close();
});
