import { describe, expect, it } from 'vitest';
import { callPython } from './call-python.js';

const module = { folder: 'read-stock', name: 'read_stock' };

function item(itemId: string, ...quantities: readonly string[]) {
  return { itemId, price: 1.5, itemDescription: 'Cup', stock: { quantities } };
}

describe('read-stock', () => {
  it('adds integers: pieces in stock, and pieces asked for in the whole order', () => {
    const items = [item('a', '12'), item('b'), item('a', '12')];
    const known = { price: 1.5, itemDescription: 'Cup' };
    expect(callPython(module, { items, chaosSeed: '' }).output).toEqual({
      items: [
        { itemId: 'a', ...known, quantityInStock: 12, quantityAsked: 2 },
        { itemId: 'b', ...known, quantityInStock: 0, quantityAsked: 1 },
        { itemId: 'a', ...known, quantityInStock: 12, quantityAsked: 2 },
      ],
    });
  });

  it('fails on a quantity that is no whole number', () => {
    expect(callPython(module, { items: [item('a', '1.5')], chaosSeed: '' }).error).toBe('ValueError');
  });

  it('with chaos, draws for each item and the same each time', () => {
    // 'order 2' draws 0.74 for the first item and 0.07 for the second.
    const event = { items: [item('a', '12'), item('b', '12')], chaosSeed: 'order 2' };
    const once = callPython(module, event, { CHAOS: 'true' }).output;
    expect(once).toMatchObject({ items: [{ quantityInStock: 12 }, { quantityInStock: 0 }] });
    expect(callPython(module, event, { CHAOS: 'true' }).output).toEqual(once);
  });
});
