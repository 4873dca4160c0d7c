import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Application, eventually, type Row } from '../../../test/apps/application.js';
import { startTreadle, type TreadleServer } from '../../../test/apps/treadle-server.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const AUDIT = 'booking-audit-000000000000';

// A message that a dying server had received comes again after the queue's visibility time.
vi.setConfig({ testTimeout: 120_000 });

class Shop extends Application {
  readonly s3 = new S3Client({ ...this.clientOptions(), forcePathStyle: true });

  async buy(orderId: string, changes: object = {}): Promise<string> {
    return this.start('booking', JSON.stringify({ ...PURCHASE, orderId, ...changes }), `purchase-${orderId}`);
  }

  async refund(refundId: string, changes: object): Promise<string> {
    const input = { action: 'refund', refundId, reason: 'Rain', ...changes };
    return this.start('booking', JSON.stringify(input), `refund-${refundId}`);
  }

  async row(table: string, key: string, value: string): Promise<Row | undefined> {
    return (await this.rows(table)).find((row) => row[key]?.S === value);
  }

  /** What the provider has charged, less what it gave back, and what the books say. */
  async sums(): Promise<{ readonly provider: number; readonly books: number; readonly orders: number }> {
    const ledger = (await this.rows('BookingProviderLedger')).filter(
      (row) => JSON.parse(row.answer?.S ?? '{}').approved,
    );
    const of = (kind: string) => ledger.filter((row) => row.EntryKey?.S?.startsWith(`${kind}:`));
    const voided = new Set(of('void').map((row) => row.EntryKey?.S?.slice('void:'.length)));
    const charged = of('charge').filter((row) => !voided.has(row.EntryKey?.S?.slice('charge:'.length)));
    const sum = (rows: readonly Row[], name: string) => rows.reduce((total, row) => total + Number(row[name]?.N), 0);
    const orders = (await this.rows('BookingOrders')).filter((row) => row.status?.S !== 'CANCELLED');
    return {
      provider: sum(charged, 'amountCents') - sum(of('refund'), 'amountCents'),
      books: sum(await this.rows('BookingTransactions'), 'amountCents'),
      orders: sum(orders, 'totalCents') - sum(orders, 'refundedCents'),
    };
  }

  override destroy(): void {
    this.s3.destroy();
    super.destroy();
  }
}

const PURCHASE = {
  action: 'purchase',
  customerId: 'ada',
  email: 'ada@example.com',
  items: [
    { itemId: 'boat', quantity: 1 },
    { itemId: 'sauna', quantity: 2 },
  ],
  cardToken: 'card-visa',
};
const TOTAL = 3500 + 2 * 2900;

let data: string;
let server: TreadleServer | undefined;
let shop: Shop;
/** Again at the same address: what the provider has been asked to answer names it. */
const open = async (): Promise<void> => {
  const options = server === undefined ? [] : ['--port', new URL(server.endpoint).port];
  server = await startTreadle({ template: `${folder}template.yaml`, data, options });
  shop = new Shop(server);
};

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'booking-'));
  await open();
  expect(await shop.execute('booking-fill-catalogue', '{}')).toMatchObject({ status: 'SUCCEEDED' });
});
afterAll(async () => {
  shop?.destroy();
  await server?.close();
  rmSync(data, { recursive: true, force: true });
});

const outcome = async (execution: string): Promise<unknown> =>
  JSON.parse((await shop.end(execution)).output ?? '{}').outcome;
const status = async (orderId: string) => (await shop.row('BookingOrders', 'OrderId', orderId))?.status?.S;

describe('purchases', () => {
  test('a purchase is reserved, charged by webhook, booked, audited and told', async () => {
    expect(await outcome(await shop.buy('first'))).toBe('purchased');
    expect(await status('first')).toBe('PAID');
    expect((await shop.row('BookingCatalogue', 'ItemId', 'boat'))?.available?.N).toBe('5');
    expect(await shop.sums()).toEqual({ provider: TOTAL, books: TOTAL, orders: TOTAL });
    expect(await shop.mail()).toContain('Your order first is paid: 93.00.');
  });

  test('a declined card: the shelf is as before, and nothing is in the books', async () => {
    const before = await shop.sums();
    expect(await outcome(await shop.buy('declined', { cardToken: 'card-declined' }))).toBe('declined');
    expect(await status('declined')).toBe('CANCELLED');
    expect((await shop.row('BookingCatalogue', 'ItemId', 'boat'))?.available?.N).toBe('5');
    expect(await shop.sums()).toEqual(before);
  });

  test('what is not there is not sold', async () => {
    const execution = await shop.end(await shop.buy('balloon', { items: [{ itemId: 'balloon', quantity: 1 }] }));
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'NotAvailable',
      cause: 'Balloon ride: 1 asked for, not as many available',
    });
  });

  test('the server is killed while the provider is asked: charged once, and the purchase goes on', async () => {
    const before = await shop.sums();
    const execution = await shop.buy('killed');
    await eventually(
      'the charge',
      async () =>
        (await shop.history(execution)).some(
          ({ stateEnteredEventDetails: state }) => state?.name === 'Charge Customer',
        ) || undefined,
    );
    shop.destroy();
    await server?.kill();
    await open();
    expect(await outcome(execution)).toBe('purchased');
    const after = await shop.sums();
    expect(after).toEqual({
      provider: before.provider + TOTAL,
      books: before.books + TOTAL,
      orders: before.orders + TOTAL,
    });
  });
});

describe('refunds', () => {
  test('a part goes back at once, and never more than was paid, however many ask at the same time', async () => {
    const asked = await Promise.all(
      Array.from({ length: 4 }, (_, index) => shop.refund(`part-${index}`, { orderId: 'first', amountCents: 3000 })),
    );
    const ended = await Promise.all(asked.map((execution) => shop.end(execution)));
    expect(ended.filter(({ status: ends }) => ends === 'SUCCEEDED')).toHaveLength(3);
    expect(ended.filter(({ error }) => error === 'RefundRefused')).toHaveLength(1);
    expect(await status('first')).toBe('PARTLY_REFUNDED');
    const { provider, books, orders } = await shop.sums();
    expect([books, orders]).toEqual([provider, provider]);
  });

  test('above the limit a person decides, by a link that shows before it acts and works once', async () => {
    await shop.end(await shop.buy('large', { items: [{ itemId: 'room-lake', quantity: 1 }] }));
    const execution = await shop.refund('large', { orderId: 'large' });
    const link = await eventually(
      'the link',
      async () => /http\S*\/approvals\/large\?s=[0-9a-f]+/.exec(await shop.mail())?.[0],
    );
    const page = await fetch(link);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Refund this order?')]);
    const { status: looked } = await shop.sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    expect(looked).toBe('RUNNING'); // looking decides nothing
    expect((await fetch(link.replace(/s=../, 's=00'))).status).toBe(403);
    const decide = (decision: string) => fetch(link, { method: 'POST', body: new URLSearchParams({ decision }) });
    expect(await (await decide('approved')).text()).toContain('<h1>Approved</h1>');
    expect(await outcome(execution)).toBe('refunded');
    expect(await (await decide('rejected')).text()).toContain('<h1>Approved</h1>');
    expect(await status('large')).toBe('REFUNDED');
  });

  test('a second refund of a refunded order is refused', async () => {
    const again = await shop.end(await shop.refund('again', { orderId: 'large' }));
    expect(again).toMatchObject({ error: 'RefundRefused', cause: 'The order has been refunded already.' });
  });
});

test('the audit log has each purchase and refund, and refuses overwriting and deleting', async () => {
  const { Contents = [] } = await shop.s3.send(new ListObjectsV2Command({ Bucket: AUDIT }));
  const names = Contents.map(({ Key = '' }) => Key.split('/').at(-1));
  expect(names).toEqual(
    expect.arrayContaining([
      'first-purchase.json',
      'killed-purchase.json',
      'declined-declined.json',
      'large-refund-large.json',
    ]),
  );
  const Key = Contents[0]?.Key;
  const denied = { name: 'AccessDenied' };
  await expect(shop.s3.send(new DeleteObjectCommand({ Bucket: AUDIT, Key }))).rejects.toMatchObject(denied);
  await expect(shop.s3.send(new PutObjectCommand({ Bucket: AUDIT, Key, Body: 'x' }))).rejects.toMatchObject(denied);
});

test("the day's report says what the tables say", async () => {
  const day = new Date().toISOString().slice(0, 10);
  const report = JSON.parse((await shop.execute('booking-daily-report', JSON.stringify({ day }))).output ?? '{}');
  const { books } = await shop.sums();
  expect(report).toMatchObject({ day, netCents: books });
  expect(report.netCents).toBe(report.purchasedCents - report.refundedCents - report.undoneCents);
  const { Body } = await shop.s3.send(
    new GetObjectCommand({ Bucket: 'booking-reports-000000000000', Key: `reports/${day}.json` }),
  );
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toEqual(report);
});
