/** What the shop sends; everything else in it is ignored. Amounts are whole cents. */
export interface PurchaseRequest {
  readonly action: 'purchase';
  readonly orderId: string;
  readonly customerId: string;
  readonly email: string;
  readonly items: readonly { readonly itemId: string; readonly quantity: number }[];
  readonly cardToken: string;
}

export interface RefundRequest {
  readonly action: 'refund';
  readonly refundId: string;
  readonly orderId: string;
  /** Null: whatever has not been refunded yet. */
  readonly amountCents: number | null;
  readonly reason: string;
}

/** The request does not have the form that is expected; the message says which member and why. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

/** An id also names a file of the audit log, and is the idempotency token of a transaction (36 characters, four of them for the step). */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const ID_RULE = '1 to 32 letters, digits, - and _';
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
const ITEMS_MAX = 20;
const QUANTITY_MAX = 99;
const REASON_MAX = 500;

/** Checks a purchase or a refund, and gives it back with nothing but what the next states read. */
export const handler = async (event: unknown): Promise<PurchaseRequest | RefundRequest> => {
  const request = membersOf(event, 'the request');
  switch (request.action) {
    case 'purchase':
      return purchase(request);
    case 'refund':
      return refund(request);
    default:
      throw new InvalidRequest(`Expected action to be purchase or refund, but it is ${shown(request.action)}.`);
  }
};

type Members = Readonly<Record<string, unknown>>;

function purchase(request: Members): PurchaseRequest {
  const { items } = request;
  if (!Array.isArray(items) || items.length === 0 || items.length > ITEMS_MAX)
    throw new InvalidRequest(`Expected items to be a list of 1 to ${ITEMS_MAX} items.`);
  const lines = items.map((item, index) => {
    const { itemId, quantity } = membersOf(item, `items[${index}]`);
    return {
      itemId: id(itemId, `items[${index}].itemId`),
      quantity: whole(quantity, { name: `items[${index}].quantity`, min: 1, max: QUANTITY_MAX }),
    };
  });
  const twice = lines.find(({ itemId }, index) => lines.findIndex((line) => line.itemId === itemId) !== index);
  if (twice !== undefined) throw new InvalidRequest(`Expected each item once, but ${twice.itemId} is there twice.`);
  return {
    action: 'purchase',
    orderId: id(request.orderId, 'orderId'),
    customerId: id(request.customerId, 'customerId'),
    email: text(request.email, { name: 'email', rule: EMAIL, expected: 'an e-mail address' }),
    items: lines,
    cardToken: id(request.cardToken, 'cardToken'),
  };
}

function refund(request: Members): RefundRequest {
  const { amountCents = null, reason = '' } = request;
  if (typeof reason !== 'string' || reason.length > REASON_MAX)
    throw new InvalidRequest(`Expected reason to be a text of at most ${REASON_MAX} characters.`);
  return {
    action: 'refund',
    refundId: id(request.refundId, 'refundId'),
    orderId: id(request.orderId, 'orderId'),
    amountCents:
      amountCents === null ? null : whole(amountCents, { name: 'amountCents', min: 1, max: Number.MAX_SAFE_INTEGER }),
    reason,
  };
}

function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidRequest(`Expected ${name} to be an object, but it is ${shown(value)}.`);
  return value as Members; // just checked
}

const id = (value: unknown, name: string): string => text(value, { name, rule: ID, expected: ID_RULE });

function text(value: unknown, { name, rule, expected }: { name: string; rule: RegExp; expected: string }): string {
  if (typeof value === 'string' && rule.test(value)) return value;
  throw new InvalidRequest(`Expected ${name} to be ${expected}, but it is ${shown(value)}.`);
}

function whole(value: unknown, { name, min, max }: { name: string; min: number; max: number }): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new InvalidRequest(`Expected ${name} to be a whole number from ${min} to ${max}, but it is ${shown(value)}.`);
}

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
