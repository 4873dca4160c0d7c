import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type JsonValue, parseJson, writeJson } from '../payload/index.js';
import { compilePath } from './jsonpath/index.js';
import { outcome, testScope } from './jsonpath/test-scope.js';
import { compileReferencePath } from './reference-path.js';

const put = (path: string, root: string): string =>
  outcome(() => compileReferencePath(path).put(parseJson(root), parseJson('"new"')));

describe('put', () => {
  test.each([
    ['$', '{"a":1}', '"new"'],
    ['$.a', '{"a":1,"b":2}', '{"a":"new","b":2}'],
    ['$.c', '{"a":1}', '{"a":1,"c":"new"}'],
    ['$.c.d.e', '{"a":1}', '{"a":1,"c":{"d":{"e":"new"}}}'],
    ["$['a b'].c", '{"a b":{"x":1}}', '{"a b":{"x":1,"c":"new"}}'],
    ['$.a[1]', '{"a":[1,2,3]}', '{"a":[1,"new",3]}'],
    ['$[0].b', '[{"a":1}]', '[{"a":1,"b":"new"}]'],
    ['$.2', '{"3":1,"1":2}', '{"3":1,"1":2,"2":"new"}'],
    ['$.__proto__', '{}', '{"__proto__":"new"}'],
  ])('%s into %s gives %s', (path, root, result) => {
    expect(put(path, root)).toBe(result);
  });

  test.each([
    ['$.a', '"text"'],
    ['$.a', '[1]'],
    ['$.a', 'null'],
    ['$.a.b', '{"a":1}'],
    ['$.a.b', '{"a":null}'],
    ['$.a[0]', '{"a":{}}'],
    ['$.a[0]', '{}'],
    ['$.a[3]', '{"a":[1,2,3]}'],
  ])('%s does not fit %s', (path, root) => {
    expect(put(path, root)).toBe(
      `States.ResultPathMatchFailure: Unable to apply ReferencePath ${path} to input ${root}`,
    );
  });

  it('leaves the root as it was', () => {
    const root = { a: { b: [1, 2] } };
    compileReferencePath('$.a.b[0]').put(root, 9);
    expect(root).toEqual({ a: { b: [1, 2] } });
  });

  it('puts a value where the path finds it', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/['\\]/.test(text));
    const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), json, (names, value) => {
        const path = `$${names.map((each) => `['${each}']`).join('')}`;
        const result = compileReferencePath(path).put({}, value);
        expect(compilePath(path).find(testScope(writeJson(result)))).toEqual(parseJson(writeJson(value)));
      }),
    );
  });
});

test.each([
  ['$$.a', "Expected a path that starts with '$.' or '$[', but \"$$.a\" starts elsewhere."],
  ['$x.a', "Expected a path that starts with '$.' or '$[', but \"$x.a\" starts elsewhere."],
  ['$.a[*]', 'Expected a path to one place (names and indexes), but "$.a[*]" has other parts.'],
  ['$.a.length()', 'Expected a path to one place (names and indexes), but "$.a.length()" has other parts.'],
  ['$.a[-1]', 'Expected indexes from 0 in "$.a[-1]", but found -1.'],
])('%s is refused', (path, message) => {
  expect(() => compileReferencePath(path)).toThrow(message);
});
