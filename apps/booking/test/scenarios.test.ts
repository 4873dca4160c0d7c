import { loadMachine, type MockAnswer, type Mocks } from 'treadle/testing';
import { describe, expect, it } from 'vitest';
import { handler as checkRequest } from '../functions/check-request/check-request.js';
import { handler as priceOrder } from '../functions/purchase-handler/purchase-handler.js';

/** Every route through the definition, on virtual time: the TypeScript functions run, everything else is mocked. */
const arn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const machine = await loadMachine(new URL('../booking.asl.yaml', import.meta.url), {
  functions: { 'check-request': checkRequest, 'purchase-handler': priceOrder },
  substitutions: {
    CheckRequestFunction: arn('check-request'),
    PurchaseHandlerFunction: arn('purchase-handler'),
    RefundHandlerFunction: arn('refund-handler'),
    ResultHandlerFunction: arn('result-handler'),
    RequestPaymentFunction: arn('request-payment'),
    AskApprovalFunction: arn('ask-approval'),
    CatalogueTable: 'Catalogue',
    OrdersTable: 'Orders',
    TransactionsTable: 'Transactions',
    AuditBucket: 'audit',
    AlarmsTopic: 'arn:aws:sns:us-east-1:000000000000:alarms',
    ShopEmail: 'shop@example.com',
  },
});

const PURCHASE = {
  action: 'purchase',
  orderId: 'order-1',
  customerId: 'customer-1',
  email: 'ada@example.com',
  items: [
    { itemId: 'sauna', quantity: 2 },
    { itemId: 'boat', quantity: 1 },
  ],
  cardToken: 'card-visa',
};
const REFUND = { action: 'refund', refundId: 'refund-1', orderId: 'order-1', amountCents: 500, reason: 'Rain' };

const answer = (payload: unknown): MockAnswer => ({ result: { Payload: payload, StatusCode: 200 } });
const ok: MockAnswer = { result: {} };
const broken: MockAnswer = { error: 'DynamoDb.InternalServerErrorException', cause: 'The disk is full' };
const paid = (providerId: string): MockAnswer => ({ result: { providerId } });
const cancelled = (...reasons: readonly string[]): MockAnswer => ({
  error: 'DynamoDb.TransactionCanceledException',
  cause: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.join(', ')}]`,
});

const row = (itemId: string, title: string, priceCents: number) => ({
  ItemId: { S: itemId },
  title: { S: title },
  priceCents: { N: String(priceCents) },
});

const ALL_WELL: Mocks = {
  'Read Catalogue': {
    result: { Responses: { Catalogue: [row('boat', 'Boat', 3500), row('sauna', 'Sauna', 2900)] }, UnprocessedKeys: {} },
  },
  Reserve: ok,
  'Charge Customer': paid('ch_1'),
  'Book Purchase': ok,
  'Audit Purchase': ok,
  'Undo Booking': ok,
  'Return Payment': paid('vo_1'),
  'Release Reservation': ok,
  'Audit Undo': ok,
  'Read Order': { result: { Item: { OrderId: { S: 'order-1' } } } },
  'Refund Handler': answer({
    amountCents: 500,
    refundedBeforeMax: 8800,
    totalCents: 9300,
    customerId: 'customer-1',
    email: 'ada@example.com',
    chargeId: 'ch_1',
    needsApproval: false,
  }),
  'Claim Refund': ok,
  'Refund Payment': paid('re_1'),
  'Book Refund': ok,
  'Update Order': { error: 'DynamoDB.ConditionalCheckFailedException', cause: 'The conditional request failed' },
  'Mark Partly Refunded': ok,
  'Audit Refund': ok,
  'Release Claim': ok,
  'Result Handler': ({ parameters }) =>
    answer({ ...(parameters as { readonly Payload: object }).Payload, note: 'Thank you.' }),
  'Tell Customer': { result: { MessageId: 'mail-1' } },
};

const run = (input: object, changes: Mocks = {}) =>
  machine.run<{ readonly outcome: string }>({ input, mocks: { ...ALL_WELL, ...changes } });

const needsApproval: Mocks = {
  'Refund Handler': answer({
    ...{ amountCents: 500, refundedBeforeMax: 8800, totalCents: 9300 },
    ...{ customerId: 'customer-1', email: 'ada@example.com', chargeId: 'ch_1', needsApproval: true },
  }),
};

describe('a purchase', () => {
  it('is priced by the catalogue, reserved, charged, booked, audited and told', async () => {
    const execution = await run(PURCHASE);
    expect(execution.assertSucceeded()).toEqual({
      outcome: 'purchased',
      orderId: 'order-1',
      amountCents: 9300,
      note: 'Thank you.',
    });
    expect(execution.visited).toEqual([
      ...['Purchase or Refund', 'Check Purchase', 'Read Catalogue', 'Purchase Handler', 'Reserve', 'Charge Customer'],
      ...['Book Purchase', 'Audit Purchase', 'Purchase Done', 'Result Handler', 'Tell Customer', 'Outcome', 'Done'],
    ]);
    const [reserve] = execution.callsOf('Reserve');
    expect(reserve?.parameters).toMatchObject({
      ClientRequestToken: 'order-1-rsv',
      TransactItems: [
        { Update: { Key: { ItemId: { S: 'sauna' } }, ExpressionAttributeValues: { ':quantity': { N: '2' } } } },
        { Update: { Key: { ItemId: { S: 'boat' } }, ExpressionAttributeValues: { ':quantity': { N: '1' } } } },
        { Put: { Item: { OrderId: { S: 'order-1' }, totalCents: { N: '9300' }, lines: { L: [{}, {}] } } } },
      ],
    });
    const [charge] = execution.callsOf('Charge Customer');
    expect(charge?.parameters).toMatchObject({
      Payload: { kind: 'charge', key: 'order-1', amountCents: 9300, cardToken: 'card-visa', taskToken: charge?.token },
    });
    const [audit] = execution.callsOf('Audit Purchase');
    expect(audit?.parameters).toMatchObject({
      IfNoneMatch: '*',
      Key: 'audit/2026-01-01/order-1-purchase.json',
      Body: { amountCents: 9300, chargeId: 'ch_1', lines: [{ title: 'Sauna' }, { title: 'Boat' }] },
    });
  });

  it('of one item works like one of many', async () => {
    const execution = await run(
      { ...PURCHASE, items: [{ itemId: 'boat', quantity: 1 }] },
      { 'Read Catalogue': { result: { Responses: { Catalogue: [row('boat', 'Boat', 3500)] } } } },
    );
    expect(execution.assertSucceeded()).toMatchObject({ amountCents: 3500 });
    const [reserve] = execution.callsOf('Reserve');
    expect(reserve?.parameters).toMatchObject({ TransactItems: [{ Update: {} }, { Put: {} }] });
    expect(execution.callsOf('Read Catalogue')[0]?.parameters).toMatchObject({
      RequestItems: { Catalogue: { Keys: [{ ItemId: { S: 'boat' } }] } },
    });
  });

  it.each([
    [{ ...PURCHASE, items: [] }, 'InvalidRequest', 'Expected items to be a list of 1 to 20 items.'],
    [
      { ...PURCHASE, items: [{ itemId: 'moon', quantity: 1 }] },
      'UnknownItem',
      'Expected moon to be in the catalogue, but it is not.',
    ],
    [{ action: 'steal' }, 'InvalidRequest', 'Expected action to be purchase or refund.'],
  ])('%j is refused with %s, and nothing is changed', async (input, error, cause) => {
    const execution = await run(input);
    expect([execution.assertFailed(error).cause, execution.callsOf('Reserve')]).toEqual([cause, []]);
  });

  it.each([
    [cancelled('None', 'ConditionalCheckFailed', 'None'), 'Boat: 1 asked for, not as many available'],
    [cancelled('None', 'None', 'ConditionalCheckFailed'), 'There is an order order-1 already.'],
  ])('that cannot be reserved says what is short', async (reserve, cause) => {
    const execution = await run(PURCHASE, { Reserve: reserve });
    expect(execution.assertFailed('NotAvailable').cause).toBe(cause);
    expect(execution.callsOf('Charge Customer')).toEqual([]);
  });

  it('waits a moment when another order changes the same items', async () => {
    const execution = await run(PURCHASE, { Reserve: [cancelled('TransactionConflict', 'None', 'None'), ok] });
    expect([execution.assertSucceeded().outcome, execution.durationMs]).toEqual(['purchased', 1000]);
  });
});

describe('what was done is undone, in reverse', () => {
  const undone = (visited: readonly string[]) =>
    visited.filter((name) => ['Undo Booking', 'Return Payment', 'Release Reservation', 'Audit Undo'].includes(name));

  it('a declined card gives the reservation back; that is no failure of ours', async () => {
    const execution = await run(PURCHASE, { 'Charge Customer': { error: 'PaymentDeclined', cause: 'No money.' } });
    expect(execution.assertSucceeded().outcome).toBe('declined');
    expect(undone(execution.visited)).toEqual(['Release Reservation', 'Audit Undo']);
  });

  it('a provider that does not answer within 15 minutes: the charge is voided', async () => {
    const execution = await run(PURCHASE, { 'Charge Customer': { pending: true } });
    execution.assertFailed('PurchaseUndone');
    expect(undone(execution.visited)).toEqual(['Return Payment', 'Release Reservation', 'Audit Undo']);
    expect(execution.durationMs).toBe(15 * 60 * 1000);
    expect(execution.callsOf('Return Payment')[0]?.parameters).toMatchObject({
      Payload: { kind: 'void', key: 'order-1', amountCents: 9300 },
    });
  });

  it('a book that cannot be written', async () => {
    const execution = await run(PURCHASE, { 'Book Purchase': broken });
    expect(execution.assertFailed('PurchaseUndone').cause).toBe('The disk is full');
    expect(execution.callsOf('Book Purchase')).toHaveLength(6);
    expect(undone(execution.visited)).toEqual(['Return Payment', 'Release Reservation', 'Audit Undo']);
  });

  it('an audit log that refuses the entry', async () => {
    const execution = await run(PURCHASE, { 'Audit Purchase': { error: 'S3.S3Exception', cause: 'Access Denied' } });
    execution.assertFailed('PurchaseUndone');
    expect(undone(execution.visited)).toEqual(['Undo Booking', 'Return Payment', 'Release Reservation', 'Audit Undo']);
    const [undo] = execution.callsOf('Undo Booking');
    expect(undo?.parameters).toMatchObject({
      TransactItems: [{}, { Put: { Item: { kind: { S: 'undo' }, amountCents: { N: '-9300' } } } }],
    });
  });

  it.each([
    ['Undo Booking', 'DynamoDb.TransactionCanceledException'],
    ['Return Payment', 'PaymentDeclined'],
    ['Release Reservation', 'DynamoDb.TransactionCanceledException'],
    ['Audit Undo', 'S3.S3Exception'],
  ])('%s that fails rings the alarm, waits for a person, and is tried again', async (name, error) => {
    const handle = await machine.start({
      input: PURCHASE,
      mocks: {
        ...ALL_WELL,
        'Audit Purchase': { error: 'S3.S3Exception', cause: 'Access Denied' },
        [name]: ({ attempt }) => (attempt === 1 ? { error, cause: 'broken' } : paid('x')),
        'Raise Alarm': ok,
      },
    });
    await handle.waitFor('Ask Operator');
    const [asked] = handle.calls.filter(({ path }) => path === 'Ask Operator');
    expect(asked?.parameters).toMatchObject({
      Message: expect.stringContaining(`Expected ${name} of order order-1`),
    });
    await handle.sendTaskSuccess('Ask Operator', {});
    const execution = await handle.result();
    execution.assertFailed('PurchaseUndone');
    expect(execution.callsOf(name)).toHaveLength(2);
    expect(execution.visited.filter((state) => state === 'Undo Booking')).toHaveLength(name === 'Undo Booking' ? 2 : 1);
  });
});

describe('a refund', () => {
  it('of a part is claimed, paid back, booked, audited and told', async () => {
    const execution = await run(REFUND);
    expect(execution.assertSucceeded()).toEqual({
      outcome: 'refunded',
      orderId: 'order-1',
      amountCents: 500,
      note: 'Thank you.',
    });
    expect(execution.visited).toEqual([
      ...['Purchase or Refund', 'Check Refund', 'Read Order', 'Refund Handler', 'Claim Refund', 'Needs Approval'],
      ...['Refund Payment', 'Book Refund', 'Update Order', 'Mark Partly Refunded', 'Audit Refund', 'Refund Done'],
      ...['Result Handler', 'Tell Customer', 'Outcome', 'Done'],
    ]);
    const [claim] = execution.callsOf('Claim Refund');
    expect(claim?.parameters).toMatchObject({
      ExpressionAttributeNames: { '#refund': 'refund-1' },
      ExpressionAttributeValues: { ':amount': { N: '500' }, ':max': { N: '8800' } },
    });
  });

  it('of the whole marks the order as refunded', async () => {
    const execution = await run(REFUND, { 'Update Order': ok });
    expect(execution.visited).not.toContain('Mark Partly Refunded');
  });

  it('of an order that is not there is refused by the handler, which gets null', async () => {
    const execution = await run(REFUND, {
      'Read Order': ok,
      'Refund Handler': ({ parameters }) => {
        expect(parameters).toMatchObject({ Payload: { order: null, orderId: 'order-1' } });
        return { error: 'RefundRefused', cause: { errorMessage: 'There is no order order-1.' } };
      },
    });
    expect(execution.assertFailed('RefundRefused').cause).toBe('There is no order order-1.');
  });

  it('that another one overtook is refused, and no money moves', async () => {
    const execution = await run(REFUND, { 'Claim Refund': { error: 'DynamoDB.ConditionalCheckFailedException' } });
    execution.assertFailed('RefundRefused');
    expect(execution.callsOf('Refund Payment')).toEqual([]);
  });

  it.each([
    [{ approved: true, by: 'Ada' }, 'refunded', 'Refund Payment'],
    [{ approved: false }, 'not-approved', 'Release Claim'],
  ])('above the limit waits for a person: %j', async (decision, outcome, next) => {
    const handle = await machine.start({ input: REFUND, mocks: { ...ALL_WELL, ...needsApproval } });
    await handle.waitFor('Ask for Approval');
    await handle.advance({ days: 6 });
    await handle.sendTaskSuccess('Ask for Approval', decision);
    const execution = await handle.result();
    expect(execution.assertSucceeded()).toMatchObject({ outcome });
    expect(execution.visited).toContain(next);
  });

  it('that nobody looks at for a week gives its claim back', async () => {
    const execution = await run(REFUND, { ...needsApproval, 'Ask for Approval': { pending: true } });
    expect(execution.assertSucceeded().outcome).toBe('not-approved');
    expect(execution.durationMs).toBe(7 * 24 * 3600 * 1000);
    expect(execution.callsOf('Release Claim')[0]?.parameters).toMatchObject({
      ExpressionAttributeValues: { ':outcome': { S: 'not-approved' } },
    });
  });

  it('that the provider declines gives its claim back', async () => {
    const execution = await run(REFUND, { 'Refund Payment': { error: 'PaymentDeclined', cause: 'Closed account' } });
    expect(execution.assertSucceeded().outcome).toBe('refund-failed');
  });

  it('whose money is back is written into the books, however often that takes', async () => {
    const execution = await run(REFUND, { 'Book Refund': ({ attempt }) => (attempt < 15 ? broken : ok) });
    expect(execution.assertSucceeded().outcome).toBe('refunded');
    expect(execution.callsOf('Book Refund')).toHaveLength(15);
  });
});

it('a mail that cannot be sent changes nothing about the order', async () => {
  const execution = await run(PURCHASE, { 'Tell Customer': { error: 'SesV2.MessageRejected', cause: 'no such box' } });
  expect(execution.assertSucceeded().outcome).toBe('purchased');
});
