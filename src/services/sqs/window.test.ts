import { expect, test } from 'vitest';
import { Window } from './window.js';

const entry = (sequence: string, groupId: string | null = null, visibleAt = 0) => ({
  sequence,
  groupId,
  visibleAt,
  isTaken: false,
});
const takeAll = (window: Window, until: number, groups = new Set<string>()): readonly string[] => {
  const taken: string[] = [];
  for (let next = window.take(until, groups); next !== null; next = window.take(until, groups)) taken.push(next);
  return taken;
};

test('messages come by arrival, are hidden for a while, and come again in their old place', () => {
  const window = new Window(false);
  for (const sequence of ['2', '1', '3']) window.add(entry(sequence));
  expect(window.take(100, new Set())).toBe('1');
  expect([window.visible, window.isHidden('1'), window.nextAt]).toEqual([2, true, 100]);
  window.release(99);
  expect(window.isHidden('1')).toBe(true);
  window.release(100);
  expect(takeAll(window, 200)).toEqual(['1', '2', '3']);
});

test('a message that is dropped while hidden does not come again; delayed ones come when they are due', () => {
  const window = new Window(false);
  window.add(entry('1', null, 50));
  window.add(entry('2'));
  expect(takeAll(window, 100)).toEqual(['2']);
  window.drop('2');
  window.release(1000);
  expect(takeAll(window, 2000)).toEqual(['1']);
});

test('a group that somebody has is blocked, for others; a free group goes past it', () => {
  const window = new Window(true);
  for (const [sequence, group] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
    ['4', 'a'],
  ] as const) {
    window.add(entry(sequence, group));
  }
  const mine = new Set<string>();
  expect([window.take(100, mine), window.take(100, mine)]).toEqual(['1', '2']); // one receiver gets several of a group
  expect(takeAll(window, 100)).toEqual(['3']);
  expect(window.isBlocked).toBe(true);
  window.drop('1');
  expect(takeAll(window, 100)).toEqual([]); // 2 is still in hand
  window.drop('2');
  expect(takeAll(window, 100)).toEqual(['4']);
});

test('what comes back keeps its group in order', () => {
  const window = new Window(true);
  for (const sequence of ['1', '2']) window.add(entry(sequence, 'a'));
  expect(window.take(10, new Set())).toBe('1');
  window.release(10);
  expect(takeAll(window, 20)).toEqual(['1', '2']);
});
