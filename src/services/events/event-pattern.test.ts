import { describe, expect, test } from 'vitest';
import { parseJson } from '../../payload/index.js';
import { parseEventPattern } from './event-pattern.js';
import { EventsFault } from './fault.js';

const EVENT = {
  source: 'shop.orders',
  'detail-type': 'Order Placed',
  resources: ['arn:aws:s3:::a', 'arn:aws:s3:::b'],
  detail: {
    state: 'PAID',
    total: 42.5,
    count: 3,
    note: null,
    empty: '',
    isGift: true,
    path: 'dir/file*.png',
    ip: '10.0.0.17',
    ip6: '2001:db8::7',
    tags: [],
    items: [
      { sku: 'a', quantity: 1 },
      { sku: 'b', quantity: 9 },
    ],
    lists: [['x'], ['y', 5]],
  },
};

const matches = (pattern: object): boolean =>
  parseEventPattern(JSON.stringify(pattern)).matches(parseJson(JSON.stringify(EVENT)));
const inDetail = (detail: object): boolean => matches({ detail });

describe('patterns of one field', () => {
  test.each<[object, boolean]>([
    [{ state: ['PAID'] }, true],
    [{ state: ['OPEN', 'PAID'] }, true],
    [{ state: ['paid'] }, false],
    [{ missing: ['PAID'] }, false],
    [{ count: [3] }, true],
    [{ count: [3.0] }, true],
    [{ count: ['3'] }, false],
    [{ isGift: [true] }, true],
    [{ isGift: [false] }, false],
    [{ note: [null] }, true],
    [{ missing: [null] }, false],
    [{ empty: [''] }, true],
    [{ state: [{ prefix: 'PA' }] }, true],
    [{ state: [{ prefix: 'pa' }] }, false],
    [{ state: [{ prefix: { 'equals-ignore-case': 'pa' } }] }, true],
    [{ count: [{ prefix: '3' }] }, false],
    [{ state: [{ suffix: 'ID' }] }, true],
    [{ state: [{ suffix: { 'equals-ignore-case': 'id' } }] }, true],
    [{ state: [{ 'equals-ignore-case': 'paid' }] }, true],
    [{ state: [{ 'equals-ignore-case': 'pai' }] }, false],
    [{ path: [{ wildcard: 'dir/*.png' }] }, true],
    [{ path: [{ wildcard: '*file*' }] }, true],
    [{ path: [{ wildcard: 'dir/*.jpg' }] }, false],
    [{ path: [{ wildcard: 'dir/file\\*.png' }] }, true],
    [{ path: [{ wildcard: 'dir\\*' }] }, false],
    [{ state: [{ wildcard: 'PAID*' }] }, true],
    [{ state: [{ wildcard: 'PA*AID' }] }, false],
    [{ state: [{ 'anything-but': 'OPEN' }] }, true],
    [{ state: [{ 'anything-but': ['OPEN', 'PAID'] }] }, false],
    [{ count: [{ 'anything-but': [1, 2] }] }, true],
    [{ count: [{ 'anything-but': 3 }] }, false],
    [{ missing: [{ 'anything-but': 'x' }] }, false],
    [{ state: [{ 'anything-but': { prefix: 'OP' } }] }, true],
    [{ state: [{ 'anything-but': { prefix: ['OP', 'PA'] } }] }, false],
    [{ state: [{ 'anything-but': { suffix: 'ID' } }] }, false],
    [{ state: [{ 'anything-but': { 'equals-ignore-case': ['paid'] } }] }, false],
    [{ path: [{ 'anything-but': { wildcard: '*.png' } }] }, false],
    [{ total: [{ numeric: ['=', 42.5] }] }, true],
    [{ total: [{ numeric: ['>', 42.5] }] }, false],
    [{ total: [{ numeric: ['>', 0, '<=', 42.5] }] }, true],
    [{ total: [{ numeric: ['>=', 0, '<', 42.5] }] }, false],
    [{ state: [{ numeric: ['>', 0] }] }, false],
    [{ state: [{ exists: true }] }, true],
    [{ note: [{ exists: true }] }, true],
    [{ missing: [{ exists: true }] }, false],
    [{ missing: [{ exists: false }] }, true],
    [{ state: [{ exists: false }] }, false],
    [{ tags: [{ exists: false }] }, true],
    [{ missing: ['x', { exists: false }] }, true],
    [{ missing: { deeper: [{ exists: false }] } }, true],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, true],
    [{ ip: [{ cidr: '10.0.1.0/24' }] }, false],
    [{ ip6: [{ cidr: '2001:db8::/32' }] }, true],
    [{ state: [{ cidr: '10.0.0.0/24' }] }, false],
    [{ lists: ['y'] }, true],
    [{ lists: [5] }, true],
    [{ items: { sku: ['b'], quantity: [9] } }, true],
    [{ items: { sku: ['a'], quantity: [9] } }, false],
  ])('%j: %s', (detail, expected) => {
    expect(inDetail(detail)).toBe(expected);
  });
});

describe('patterns of several fields', () => {
  test.each<[object, boolean]>([
    [{ source: ['shop.orders'], detail: { state: ['PAID'] } }, true],
    [{ source: ['shop.orders'], detail: { state: ['OPEN'] } }, false],
    [{ resources: ['arn:aws:s3:::b'] }, true],
    [{ resources: [{ suffix: ':::c' }] }, false],
    [{ $or: [{ source: ['x'] }, { detail: { count: [3] } }] }, true],
    [{ $or: [{ source: ['x'] }, { source: ['y'] }] }, false],
    [{ source: ['x'], $or: [{ detail: { count: [3] } }, { source: ['x'] }] }, false],
    [{ detail: { state: ['PAID'], $or: [{ count: [1] }, { total: [{ numeric: ['>', 40] }] }] } }, true],
    [{ $or: ['an ordinary field'] }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(matches(pattern)).toBe(expected);
  });
});

test.each([
  ['not json', "Unrecognized token 'not'"],
  ['[]', 'Filter is not an object'],
  ['{}', 'Empty objects are not allowed'],
  ['{"source":"x"}', '"source" must be an object or an array'],
  ['{"source":[]}', 'Empty arrays are not allowed'],
  ['{"source":[["x"]]}', 'Expected the values of "source" to be no lists'],
  ['{"source":[{"begins":"x"}]}', 'Unrecognized match type begins'],
  ['{"source":[{"prefix":"x","suffix":"y"}]}', 'Only one key allowed in match expression'],
  ['{"source":[{"prefix":""}]}', 'Null prefix not allowed'],
  ['{"source":[{"prefix":1}]}', 'prefix match pattern must be a string'],
  ['{"source":[{"exists":"yes"}]}', 'exists match pattern must be either true or false.'],
  ['{"source":[{"wildcard":"a**"}]}', 'Consecutive wildcard characters at pos 1'],
  ['{"source":[{"wildcard":"a\\\\b"}]}', 'Invalid escape character at pos 1'],
  ['{"source":[{"anything-but":["x",1]}]}', 'Inside anything but list, either all values are string or all are number'],
  ['{"source":[{"anything-but":{"numeric":["=",1]}}]}', 'Unsupported anything-but pattern: numeric'],
  ['{"source":[{"numeric":["~",1]}]}', 'Unrecognized numeric range operator: ~'],
  ['{"source":[{"numeric":[">","1"]}]}', 'Value of numeric match must be numeric'],
  ['{"source":[{"numeric":["<",1,">",0]}]}', 'Bad numeric range'],
  ['{"source":[{"cidr":"10.0.0.0/33"}]}', 'Malformed CIDR'],
  [`{"source":["${'x'.repeat(4100)}"]}`, 'Expected at most 4096 characters'],
])('%s is no pattern', (text, reason) => {
  expect(() => parseEventPattern(text)).toThrow(EventsFault);
  expect(() => parseEventPattern(text)).toThrow(reason);
});
