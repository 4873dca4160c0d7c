import fc from 'fast-check';
import {
  type BlockSpec,
  errorNames,
  type Fields,
  FUNCTION,
  merged,
  oneOf,
  retriers,
  type StateSpec,
  target,
  withAll,
} from './random-parts.js';

/** States of the other query language, some of which fail: an expression gives nothing, or what its field does not take. */
export function jsonataSpecs(block: fc.Arbitrary<BlockSpec> | null): readonly fc.WeightedArbitrary<StateSpec>[] {
  const simple = [
    { arbitrary: passSpec, weight: 3 },
    { arbitrary: taskSpec, weight: 4 },
    { arbitrary: waitSpec, weight: 2 },
    { arbitrary: choiceSpec, weight: 2 },
    { arbitrary: gateSpec, weight: 1 },
  ];
  if (block === null) return simple;
  return [...simple, { arbitrary: mapSpec(block), weight: 2 }, { arbitrary: parallelSpec(block), weight: 2 }];
}

const type = (Type: string): fc.Arbitrary<Fields> => fc.constant({ Type, QueryLanguage: 'JSONata' });
const assign = oneOf<Fields>(
  {},
  {},
  { Assign: { '@own': '{% $@own + 1 %}' } },
  { Assign: { '@own': '{% $@own ~> $sum() %}' } },
);
const output = oneOf<Fields>(
  {},
  {},
  { Output: '{% $states.input %}' },
  { Output: { own: '{% $@own %}', '7': ['{% $states.context.State.Name %}', null], input: '{% $states.input %}' } },
  { Output: { ok: true, n: '{% $count($items) %}' } },
  { Output: '{% $states.input.ok %}' }, // nothing, for most inputs
);
const plain = (fields: fc.Arbitrary<Fields>): fc.Arbitrary<StateSpec> =>
  fc.record({ form: fc.constant('plain' as const), fields });

const passSpec = plain(merged(type('Pass'), output, assign));

const waitSpec = plain(
  merged(
    type('Wait'),
    oneOf<Fields>(
      { Seconds: '{% $@own %}' },
      { Seconds: '{% $count($few) %}' },
      { Timestamp: '{% "1970-01-01T00:00:0" & $string($@own) & "Z" %}' },
    ),
    output,
    assign,
  ),
);

const condition = oneOf<Fields>(
  { Condition: '{% $exists($states.input.ok) %}' },
  { Condition: '{% $@own > 1 %}' },
  { Condition: '{% $states.context.Execution.Input.flag %}' },
  { Condition: '{% $states.input.ok %}' }, // of any type, or nothing
  { Condition: false },
);

const choiceSpec: fc.Arbitrary<StateSpec> = fc
  .tuple(
    fc.array(fc.record({ fields: merged(condition, output, assign), target }), { minLength: 1, maxLength: 2 }),
    merged(type('Choice'), output, assign),
  )
  .map(([rules, fields]) => ({ form: 'choice', fields, rules }));

const gateSpec: fc.Arbitrary<StateSpec> = oneOf<Fields>(
  { Type: 'Succeed', QueryLanguage: 'JSONata', Output: '{% $@own %}' },
  { Type: 'Fail', QueryLanguage: 'JSONata', Error: '{% "E" & $string($@own) %}', Cause: 'why' },
  { Type: 'Fail', QueryLanguage: 'JSONata', Error: '{% $@own %}' },
).map((fields) => ({
  form: 'gate',
  fields,
  rules: [{ fields: { Variable: '$.ok', IsPresent: true }, target: 0 }],
}));

const catcherRest = merged(
  oneOf<Fields>(
    {},
    { Output: { in: '{% $states.input %}', error: '{% $states.errorOutput.Error %}' } },
    { Output: '{% $states.input.ok %}' },
  ),
  oneOf<Fields>({}, { Assign: { '@own': 7 } }, { Assign: { '@own': '{% $length($states.errorOutput.Error) %}' } }),
);
const catchers = withAll(
  fc.record({
    fields: merged(
      errorNames.map((ErrorEquals) => ({ ErrorEquals })),
      catcherRest,
    ),
    target,
  }),
  fc.record({ fields: merged(oneOf<Fields>({ ErrorEquals: ['States.ALL'] }), catcherRest), target }),
);

const outcome = merged(
  oneOf<Fields>(
    {},
    {},
    { Output: { r: '{% $states.result %}', in: '{% $states.input %}' } },
    { Output: '{% $states.result.ok %}' },
  ),
  assign,
);

const attempt = '{% $states.context.State.RetryCount %}';
const taskSpec: fc.Arbitrary<StateSpec> = fc.record({
  form: fc.constant('plain' as const),
  fields: merged(
    type('Task'),
    oneOf<Fields>(
      { Resource: FUNCTION },
      { Resource: FUNCTION, Arguments: { attempt, own: '{% $@own %}' } },
      { Resource: FUNCTION, Arguments: '{% $states.input.n %}' },
      { Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f', Payload: { attempt } } },
    ),
    oneOf<Fields>({}, { TimeoutSeconds: 3 }, { TimeoutSeconds: '{% 20 + $@own %}' }),
    outcome,
    retriers,
  ),
  catchers,
});

const mapSpec = (block: fc.Arbitrary<BlockSpec>): fc.Arbitrary<StateSpec> =>
  fc.record({
    form: fc.constant('plain' as const),
    fields: merged(
      type('Map'),
      oneOf<Fields>(
        { Items: '{% $items %}' },
        { Items: ['{% $@own %}', { ok: true }] },
        { Items: '{% $states.input.n %}' },
        {},
      ),
      oneOf<Fields>({}, { MaxConcurrency: 1 }, { MaxConcurrency: '{% $count($few) %}' }),
      oneOf<Fields>(
        {},
        { ItemSelector: { v: '{% $states.context.Map.Item.Value %}', in: '{% $states.input %}' } },
        { ItemSelector: '{% $few[$states.context.Map.Item.Index] %}' },
      ),
      outcome,
      retriers,
    ),
    catchers,
    blocks: block.map((only) => [only]),
  });

const parallelSpec = (block: fc.Arbitrary<BlockSpec>): fc.Arbitrary<StateSpec> =>
  fc.record({
    form: fc.constant('plain' as const),
    fields: merged(
      type('Parallel'),
      oneOf<Fields>({}, { Arguments: { own: '{% $@own %}', in: '{% $states.input %}' } }),
      outcome,
      retriers,
    ),
    catchers,
    blocks: fc.array(block, { minLength: 1, maxLength: 2 }),
  });
