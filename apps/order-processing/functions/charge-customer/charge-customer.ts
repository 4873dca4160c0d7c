import { createHash } from 'node:crypto';

export interface ChargeRequest {
  /** The same key never charges twice, however often it is sent. */
  readonly idempotencyKey: string;
  /** In the shop's currency. */
  readonly amount: number;
  readonly paymentDetails: { readonly cardNumber: string };
}

export interface Charge {
  /** The payment provider's own number of this charge. */
  readonly chargeId: string;
  readonly amount: number;
}

/** The payment provider declines: the customer was not charged, and asking again does not help. */
export class PaymentError extends Error {
  override readonly name = 'PaymentError';
}

/** The payment provider does not answer. Ask again with the same idempotency key. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
}

/** Demo cards: what happens to these numbers in every mode. All other numbers are charged. */
const declinedCards: ReadonlyMap<string, string> = new Map([
  ['4000000000000002', 'The card was declined.'],
  ['4000000000009995', 'The card was declined: insufficient funds.'],
]);
const unreachableProviderCards: ReadonlySet<string> = new Set(['4000000000000341']);

/** The part of all charges that chaos declines: one in four. */
const chaosDeclined = 0.25;

/**
 * Stands in for a payment provider. It keeps no ledger: everything it answers follows from the request alone, so that a
 * repeated request gets the same answer and the same `chargeId`, as from a provider that knows idempotency keys.
 */
export function charge(request: ChargeRequest, mode: { readonly chaos: boolean }): Charge {
  const number = request.paymentDetails.cardNumber.replace(/[ -]/g, '');
  if (unreachableProviderCards.has(number)) throw new ProviderUnavailable('The payment provider does not answer.');
  const decline = declinedCards.get(number);
  if (decline !== undefined) throw new PaymentError(decline);
  const digest = createHash('sha256').update(request.idempotencyKey).digest('hex');
  if (mode.chaos && Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32 < chaosDeclined) {
    throw new PaymentError('The card was declined (chaos is on: one in four is declined).');
  }
  return { chargeId: `ch_${digest.slice(8, 32)}`, amount: request.amount };
}

/** Lambda's entry. Throws PaymentError or ProviderUnavailable. */
export async function handler(event: ChargeRequest): Promise<Charge> {
  return charge(event, { chaos: process.env.CHAOS === 'true' });
}
