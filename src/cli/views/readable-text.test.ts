import { expect, test } from 'vitest';
import { readableText } from './readable-text.js';

test.each([
  ['plain text', '{"a":"b"}', '{"a":"b"}'],
  ['letters that a program escaped', String.raw`{"a":"\uc8fc\ubb38"}`, '{"a":"주문"}'],
  ['JSON in JSON', String.raw`{"body": "\"\\uc8fc\\ubb38 1\""}`, String.raw`{"body": "\"주문 1\""}`],
  ['JSON in JSON in JSON', String.raw`"\"\\\"\\\\uc8fc\\\"\""`, String.raw`"\"\\\"주\\\"\""`],
  ['pairs', String.raw`"\ud83d\ude00"`, '"😀"'],
  ['half a pair', String.raw`"\ud83d"`, String.raw`"\ud83d"`],
  ['controls, quotes and marks of direction', String.raw`"\u0007\u0022\u202e"`, String.raw`"\u0007\u0022\u202e"`],
  ['what is readable beside what is not', String.raw`"\uc8fc\u0000\ubb38"`, String.raw`"주\u0000문"`],
  ['a backslash before a u', String.raw`"\\\u00e4"`, String.raw`"\\\u00e4"`],
])('%s', (_, given, expected) => {
  expect(readableText(given)).toBe(expected);
});

test('the value is the same once the inner JSON is read, too', () => {
  const given = JSON.stringify({ body: String.raw`"\uc8fc\ubb38\u0007"` });
  const read = (text: string): unknown => JSON.parse(JSON.parse(text).body);
  expect(read(readableText(given))).toBe(read(given));
});
