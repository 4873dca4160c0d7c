import { loadMachine, type MockAnswer, type Mocks } from 'treadle/testing';
import { describe, expect, it } from 'vitest';
import { applicationFolder, readSample } from './application-files.js';

/** Every route through the definition, with the functions, tables and the topic mocked. */
const machine = await loadMachine(`${applicationFolder}order-processing.asl.json`);
const order = JSON.parse(readSample('01-seed-order.json'));

const answer = (payload: unknown): MockAnswer => ({ result: { Payload: payload, StatusCode: 200 } });
const refused: MockAnswer = {
  error: 'DynamoDB.ConditionalCheckFailedException',
  cause: 'The conditional request failed',
};
const ok: MockAnswer = { result: {} };

/** An order whose every task goes well: each route changes one of them. */
const ALL_WELL: Mocks = {
  'Check Order': ({ input }) => answer({ isValid: true, order: input }),
  'Verify Payment': ({ parameters }) => answer({ ...ordered(parameters), paymentVerified: true }),
  'Look Up Item': { result: { Item: { quantityInStock: { N: '5' } } } },
  'Read Stock': ({ parameters }) =>
    answer({ items: looked(parameters).map((item) => ({ ...item, quantityInStock: 5, quantityAsked: 1 })) }),
  'Reserve Item': ok,
  'Charge Customer': answer({ chargeId: 'charge-1' }),
  'Settle Item': ok,
  'Write Order': ok,
  Notify: { result: { MessageId: 'message-1' } },
};

const ordered = (parameters: unknown): object =>
  (parameters as { readonly Payload: { readonly order: object } }).Payload.order;
const looked = (parameters: unknown): readonly object[] =>
  (parameters as { readonly Payload: { readonly items: readonly object[] } }).Payload.items;

const run = (changes: Mocks = {}) =>
  machine.run<{ readonly State: string; readonly Note: string }>({ input: order, mocks: { ...ALL_WELL, ...changes } });
const top = (visited: readonly string[]): readonly string[] => visited.filter((state) => !state.includes('/'));

describe('an order', () => {
  it('is charged, settled, written and told about', async () => {
    const execution = await run();
    expect(execution.assertSucceeded()).toMatchObject({
      State: 'PAYMENT_PROCESSED',
      OrderTotal: 2250,
      Items: ['Macbook', 'iPhone', 'iPad'],
      Note: 'Thank you. Your payment was accepted (charge charge-1).',
    });
    expect(top(execution.visited)).toEqual([
      'Check Order',
      'Is Order Valid',
      'Verify Payment and Read Stock',
      'Is Payment Verified',
      'Tidy Order',
      'Check Each Item',
      'Reserve Stock',
      'Charge Customer',
      'Settle Reservations',
      'Payment Processed',
      'List Items',
      'Write Order',
      'Notify',
    ]);
    expect([execution.unusedMocks, execution.durationMs]).toEqual([[], 0]);
  });

  it('is charged and written under the id that everybody sees', async () => {
    const execution = await run();
    const id = (execution.output as { readonly OrderId?: string } | undefined)?.OrderId;
    const [charge] = execution.callsOf('Charge Customer');
    const [write] = execution.callsOf('Write Order');
    expect(charge?.parameters).toMatchObject({ Payload: { idempotencyKey: id, amount: 2250 } });
    expect(write?.parameters).toMatchObject({
      Item: { OrderId: { S: id }, State: { S: 'PAYMENT_PROCESSED' }, OrderTotal: { N: '2250' } },
    });
    expect(execution.callsOf('Reserve Stock[2]/Reserve Item')[0]?.parameters).toMatchObject({
      Key: { itemId: { S: 'item-p4c97' } },
      ExpressionAttributeValues: { ':mark': { S: `${id}/2` } },
    });
  });
});

describe('an order that is refused', () => {
  it('is no order', async () => {
    const execution = await run({ 'Check Order': answer({ isValid: false, problem: 'There are no items.' }) });
    expect(execution.assertFailed('InvalidOrder').cause).toBe('There are no items.');
    expect(execution.visited).toEqual(['Check Order', 'Is Order Valid', 'Order Not Valid']);
  });

  it('has a payment that cannot be verified', async () => {
    const notVerified = answer({ paymentVerified: false, paymentProblem: 'The card has expired.' });
    const execution = await run({ 'Verify Payment': notVerified });
    expect(execution.assertFailed('PaymentNotVerified').cause).toBe('The card has expired.');
  });

  it('asks for more than there is', async () => {
    const short = answer({
      items: [{ itemId: 'i', itemDescription: 'Watch', price: 1, quantityInStock: 0, quantityAsked: 2 }],
    });
    const execution = await run({ 'Read Stock': short });
    expect(execution.assertFailed('Not in Stock').cause).toBe('Watch (i): 2 asked for, 0 in stock.');
    expect(execution.visited.at(-1)).toBe('Check Each Item[0]/Not in Stock');
    expect(execution.callsOf('Reserve Item')).toEqual([]);
  });

  it.each([
    [
      'the verification is down',
      { 'Verify Payment': { error: 'VerificationUnavailable', cause: 'down' } },
      'VerificationUnavailable: down',
      3,
      'Verify Payment',
    ],
    [
      'the stock cannot be read',
      { 'Look Up Item': { error: 'DynamoDB.AccessDeniedException', cause: 'no' } },
      'DynamoDB.AccessDeniedException: no',
      1,
      'Look Up Items[0]/Look Up Item',
    ],
  ] satisfies [string, Mocks, string, number, string][])(
    'could not be checked: %s',
    async (_, mocks, why, calls, path) => {
      const execution = await run(mocks);
      expect(execution.assertFailed('ChecksFailed').cause).toBe(
        `The payment or the stock could not be checked: ${why}`,
      );
      const counted = path.includes('/') ? `Verify Payment and Read Stock/${path}` : path;
      expect(execution.callsOf(counted)).toHaveLength(calls);
    },
  );
});

describe('an item that is sold meanwhile', () => {
  const soldOut: Mocks = {
    'Reserve Stock[1]/Reserve Item': refused,
    'Is It Reserved Already': refused,
    'Give Item Back': ({ iteration }) => (iteration[0] === 0 ? ok : refused),
  };

  it('gives back what the order held, and fails', async () => {
    const execution = await run(soldOut);
    expect(execution.assertFailed('Not in Stock').cause).toBe(
      'iPhone (item-g7b2q) was sold to another customer a moment ago.',
    );
    expect(execution.visited).toContain('Give Stock Back[1]/Nothing Held');
    expect(execution.visited).not.toContain('Give Stock Back[0]/Nothing Held');
    expect(execution.visited.at(-1)).toBe('Stock Not Reserved');
    expect(execution.visited).not.toContain('Reserve Stock[2]/Reserve Item');
    expect(execution.callsOf('Charge Customer')).toEqual([]);
  });

  it('is no loss when the first performance of the task had reserved it', async () => {
    const execution = await run({ 'Reserve Stock[1]/Reserve Item': refused, 'Is It Reserved Already': ok });
    expect(execution.assertSucceeded().State).toBe('PAYMENT_PROCESSED');
  });
});

describe('a payment', () => {
  const givesBack: Mocks = { 'Give Item Back': ok };

  it('that is declined gives the stock back and tells the customer why', async () => {
    const declined: MockAnswer = {
      error: 'PaymentError',
      cause: { errorType: 'PaymentError', errorMessage: 'Not enough money.' },
    };
    const execution = await run({ 'Charge Customer': declined, ...givesBack });
    expect(execution.assertSucceeded()).toMatchObject({
      State: 'PAYMENT_FAILED',
      Note: 'Your payment failed and your order was cancelled: Not enough money.',
    });
    expect(execution.callsOf('Give Item Back')).toHaveLength(3);
    expect(execution.unusedMocks).toEqual(['Settle Item']);
  });

  it('is tried three times when the provider is silent, a second apart', async () => {
    const execution = await run({ 'Charge Customer': { error: 'ProviderUnavailable' }, ...givesBack });
    expect(execution.assertSucceeded().Note).toContain('The payment provider could not be reached.');
    expect(execution.callsOf('Charge Customer').map(({ at }) => at.getTime() - execution.startDate.getTime())).toEqual([
      0, 1000, 2000,
    ]);
  });

  it('goes through at the second try', async () => {
    const tries = [{ error: 'ProviderUnavailable' }, answer({ chargeId: 'charge-2' })];
    expect((await run({ 'Charge Customer': tries })).assertSucceeded().Note).toContain('charge-2');
  });

  it('stands, whatever becomes of the marks', async () => {
    const execution = await run({ 'Settle Item': { error: 'DynamoDB.AccessDeniedException' } });
    expect(execution.assertSucceeded().State).toBe('PAYMENT_PROCESSED');
  });
});

describe('a service that is busy', () => {
  it.each([
    ['Check Order', 'Lambda.TooManyRequestsException', 5],
    ['Write Order', 'DynamoDB.ProvisionedThroughputExceededException', 5],
    ['Notify', 'SNS.ThrottledException', 5],
  ])('is asked again four times: %s', async (path, error, calls) => {
    const execution = await run({ [path]: { error } });
    expect(execution.assertFailed(error)).toBeDefined();
    expect(execution.callsOf(path)).toHaveLength(calls);
    // 1, 2, 4 and 8 seconds at most: the jitter takes some of it.
    expect(execution.durationMs).toBeGreaterThan(0);
    expect(execution.durationMs).toBeLessThanOrEqual(15_000);
  });
});

it('every task has a route that calls it', async () => {
  const called = new Set<string>();
  const routes: readonly Mocks[] = [
    {},
    { 'Reserve Item': refused, 'Is It Reserved Already': refused, 'Give Item Back': ok },
  ];
  for (const mocks of routes) for (const { path } of (await run(mocks)).calls) called.add(path);
  expect([...called].sort()).toEqual([...machine.taskPaths].sort());
});
