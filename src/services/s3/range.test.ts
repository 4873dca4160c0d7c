import { describe, expect, test } from 'vitest';
import { S3Fault } from './fault.js';
import { parseCopyRange, parseRange } from './range.js';

const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (fault) {
    return fault instanceof S3Fault ? fault.code : fault;
  }
};

describe('a Range header', () => {
  test.each([
    ['bytes=0-', 10, { from: 0, to: 9 }],
    ['bytes=0-0', 1, { from: 0, to: 0 }],
    ['bytes=9-', 10, { from: 9, to: 9 }],
    ['bytes=9-99', 10, { from: 9, to: 9 }],
    ['bytes=-1', 10, { from: 9, to: 9 }],
    ['bytes=-11', 10, { from: 0, to: 9 }],
    ['bytes=10-', 10, 'InvalidRange'],
    ['bytes=10-20', 10, 'InvalidRange'],
    ['bytes=-0', 10, 'InvalidRange'],
    ['bytes=0-', 0, 'InvalidRange'],
    ['bytes=-5', 0, 'InvalidRange'],
    ['bytes=3-2', 10, null],
    ['bytes=0-1,3-4', 10, null],
    ['bytes=-', 10, null],
    ['bytes=a-b', 10, null],
    ['items=0-1', 10, null],
    ['', 10, null],
  ])('%s of %i', (header, bytes, expected) => {
    expect(outcome(() => parseRange(header, bytes))).toEqual(expected);
  });
});

describe('a copy’s range', () => {
  test.each([
    ['bytes=0-9', { from: 0, to: 9 }],
    ['bytes=0-10', 'InvalidArgument'],
    ['bytes=5-', 'InvalidArgument'],
    ['bytes=-5', 'InvalidArgument'],
    ['bytes=5-4', 'InvalidArgument'],
  ])('%s of 10', (header, expected) => {
    expect(outcome(() => parseCopyRange(header, 10))).toEqual(expected);
  });
});
