import { describe, expect, it } from 'vitest';
import { charge, handler, PaymentError, ProviderUnavailable } from '../functions/charge-customer/charge-customer.js';

const calm = { chaos: false };

function request(cardNumber: string, idempotencyKey = 'order 1') {
  return { idempotencyKey, amount: 2250, paymentDetails: { cardNumber } };
}

describe('charge-customer', () => {
  it('answers a repeated request with the same charge', async () => {
    const first = await handler(request('5192 7402 9672 1055'));
    expect(first).toEqual({ chargeId: expect.stringMatching(/^ch_[0-9a-f]{24}$/), amount: 2250 });
    expect(await handler(request('5192 7402 9672 1055'))).toEqual(first);
    expect(charge(request('5192 7402 9672 1055', 'order 2'), calm).chargeId).not.toBe(first.chargeId);
  });

  it.each([
    ['4000 0000 0000 0002', new PaymentError('The card was declined.')],
    ['4000-0000-0000-9995', new PaymentError('The card was declined: insufficient funds.')],
    ['4000 0000 0000 0341', new ProviderUnavailable('The payment provider does not answer.')],
  ])('the demo card %s gives %s', (cardNumber, error) => {
    expect(() => charge(request(cardNumber), calm)).toThrow(error);
  });

  it('names its errors as the state machine catches them', () => {
    expect([new PaymentError('').name, new ProviderUnavailable('').name]).toEqual([
      'PaymentError',
      'ProviderUnavailable',
    ]);
  });

  it('with chaos, draws from the key', () => {
    // 'order 0' draws 0.13, 'order 1' draws 0.95.
    expect(() => charge(request('4242424242424242', 'order 0'), { chaos: true })).toThrow(PaymentError);
    expect(charge(request('4242424242424242', 'order 1'), { chaos: true })).toMatchObject({ amount: 2250 });
    expect(charge(request('4242424242424242', 'order 0'), calm)).toMatchObject({ amount: 2250 });
  });
});
