import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BackupsPage } from '../../api/treadle/index.js';
import { type RunningServer, startServer } from '../index.js';

let folder = '';
let server: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-backup-'));
  const place = { port: 0, host: '127.0.0.1', region: 'us-east-1', account: '000000000000' };
  server = await startServer({ ...place, dataFolder: join(folder, 'data'), report: () => undefined });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (method: string, path: string, body?: string | object): Promise<Response> =>
  fetch(`${server.endpoint}${path}`, {
    method,
    ...(typeof body === 'object' && { headers: { 'content-type': 'application/json' } }),
    ...(body !== undefined && { body: typeof body === 'object' ? JSON.stringify(body) : body }),
  });

const backups = async (): Promise<BackupsPage> =>
  (await (await send('GET', '/_treadle/api/backups')).json()) as BackupsPage; // our own answer

async function backUp(): Promise<void> {
  const count = (await backups()).backups.length;
  expect((await send('POST', '/_treadle/api/backups', {})).status).toBe(202);
  // It is listed a moment before the next one may begin.
  await expect.poll(async () => (await backups()).isMaking, { timeout: 20_000 }).toBe(false);
  expect((await backups()).backups).toHaveLength(count + 1);
}

const object = async (key: string): Promise<string> => (await send('GET', `/photos/${key}`)).text();

test('an object comes back as it was, from the newest backup of then', async () => {
  await send('PUT', '/photos');
  await send('PUT', '/photos/cat', 'first');
  await backUp();
  const between = Date.now();
  await send('PUT', '/photos/cat', 'second');
  await backUp();
  await send('DELETE', '/photos/cat');
  const restore = (at: number, key = 'cat') =>
    send('POST', '/_treadle/api/backups/restore', { at, bucket: 'photos', key });
  expect((await restore(Date.now())).status).toBe(200);
  expect(await object('cat')).toBe('second');
  expect((await restore(between)).status).toBe(200);
  expect(await object('cat')).toBe('first');
  const gone = await restore(Date.now(), 'dog');
  expect([gone.status, await gone.json()]).toMatchObject([409, { error: 'BackupRefused' }]);
  const early = await restore(1);
  expect([early.status, await early.json()]).toMatchObject([
    409,
    { message: expect.stringContaining('Expected a backup of 1970') },
  ]);
});

test('a row comes back as it was', async () => {
  const table = async (operation: string, input: object): Promise<unknown> => {
    const target = { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-type': 'application/x-amz-json-1.0' };
    const response = await fetch(server.endpoint, { method: 'POST', headers: target, body: JSON.stringify(input) });
    return response.json();
  };
  const TableName = 'Orders';
  const Key = { OrderId: { S: 'o-1' } };
  await table('CreateTable', {
    TableName,
    KeySchema: [{ AttributeName: 'OrderId', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'OrderId', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await expect.poll(() => table('DescribeTable', { TableName })).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  const then = { ...Key, total: { N: '12' }, items: { L: [{ S: 'a' }] } };
  await table('PutItem', { TableName, Item: then });
  await backUp();
  await table('PutItem', { TableName, Item: { ...Key, total: { N: '13' } } });
  const restore = (key: object) =>
    send('POST', '/_treadle/api/backups/restore', { at: Date.now(), table: TableName, key });
  expect((await restore(Key)).status).toBe(200);
  expect(await table('GetItem', { TableName, Key })).toEqual({ Item: then });
  const none = await restore({ OrderId: { S: 'o-2' } });
  expect([none.status, await none.json()]).toMatchObject([
    409,
    { message: expect.stringContaining('Expected a row {"OrderId":{"S":"o-2"}} in table \'Orders\'') },
  ]);
  expect((await restore({ Other: { S: 'o-1' } })).status).toBe(409);
});

test('requests are checked', async () => {
  expect((await send('POST', '/_treadle/api/backups', { folder: 'here' })).status).toBe(400);
  expect((await send('POST', '/_treadle/api/backups/restore', { at: 1, bucket: 'b' })).status).toBe(400);
});
