import { expect, test } from 'vitest';
import { matchesWildcard } from './wildcard.js';

test.each([
  ['*', '', true],
  ['*', 'anything', true],
  ['s3:Get*', 's3:GetObject', true],
  ['s3:Get*', 's3:PutObject', false],
  ['arn:aws:s3:::a/*/c', 'arn:aws:s3:::a/b/b/c', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*a*b', 'xaxxb', true],
  ['*a*b', 'xaxxbc', false],
  ['a.c', 'abc', false],
  ['', '', true],
  ['', 'a', false],
] as const)('%s and %s', (pattern, text, fits) => {
  expect(matchesWildcard(pattern, text)).toBe(fits);
});

test('many stars do not take for ever', () => {
  expect(matchesWildcard(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
});
