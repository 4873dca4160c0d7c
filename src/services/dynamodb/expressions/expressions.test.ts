import { expect, test } from 'vitest';
import type { Item } from '../values/attribute-value.js';
import { applyUpdate } from './apply-update.js';
import { holds } from './evaluate.js';
import { project } from './projection.js';
import { expressionsOf } from './request-expressions.js';

const ITEM: Item = {
  id: { S: 'a' },
  blank: { S: '' },
  n: { N: '10' },
  list: { L: [{ S: 'x' }, { N: '1' }, { M: { k: { S: 'v' } } }, { BOOL: false }] },
  map: { M: { x: { N: '1' }, y: { L: [{ S: 'deep' }] } } },
  set: { SS: ['b', 'a'] },
  bytes: { B: 'AAEC' },
  none: { NULL: true },
};
const VALUES = {
  ':list': { L: [{ S: 'x' }, { N: '1' }, { M: { k: { S: 'v' } } }, { BOOL: false }] },
  ':map': { M: { y: { L: [{ S: 'deep' }] }, x: { N: '1.0' } } },
  ':set': { SS: ['a', 'b'] },
  ':zero': { N: '0' },
  ':one': { N: '1' },
  ':big': { N: '1e125' },
  ':tiny': { N: '1e-130' },
  ':k': { M: { k: { S: 'v' } } },
  ':start': { B: 'AAE=' },
  ':type': { S: 'NULL' },
  ':s': { S: 's' },
};

function parsed(name: 'ConditionExpression' | 'UpdateExpression' | 'ProjectionExpression', text: string) {
  const used = Object.entries(VALUES).filter(([value]) => new RegExp(`${value}\\b`).test(text));
  const names = { '#n': 'none', '#l': 'list', '#m': 'map', '#b': 'bytes', '#s': 'set' };
  const usedNames = Object.entries(names).filter(([placeholder]) => text.includes(placeholder));
  return expressionsOf({
    [name]: text,
    ...(usedNames.length > 0 && { ExpressionAttributeNames: Object.fromEntries(usedNames) }),
    ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
  });
}

test.each([
  ['#l = :list', true],
  ['#m = :map', true],
  ['#s = :set', true],
  ['contains(#l, :k)', true],
  ['contains(#l, :s)', false],
  ['size(blank) = :zero', true],
  ['size(#l) > size(#m)', true],
  ['begins_with(#b, :start)', true],
  ['attribute_type(#n, :type)', true],
  ['n > :tiny AND n < :big', true],
  ['nothing <> :s', true],
  ['nothing = :s', false],
  ['n < :s OR n > :s', false],
  ['#m.y[0] = :s OR NOT attribute_exists(#m.y[1])', true],
  ['not(not id = :s) or id in (:s, :one)', false],
  ['n between :one and :big', true],
])('%s is %s', (text, expected) => {
  const { condition } = parsed('ConditionExpression', text);
  expect(condition && holds(condition.condition, ITEM)).toBe(expected);
});

test.each<[string, Item]>([
  ['REMOVE #l[0], #l[2]', { list: { L: [{ N: '1' }, { BOOL: false }] } }],
  ['SET #l[9] = :s, #l[7] = :one', { list: { L: [...VALUES[':list'].L, { N: '1' }, { S: 's' }] } }],
  ['SET #m.z = n, n = #m.x', { map: { M: { ...MAP(), z: { N: '10' } } }, n: { N: '1' } }],
  ['SET n = n + (n - :one)', { n: { N: '19' } }],
  [
    'SET #m.y[0] = list_append(#l, #m.y) REMOVE #l',
    {
      map: { M: { x: { N: '1' }, y: { L: [{ L: [...VALUES[':list'].L, { S: 'deep' }] }] } } },
      list: undefined as never,
    },
  ],
  ['ADD n :tiny', undefined as never],
])('%s', (text, expected) => {
  const { update } = parsed('UpdateExpression', text);
  const apply = () => applyUpdate(update?.actions ?? [], ITEM);
  if (expected === undefined) expect(apply).toThrow('Attempting to store more than 38 significant digits in a Number');
  else
    expect(apply()).toEqual(Object.fromEntries(Object.entries({ ...ITEM, ...expected }).filter(([, value]) => value)));
  expect(ITEM.n).toEqual({ N: '10' });
});

function MAP() {
  return { x: { N: '1' }, y: { L: [{ S: 'deep' }] } } as const;
}

test.each<[string, Item]>([
  ['#m.y[0], id', { map: { M: { y: { L: [{ S: 'deep' }] } } }, id: { S: 'a' } }],
  ['#l[2].k, #l[0]', { list: { L: [{ S: 'x' }, { M: { k: { S: 'v' } } }] } }],
  ['nothing, #m.nothing', {}],
])('%s shows %j', (text, expected) => {
  const { projection } = parsed('ProjectionExpression', text);
  expect(JSON.parse(JSON.stringify(projection && project(projection, ITEM)))).toEqual(expected);
});

test.each([
  ['ConditionExpression', 'a = :s b', 'Invalid ConditionExpression: Syntax error; token: "b", near: ":s b"'],
  ['ConditionExpression', '(a = :s', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: ":s"'],
  ['ConditionExpression', 'foo-bar = :s', 'Invalid ConditionExpression: Syntax error; token: "-", near: "foo-bar"'],
  ['ConditionExpression', 'n', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "n"'],
  ['UpdateExpression', 'SET 0 = :s', 'Invalid UpdateExpression: Syntax error; token: "0", near: "SET 0 ="'],
  ['UpdateExpression', 'PUT n = :s', 'Invalid UpdateExpression: Syntax error; token: "PUT", near: "PUT n"'],
  ['ProjectionExpression', 'a..b', 'Invalid ProjectionExpression: Syntax error; token: ".", near: "..b"'],
  [
    'ProjectionExpression',
    `a${' '.repeat(5000)}`,
    'Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; expression size: 5001',
  ],
  [
    'ConditionExpression',
    `${'not('.repeat(400)}a = :s`,
    'Invalid ConditionExpression: The expression contains too many operators; operator count: more than 300',
  ],
] as const)('%s %s is refused', (name, text, message) => {
  expect(() => parsed(name, text)).toThrow(message);
});
