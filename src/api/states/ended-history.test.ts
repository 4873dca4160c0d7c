import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HISTORY_KEPT_CHARS_MAX, HISTORY_KEPT_MS } from '../../limits/services.js';
import type { ExecutionRow } from '../../store/ports.js';
import { EndedHistory } from './ended-history.js';

const row = (changes: Partial<ExecutionRow> = {}): ExecutionRow => ({
  ...{ execution: 1, machine: 'm', name: 'e', revision: 'r', version: null, alias: null, startAt: 0, stopAt: 1 },
  ...{ status: 'FAILED', redriveCount: 0, redrivenAt: null, ...changes },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('an ended history is kept for the next pages, and then no longer', () => {
  const ended = new EndedHistory();
  ended.keep(row(), [], 10);
  vi.advanceTimersByTime(HISTORY_KEPT_MS - 1);
  expect(ended.find(row())).toEqual([]);
  vi.advanceTimersByTime(HISTORY_KEPT_MS - 1);
  expect(ended.find(row())).toEqual([]);
  vi.advanceTimersByTime(HISTORY_KEPT_MS);
  expect(ended.find(row())).toBeNull();
});

test('neither one that goes on, nor one that was redriven, nor a long one', () => {
  const ended = new EndedHistory();
  ended.keep(row({ status: 'RUNNING' }), [], 10);
  expect(ended.find(row())).toBeNull();
  ended.keep(row({ execution: 2 }), [], HISTORY_KEPT_CHARS_MAX + 1);
  expect(ended.find(row({ execution: 2 }))).toBeNull();
  ended.keep(row(), [], 10);
  expect(ended.find(row({ redriveCount: 1 }))).toBeNull();
  expect(ended.find(row({ status: 'RUNNING' }))).toBeNull();
  expect(ended.find(row())).toEqual([]);
});
