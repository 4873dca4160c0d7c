import { expect, it } from 'vitest';
import { callPython } from './call-python.js';

function notice(State: string) {
  return { Sns: { Message: JSON.stringify({ OrderId: 'o-1', State, CustomerId: 'c-1', Items: ['Macbook', 'iPad'] }) } };
}

it('prints a packing line for paid orders only', () => {
  const event = { Records: [notice('PAYMENT_FAILED'), notice('PAYMENT_PROCESSED')] };
  expect(callPython({ folder: 'tell-warehouse', name: 'tell_warehouse' }, event)).toEqual({
    output: null,
    printed: 'Pack order o-1 for customer c-1: Macbook, iPad\n',
  });
});
