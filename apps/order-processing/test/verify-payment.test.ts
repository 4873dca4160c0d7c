import { describe, expect, it } from 'vitest';
import { readSample, sampleNames } from './application-files.js';
import { callPython } from './call-python.js';

const module = { folder: 'verify-payment', name: 'verify_payment' };
const card = { name: 'Jane', cardType: 'VISA', cardNumber: '4242 4242 4242 4242', expiration: '12/99' };
const seedCard = { name: 'J', cardType: 'MASTERCARD', cardNumber: '5192 7402 9672 1055', expiration: '08/26' };

function verify(paymentDetails: unknown, environment: Readonly<Record<string, string>> = {}) {
  return callPython(module, { order: { customerId: 'c', paymentDetails }, chaosSeed: 'seed' }, environment);
}

const verified = { paymentVerified: true, paymentProblem: '' };

describe('verify-payment', () => {
  it('adds paymentVerified to the order and keeps the rest', () => {
    expect(verify(card).output).toEqual({ customerId: 'c', paymentDetails: card, ...verified });
  });

  it.each([
    [{ cardNumber: '4242' }, 'Expected the card number to have 12 to 19 digits, but it does not.'],
    [{ cardNumber: '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢' }, 'Expected the card number to have 12 to 19 digits, but it does not.'],
    [{ cardType: 'BARTER' }, 'Expected the card type to be one of AMEX, DISCOVER, MASTERCARD, VISA, but it is BARTER.'],
    [{ expiration: '13/30' }, 'Expected the expiration to be written as MM/YY, but it is not.'],
    [{ cardNumber: '4100 0000 0000 0019' }, 'The card issuer refuses this card.'],
  ])('does not verify %j', (change, paymentProblem) => {
    expect(verify({ ...card, ...change }).output).toMatchObject({ paymentVerified: false, paymentProblem });
  });

  it('verifies the first sample, whose number is mistyped and whose card may have expired', () => {
    expect(verify(seedCard).output).toMatchObject(verified);
  });

  it('checks check digit and date when cards are strict', () => {
    const strict = { STRICT_CARDS: 'true' };
    expect(verify(card, strict).output).toMatchObject(verified);
    expect(verify(seedCard, strict).output).toMatchObject({
      paymentVerified: false,
      paymentProblem: 'The card number is mistyped: its check digit is wrong.',
    });
    expect(verify({ ...card, expiration: '01/20' }, strict).output).toMatchObject({
      paymentVerified: false,
      paymentProblem: 'The card expired at the end of 01/20.',
    });
  });

  it('raises VerificationUnavailable when the issuer does not answer', () => {
    expect(verify({ ...card, cardNumber: '4000 0000 0000 0119' })).toMatchObject({
      error: 'VerificationUnavailable',
      message: 'The card issuer does not answer. Try the order again later.',
    });
  });

  it.each([
    ['order 10', 0.09, false],
    ['order 1', 0.79, true],
  ])('with chaos, %s draws %d: verified is %s, each time', (chaosSeed, _drawn, paymentVerified) => {
    const event = { order: { paymentDetails: card }, chaosSeed };
    const once = callPython(module, event, { CHAOS: 'true' }).output;
    expect(once).toMatchObject({ paymentVerified });
    expect(callPython(module, event, { CHAOS: 'true' }).output).toEqual(once);
  });

  it('refuses only the sample that says so', () => {
    const refused = sampleNames()
      .filter((name) => !/^(07|08|09|10)/.test(name))
      .filter((name) => {
        const answer = callPython(module, { order: JSON.parse(readSample(name)), chaosSeed: '' });
        return JSON.stringify(answer.output).includes('"paymentVerified":false');
      });
    expect(refused).toEqual(['03-payment-not-verified.json']);
  });
});
