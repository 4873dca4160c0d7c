import { MAP_RUN_CHILDREN_IN_FLIGHT_MAX, MAP_RUN_CONCURRENCY_MAX } from '../limits.js';

export type ChildStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** How many of something ended in which way. */
export interface EndCounts {
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
}

/** What an owner may change while the run goes on (UpdateMapRun). */
export interface MapRunLimits {
  /** 0 = as many as there may be. */
  readonly maxConcurrency: number;
  /** 0 = not given. Any failure is too many where neither is given. */
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
}

/** A child that has ended, as its run counts it. */
export interface EndedChild {
  readonly status: ChildStatus;
  readonly itemCount: number;
}

/**
 * Where a run of a distributed Map stands. Only `decideMapRun` changes it; the host owns it alone. It holds no list of
 * its children but of those under way and those to be redriven: the others start in order, so one below `cursor` that is
 * in neither list has ended.
 */
export interface MapRun {
  limits: MapRunLimits;
  /** `reading`: the items are not known yet. `stopping`: nothing new starts. `writing`: the results are brought together. */
  phase: 'reading' | 'running' | 'stopping' | 'writing' | 'ended';
  /** How it ends; known before it has ended. */
  outcome: MapRunOutcome | null;
  childCount: number;
  itemCount: number;
  /** Index of the next child to start. */
  cursor: number;
  /** Children under way, and the items of each (0 until it has started). */
  readonly open: Map<number, number>;
  /** Children without success that this redrive of the run has not come to yet: they go first. */
  readonly pendingRedrive: Map<number, EndedChild>;
  readonly children: EndCounts;
  readonly items: EndCounts;
  /** Of the children that ended without success, and of their items: those that nothing can redrive. */
  readonly notRedrivable: { childCount: number; itemCount: number };
  /** Children, and items of them, whose results are in the output or in the export. */
  written: { readonly childCount: number; readonly itemCount: number };
}

export type MapRunOutcome =
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly error: string; readonly cause: string }
  | { readonly status: 'ABORTED' };

export type MapRunStimulus =
  /** Every item is read and stored: they make so many children. */
  | { readonly type: 'ItemsRead'; readonly childCount: number; readonly itemCount: number }
  | { readonly type: 'ReadingFailed'; readonly error: string; readonly cause: string }
  | { readonly type: 'ChildStarted'; readonly index: number; readonly itemCount: number }
  /** It was to be started, and was not, since the run stops. */
  | { readonly type: 'ChildLeftOut'; readonly index: number }
  | {
      readonly type: 'ChildEnded';
      readonly index: number;
      readonly status: ChildStatus;
      readonly itemCount: number;
      readonly isRedrivable: boolean;
    }
  | { readonly type: 'LimitsChanged'; readonly limits: MapRunLimits }
  /** The parent does not wait any more. */
  | { readonly type: 'StopRequested' }
  | { readonly type: 'ResultsWritten'; readonly childCount: number; readonly itemCount: number }
  | { readonly type: 'WritingFailed'; readonly error: string; readonly cause: string };

export type MapRunCommand =
  | { readonly type: 'StartChild'; readonly index: number }
  /** `former`: how it has ended before. */
  | { readonly type: 'RedriveChild'; readonly index: number; readonly former: EndedChild }
  | { readonly type: 'StopChild'; readonly index: number }
  /** Bring the results together: for the state's output, or in an export. */
  | { readonly type: 'WriteResults' }
  | { readonly type: 'EndRun' };

export function newMapRun(limits: MapRunLimits): MapRun {
  return {
    limits,
    phase: 'reading',
    outcome: null,
    childCount: 0,
    itemCount: 0,
    cursor: 0,
    open: new Map(),
    pendingRedrive: new Map(),
    children: { succeeded: 0, failed: 0, timedOut: 0, aborted: 0 },
    items: { succeeded: 0, failed: 0, timedOut: 0, aborted: 0 },
    notRedrivable: { childCount: 0, itemCount: 0 },
    written: { childCount: 0, itemCount: 0 },
  };
}

/** AWS: the cause of `States.ExceedToleratedFailureThreshold`. */
const EXCEEDED = {
  status: 'FAILED',
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
} as const;

/**
 * What a run does about something that has happened. Pure but for `run`, which it changes: same arguments, same commands.
 * A repeated or late stimulus decides nothing.
 */
export function decideMapRun(run: MapRun, stimulus: MapRunStimulus): readonly MapRunCommand[] {
  switch (stimulus.type) {
    case 'ItemsRead':
      if (run.phase !== 'reading') return [];
      run.phase = 'running';
      run.childCount = stimulus.childCount;
      run.itemCount = stimulus.itemCount;
      return goOn(run);
    case 'ReadingFailed':
      if (run.phase !== 'reading') return [];
      run.outcome = { status: 'FAILED', error: stimulus.error, cause: stimulus.cause };
      return end(run); // there is nothing to write
    case 'ChildStarted':
      if (run.open.has(stimulus.index)) run.open.set(stimulus.index, stimulus.itemCount);
      return [];
    case 'ChildLeftOut':
      return run.open.delete(stimulus.index) ? goOn(run) : [];
    case 'ChildEnded':
      return childEnded(run, stimulus);
    case 'LimitsChanged':
      if (run.phase === 'writing' || run.phase === 'ended') return [];
      run.limits = stimulus.limits;
      return run.phase === 'running' ? goOn(run) : [];
    case 'StopRequested':
      return stopRequested(run);
    case 'ResultsWritten':
      if (run.phase !== 'writing') return [];
      run.written = { childCount: stimulus.childCount, itemCount: stimulus.itemCount };
      return end(run);
    case 'WritingFailed':
      if (run.phase !== 'writing') return [];
      if (run.outcome?.status === 'SUCCEEDED') {
        run.outcome = { status: 'FAILED', error: stimulus.error, cause: stimulus.cause };
      }
      return end(run);
    default:
      return stimulus satisfies never;
  }
}

function childEnded(run: MapRun, child: MapRunStimulus & { type: 'ChildEnded' }) {
  if (!run.open.delete(child.index)) return []; // a duplicate
  countChild(run, child);
  return goOn(run);
}

function countChild(run: MapRun, { status, itemCount, isRedrivable }: EndedChild & { isRedrivable: boolean }): void {
  count(run.children, status, 1);
  count(run.items, status, itemCount);
  if (status === 'SUCCEEDED' || isRedrivable) return;
  run.notRedrivable.childCount += 1;
  run.notRedrivable.itemCount += itemCount;
}

function stopRequested(run: MapRun): readonly MapRunCommand[] {
  if (run.phase === 'writing' || run.phase === 'ended') return [];
  run.outcome = { status: 'ABORTED' };
  if (run.phase === 'reading') return end(run);
  return run.phase === 'stopping' ? [] : stop(run); // one that stops goes on stopping, for another reason
}

/** Fails, starts what there is room for, or comes to its end. */
function goOn(run: MapRun): readonly MapRunCommand[] {
  if (run.phase === 'running' && isThresholdExceeded(run)) {
    run.outcome = EXCEEDED;
    return stop(run);
  }
  if (run.phase === 'running') {
    const commands = startChildren(run);
    if (commands.length > 0 || run.open.size > 0) return commands;
    run.outcome = { status: 'SUCCEEDED' };
  }
  if (run.open.size > 0) return [];
  run.phase = 'writing';
  return [{ type: 'WriteResults' }];
}

function startChildren(run: MapRun): readonly MapRunCommand[] {
  const commands: MapRunCommand[] = [];
  const slots = slotsOf(run.limits);
  for (const [index, former] of run.pendingRedrive) {
    if (run.open.size >= slots) break;
    run.pendingRedrive.delete(index);
    run.open.set(index, 0);
    commands.push({ type: 'RedriveChild', index, former });
  }
  while (run.cursor < run.childCount && run.open.size < slots) {
    const index = run.cursor++;
    run.open.set(index, 0);
    commands.push({ type: 'StartChild', index });
  }
  return commands;
}

/** Children that may be under way at once. */
const slotsOf = ({ maxConcurrency }: MapRunLimits): number =>
  Math.min(maxConcurrency || MAP_RUN_CONCURRENCY_MAX, MAP_RUN_CONCURRENCY_MAX, MAP_RUN_CHILDREN_IN_FLIGHT_MAX);

function stop(run: MapRun): readonly MapRunCommand[] {
  run.phase = 'stopping';
  leaveOutRedrives(run);
  if (run.open.size === 0) return goOn(run);
  return [...run.open.keys()].map((index) => ({ type: 'StopChild', index }));
}

/** They stay as they ended before: the next redrive of the run comes to them. AWS: nothing is pending in a run that has ended. */
function leaveOutRedrives(run: MapRun): void {
  for (const child of run.pendingRedrive.values()) countChild(run, { ...child, isRedrivable: true });
  run.pendingRedrive.clear();
}

function end(run: MapRun): readonly MapRunCommand[] {
  run.phase = 'ended';
  return [{ type: 'EndRun' }];
}

/** Failed and timed-out items count, aborted ones do not. */
function isThresholdExceeded({ items, itemCount, limits }: MapRun): boolean {
  const failed = items.failed + items.timedOut;
  const { toleratedFailureCount, toleratedFailurePercentage } = limits;
  if (toleratedFailureCount === 0 && toleratedFailurePercentage === 0) return failed > 0;
  if (toleratedFailureCount > 0 && failed > toleratedFailureCount) return true;
  return toleratedFailurePercentage > 0 && failed * 100 > toleratedFailurePercentage * itemCount;
}

function count(counts: EndCounts, status: ChildStatus, by: number): void {
  switch (status) {
    case 'SUCCEEDED':
      counts.succeeded += by;
      return;
    case 'FAILED':
      counts.failed += by;
      return;
    case 'TIMED_OUT':
      counts.timedOut += by;
      return;
    case 'ABORTED':
      counts.aborted += by;
      return;
    default:
      status satisfies never;
  }
}

/** What is stored of a child: how it has ended, or that it is under way. */
export interface StoredChild {
  readonly index: number;
  readonly status: ChildStatus | 'RUNNING';
  readonly itemCount: number;
  readonly isRedrivable: boolean;
  /** It has ended without success before the run was redriven, and is to go on. */
  readonly awaitsRedrive: boolean;
}

/**
 * A run that an earlier process left, or that is redriven, put together again from its children that ended or are under
 * way. One that its parent does not wait for any more goes on stopping: children that were stopped make no success.
 */
export function restoreMapRun(
  limits: MapRunLimits,
  stored: { readonly childCount: number; readonly itemCount: number; readonly isWanted: boolean },
  children: Iterable<StoredChild>,
): { readonly run: MapRun; readonly commands: readonly MapRunCommand[] } {
  const { childCount, itemCount, isWanted } = stored;
  const run: MapRun = { ...newMapRun(limits), childCount, itemCount, phase: 'running' };
  const seen = new Set<number>();
  const redrives: [number, EndedChild][] = [];
  for (const { index, status, ...child } of children) {
    seen.add(index);
    run.cursor = Math.max(run.cursor, index + 1);
    if (status === 'RUNNING') run.open.set(index, child.itemCount);
    else if (child.awaitsRedrive) redrives.push([index, { status, itemCount: child.itemCount }]);
    else countChild(run, { status, ...child });
  }
  for (const [index, child] of redrives.sort(([a], [b]) => a - b)) run.pendingRedrive.set(index, child);
  if (!isWanted) return { run, commands: stopRequested(run) };
  // Starts overtake each other: one below the cursor may have been lost, and begins now.
  const lost: MapRunCommand[] = [];
  for (let index = 0; index < run.cursor; index++) {
    if (seen.has(index)) continue;
    run.open.set(index, 0);
    lost.push({ type: 'StartChild', index });
  }
  return { run, commands: [...lost, ...goOn(run)] };
}

export interface MapRunCounts extends Readonly<EndCounts> {
  readonly pending: number;
  readonly running: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly failuresNotRedrivable: number;
  readonly pendingRedrive: number;
}

/** As DescribeMapRun shows them. */
export function countsOf(run: MapRun): { readonly executions: MapRunCounts; readonly items: MapRunCounts } {
  const runningItems = [...run.open.values()].reduce((sum, itemCount) => sum + itemCount, 0);
  const pendingItems = [...run.pendingRedrive.values()].reduce((sum, { itemCount }) => sum + itemCount, 0);
  const { children, items, written, notRedrivable } = run;
  const of = (
    ended: EndCounts,
    rest: Pick<MapRunCounts, 'running' | 'total' | 'resultsWritten' | 'failuresNotRedrivable' | 'pendingRedrive'>,
  ): MapRunCounts => ({ ...ended, ...rest, pending: rest.total - rest.running - rest.pendingRedrive - sumOf(ended) });
  return {
    executions: of(children, {
      running: run.open.size,
      total: run.childCount,
      resultsWritten: written.childCount,
      failuresNotRedrivable: notRedrivable.childCount,
      pendingRedrive: run.pendingRedrive.size,
    }),
    items: of(items, {
      running: runningItems,
      total: run.itemCount,
      resultsWritten: written.itemCount,
      failuresNotRedrivable: notRedrivable.itemCount,
      pendingRedrive: pendingItems,
    }),
  };
}

const sumOf = ({ succeeded, failed, timedOut, aborted }: EndCounts): number => succeeded + failed + timedOut + aborted;
