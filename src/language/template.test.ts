import { describe, expect, it, test } from 'vitest';
import { parseJson } from '../payload/index.js';
import { outcome, testScope } from './jsonpath/test-scope.js';
import { compilePathOrIntrinsic, compileTemplate } from './template.js';

const INPUT = '{ "a": 1, "list": [1, 2], "none": null }';
const scope = testScope(INPUT, { context: '{"Task":{"Token":"t"}}', variables: { x: { y: 7 } } });
const evaluate = (template: string): string =>
  outcome(() => compileTemplate(parseJson(template), 'Parameters').evaluate(scope));

describe('a template', () => {
  test.each([
    ['{"v.$":"$.a"}', '{"v":1}'],
    ['{"v.$":"$"}', '{"v":{"a":1,"list":[1,2],"none":null}}'],
    ['{"v.$":"$$.Task.Token"}', '{"v":"t"}'],
    ['{"v.$":"$x.y"}', '{"v":7}'],
    ['{"v.$":"States.Format(\'{}!\', $.a)"}', '{"v":"1!"}'],
    ['{"k":"$.a","v.$":"$.none"}', '{"k":"$.a","v":null}'],
    ['{"o":{"l":[1,{"v.$":"$.a"},"$.a"]}}', '{"o":{"l":[1,{"v":1},"$.a"]}}'],
    ['{"2.$":"$.a","1":0,"b":true}', '{"2":1,"1":0,"b":true}'],
    ['[{"v.$":"$.a"}]', '[{"v":1}]'],
    ['{"v.$":"$.no[*].such"}', '{"v":[]}'],
    ['{"v.$":"$.list[5]"}', '{"v":null}'],
    ['{"n":1.50,"v.$":"$.a"}', '{"n":1.50,"v":1}'],
  ])('%s gives %s', (template, result) => {
    expect(evaluate(template)).toBe(result);
  });

  const missing = (path: string, input: string): string =>
    `States.Runtime: The JSONPath '${path}' specified for the field 'value.$' could not be found in the input '${input}'`;
  test.each([
    ['$.no_such_jsonpath', INPUT],
    ['$.list[5].x', INPUT],
    ['$.a[0]', INPUT],
    ['$$.Task.None', '{"Task":{"Token":"t"}}'],
    ['$x.none', '{"y":7}'],
    ['$none', INPUT],
  ])('without %s fails', (path, input) => {
    expect(evaluate(`{"o":{"value.$":"${path}"}}`)).toBe(missing(path, input));
  });

  it('does not take a path of a null input', () => {
    const { evaluate: take } = compileTemplate({ 'v.$': '$' }, 'Parameters');
    expect(outcome(() => take(testScope('null')))).toBe(
      'States.Runtime: Unable to apply Path transformation to null or empty input.',
    );
  });

  it('is constant without expressions', () => {
    const template = compileTemplate(parseJson('{"v":"$.a","l":[{"x":1.0}]}'), 'Parameters');
    expect(template.constant?.text).toBe('{"v":"$.a","l":[{"x":1.0}]}');
    expect(outcome(() => template.evaluate(scope))).toBe('{"v":"$.a","l":[{"x":1.0}]}');
    expect(compileTemplate(parseJson('{"v.$":"$.a"}'), 'Parameters').constant).toBeNull();
  });

  it('names its variables once', () => {
    const text = '{"a.$":"$x.y","b":[{"c.$":"States.Array($z, $x, States.Array($w))"}]}';
    expect(compileTemplate(parseJson(text), 'Parameters').variables).toEqual(['x', 'z', 'w']);
  });

  test.each([
    ['{"v.$":1}', "Expected 'v.$' in Parameters to be a string, but it is not."],
    ['{"v":1,"v.$":"$.a"}', "Expected either 'v' or 'v.$' in Parameters, but found both."],
    ['{"v.$":"text"}', "Expected '$' or an intrinsic function (States.Array,"],
    ['{"v.$":"$.a["}', 'Expected a quoted name, an index,'],
  ])('%s is refused', (template, message) => {
    expect(() => compileTemplate(parseJson(template), 'Parameters')).toThrow(message);
  });
});

test('a field of its own is named in the cause', () => {
  expect(outcome(() => compilePathOrIntrinsic('$.ErrorX', 'ErrorPath').evaluate(testScope('{"Error":"e"}')))).toBe(
    `States.Runtime: The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input '{"Error":"e"}'`,
  );
});
