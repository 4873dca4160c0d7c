import { describe, expect, it, vi } from 'vitest';
import { REDRIVE_TOKEN_MS, RETENTION_EXECUTIONS_MAX, RETENTION_LOOK_MS } from '../limits.js';
import { commit, starting } from '../store/conformance-entries.js';
import { distributed, live, newWorld, settle } from '../testing/map-run-bed.js';
import { memoryStore } from '../testing/memory-store.js';
import { deleteEnded, keepRetention } from './retention.js';

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

  it('goes on until nothing old is left, and stops when the server does', async () => {
    const store = memoryStore();
    const count = RETENTION_EXECUTIONS_MAX + 1;
    const old = (execution: number) =>
      starting(execution, { name: `e${execution}` }, { status: { status: 'FAILED', stopAt: 1000 } });
    await commit(store, ...Array.from({ length: count }, (_, index) => old(index + 1)));
    const before = 2000;
    expect(await deleteEnded(store, { before, goesOn: () => false })).toEqual({ executions: 0, mapRuns: 0 });
    expect(await deleteEnded(store, { before, goesOn: () => true })).toEqual({ executions: count, mapRuns: 0 });
  });

  it('forgets redrives that nobody repeats any more', async () => {
    vi.useFakeTimers();
    const store = memoryStore();
    const token = (key: string, at: number) =>
      ({ type: 'put', collection: 'redrive-token', key, value: JSON.stringify({ at }), expect: 'any' }) as const;
    await store.records.write([token('1/a', 0), token('1/b', REDRIVE_TOKEN_MS), token('2/a', 1)]);
    const stop = keepRetention(store, { keepMs: 5000, now: () => REDRIVE_TOKEN_MS + 2, report: expect.fail });
    await vi.advanceTimersByTimeAsync(RETENTION_LOOK_MS);
    stop();
    vi.useRealTimers();
    const left = await store.records.scan({ collection: 'redrive-token', prefix: '', after: null, limit: 10 });
    expect(left.map(({ key }) => key)).toEqual(['1/b']);
  });

  it('deletes the documents of map runs that ended long ago', async () => {
    const map = distributed({ P: { Type: 'Pass', End: true } }, {}, 'EXPRESS');
    const store = memoryStore();
    const world = newWorld({ M: map }, { store });
    const { host } = await live(world, '[1,2,3]');
    await settle(50);
    await host.close();
    const documents = async () => {
      const collections = ['map-run', 'map-run-child', 'map-run-input', 'map-run-ended', 'execution-map-run'];
      const scans = collections.map((collection) =>
        store.records.scan({ collection, prefix: '', after: null, limit: 100 }),
      );
      return (await Promise.all(scans)).map((rows) => rows.length);
    };
    expect(await documents()).toEqual([1, 3, 1, 1, 1]);
    const look = async (now: number): Promise<void> => {
      vi.useFakeTimers();
      const stop = keepRetention(store, { keepMs: 5000, now: () => now, report: expect.fail });
      await vi.advanceTimersByTimeAsync(RETENTION_LOOK_MS);
      stop();
      vi.useRealTimers();
    };
    await look(world.clock.now() + 4000);
    expect(await documents()).toEqual([1, 3, 1, 1, 1]);
    await look(world.clock.now() + 6000);
    expect(await documents()).toEqual([0, 0, 0, 0, 0]);
  });
});
