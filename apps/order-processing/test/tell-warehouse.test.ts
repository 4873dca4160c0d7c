import { expect, it } from 'vitest';
import { callPython } from './call-python.js';

function notice(OrderId: string, State: string) {
  return { Sns: { Message: JSON.stringify({ OrderId, State, CustomerId: 'c-1', Items: ['Macbook', 'iPad'] }) } };
}

it('prints a packing line for paid orders only', () => {
  const event = { Records: [notice('o-1', 'PAYMENT_FAILED'), notice('o-2', 'PAYMENT_PROCESSED')] };
  expect(callPython({ folder: 'tell-warehouse', name: 'tell_warehouse' }, event)).toEqual({
    output: null,
    printed: 'Pack order o-2 for customer c-1: Macbook, iPad\n',
  });
});
