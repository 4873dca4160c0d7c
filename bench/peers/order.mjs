// The one process that everybody runs: Prepare, a choice, two tasks, done.

export const INPUT = {
  orderId: 'order-0001',
  total: 250,
  customer: { id: 'c-17', name: 'Ada', address: 'Analytical Street 1, 12345 Engine' },
  items: [
    { sku: 'A-1', price: 100, quantity: 1, description: 'a thing' },
    { sku: 'B-2', price: 75, quantity: 2, description: 'another thing' },
  ],
};

export const prepare = (input) => ({
  id: input.orderId,
  total: input.total + 1,
  note: `order ${input.orderId}`,
  items: input.items,
});

export const isLarge = (order) => order.total > 100;

/** What both tasks do. */
export const perform = () => ({ ok: true, reference: 'r-123' });

/** The same as a state machine; `resource` answers both tasks. */
export const definitionOf = (resource) => ({
  StartAt: 'Prepare',
  States: {
    Prepare: {
      Type: 'Pass',
      Parameters: {
        'id.$': '$.orderId',
        'total.$': 'States.MathAdd($.total, 1)',
        'note.$': "States.Format('order {}', $.orderId)",
        'items.$': '$.items',
      },
      Next: 'Large?',
    },
    'Large?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Reserve' }],
      Default: 'Reserve',
    },
    Reserve: { Type: 'Task', Resource: resource, ResultPath: '$.reserved', Next: 'Charge' },
    Charge: { Type: 'Task', Resource: resource, Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
});
