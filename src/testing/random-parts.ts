import fc from 'fast-check';

export type Fields = Readonly<Record<string, unknown>>;

export interface BlockSpec {
  readonly states: readonly StateSpec[];
  /** Whether its first state assigns a variable of its own, `@own` in the fields. */
  readonly isDeclaring: boolean;
  readonly last: Fields;
}

/** `target` and `targets` choose among the states that come later. */
export interface StateSpec {
  readonly form: 'plain' | 'choice' | 'gate' | 'loop';
  readonly fields: Fields;
  readonly catchers?: ReadonlyArray<{ readonly fields: Fields; readonly target: number }>;
  readonly rules?: ReadonlyArray<{ readonly fields: Fields; readonly target: number }>;
  readonly blocks?: readonly BlockSpec[];
}

export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
export const target = fc.nat({ max: 5 });
export const oneOf = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
export const merged = (...parts: readonly fc.Arbitrary<Fields>[]): fc.Arbitrary<Fields> =>
  fc.tuple(...parts).map((fields) => Object.assign({}, ...fields) as Fields);

export const errorNames = oneOf(
  ['E0'],
  ['E1'],
  ['E0', 'E1'],
  ['States.TaskFailed'],
  ['States.Timeout'],
  ['States.QueryEvaluationError'],
);
export const withAll = <Value>(named: fc.Arbitrary<Value>, all: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
  fc
    .tuple(fc.array(named, { maxLength: 2 }), fc.option(all))
    .map(([first, last]) => (last === null ? first : [...first, last]));

const retrierRest = merged(
  oneOf<Fields>({}, { IntervalSeconds: 2 }, { IntervalSeconds: 3, BackoffRate: 1.5 }),
  oneOf<Fields>({ MaxAttempts: 0 }, { MaxAttempts: 1 }, { MaxAttempts: 2 }, {}),
  oneOf<Fields>({}, { MaxDelaySeconds: 4 }, { JitterStrategy: 'FULL' }),
);
export const retriers: fc.Arbitrary<Fields> = withAll(
  merged(
    errorNames.map((ErrorEquals) => ({ ErrorEquals })),
    retrierRest,
  ),
  merged(oneOf<Fields>({ ErrorEquals: ['States.ALL'] }), retrierRest),
).map((Retry) => (Retry.length === 0 ? {} : { Retry }));
