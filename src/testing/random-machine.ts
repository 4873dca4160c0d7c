import fc from 'fast-check';
import { jsonataSpecs } from './random-jsonata-states.js';
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

/** A valid machine and an input for it, both as JSON text. */
export interface RandomMachine {
  readonly definition: string;
  readonly input: string;
}

/** Any machine of up to `depth` levels of Parallel and Map. It only goes forward, but for loops that count: it ends. */
export function randomMachine(options: { readonly depth: number } = { depth: 3 }): fc.Arbitrary<RandomMachine> {
  return fc
    .record({
      block: blockSpec(options.depth),
      timeoutSeconds: fc.option(fc.integer({ min: 5, max: 90 }), { freq: 5 }),
      input: fc.record({ flag: fc.boolean(), items: fc.array(item, { maxLength: 4 }) }),
      indent: fc.constantFrom(0, 2),
    })
    .map(({ block, timeoutSeconds, input, indent }) => ({
      definition: JSON.stringify({
        ...renderBlock({ ...block, isDeclaring: true }, 'S', ''),
        ...(timeoutSeconds !== null && { TimeoutSeconds: timeoutSeconds }),
      }),
      input: JSON.stringify(input, null, indent),
    }));
}

const item = fc.constantFrom<unknown>({ ok: true }, { n: 2 }, { ok: false, '7': 1.5 }, {}, 'text', 3, [1, [2]], null);
const increment: Fields = { Assign: { '@own.$': 'States.MathAdd($@own, 1)' } };

function blockSpec(depth: number): fc.Arbitrary<BlockSpec> {
  return fc.record({
    states: fc.array(stateSpec(depth), { maxLength: depth > 1 ? 4 : 3 }),
    isDeclaring: fc.boolean(),
    last: oneOf<Fields>({ Type: 'Succeed' }, { Type: 'Pass', End: true }, { Type: 'Succeed', OutputPath: '$' }),
  });
}

function stateSpec(depth: number): fc.Arbitrary<StateSpec> {
  const jsonata = jsonataSpecs(depth === 0 ? null : blockSpec(depth - 1));
  const simple: fc.WeightedArbitrary<StateSpec>[] = [
    ...jsonata,
    { arbitrary: passSpec, weight: 6 },
    { arbitrary: taskSpec, weight: 10 },
    { arbitrary: waitSpec, weight: 4 },
    { arbitrary: choiceSpec, weight: 4 },
    { arbitrary: gateSpec, weight: 3 },
  ];
  if (depth === 0) return fc.oneof(...simple);
  const containers: fc.WeightedArbitrary<StateSpec>[] = [
    { arbitrary: parallelSpec(depth - 1), weight: 6 },
    { arbitrary: mapSpec(depth - 1), weight: 6 },
  ];
  const loop = fc.constant<StateSpec>({ form: 'loop', fields: {} });
  return fc.oneof(...simple, ...containers, ...(depth > 1 ? [{ arbitrary: loop, weight: 1 }] : []));
}

const passSpec: fc.Arbitrary<StateSpec> = merged(
  oneOf<Fields>({ Type: 'Pass' }),
  oneOf<Fields>(
    {},
    { Result: { ok: true, n: 1 } },
    { Result: { '10': 1.5, b: [1] }, ResultPath: '$.r' },
    { Parameters: { 'own.$': '$@own', 'in.$': '$', ok: true } },
    { InputPath: null },
    { Result: ['a', {}], ResultPath: null },
  ),
  oneOf<Fields>({}, {}, increment),
).map((fields) => ({ form: 'plain', fields }));

const waitSpec: fc.Arbitrary<StateSpec> = merged(
  oneOf<Fields>(
    { Seconds: 0 },
    { Seconds: 1 },
    { Seconds: 7 },
    { Timestamp: '1970-01-01T00:00:05Z' },
    { SecondsPath: '$@own' },
  ),
  oneOf<Fields>({}, increment),
).map((fields) => ({ form: 'plain', fields: { Type: 'Wait', ...fields } }));

const condition = oneOf<Fields>(
  { Variable: '$.ok', IsPresent: true },
  { Variable: '$@own', NumericGreaterThan: 1 },
  { Variable: '$$.Execution.Input.flag', BooleanEquals: true },
  { Not: { Variable: '$.n', IsPresent: true } },
  {
    And: [
      { Variable: '$.ok', IsPresent: true },
      { Variable: '$.ok', IsBoolean: true },
    ],
  },
);

const choiceSpec: fc.Arbitrary<StateSpec> = fc
  .array(fc.record({ fields: merged(condition, oneOf<Fields>({}, increment)), target }), {
    minLength: 1,
    maxLength: 2,
  })
  .map((rules) => ({ form: 'choice', fields: { Type: 'Choice' }, rules }));

/** A Choice in front of an end. */
const gateSpec: fc.Arbitrary<StateSpec> = fc
  .tuple(
    condition,
    oneOf<Fields>(
      { Type: 'Succeed' },
      { Type: 'Fail', Error: 'E0', Cause: 'why' },
      { Type: 'Fail', Error: 'E1' },
      { Type: 'Fail', ErrorPath: '$.nowhere' },
    ),
  )
  .map(([fields, end]) => ({ form: 'gate', fields: end, rules: [{ fields, target: 0 }] }));

const catcherRest = merged(
  oneOf<Fields>({}, { ResultPath: '$.error' }, { ResultPath: null }),
  oneOf<Fields>({}, { Assign: { '@own': 7 } }),
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

const outcomeFields = merged(
  oneOf<Fields>({}, {}, { ResultPath: '$.r' }, { ResultPath: null }, { ResultSelector: { 'r.$': '$', ok: true } }),
  oneOf<Fields>({}, {}, increment),
);

const attempt = { 'attempt.$': '$$.State.RetryCount' };
const work = oneOf<Fields>(
  { Resource: FUNCTION, Parameters: { ...attempt, 'in.$': '$' } },
  { Resource: FUNCTION, Parameters: { ...attempt, 'own.$': '$@own' } },
  { Resource: FUNCTION },
  { Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f', Payload: attempt } },
  {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    HeartbeatSeconds: 2,
    Parameters: { FunctionName: 'f', Payload: { ...attempt, 'token.$': '$$.Task.Token' } },
  },
);
const taskSpec: fc.Arbitrary<StateSpec> = fc.record({
  form: fc.constant('plain' as const),
  fields: merged(
    oneOf<Fields>({ Type: 'Task' }),
    work,
    oneOf<Fields>({}, { TimeoutSeconds: 3 }, { TimeoutSeconds: 20 }),
    outcomeFields,
    retriers,
  ),
  catchers,
});

const parallelSpec = (depth: number): fc.Arbitrary<StateSpec> =>
  fc.record({
    form: fc.constant('plain' as const),
    fields: merged(oneOf<Fields>({ Type: 'Parallel' }), outcomeFields, retriers),
    catchers,
    blocks: fc.array(blockSpec(depth), { minLength: 1, maxLength: 3 }),
  });

const mapSpec = (depth: number): fc.Arbitrary<StateSpec> =>
  fc.record({
    form: fc.constant('plain' as const),
    fields: merged(
      oneOf<Fields>({ Type: 'Map', ItemsPath: '$items' }, { Type: 'Map', ItemsPath: '$$.Execution.Input.items' }),
      oneOf<Fields>({}, { MaxConcurrency: 1 }, { MaxConcurrency: 2 }, { MaxConcurrency: 3 }),
      oneOf<Fields>(
        {},
        { ItemSelector: { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index', 'in.$': '$' } },
        { ItemSelector: { 'v.$': 'States.ArrayGetItem($few, $$.Map.Item.Index)' } },
      ),
      outcomeFields,
      retriers,
    ),
    catchers,
    blocks: blockSpec(depth).map((block) => [block]),
  });

/** `own` is the variable of the nearest block around that has one. */
function renderBlock(block: BlockSpec, prefix: string, own: string): Fields {
  const variable = block.isDeclaring ? `v${prefix}` : own;
  const names = block.states.map((_, i) => `${prefix}${i}`);
  const end = `${prefix}End`;
  const states: Record<string, unknown> = {};
  const first = names[0] ?? end;
  if (block.isDeclaring) {
    const shared = prefix === 'S' ? { items: [{ ok: true }, { n: 1 }, 'x'], few: [1, 2] } : {};
    states[`${prefix}Start`] = { Type: 'Pass', Assign: { '@own': 0, ...shared }, Next: first };
  }
  for (const [i, spec] of block.states.entries()) {
    const later = [...names.slice(i + 1), end];
    Object.assign(
      states,
      renderState(spec, { name: names[i] ?? end, later, isDeclaring: block.isDeclaring, variable }),
    );
  }
  states[end] = block.last;
  const text = JSON.stringify({ StartAt: block.isDeclaring ? `${prefix}Start` : first, States: states });
  return JSON.parse(text.replaceAll('@own', variable)) as Fields;
}

interface Place {
  readonly name: string;
  /** Names of the states that it may go to; the first is the one after it. */
  readonly later: readonly string[];
  readonly isDeclaring: boolean;
  readonly variable: string;
}

function renderState(spec: StateSpec, place: Place): Record<string, unknown> {
  const { name, later, variable } = place;
  const next = later[0];
  const pick = (index: number) => later[index % later.length];
  const own = (fields: Fields): Fields => (place.isDeclaring ? fields : { ...fields, Assign: undefined });
  const rules = (spec.rules ?? []).map((rule) => ({ ...own(rule.fields), Next: pick(rule.target) }));
  switch (spec.form) {
    case 'choice':
      return { [name]: { ...own(spec.fields), Choices: rules, Default: next } };
    case 'gate': {
      const gated = rules.map((rule) => ({ ...rule, Next: `${name}Gate` }));
      return { [name]: { Type: 'Choice', Choices: gated, Default: next }, [`${name}Gate`]: spec.fields };
    }
    case 'loop': {
      if (!place.isDeclaring) return { [name]: { Type: 'Pass', Next: next } };
      const again = { Variable: '$@own', NumericLessThan: 260, Next: name };
      return {
        [name]: { Type: 'Pass', ...increment, Next: `${name}Again` },
        [`${name}Again`]: { Type: 'Choice', Choices: [again], Default: next },
      };
    }
    default: {
      const caught = (spec.catchers ?? []).map((catcher) => ({ ...own(catcher.fields), Next: pick(catcher.target) }));
      const blocks = (spec.blocks ?? []).map((block, i) => renderBlock(block, `${name}b${i}_`, variable));
      const inner =
        spec.fields.Type === 'Map' ? { ItemProcessor: blocks[0] } : blocks.length > 0 && { Branches: blocks };
      return { [name]: { ...own(spec.fields), ...inner, ...(caught.length > 0 && { Catch: caught }), Next: next } };
    }
  }
}
