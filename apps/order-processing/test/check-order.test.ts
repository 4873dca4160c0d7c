import { describe, expect, it } from 'vitest';
import { checkOrder, handler } from '../functions/check-order/check-order.js';
import { readSample, sampleNames } from './application-files.js';

const order = {
  orderContents: { items: [{ itemId: 'a', price: 19.99, itemDescription: 'Kettle' }] },
  orderTotal: 19.99,
  customerId: 'c',
  paymentDetails: { name: 'Jane', cardType: 'VISA', cardNumber: '4242424242424242', expiration: '12/39' },
};
const [kettle] = order.orderContents.items;

describe('check-order', () => {
  it('accepts an order and leaves out what is not part of it', async () => {
    const input = { ...order, coupon: 'X', orderContents: { items: [{ ...kettle, colour: 'red' }] } };
    expect(await handler(input)).toEqual({ isValid: true, problem: '', order });
  });

  it('adds prices without losing cents', () => {
    const items = [0.1, 0.2].map((price) => ({ ...kettle, price }));
    expect(checkOrder({ ...order, orderContents: { items }, orderTotal: 0.3 })).toMatchObject({ isValid: true });
  });

  it.each<[input: unknown, problem: string]>([
    ['x', 'Expected the order to be an object, but it is a text.'],
    [[order], 'Expected the order to be an object, but it is a list.'],
    [{}, 'Expected orderContents to be an object, but it is missing.'],
    [{ ...order, orderContents: {} }, 'Expected orderContents.items to be a list of items, but it is missing.'],
    [
      { ...order, orderContents: { items: [] } },
      'Expected orderContents.items to hold at least one item, but it is empty.',
    ],
    [
      { ...order, orderContents: { items: Array(101).fill(kettle) } },
      'Expected orderContents.items to hold at most 100 items, but it holds 101.',
    ],
    [
      { ...order, orderContents: { items: [kettle, null] } },
      'Expected orderContents.items[1] to be an object, but it is null.',
    ],
    [
      { ...order, orderContents: { items: [{ ...kettle, itemId: ' ' }] } },
      'Expected orderContents.items[0].itemId to be a text that is not empty, but it is empty.',
    ],
    [
      { ...order, orderContents: { items: [{ ...kettle, price: '19.99' }] } },
      'Expected orderContents.items[0].price to be a number, but it is a text.',
    ],
    [
      { ...order, orderContents: { items: [{ ...kettle, price: -1 }] } },
      'Expected orderContents.items[0].price to be from 0 to 1000000000 with at most two decimals, but it is -1.',
    ],
    [
      { ...order, orderContents: { items: [{ ...kettle, price: 0.001 }] } },
      'Expected orderContents.items[0].price to be from 0 to 1000000000 with at most two decimals, but it is 0.001.',
    ],
    [{ ...order, orderTotal: 20 }, 'Expected orderTotal to be the sum of all prices, 19.99, but it is 20.'],
    [{ ...order, customerId: 'c'.repeat(501) }, 'Expected customerId to have at most 500 characters, but it has 501.'],
    [{ ...order, paymentDetails: null }, 'Expected paymentDetails to be an object, but it is null.'],
    [
      { ...order, paymentDetails: { ...order.paymentDetails, cardNumber: 4242424242424242 } },
      'Expected paymentDetails.cardNumber to be a text that is not empty, but it is a number.',
    ],
  ])('refuses %j', (input, problem) => {
    expect(checkOrder(input)).toEqual({ isValid: false, problem });
  });

  it('knows which samples are no orders', () => {
    const invalid = sampleNames().filter((name) => !checkOrder(JSON.parse(readSample(name))).isValid);
    expect(invalid).toEqual(['07-wrong-total.json', '08-no-items.json', '09-missing-field.json']);
  });
});
