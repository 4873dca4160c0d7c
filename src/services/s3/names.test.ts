import { describe, expect, test } from 'vitest';
import { assertBucketName, assertKey } from './names.js';

describe('bucket names', () => {
  test.each(['abc', 'a-b', 'a.b.c', '0ab', 'a'.repeat(63), '1.2.3', '1.2.3.4a'])('%s is one', (name) => {
    expect(() => assertBucketName(name)).not.toThrow();
  });

  test.each([
    ...[
      '',
      'ab',
      'a'.repeat(64),
      'Abc',
      'a_b',
      'a b',
      '-abc',
      'abc-',
      '.abc',
      'abc.',
      'a..b',
      'a.-b',
      'a-.b',
      '1.2.3.4',
    ],
    ...[
      'xn--abc',
      'sthree-abc',
      'abc-s3alias',
      'abc--ol-s3',
      'abc--x-s3',
      'abc.mrap',
      'ä-b',
      'a/b',
      '../x',
      '_treadle',
    ],
  ])('%s is none', (name) => {
    expect(() => assertBucketName(name)).toThrow('The specified bucket is not valid.');
  });
});

describe('keys', () => {
  test.each(['a', '/', '../../etc/passwd', 'ä'.repeat(512), 'a\nb', '\u{1f600}'])('%j is one', (key) => {
    expect(() => assertKey(key)).not.toThrow();
  });

  test.each([
    ['a'.repeat(1025), 'Your key is too long'],
    ['ä'.repeat(513), 'Your key is too long'],
    ['', 'Expected a key of 1 to 1024 bytes'],
    ['a\0b', 'without NUL characters'],
    ['\ud800', 'Expected a key'],
  ])('%j is none', (key, text) => {
    expect(() => assertKey(key)).toThrow(text);
  });
});
