import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrateTables } from '../../src/services/dynamodb/migration/migrate.js';
import { Tables } from '../../src/services/dynamodb/tables.js';
import type { Store } from '../../src/store/ports.js';
import { memoryStore } from '../../src/testing/memory-store.js';
import { openOracle } from './dynalite-oracle.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const ITEMS = 2000;

let folder: string;
let store: Store;
let reports: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-migration-'));
  store = memoryStore();
  reports = [];
});
afterEach(() => rm(folder, { recursive: true }));

const migrate = () =>
  migrateTables({
    records: store.records,
    folder: join(folder, 'dynamodb'),
    doneFolder: join(folder, 'dynamodb-before'),
    account: PLACE.account,
    report: (line) => reports.push(line),
  });

async function call(operation: string, input: object) {
  const report = (line: string) => expect.fail(line);
  const tables = await Tables.open({ records: store.records, clock: { now: Date.now }, report, endpointUrl: String });
  const { body } = await tables.call(operation, input, PLACE);
  await tables.close();
  return body;
}

/** Writes enough for several of LevelDB's tables, and closes it or leaves its log as a kill would. */
async function fill(): Promise<void> {
  const place = join(folder, 'dynamodb', PLACE.region);
  await mkdir(place, { recursive: true });
  const old = await openOracle(place);
  const ok = async (operation: string, input: object) => expect((await old.call(operation, input)).status).toBe(200);
  await ok('CreateTable', {
    TableName: 'Orders',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
      { AttributeName: 'team', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byTeam',
        KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  await ok('TagResource', {
    ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders',
    Tags: [{ Key: 'team', Value: 'shöp' }],
  });
  const text = { S: 'wörter 😀 '.repeat(250) };
  for (let from = 0; from < ITEMS; from += 25) {
    const puts = Array.from({ length: 25 }, (_, index) => {
      const number = from + index;
      const Item = { id: { S: `o-${number % 7}` }, at: { N: `${number - 50}.5` }, team: { S: `t${number % 3}` }, text };
      return { PutRequest: { Item } };
    });
    await ok('BatchWriteItem', { RequestItems: { Orders: puts } });
  }
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: { S: 'o-0' }, at: { N: '-49.5' } } });
  await ok('DeleteItem', { TableName: 'Orders', Key: { id: { S: 'o-0' }, at: { N: '-50.5' } } });
  await ok('UpdateItem', {
    TableName: 'Orders',
    Key: { id: { S: 'o-1' }, at: { N: '-49.5' } },
    AttributeUpdates: { text: { Action: 'PUT', Value: { S: 'changed' } } },
  });
  await old.close();
}

test('tables of LevelDB are taken over with their items, indexes and tags', async () => {
  await fill();
  expect(
    (await readdir(join(folder, 'dynamodb', PLACE.region))).filter((name) => name.endsWith('.ldb')).length,
  ).toBeGreaterThan(0);
  await migrate();
  expect(reports).toEqual([`Tables of us-east-1 were taken over from LevelDB: 1, with ${ITEMS - 1} items.`]);
  expect(await readdir(folder)).toEqual(['dynamodb-before']);
  const key = { id: { S: 'o-1' }, at: { N: '-49.5' } };
  expect(await call('GetItem', { TableName: 'Orders', Key: key })).toMatchObject({ Item: { text: { S: 'changed' } } });
  const query = {
    KeyConditionExpression: 'team = :t',
    ExpressionAttributeValues: { ':t': { S: 't2' } },
    Select: 'COUNT',
  };
  let count = 0;
  for (let start: unknown; ; ) {
    const page = await call('Query', { TableName: 'Orders', IndexName: 'byTeam', ...query, ExclusiveStartKey: start });
    count += Number(page.Count);
    start = page.LastEvaluatedKey;
    if (start === undefined) break;
  }
  expect(count).toBe(Array.from({ length: ITEMS }, (_, number) => number).filter((number) => number % 3 === 2).length);
  const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders';
  expect(await call('ListTagsOfResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'team', Value: 'shöp' }] });
  await migrate();
  expect(reports).toHaveLength(1);
}, 60_000);

test('a folder that cannot be read is refused, and stays as it is', async () => {
  const place = join(folder, 'dynamodb', PLACE.region);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'CURRENT'), 'MANIFEST-000001\n');
  await writeFile(join(place, 'MANIFEST-000001'), Buffer.from('0000000007000100000000000000', 'hex'));
  await expect(migrate()).rejects.toThrow(/Expected to take over the tables in .*us-east-1.*Start the older release/);
  expect(await readdir(join(folder, 'dynamodb'))).toEqual(['us-east-1']);
});

test('without tables of an older release there is nothing to do', async () => {
  await migrate();
  expect(await readdir(folder)).toEqual([]);
});
