import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CHOICE_DESCRIPTION_CHARS_MAX } from '../limits.js';
import { parseJson } from '../payload/index.js';
import { compilePattern } from './choice-operators.js';
import { compileChoiceRule } from './choice-rule.js';
import { outcome, testScope } from './jsonpath/test-scope.js';

const INPUT = JSON.stringify({
  t: true,
  f: false,
  one: 1,
  s: 'b',
  nul: null,
  list: [],
  object: {},
  date: '2024-02-29T12:00:00Z',
  text: '2024-02-29',
}).replace('{', '{"zero":0.0,"long":12345678901234567890,');
const scope = testScope(INPUT, { context: '{"State":{"RetryCount":2}}', variables: { limit: 1, names: ['b'] } });
const tested = (rule: string): string => outcome(() => compileChoiceRule(parseJson(rule)).test(scope));

describe('a comparison', () => {
  test.each([
    ['"$.t","BooleanEquals":true', 'true'],
    ['"$.f","BooleanEquals":true', 'false'],
    ['"$.f","BooleanEquals":false', 'true'],
    ['"$.nul","BooleanEquals":false', 'false'],
    ['"$.one","BooleanEquals":true', 'false'],
    ['"$.t","BooleanEqualsPath":"$.t"', 'true'],
    ['"$.t","BooleanEqualsPath":"$.one"', 'false'],
    ['"$.one","NumericEquals":1', 'true'],
    ['"$.zero","NumericEquals":0', 'true'],
    ['"$.s","NumericEquals":1', 'false'],
    ['"$.t","NumericEquals":1', 'false'],
    ['"$.one","NumericLessThan":2', 'true'],
    ['"$.one","NumericLessThan":1', 'false'],
    ['"$.one","NumericLessThanEquals":1', 'true'],
    ['"$.one","NumericGreaterThan":0.5', 'true'],
    ['"$.one","NumericGreaterThanEquals":1.5', 'false'],
    ['"$.one","NumericGreaterThanEqualsPath":"$limit"', 'true'],
    ['"$$.State.RetryCount","NumericGreaterThanPath":"$.one"', 'true'],
    ['"$.long","NumericGreaterThan":12345678901234567889', 'true'],
    ['"$.long","NumericEquals":12345678901234567891', 'false'],
    ['"$.s","StringEquals":"b"', 'true'],
    ['"$.one","StringEquals":"1"', 'false'],
    ['"$.s","StringLessThan":"ba"', 'true'],
    ['"$.s","StringGreaterThan":"B"', 'true'],
    ['"$.s","StringGreaterThanEquals":"b"', 'true'],
    ['"$.s","StringLessThanEqualsPath":"$names[0]"', 'true'],
    ['"$.s","StringMatches":"*"', 'true'],
    ['"$.one","StringMatches":"*"', 'false'],
    ['"$.date","TimestampEquals":"2024-02-29T13:00:00+01:00"', 'true'],
    ['"$.date","TimestampEquals":"2024-02-29T12:00:00.000Z"', 'true'],
    ['"$.date","TimestampLessThan":"2024-02-29T12:00:00.0000001Z"', 'true'],
    ['"$.date","TimestampGreaterThan":"2024-02-29T12:00:00+00:01"', 'true'],
    ['"$.date","TimestampGreaterThanEqualsPath":"$.date"', 'true'],
    ['"$.date","TimestampLessThanEqualsPath":"$.date"', 'true'],
    ['"$.text","TimestampLessThan":"2030-01-01T00:00:00Z"', 'false'],
    ['"$.one","TimestampLessThan":"2030-01-01T00:00:00Z"', 'false'],
    ['"$.nul","IsNull":true', 'true'],
    ['"$.one","IsNull":false', 'true'],
    ['"$.t","IsBoolean":true', 'true'],
    ['"$.long","IsNumeric":true', 'true'],
    ['"$.s","IsNumeric":false', 'true'],
    ['"$.s","IsString":true', 'true'],
    ['"$.date","IsTimestamp":true', 'true'],
    ['"$.text","IsTimestamp":true', 'false'],
    ['"$.text","IsTimestamp":false', 'true'],
    ['"$.nul","IsPresent":true', 'true'],
    ['"$.none","IsPresent":true', 'false'],
    ['"$.none.deep[0]","IsPresent":false', 'true'],
    ['"$unknown","IsPresent":false', 'true'],
  ])('%s is %s', (rule, result) => {
    expect(tested(`{"Variable":${rule},"Next":"A","Comment":"c"}`)).toBe(result);
  });

  test.each([
    ['"$.none","NumericEquals":1', '$.none'],
    ['"$.none","IsNull":true', '$.none'],
    ['"$.none.deep","StringMatches":"*"', '$.none.deep'],
    ['"$.one","NumericEqualsPath":"$.none"', '$.none'],
    ['"$unknown","BooleanEquals":true', '$unknown'],
  ])('%s fails', (rule, path) => {
    expect(tested(`{"Variable":${rule}}`)).toBe(
      `States.Runtime: Invalid path '${path}': The choice state's condition path references an invalid value.`,
    );
  });
});

const T = '{"Variable":"$.t","BooleanEquals":true}';
const F = '{"Variable":"$.f","BooleanEquals":true}';
const MISSING = '{"Variable":"$.none","BooleanEquals":true}';

describe('combinations', () => {
  test.each([
    [`{"And":[${T},${T}]}`, 'true'],
    [`{"And":[${F},${MISSING}]}`, 'false'],
    [`{"Or":[${F},${T},${MISSING}]}`, 'true'],
    [`{"Or":[${F},${F}]}`, 'false'],
    [`{"Not":${F}}`, 'true'],
    [`{"Not":{"And":[${T},{"Or":[${F},{"Not":${T}}]}]}}`, 'true'],
  ])('%s is %s', (rule, result) => {
    expect(tested(rule)).toBe(result);
  });

  it('names the variables of all parts once', () => {
    const rule =
      '{"And":[{"Variable":"$a","IsNull":true},{"Not":{"Variable":"$.x","NumericLessThanPath":"$b.c"}},{"Variable":"$a","IsNull":true}]}';
    expect(compileChoiceRule(parseJson(rule)).variables).toEqual(['a', 'b']);
  });
});

describe('describe', () => {
  const describeRule = (rule: string): string => compileChoiceRule(parseJson(rule)).describe(scope);
  test.each([
    [F, '$.f is false (BooleanEquals true): no match'],
    ['{"Variable":"$.one","NumericLessThanPath":"$limit"}', '$.one is 1 (NumericLessThanPath $limit is 1): no match'],
    ['{"Variable":"$.list","IsNull":true}', '$.list is an array of 0 (IsNull true): no match'],
    ['{"Variable":"$.object","IsPresent":true}', '$.object is an object of 0 (IsPresent true): match'],
    ['{"Variable":"$.none","IsPresent":true}', '$.none is not present (IsPresent true): no match'],
    [MISSING, "States.Runtime: Invalid path '$.none': The choice state's condition path references an invalid value."],
    [`{"And":[${T},${F},${MISSING}]}`, 'all of 3 [$.f is false (BooleanEquals true): no match]: no match'],
    [
      `{"And":[${T},${T}]}`,
      'all of 2 [$.t is true (BooleanEquals true): match; $.t is true (BooleanEquals true): match]: match',
    ],
    [`{"Or":[${F},${T}]}`, 'any of 2 [$.t is true (BooleanEquals true): match]: match'],
    [`{"Not":${F}}`, 'not [$.f is false (BooleanEquals true): no match]: match'],
    [
      `{"Variable":"$.s","StringEquals":"${'x'.repeat(100)}"}`,
      `$.s is "b" (StringEquals "${'x'.repeat(58)}…): no match`,
    ],
  ])('%s', (rule, text) => {
    expect(describeRule(rule)).toBe(text);
  });

  it('is bounded', () => {
    expect(describeRule(`{"And":[${Array.from({ length: 500 }, () => T).join(',')}]}`)).toHaveLength(
      CHOICE_DESCRIPTION_CHARS_MAX,
    );
  });
});

describe('StringMatches', () => {
  test.each([
    ['log-*.txt', 'log-1.txt', true],
    ['log-*.txt', 'log-.txt', true],
    ['log-*.txt', 'log-1.txt.gz', false],
    ['*', '', true],
    ['**', 'x', true],
    ['', '', true],
    ['', 'x', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aab', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\\\*', 'a\\x', true],
    ['a.c', 'abc', false],
    ['zebra?', 'zebra!', false],
  ])('%s with %s is %s', (pattern, text, matches) => {
    expect(compilePattern(pattern)(text)).toBe(matches);
  });

  it('agrees with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replace(/\\[*\\]|[*\\]/g, (part) => (part === '*' ? '.*' : `\\${part.at(-1)}`));
        expect(compilePattern(pattern)(value)).toBe(new RegExp(`^${source}$`, 's').test(value));
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['1', 'Expected a choice rule to be an object, but it is not.'],
  ['{"Next":"A"}', "Expected 'And', 'Or', 'Not' or a string 'Variable' in a choice rule, but it has only: Next."],
  ['{"Variable":"$.a"}', 'Expected a comparison operator in a choice rule, but it has only: Variable.'],
  ['{"Variable":"a","IsNull":true}', "Expected '$' at character 1"],
  ['{"Variable":"$.a","NumericEqualsPath":"b"}', "Expected '$' at character 1"],
  ['{"Variable":"$.a","IsNullPath":"$.b"}', 'Expected a comparison operator'],
])('%s is refused', (rule, message) => {
  expect(() => compileChoiceRule(parseJson(rule))).toThrow(message);
});
