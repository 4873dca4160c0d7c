import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChildStatus,
  countsOf,
  decideMapRun,
  type MapRun,
  type MapRunCommand,
  type MapRunLimits,
  type MapRunStimulus,
  newMapRun,
  restoreMapRun,
  type StoredChild,
} from './map-run.js';

const LIMITS: MapRunLimits = { maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 };

const started = (childCount: number, limits: Partial<MapRunLimits> = {}, itemCount = childCount): MapRun => {
  const run = newMapRun({ ...LIMITS, ...limits });
  decideMapRun(run, { type: 'ItemsRead', childCount, itemCount });
  return run;
};

const end = (index: number, status: ChildStatus = 'SUCCEEDED', itemCount = 1): MapRunStimulus => ({
  type: 'ChildEnded',
  index,
  status,
  itemCount,
  isRedrivable: true,
});

const stored = (index: number, status: StoredChild['status'], more: Partial<StoredChild> = {}): StoredChild => ({
  ...{ index, status, itemCount: 1, isRedrivable: true, awaitsRedrive: false },
  ...more,
});

const shown = (commands: readonly MapRunCommand[]): string =>
  commands.map((command) => ('index' in command ? `${command.type} ${command.index}` : command.type)).join(', ');

const give = (run: MapRun, ...stimuli: readonly MapRunStimulus[]): readonly string[] =>
  stimuli.map((stimulus) => shown(decideMapRun(run, stimulus)));

describe('a map run', () => {
  it('starts children in order, as many as it may, and ends with the last', () => {
    const run = newMapRun({ ...LIMITS, maxConcurrency: 2 });
    expect(give(run, { type: 'ItemsRead', childCount: 4, itemCount: 4 }, end(1), end(0), end(3), end(2))).toEqual([
      'StartChild 0, StartChild 1',
      'StartChild 2',
      'StartChild 3',
      '',
      'WriteResults',
    ]);
    expect(give(run, { type: 'ResultsWritten', childCount: 4, itemCount: 4 })).toEqual(['EndRun']);
    expect([run.phase, run.outcome]).toEqual(['ended', { status: 'SUCCEEDED' }]);
    expect(countsOf(run).executions).toEqual({
      ...{ succeeded: 4, failed: 0, timedOut: 0, aborted: 0, running: 0, pending: 0, total: 4, resultsWritten: 4 },
      ...{ failuresNotRedrivable: 0, pendingRedrive: 0 },
    });
  });

  it('without items succeeds at once', () => {
    expect(give(newMapRun(LIMITS), { type: 'ItemsRead', childCount: 0, itemCount: 0 })).toEqual(['WriteResults']);
  });

  it('has a bound of its own, however many it may', () => {
    expect(started(5000).open.size).toBe(1000);
    expect(started(5000, { maxConcurrency: 7 }).open.size).toBe(7);
  });

  it('drops repeated, late and early ends', () => {
    const run = started(3, { maxConcurrency: 1 });
    expect(give(run, end(0), end(0), end(2), end(0, 'FAILED'))).toEqual(['StartChild 1', '', '', '']);
    expect(countsOf(run).executions).toMatchObject({ succeeded: 1, failed: 0, running: 1, pending: 1 });
  });

  it('counts the items of batches', () => {
    const run = started(2, { toleratedFailureCount: 5 }, 8);
    decideMapRun(run, { type: 'ChildStarted', index: 0, itemCount: 5 });
    decideMapRun(run, { type: 'ChildStarted', index: 1, itemCount: 3 });
    expect(countsOf(run).items).toMatchObject({ running: 8, pending: 0, total: 8 });
    decideMapRun(run, end(0, 'FAILED', 5));
    expect(countsOf(run)).toMatchObject({ items: { failed: 5, running: 3 }, executions: { failed: 1, running: 1 } });
  });

  it('fails when its items cannot be read', () => {
    const run = newMapRun(LIMITS);
    const fault = { error: 'States.ItemReaderFailed', cause: 'no bucket' };
    expect(give(run, { type: 'ReadingFailed', ...fault }, { type: 'ItemsRead', childCount: 1, itemCount: 1 })).toEqual([
      'EndRun',
      '',
    ]);
    expect(run.outcome).toEqual({ status: 'FAILED', ...fault });
  });

  it('stops what is under way when too many have failed, then writes what there is', () => {
    const run = started(9, { maxConcurrency: 3 });
    expect(give(run, end(1, 'FAILED'), end(0, 'ABORTED'), end(2, 'SUCCEEDED'))).toEqual([
      'StopChild 0, StopChild 2',
      '',
      'WriteResults',
    ]);
    decideMapRun(run, { type: 'WritingFailed', error: 'States.ResultWriterFailed', cause: 'no bucket' });
    expect(run.outcome).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(countsOf(run).executions).toMatchObject({ succeeded: 1, failed: 1, aborted: 1, pending: 6, running: 0 });
  });

  it('stops when nobody waits for it any more, at any time', () => {
    const stop: MapRunStimulus = { type: 'StopRequested' };
    expect(give(newMapRun(LIMITS), stop, { type: 'ItemsRead', childCount: 1, itemCount: 1 })).toEqual(['EndRun', '']);
    const running = started(3, { maxConcurrency: 2 });
    expect(give(running, stop, stop, { type: 'ChildLeftOut', index: 1 }, end(0, 'ABORTED'))).toEqual([
      'StopChild 0, StopChild 1',
      '',
      '',
      'WriteResults',
    ]);
    expect(running.outcome).toEqual({ status: 'ABORTED' });
    expect(countsOf(running).executions).toMatchObject({ aborted: 1, pending: 2 });
    const failing = started(3);
    expect(give(failing, end(0, 'FAILED'), stop)).toEqual(['StopChild 1, StopChild 2', '']);
    expect(failing.outcome).toEqual({ status: 'ABORTED' });
    const writing = started(0);
    expect(give(writing, stop)).toEqual(['']);
    expect(writing.outcome).toEqual({ status: 'SUCCEEDED' });
  });

  it('fails when the results cannot be written', () => {
    const run = started(0);
    expect(give(run, { type: 'WritingFailed', error: 'States.ResultWriterFailed', cause: 'c' })).toEqual(['EndRun']);
    expect(run.outcome).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed' });
  });

  it('takes new limits while it runs', () => {
    const run = started(5, { maxConcurrency: 1, toleratedFailureCount: 3 });
    expect(give(run, { type: 'LimitsChanged', limits: { ...LIMITS, maxConcurrency: 3 } })).toEqual([
      'StartChild 1, StartChild 2',
    ]);
    expect(give(run, { type: 'LimitsChanged', limits: { ...LIMITS, toleratedFailurePercentage: 40 } })).toEqual([
      'StartChild 3, StartChild 4',
    ]);
    expect(give(run, end(0, 'FAILED'), end(1, 'TIMED_OUT'))).toEqual(['', '']);
    expect(give(run, { type: 'LimitsChanged', limits: { ...LIMITS, toleratedFailurePercentage: 39 } })).toEqual([
      'StopChild 2, StopChild 3, StopChild 4',
    ]);
  });
});

describe('the tolerated failures', () => {
  // biome-ignore format: one line a case
  it.each([
    [{}, 1, 1, 'FAILED'],
    [{ toleratedFailureCount: 1 }, 1, 0, 'SUCCEEDED'],
    [{ toleratedFailureCount: 1 }, 1, 1, 'FAILED'],
    [{ toleratedFailurePercentage: 20 }, 1, 1, 'SUCCEEDED'],
    [{ toleratedFailurePercentage: 19.99 }, 1, 1, 'FAILED'],
    [{ toleratedFailurePercentage: 100 }, 5, 5, 'SUCCEEDED'],
    [{ toleratedFailureCount: 1, toleratedFailurePercentage: 100 }, 2, 0, 'FAILED'],
    [{ toleratedFailureCount: 9, toleratedFailurePercentage: 10 }, 1, 1, 'FAILED'],
  ])('%j: %i failed and %i timed out of 10 is %s', (limits, failed, timedOut, status) => {
    const run = started(10, limits);
    for (let index = 0; index < 10; index++) {
      decideMapRun(run, end(index, index < failed ? 'FAILED' : index < failed + timedOut ? 'TIMED_OUT' : 'SUCCEEDED'));
    }
    expect(run.outcome?.status).toBe(status);
  });

  it('aborted children are none', () => {
    const run = started(2);
    give(run, end(0, 'ABORTED'), end(1, 'ABORTED'));
    expect(run.outcome).toEqual({ status: 'SUCCEEDED' });
  });
});

const ENDS = fc.constantFrom<ChildStatus>('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED');

interface Drawn {
  readonly ends: readonly ChildStatus[];
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  readonly draws: Iterator<[number, number]>;
  readonly restartAfter: number;
}

describe('a run that is redriven', () => {
  const redriven = (limits: Partial<MapRunLimits> = {}) =>
    restoreMapRun({ ...LIMITS, ...limits }, { childCount: 6, itemCount: 6, isWanted: true }, [
      stored(3, 'FAILED', { awaitsRedrive: true }),
      stored(0, 'SUCCEEDED'),
      stored(1, 'ABORTED', { awaitsRedrive: true }),
      stored(2, 'TIMED_OUT', { isRedrivable: false }),
    ]);

  it('lets children without success go on before it starts new ones, and counts their new ends only', () => {
    const { run, commands } = redriven({ maxConcurrency: 1, toleratedFailureCount: 1 });
    expect(commands).toEqual([{ type: 'RedriveChild', index: 1, former: { status: 'ABORTED', itemCount: 1 } }]);
    expect(countsOf(run).executions).toMatchObject({
      ...{ succeeded: 1, timedOut: 1, failed: 0, aborted: 0, running: 1, pending: 2, pendingRedrive: 1 },
      ...{ failuresNotRedrivable: 1, total: 6 },
    });
    expect(decideMapRun(run, end(1))).toMatchObject([{ type: 'RedriveChild', index: 3 }]);
    expect(decideMapRun(run, end(3))).toEqual([{ type: 'StartChild', index: 4 }]);
    decideMapRun(run, end(4));
    expect(decideMapRun(run, end(5))).toEqual([{ type: 'WriteResults' }]);
    expect(run.outcome).toEqual({ status: 'SUCCEEDED' });
    expect(countsOf(run).items).toMatchObject({ succeeded: 5, timedOut: 1, pendingRedrive: 0, pending: 0 });
  });

  it('leaves what it has not come to as it was, when it fails or stops again', () => {
    const { run } = redriven({ maxConcurrency: 1, toleratedFailureCount: 1 });
    expect(decideMapRun(run, end(1, 'FAILED'))).toEqual([{ type: 'WriteResults' }]);
    expect(countsOf(run).executions).toMatchObject({
      ...{ succeeded: 1, timedOut: 1, failed: 2, aborted: 0, pending: 2, pendingRedrive: 0, failuresNotRedrivable: 1 },
    });
    const stopped = redriven({ maxConcurrency: 1, toleratedFailureCount: 1 }).run;
    expect(decideMapRun(stopped, { type: 'StopRequested' })).toEqual([{ type: 'StopChild', index: 1 }]);
    expect(countsOf(stopped).executions).toMatchObject({ failed: 1, aborted: 0, running: 1, pendingRedrive: 0 });
  });

  it('goes on stopping after a restart', () => {
    const children = [stored(0, 'ABORTED'), stored(1, 'RUNNING'), stored(3, 'SUCCEEDED')];
    const world = { childCount: 5, itemCount: 5, isWanted: false };
    const { run, commands } = restoreMapRun(LIMITS, world, children);
    expect(commands).toEqual([{ type: 'StopChild', index: 1 }]);
    expect(decideMapRun(run, end(1))).toEqual([{ type: 'WriteResults' }]);
    expect(run.outcome).toEqual({ status: 'ABORTED' });
  });

  it('counts failures that nothing can redrive towards the tolerance', () => {
    const { run, commands } = redriven();
    expect([commands, run.outcome?.status]).toEqual([[{ type: 'WriteResults' }], 'FAILED']);
  });
});

describe('any order and repetition of the children’s ends', () => {
  const world = fc.record({
    ends: fc.array(ENDS, { minLength: 1, maxLength: 40 }),
    maxConcurrency: fc.integer({ min: 0, max: 6 }),
    toleratedFailurePercentage: fc.integer({ min: 0, max: 100 }),
    /** Draws which open child ends next, and how often it says so. */
    draws: fc.infiniteStream(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 3 }))),
    restartAfter: fc.nat(40),
  });

  /** Ends open children by chance until none is left; `restart` puts the run together from its children's ends alone. */
  function drive({ ends, draws, restartAfter, ...limits }: Drawn): MapRun {
    const childCount = ends.length;
    let run = newMapRun({ ...LIMITS, ...limits });
    const gone = new Map<number, ChildStatus>();
    decideMapRun(run, { type: 'ItemsRead', childCount, itemCount: childCount });
    for (let turn = 0; run.open.size > 0; turn++) {
      if (turn === restartAfter) {
        const running = [...run.open.keys()].filter((index) => index % 3 > 0); // the others were lost
        const children = [
          ...running.map((index) => stored(index, 'RUNNING')),
          ...[...gone].map(([index, status]) => stored(index, status)),
        ];
        run = restoreMapRun(run.limits, { childCount, itemCount: childCount, isWanted: true }, children).run;
        continue;
      }
      const [which, times] = draws.next().value;
      const open = [...run.open.keys()];
      const index = open[which % open.length] ?? 0;
      const status = run.phase === 'stopping' ? 'ABORTED' : (ends[index] ?? 'SUCCEEDED');
      gone.set(index, status);
      for (let time = 0; time < times; time++) decideMapRun(run, end(index, status));
    }
    return run;
  }
  const check = (property: (drawn: Drawn) => void): void => fc.assert(fc.property(world, property), { numRuns: 400 });

  it('comes to the same end and counts, also when it is put together again in the middle', () => {
    check((drawn) => {
      const run = drive(drawn);
      const failed = drawn.ends.filter((status) => status === 'FAILED' || status === 'TIMED_OUT').length;
      const limit = drawn.toleratedFailurePercentage;
      const isExceeded = limit === 0 ? failed > 0 : failed * 100 > limit * drawn.ends.length;
      expect(run.outcome?.status).toBe(isExceeded ? 'FAILED' : 'SUCCEEDED');
      const { executions } = countsOf(run);
      const { succeeded, failed: failures, timedOut, aborted, pending, running, total } = executions;
      expect([running, succeeded + failures + timedOut + aborted + pending]).toEqual([0, total]);
      if (isExceeded) return;
      const of = (status: ChildStatus): number => drawn.ends.filter((one) => one === status).length;
      expect(executions).toMatchObject({
        ...{ succeeded: of('SUCCEEDED'), failed: of('FAILED'), timedOut: of('TIMED_OUT'), aborted: of('ABORTED') },
      });
    });
  });

  it('never has more children open than it may', () => {
    check(({ maxConcurrency, ends, draws }) => {
      const run = newMapRun({ ...LIMITS, maxConcurrency, toleratedFailurePercentage: 100 });
      decideMapRun(run, { type: 'ItemsRead', childCount: ends.length, itemCount: ends.length });
      while (run.open.size > 0) {
        expect(run.open.size).toBeLessThanOrEqual(maxConcurrency || ends.length);
        const open = [...run.open.keys()];
        decideMapRun(run, end(open[draws.next().value[0] % open.length] ?? 0, 'FAILED'));
      }
      expect(run.cursor).toBe(ends.length);
    });
  });
});
