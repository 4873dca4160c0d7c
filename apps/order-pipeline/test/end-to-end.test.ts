import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Application, eventually } from '../../../test/apps/application.js';
import { startTreadle, type TreadleServer } from '../../../test/apps/treadle-server.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const Bucket = 'order-files-000000000000';

let server: TreadleServer;
let application: Application;
let s3: S3Client;
beforeAll(async () => {
  server = await startTreadle({ template: `${folder}template.yaml` });
  application = new Application(server);
  s3 = new S3Client({ ...application.clientOptions(), forcePathStyle: true });
});
afterAll(async () => {
  s3?.destroy();
  application?.destroy();
  await server?.close();
});

const upload = (name: string, content: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key: `incoming/${name}.json`, Body: content }));
const sample = (name: string): string => readFileSync(`${folder}samples/${name}.json`, 'utf8');

async function text(key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
    return await Body?.transformToString();
  } catch (fault) {
    if (fault instanceof NoSuchKey) return undefined;
    throw fault;
  }
}

const executions = async (status: 'SUCCEEDED' | 'FAILED') => {
  const stateMachineArn = application.arn('stateMachine', 'order-pipeline');
  const page = await application.sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: status }));
  return page.executions ?? [];
};

test('an uploaded order file is received, analysed, generated and sent', async () => {
  await upload('order-1001', sample('order-1001'));
  const receipt = await eventually('the receipt', () => text('orders/order-1001/sent.json'));
  expect(JSON.parse(receipt)).toEqual({ sentAt: expect.any(String), messageId: expect.any(String) });
  expect(JSON.parse((await text('orders/order-1001/analysis.json')) ?? '')).toEqual({
    orderId: 'order-1001',
    pieces: 7,
    total: 24_600,
    dearest: '茶壶',
  });
  expect(await text('orders/order-1001/invoice.txt')).toContain('李华');
  expect(await text('orders/order-1001/packing-list.txt')).toContain('[ ] 6 x 茶杯');
  await eventually('the letter', async () => ((await application.mail()).includes('order-1001') ? true : undefined));
  const [execution] = await executions('SUCCEEDED');
  const history = await application.history(execution?.executionArn);
  const outputs = history.flatMap(({ taskSucceededEventDetails: details }) => details?.output ?? []);
  expect(outputs.map((output) => JSON.parse(output)).find(({ Payload }) => Payload === true)).toBeDefined();
});

test('a file that is no order is set aside with its reason', async () => {
  await upload('no-items', sample('no-items'));
  const refused = await eventually('the refusal', () => text('orders/no-items/refused.json'));
  expect(JSON.parse(refused)).toEqual({
    key: 'incoming/no-items.json',
    reason: 'Expected items to be a list with at least one item.',
  });
  expect(await text('orders/no-items/order.json')).toBeUndefined();
});

test('the sweep finds what the events have not brought, and sends nothing twice', async () => {
  await eventually('the first order', () => text('orders/order-1001/sent.json'));
  const before = await text('orders/order-1001/sent.json');
  const sweep = await application.execute('sweep-orders', '{}');
  const swept = JSON.parse(sweep.output ?? '{}');
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'incoming/' }));
  expect(swept).toEqual({ files: KeyCount, sentNow: 0, refused: 1 });
  expect(await text('orders/order-1001/sent.json')).toBe(before);
});

test('the schedule is there, every night', async () => {
  const template = readFileSync(`${folder}template.yaml`, 'utf8');
  expect(template).toContain('cron(0 3 * * ? *)');
});
