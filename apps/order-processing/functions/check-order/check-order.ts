/** One thing that was ordered. Two pieces of the same thing are two items. */
export interface Item {
  readonly itemId: string;
  /** In the shop's currency, at most two decimals. */
  readonly price: number;
  readonly itemDescription: string;
}

export interface PaymentDetails {
  readonly name: string;
  readonly cardType: string;
  readonly cardNumber: string;
  /** MM/YY. */
  readonly expiration: string;
}

export interface Order {
  readonly orderContents: { readonly items: readonly Item[] };
  /** The sum of all prices. */
  readonly orderTotal: number;
  readonly customerId: string;
  readonly paymentDetails: PaymentDetails;
}

/** `problem` says in one sentence what is wrong with an order that cannot be processed. */
export type OrderCheck =
  | { readonly isValid: true; readonly problem: ''; readonly order: Order }
  | { readonly isValid: false; readonly problem: string };

/** An item takes about 25 history events; this keeps an order far below Step Functions' 25,000. */
const itemsMax = 100;
/** Longer texts do not belong into an order, and a cause is read by people. */
const textLengthMax = 500;
/** Far below the amounts at which a cent is lost in a floating point number. */
const amountMax = 1_000_000_000;

/** Checks the form of an order before anything is done for it. What is not part of an order is left out of the result. */
export function checkOrder(input: unknown): OrderCheck {
  try {
    return { isValid: true, problem: '', order: readOrder(input) };
  } catch (error) {
    if (error instanceof OrderProblem) return { isValid: false, problem: error.message };
    throw error;
  }
}

/** Lambda's entry: the event is the execution's whole input. */
export async function handler(event: unknown): Promise<OrderCheck> {
  return checkOrder(event);
}

class OrderProblem extends Error {}

type Fields = { readonly [name: string]: unknown };

function readOrder(input: unknown): Order {
  const order = readObject(input, 'the order');
  const contents = readObject(order.orderContents, 'orderContents');
  const items = readItems(contents.items);
  const payment = readObject(order.paymentDetails, 'paymentDetails');
  const orderTotal = readPrice(order.orderTotal, 'orderTotal');
  const sum = items.reduce((cents, item) => cents + toCents(item.price), 0) / 100;
  if (toCents(orderTotal) !== toCents(sum)) {
    throw new OrderProblem(`Expected orderTotal to be the sum of all prices, ${sum}, but it is ${orderTotal}.`);
  }
  return {
    orderContents: { items },
    orderTotal,
    customerId: readText(order.customerId, 'customerId'),
    paymentDetails: {
      name: readText(payment.name, 'paymentDetails.name'),
      cardType: readText(payment.cardType, 'paymentDetails.cardType'),
      cardNumber: readText(payment.cardNumber, 'paymentDetails.cardNumber'),
      expiration: readText(payment.expiration, 'paymentDetails.expiration'),
    },
  };
}

function readItems(value: unknown): readonly Item[] {
  const place = 'orderContents.items';
  if (!Array.isArray(value)) throw expected(place, 'a list of items', value);
  if (value.length === 0) throw new OrderProblem(`Expected ${place} to hold at least one item, but it is empty.`);
  if (value.length > itemsMax) {
    throw new OrderProblem(`Expected ${place} to hold at most ${itemsMax} items, but it holds ${value.length}.`);
  }
  return value.map((entry: unknown, index) => {
    const item = readObject(entry, `${place}[${index}]`);
    return {
      itemId: readText(item.itemId, `${place}[${index}].itemId`),
      price: readPrice(item.price, `${place}[${index}].price`),
      itemDescription: readText(item.itemDescription, `${place}[${index}].itemDescription`),
    };
  });
}

function readObject(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(place, 'an object', value);
  return { ...value };
}

function readText(value: unknown, place: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw expected(place, 'a text that is not empty', value);
  if (value.length > textLengthMax) {
    throw new OrderProblem(
      `Expected ${place} to have at most ${textLengthMax} characters, but it has ${value.length}.`,
    );
  }
  return value;
}

function readPrice(value: unknown, place: string): number {
  if (typeof value !== 'number') throw expected(place, 'a number', value);
  if (value >= 0 && value <= amountMax && toCents(value) / 100 === value) return value;
  throw new OrderProblem(
    `Expected ${place} to be from 0 to ${amountMax} with at most two decimals, but it is ${value}.`,
  );
}

function toCents(amount: number): number {
  return Math.round(amount * 100);
}

/** Names the kind only: a payment detail must not get into a cause. */
function expected(place: string, wanted: string, found: unknown): OrderProblem {
  return new OrderProblem(`Expected ${place} to be ${wanted}, but ${describe(found)}.`);
}

function describe(found: unknown): string {
  if (found === undefined) return 'it is missing';
  if (found === null) return 'it is null';
  if (Array.isArray(found)) return 'it is a list';
  if (typeof found === 'string') return found.trim() === '' ? 'it is empty' : 'it is a text';
  return typeof found === 'object' ? 'it is an object' : `it is a ${typeof found}`;
}
