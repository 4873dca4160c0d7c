import { expect, it, vi } from 'vitest';
import { JSONATA_CACHED_MAX } from '../../limits.js';
import { type JsonValue, parseJson, writeJson } from '../../payload/index.js';
import { compileJsonata, isJsonataExpression, type JsonataOutcome, JsonataSyntaxFault } from './index.js';
import { scopeOf } from './test-scope.js';

function outputOf(expression: string, input: string, variables: Readonly<Record<string, JsonValue>> = {}): string {
  const states = deepFrozen(parseJson(`{ "input": ${input}, "context": {} }`));
  const outcome = compileJsonata(expression).evaluate(scopeOf(states, new Map(Object.entries(variables))));
  return outcome.type === 'value' ? writeJson(outcome.value) : JSON.stringify(outcome);
}

function deepFrozen(value: JsonValue): JsonValue {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of value instanceof Map ? value.values() : Object.values(value)) deepFrozen(member as JsonValue);
  }
  return value;
}

it.each([
  ['{% 1 %}', true],
  ['{%%}', true],
  [' {% 1 %}', false],
  ['{% 1 %} ', false],
  ['{%}', false],
  ['{ % 1 % }', false],
  ['1', false],
])('isJsonataExpression(%j) is %s', (text, expected) => {
  expect(isJsonataExpression(text)).toBe(expected);
});

it('has the text that causes quote', () => {
  expect(compileJsonata('{%  $states.input.a \n %}').text).toBe('$states.input.a');
  expect(compileJsonata('$states.input.a').text).toBe('$states.input.a');
});

it.each([
  ['{%%}', 'INVALID_JSONATA_EXPRESSION', 'S0207: Unexpected end of expression'],
  ['{% 1 + %}', 'INVALID_JSONATA_EXPRESSION', 'S0207: Unexpected end of expression'],
  ['{% "a %}', 'INVALID_JSONATA_EXPRESSION', 'S0101: String literal must be terminated by a matching quote'],
  [
    '{% $contains("a", /a(?!b)/) %}',
    'UNSUPPORTED_JSONATA_EXPRESSION',
    'Regular expression /a(?!b)/ is not supported: error parsing regexp: invalid or unsupported Perl syntax: `(?!`. Look-ahead and back-references are not available: they take unbounded time.',
  ],
])('%s is no expression', (text, code, message) => {
  expect(() => compileJsonata(text)).toThrow(JsonataSyntaxFault);
  expect(() => compileJsonata(text)).toThrow(expect.objectContaining({ code, message }));
});

it.each([
  // what is passed on is what came in, digits, order and all
  [
    '$states.input',
    '{"b":1.0,"1":12345678901234567890,"a":{"x":[1e3]}}',
    '{"b":1.0,"1":12345678901234567890,"a":{"x":[1e3]}}',
  ],
  ['$states.input.a', '{"a":{"2":1.50,"1":0}}', '{"2":1.50,"1":0}'],
  ['$states.input.list[n > 1]', '{"list":[{"n":1.0},{"n":2.0}]}', '{"n":2.0}'],
  ['{"copy": $states.input.a}', '{"a":[1.0]}', '{"copy":[1.0]}'],
  // what is computed is a number of JavaScript
  ['$states.input.n', '{"n":1.0}', '1'],
  ['$states.input.n + 1', '{"n":1e2}', '101'],
  ['$sum($states.input.list)', '{"list":[1.50,2.50]}', '4'],
  ['$states.input.n * 1', '{"n":-0.0}', '0'],
  ['[1/0, -1/0, 0/0, {"x": 1/0}]', '{}', '["Infinity","-Infinity","NaN",{"x":"Infinity"}]'],
  // keys keep their place
  ['$keys($states.input)', '{"b":1,"2":1,"a":1,"1":1}', '["b","2","a","1"]'],
  ['$merge([$states.input, {"0": 5, "b": 6}])', '{"b":1,"2":2}', '{"b":6,"2":2,"0":5}'],
  ['{"b": 1, "2": 2, "a": 3, "1": 4}', '{}', '{"b":1,"2":2,"a":3,"1":4}'],
  ['$states.input.list{k: v}', '{"list":[{"k":"z","v":1},{"k":"1","v":2},{"k":"z","v":3}]}', '{"z":[1,3],"1":2}'],
  ['$sift($states.input, function($v) { $v > 1 })', '{"b":2,"1":3,"c":1}', '{"b":2,"1":3}'],
  ['$states.input ~> |$|{"0": 1}, "b"|', '{"c":1,"b":2,"1":3}', '{"c":1,"1":3,"0":1}'],
  ['$string($states.input)', '{"b":1,"1":2}', '"{\\"b\\":1,\\"1\\":2}"'],
  ['$clone($states.input)', '{"b":1,"1":2}', '{"b":1,"1":2}'],
  ['$parse("{\\"b\\":1,\\"1\\":2.0}")', '{}', '{"b":1,"1":2.0}'],
  // prototypes are out of reach
  ['$states.input.__proto__.x', '{"__proto__":{"x":1}}', '1'],
  ['$states.input', '{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"constructor":2}'],
  ['{"__proto__": {"x": 1}}.x', '{}', '{"type":"nothing"}'],
  ['{"__proto__": {"x": 1}}', '{}', '{"__proto__":{"x":1}}'],
  ['$states.input.(constructor & __proto__ & toString)', '{}', '""'],
  ['$states.input ~> |$|{"__proto__": {"polluted": true}}|', '{"a":1}', '{"a":1,"__proto__":{"polluted":true}}'],
  ['$merge([{"__proto__": 1}, {"constructor": 2}])', '{}', '{"__proto__":1,"constructor":2}'],
  ['$lookup($states.input, "hasOwnProperty")', '{"a":1}', '{"type":"nothing"}'],
  ['$__proto__', '{}', '{"type":"nothing"}'],
  ['($constructor := 1; $constructor)', '{}', '1'],
  // the evaluator's own marks cannot come in with a payload
  ['$states.input.a("x")', '{"a":{"_jsonata_function":true}}', faultText('T1006: Attempted to invoke a non-function')],
  [
    '$states.input.a("x")',
    '{"a":{"_jsonata_lambda":true,"body":{},"arguments":[]}}',
    faultText('T1006: Attempted to invoke a non-function'),
  ],
  [
    '$states.input',
    '{"sequence":true,"tupleStream":true,"cons":true,"outerWrapper":true}',
    '{"sequence":true,"tupleStream":true,"cons":true,"outerWrapper":true}',
  ],
  ['$states.input[tupleStream]', '{"tupleStream":true,"@":1}', '{"tupleStream":true,"@":1}'],
  ['$states.input.($)', '{"outerWrapper":true}', '{"outerWrapper":true}'],
  ['$states.input{"k": $}', '{"tupleStream":true}', '{"k":{"tupleStream":true}}'],
  // inputs are never changed (they are frozen here)
  ['$states.input.list{"a": $}', '{"list":[]}', '{}'],
  ['$states.input.list[]', '{"list":[1]}', '[1]'],
  ['$states.input.list[][0]', '{"list":[[1]]}', '[1]'],
  ['$states.input ~> |$states.input|{"a": 2}|', '{"a":1}', '{"a":1}'],
  ['$sort($states.input.list)', '{"list":[2,1]}', '[1,2]'],
  ['$reverse($states.input.list)', '{"list":[2,1]}', '[1,2]'],
  ['$append($states.input.list, 3)', '{"list":[2,1]}', '[2,1,3]'],
  ['$states.input.f(1)', '{"f":{"a":1}}', faultText('T1006: Attempted to invoke a non-function')],
  ['$states.input.list.%.list', '{"list":[{"a":1}]}', '{"a":1}'],
  // lone surrogates and long characters
  ['$length($states.input.s)', '{"s":"a😂"}', '2'],
  ['$substring($states.input.s, 1, 1)', '{"s":"a😂b"}', '"😂"'],
])('%s of %s', (expression, input, output) => {
  expect(outputOf(expression, input)).toBe(output);
  expect(outputOf(`{% ${expression} %}`, input)).toBe(output);
});

function faultText(message: string): string {
  return JSON.stringify({ type: 'fault', message } satisfies JsonataOutcome);
}

it('changes no prototype', () => {
  expect(({} as { readonly polluted?: boolean }).polluted).toBeUndefined();
});

it('knows variables by name, and asks for those that it uses only once', () => {
  const variable = vi.fn((name: string) => (name === 'a' ? 2 : undefined));
  const compiled = compileJsonata('[1..10].($ * $a) ~> $sum()');
  expect(compiled.evaluate({ ...scopeOf(), variable })).toEqual({ type: 'value', value: 110 });
  expect(variable.mock.calls).toEqual([['a']]);
});

it('looks at $states only when it is used', () => {
  const scope = {
    ...scopeOf(),
    get states(): JsonValue {
      throw new Error('looked at');
    },
  };
  expect(compileJsonata('1 + 1').evaluate(scope)).toEqual({ type: 'value', value: 2 });
});

it('gives a variable as it was', () => {
  const value = parseJson('{"b":1.0,"1":[2.50]}');
  expect(outputOf('$v', '{}', { v: value })).toBe('{"b":1.0,"1":[2.50]}');
  expect(outputOf('$v."1"[0] + 1', '{}', { v: value })).toBe('3.5');
  expect(outputOf('$v', '{}', { v: null })).toBe('null');
});

it('cannot be made to hide a function by a variable', () => {
  expect(outputOf('$sum([1, 2])', '{}', { sum: 5 })).toBe('3');
});

it('forgets the oldest expressions, and compiles them again', () => {
  const first = compileJsonata('{% "first" %}');
  expect(compileJsonata('{% "first" %}')).toBe(first);
  for (let i = 0; i <= JSONATA_CACHED_MAX; i++) compileJsonata(`{% ${i} %}`);
  expect(compileJsonata('{% "first" %}')).not.toBe(first);
});

it('says nothing of an earlier expression in an error', () => {
  outputOf('$sum("a")', '{}');
  expect(outputOf('$map(["a"], $sum)', '{}')).toBe(
    faultText('T0412: Argument 1 of function "map" must be an array of "numbers"'),
  );
});

it('cuts values in messages', () => {
  const message = outputOf('-$pad("", 100000, "x")', '{}');
  expect(message).toContain('D1002: Cannot negate a non-numeric value: \\"xxx');
  expect(message.length).toBeLessThan(1200);
});

it('always does the same with the same time and randomness', () => {
  const expression = '[$random(), $shuffle([1..20]), $now(), $millis(), $uuid(), $toMillis("1", "[D]")]';
  expect(outputOf(expression, '{}')).toBe(outputOf(expression, '{}'));
  expect(outputOf(expression, '{}')).toContain('"2023-11-14T22:13:20.000Z",1700000000000');
});

it('hands an error of its scope on', () => {
  const scope = {
    ...scopeOf(),
    variable: () => {
      throw new Error('no such frame');
    },
  };
  expect(() => compileJsonata('1 + $v').evaluate(scope)).toThrow('no such frame');
});

it('names the function whose argument is of no use', () => {
  expect(outputOf('$formatNumber(1, "0", {"zero-digit": 5})', '{}')).toBe(
    faultText('The function $formatNumber was given a value that it does not take'),
  );
});
