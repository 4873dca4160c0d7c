import { describe, expect, it, vi } from 'vitest';
import { RETENTION_LOOK_MS } from '../limits.js';
import { commit, starting } from '../store/conformance-entries.js';
import { memoryStore } from '../testing/memory-store.js';
import { keepRetention } from './retention.js';

describe('retention', () => {
  it('deletes what ended long ago, and nothing else', async () => {
    vi.useFakeTimers();
    const store = memoryStore();
    const ended = (execution: number, stopAt: number) =>
      starting(execution, { name: `e${execution}` }, { status: { status: 'SUCCEEDED', stopAt } });
    await commit(store, ended(1, 1000), ended(2, 9000), starting(3, { name: 'e3' }, {}));
    const stop = keepRetention(store, { keepMs: 5000, now: () => 10_000, report: expect.fail });
    await vi.advanceTimersByTimeAsync(RETENTION_LOOK_MS);
    stop();
    vi.useRealTimers();
    const left = await store.executions.list({ machine: null, status: null, after: null, limit: 10 });
    expect(left.map((row) => row.execution).sort()).toEqual([2, 3]);
  });
});
