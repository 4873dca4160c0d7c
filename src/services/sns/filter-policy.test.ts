import { describe, expect, test } from 'vitest';
import { compileFilterPolicy } from './filter-policy.js';
import type { MessageAttribute } from './message.js';

const text = (stringValue: string): MessageAttribute => ({ dataType: 'String', stringValue });
const number = (stringValue: string): MessageAttribute => ({ dataType: 'Number', stringValue });
const list = (stringValue: string): MessageAttribute => ({ dataType: 'String.Array', stringValue });

describe('on attributes', () => {
  test.each<[string, Record<string, MessageAttribute>, boolean]>([
    ['{"a":["x","y"]}', { a: text('y') }, true],
    ['{"a":["x"]}', { a: text('z') }, false],
    ['{"a":["x"]}', {}, false],
    ['{"a":["x"],"b":["y"]}', { a: text('x') }, false],
    ['{"a":["x"]}', { a: list('["w","x"]') }, true],
    ['{"a":["x"]}', { a: list('not json') }, false],
    ['{"a":[3]}', { a: number('3.0') }, true],
    ['{"a":[3]}', { a: text('3') }, false],
    ['{"a":[{"prefix":"or"}]}', { a: text('order') }, true],
    ['{"a":[{"suffix":"er"}]}', { a: text('order') }, true],
    ['{"a":[{"equals-ignore-case":"ORDER"}]}', { a: text('order') }, true],
    ['{"a":[{"anything-but":["x","y"]}]}', { a: text('z') }, true],
    ['{"a":[{"anything-but":["x","y"]}]}', { a: text('x') }, false],
    ['{"a":[{"anything-but":["x"]}]}', {}, false],
    ['{"a":[{"anything-but":{"prefix":"o"}}]}', { a: text('order') }, false],
    ['{"a":[{"numeric":[">",0,"<=",10]}]}', { a: number('10') }, true],
    ['{"a":[{"numeric":[">",0,"<=",10]}]}', { a: number('0') }, false],
    ['{"a":[{"exists":false}]}', {}, true],
    ['{"a":[{"exists":true}]}', {}, false],
    ['{"$or":[{"a":["x"]},{"b":["y"]}]}', { b: text('y') }, true],
    ['{"constructor":[{"exists":true}]}', {}, false],
  ])('%s on %j: %s', (policy, attributes, wanted) => {
    expect(compileFilterPolicy(policy, 'MessageAttributes')({ message: '', attributes })).toBe(wanted);
  });
});

describe('on the body', () => {
  test.each<[string, string, boolean]>([
    ['{"order":{"state":["PAID"]}}', '{"order":{"state":"PAID"}}', true],
    ['{"order":{"state":["PAID"]}}', '{"order":{"state":"OPEN"}}', false],
    ['{"order":{"state":["PAID"]}}', '{"order":"PAID"}', false],
    ['{"items":["x"]}', '{"items":["y","x"]}', true],
    ['{"a":[null]}', '{"a":null}', true],
    ['{"a":["x"]}', 'not json', false],
  ])('%s on %s: %s', (policy, message, wanted) => {
    expect(compileFilterPolicy(policy, 'MessageBody')({ message, attributes: {} })).toBe(wanted);
  });
});

test.each([
  ['no', 'Invalid parameter: FilterPolicy: failed to parse JSON.'],
  ['[]', 'Invalid parameter: FilterPolicy: must be a JSON object.'],
  ['{"a":[]}', 'Invalid parameter: FilterPolicy: Empty arrays are not allowed'],
  ['{"a":"x"}', 'Invalid parameter: FilterPolicy: "a" must be an object or an array'],
  [
    '{"a":{"b":["x"]}}',
    'Invalid parameter: FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy',
  ],
  ['{"a":[{"exists":1}]}', 'Invalid parameter: FilterPolicy: exists match pattern must be either true or false.'],
  ['{"a":[{"numeric":["~",1]}]}', 'Invalid parameter: FilterPolicy: Unrecognized numeric range operator or value'],
])('%s is refused', (policy, message) => {
  expect(() => compileFilterPolicy(policy, 'MessageAttributes')).toThrow(message);
});
