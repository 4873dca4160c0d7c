import { expect, test } from 'vitest';
import { compileFilterPattern } from './filter-pattern.js';

test.each([
  ['', 'anything', true],
  ['error', 'an error', true],
  ['error', 'an Error', false],
  ['error timeout', 'timeout after error', true],
  ['error timeout', 'error', false],
  ['"time out"', 'a time out', true],
  ['"time out"', 'out of time', false],
  ['error -debug', 'error', true],
  ['error -debug', 'debug error', false],
  ['?error ?warn', 'warn', true],
  ['?error ?warn', 'info', false],
  ['"say \\"hi\\""', 'say "hi"', true],
])('%s in %s: %s', (pattern, message, expected) => {
  expect(compileFilterPattern(pattern)(message)).toBe(expected);
});

test.each(['{ $.level = "error" }', '[a, b]', '%regex%'])('%s is refused by name', (pattern) => {
  expect(() => compileFilterPattern(pattern)).toThrow('Expected a filter pattern of plain terms');
});
