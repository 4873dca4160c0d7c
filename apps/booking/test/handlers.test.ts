import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { handler as checkRequest } from '../functions/check-request/check-request.js';

const functions = fileURLToPath(new URL('../functions/', import.meta.url));

/** Calls a Python handler as Lambda would: JSON in, JSON or the error's text out. */
function python(folder: string, event: unknown, environment: Readonly<Record<string, string>> = {}): unknown {
  const code = [
    'import json, sys, importlib',
    `sys.path.insert(0, ${JSON.stringify(`${functions}${folder}`)})`,
    'sys.dont_write_bytecode = True',
    'try: answer = importlib.import_module("app").lambda_handler(json.load(sys.stdin), None)',
    'except Exception as error: answer = "{}: {}".format(type(error).__name__, error)',
    'sys.stderr.write(json.dumps(answer))',
  ].join('\n');
  const child = spawnSync('python3', ['-c', code], {
    input: JSON.stringify(event),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
  });
  return JSON.parse(child.stderr);
}

describe('check-request', () => {
  const purchase = {
    action: 'purchase',
    orderId: 'o-1',
    customerId: 'c-1',
    email: 'a@example.com',
    items: [{ itemId: 'boat', quantity: 1 }],
    cardToken: 'card-visa',
  };
  const refund = { action: 'refund', refundId: 'r-1', orderId: 'o-1' };

  it('gives back what the next states read, and nothing else', async () => {
    expect(await checkRequest({ ...purchase, priceCents: 1, admin: true })).toEqual(purchase);
    expect(await checkRequest(refund)).toEqual({ ...refund, amountCents: null, reason: '' });
  });

  it.each([
    [null, 'Expected the request to be an object, but it is null.'],
    [{}, 'Expected action to be purchase or refund, but it is missing.'],
    [{ ...purchase, orderId: 'a/b' }, 'Expected orderId to be 1 to 32 letters, digits, - and _, but it is "a/b".'],
    [{ ...purchase, email: 'nobody' }, 'Expected email to be an e-mail address, but it is "nobody".'],
    [{ ...purchase, items: [] }, 'Expected items to be a list of 1 to 20 items.'],
    [{ ...purchase, items: [null] }, 'Expected items[0] to be an object, but it is null.'],
    [
      { ...purchase, items: [{ itemId: 'boat', quantity: 0 }] },
      'Expected items[0].quantity to be a whole number from 1 to 99, but it is 0.',
    ],
    [
      { ...purchase, items: [...purchase.items, ...purchase.items] },
      'Expected each item once, but boat is there twice.',
    ],
    [
      { ...refund, amountCents: 1.5 },
      'Expected amountCents to be a whole number from 1 to 9007199254740991, but it is 1.5.',
    ],
    [{ ...refund, reason: 'x'.repeat(501) }, 'Expected reason to be a text of at most 500 characters.'],
  ])('%j is refused', async (event, message) => {
    await expect(checkRequest(event)).rejects.toMatchObject({ name: 'InvalidRequest', message });
  });
});

describe('refund-handler', () => {
  const order = (changes: object = {}) => ({
    status: { S: 'PAID' },
    paidAt: { S: '2026-01-01T10:00:00.000Z' },
    totalCents: { N: '10000' },
    refundedCents: { N: '2500' },
    CustomerId: { S: 'c-1' },
    email: { S: 'a@example.com' },
    chargeId: { S: 'ch_1' },
    ...changes,
  });
  const refund = (amountCents: number | null, row: unknown = order(), now = '2026-01-31T10:00:00.000Z') =>
    python('refund-handler', { orderId: 'o-1', amountCents, order: row, now }, { APPROVAL_ABOVE_CENTS: '5000' });

  it.each([
    [null, 7500, true],
    [5000, 5000, false],
    [5001, 5001, true],
    [7500, 7500, true],
  ])('asked for %s, gives %i back; a person decides: %s', (asked, amountCents, needsApproval) => {
    expect(refund(asked)).toMatchObject({ amountCents, needsApproval, refundedBeforeMax: 10_000 - amountCents });
  });

  it.each([
    ['an order that is not there', 1, null, 'RefundRefused: There is no order o-1.'],
    ['more than is left', 7501, order(), 'RefundRefused: At most 7500 cents can be refunded, but 7501 are asked for.'],
    [
      'one that is refunded',
      1,
      order({ status: { S: 'REFUNDED' } }),
      'RefundRefused: The order has been refunded already.',
    ],
    ['one that is not paid', 1, order({ status: { S: 'RESERVED' } }), 'RefundRefused: The order has not been paid.'],
    [
      'one whose rest is claimed',
      null,
      order({ refundedCents: { N: '10000' } }),
      'RefundRefused: Refunds of the whole order are under way already.',
    ],
  ])('%s is refused', (_, asked, row, message) => {
    expect(refund(asked, row)).toBe(message);
  });

  it('the window closes after thirty days, to the second', () => {
    expect(refund(1, order(), '2026-01-31T10:00:01.000Z')).toBe(
      'RefundRefused: Orders are refunded within 30 days; this one was paid on 2026-01-01.',
    );
  });
});

describe('result-handler', () => {
  it.each([
    ['purchased', 'Thank you. Your order o-1 is paid: 25.05.'],
    ['refunded', 'We have refunded 25.05 for your order o-1.'],
    ['declined', 'Your card was declined, and nothing was charged. Your order o-1 was cancelled.'],
  ])('%s', (outcome, note) => {
    expect(python('result-handler', { outcome, orderId: 'o-1', amountCents: 2505 })).toEqual({
      outcome,
      orderId: 'o-1',
      amountCents: 2505,
      note,
    });
  });
});
