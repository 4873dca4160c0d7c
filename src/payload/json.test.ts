import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalJson, isObject, JsonSyntaxError, keysOf, memberOf, parseJson, withMember, writeJson } from './index.js';

describe('parseJson and writeJson', () => {
  it.each([
    ['a long integer', '{"n":12345678901234567890}'],
    ['a decimal with a trailing zero', '[1.0,1.10,-0.50]'],
    ['an exponent', '[1e3,1E-7,2.5e+10]'],
    ['negative zero', '[-0,-0.0]'],
    ['small and plain decimals', '[0.0000001,-0.5,19.99,0.30000000000000004,123456789.1234567]'],
    ['integer-like keys in their order', '{"b":1,"10":2,"2":3}'],
    ['a key that is a prototype’s name', '{"__proto__":{"a":1},"constructor":2}'],
    ['escapes', '["\\"\\\\\\n","\\ud83d\\ude00"]'],
    ['nothing', '[{},[],"",null,true,false,0]'],
  ])('keeps %s', (_name, text) => {
    const written = writeJson(parseJson(text));
    expect(written).toBe(text.replace('\\ud83d\\ude00', '😀'));
  });

  it('takes the last of two equal keys, at the place of the first, as Java does', () => {
    expect(writeJson(parseJson('{"a":1,"b":2,"a":3}'))).toBe('{"a":3,"b":2}');
    expect(writeJson(parseJson('{"1":1,"b":2,"1":3}'))).toBe('{"1":3,"b":2}');
  });

  it.each([
    ['', 'No content to map due to end-of-input', 0],
    [
      'not json',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      3,
    ],
    ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 1],
    ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 5],
    ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 3],
    ['{"a":1', 'Unexpected end-of-input: was expecting comma to separate Object entries', 6],
    ['"abc', 'Unexpected end-of-input: was expecting closing quote for a string value', 0],
    ['01', "Unexpected character ('1' (code 49)): in numeric value", 1],
  ])('says what is wrong with %j', (text, message, offset) => {
    const error = thrownBy(() => parseJson(text));
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(error).toMatchObject({ message, offset });
  });

  it('refuses nesting that could exhaust the stack', () => {
    for (const leaf of ['1', '1.0']) {
      const deep = `${'[{"a":'.repeat(2000)}${leaf}${'}]'.repeat(2000)}`;
      expect(thrownBy(() => parseJson(deep))).toMatchObject({
        message: 'Document nesting depth exceeds the maximum allowed (1000)',
      });
    }
  });

  it('gives back any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(writeJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('members', () => {
  it('finds own members only', () => {
    const value = parseJson('{"a":1}');
    if (!isObject(value)) throw new Error('an object is an object');
    expect(memberOf(value, 'toString')).toBeUndefined();
    expect(memberOf(value, 'a')).toBe(1);
  });

  it('sets a member in its place, or at the end, and leaves the original alone', () => {
    const value = parseJson('{"a":1,"b":2}');
    if (!isObject(value)) throw new Error('an object is an object');
    expect(writeJson(withMember(value, 'a', 9))).toBe('{"a":9,"b":2}');
    expect(writeJson(withMember(value, '5', 9))).toBe('{"a":1,"b":2,"5":9}');
    expect(keysOf(value)).toEqual(['a', 'b']);
  });

  it('compares numbers by value and objects without order', () => {
    expect(equalJson(parseJson('{"a":1.0,"b":[1]}'), parseJson('{"b":[1],"a":1}'))).toBe(true);
    expect(equalJson(parseJson('{"a":1}'), parseJson('{"a":1,"b":null}'))).toBe(false);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('writeJson', () => {
  it.each([
    ['plain', { a: 'short', b: [1, -2, 100, 1.5, true, null], '': {} }],
    ['Latin-1', { grüße: 'naïve', long: 'ä'.repeat(100) }],
    ['wide', { emoji: '😀', ключ: ['値'.repeat(100), 'plain', 'ä'] }],
    ['to be escaped', { 'a"b': 'tab\tand \\ and \u0000', long: `${'x'.repeat(50)}"\n` }],
    ['both', ['wide 値 "quoted"\n', '\u007f', '\ud800 alone', `${'é'.repeat(40)}\udc00`]],
    ['a string', 'ß'],
    ['large', Array.from({ length: 30_000 }, (_, i) => `item ${i}`)],
  ])('writes what JSON.stringify does: %s', (_what, value) => {
    expect(writeJson(value)).toBe(JSON.stringify(value));
    expect(writeJson([value, '値'])).toBe(JSON.stringify([value, '値']));
  });
});
