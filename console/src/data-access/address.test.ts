import { expect, test } from 'vitest';
import { filterOf, searchOf } from './address.js';

const ALL = { machine: null, status: null, after: null };

test.each([
  ['', ALL],
  ['?status=FAILED', { ...ALL, status: 'FAILED' }],
  ['?machine=orders&after=abc', { ...ALL, machine: 'orders', after: 'abc' }],
] as const)('%j and its filter', (search, filter) => {
  expect(filterOf(search)).toEqual(filter);
  expect(searchOf(filter)).toBe(search);
});

test('a status that is none is left out', () => expect(filterOf('?status=DONE')).toEqual(ALL));
