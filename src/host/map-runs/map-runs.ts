import { type MapRunCounts, type MapRunLimits, type MapRunPlan, readPlan } from '../../interpreter/index.js';
import { MAP_RUNS_READING_MAX } from '../../limits.js';
import { Payload } from '../../payload/index.js';
import { type ExecutionId, StoreUnavailable } from '../../store/ports.js';
import type { Revision, Revisions } from '../ports.js';
import { pauseMs } from '../retry-pause.js';
import { ChildInputReader } from './child-inputs.js';
import { childRevision } from './child-revision.js';
import type { ChildEnd } from './child-writes.js';
import {
  type ChildDocument,
  childrenBelow,
  type MapRunDocument,
  readChild,
  readRun,
  runIdOf,
  runStartedAt,
  runsOfExecution,
} from './documents.js';
import { LiveMapRun, type MapRunOrder, type MapRunWorld } from './live-map-run.js';

export interface MapRunsOptions extends Omit<MapRunWorld, 'takeReadingTurn' | 'ended'> {
  readonly revisions: Revisions;
  /** The run's end is for its parent. */
  readonly deliverEnd: (run: MapRunDocument) => void;
  /** The parent's command has been carried out: it leaves the outbox. */
  readonly forget: (parent: ExecutionId, mapRun: number) => void;
}

/** A run as DescribeMapRun shows it. */
export interface MapRunView {
  readonly document: MapRunDocument;
  readonly plan: MapRunPlan;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly limits: MapRunLimits;
  readonly executions: MapRunCounts;
  readonly items: MapRunCounts;
}

/** The runs of distributed Maps in this process. */
export class MapRuns {
  readonly #runs = new Map<string, LiveMapRun>();
  readonly #world: MapRunWorld;
  /** By ARN, the redrives that wait until the run has ended, each with the seq of its MapRunRedriven. */
  readonly #redrives = new Map<string, number>();
  readonly #waitingForEnd = new Map<string, () => void>();
  readonly #waitingToRead: (() => void)[] = [];
  #reading = 0;
  #isClosed = false;

  constructor(private readonly options: MapRunsOptions) {
    this.#world = {
      ...options,
      takeReadingTurn: () => this.#takeReadingTurn(),
      ended: (run, { isWanted }) => this.#ended(run, isWanted),
    };
  }

  /** Runs under way. */
  get size(): number {
    return this.#runs.size;
  }

  /** Those of them that wait until others have read their items. */
  get waiting(): number {
    return this.#waitingToRead.length;
  }

  /** Begins or redrives a run, or takes it up where an earlier process left it; does nothing for one that is under way. */
  start(parent: Revision, order: MapRunOrder): void {
    const { mapRunArn, mapRun } = order;
    if (this.#isClosed || this.#redrives.get(mapRunArn) === mapRun) return;
    if (order.redriveCount === 0) return this.#take(parent, order);
    if (this.#runs.get(mapRunArn)?.document.awaitedAs === mapRun) return;
    this.#redrives.set(mapRunArn, mapRun);
    this.#redrive(parent, order);
  }

  #take(parent: Revision, order: MapRunOrder): void {
    if (this.#runs.has(order.mapRunArn)) return;
    const plan = readPlan(order.plan);
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = plan;
    const document: MapRunDocument = {
      mapRunArn: order.mapRunArn,
      parent: order.parent,
      parentArn: order.parentArn,
      mapRun: order.mapRun,
      awaitedAs: order.mapRun,
      redriveCount: order.redriveCount,
      redrivenAt: order.redrivenAt,
      revision: order.revision,
      startedAt: this.options.clock.now(),
      plan: order.plan.text,
      limits: { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage },
      phase: 'reading',
      childCount: 0,
      itemCount: 0,
      end: null,
    };
    this.#open(new LiveMapRun(this.#world, document, childRevision(parent, plan.label)), order);
  }

  /** The parent does not wait any more: the run's children are stopped, those too that an earlier process started. */
  stop(parent: ExecutionId, mapRun: number, mapRunArn: string, attempt = 0): void {
    if (this.#redrives.get(mapRunArn) === mapRun) {
      this.#redrives.delete(mapRunArn);
      return this.options.forget(parent, mapRun);
    }
    const live = this.#runs.get(mapRunArn);
    if (live !== undefined) return this.#stopLive(live, parent, mapRun);
    this.#stopStored(parent, mapRun, mapRunArn).catch((fault: unknown) => {
      if (!(fault instanceof StoreUnavailable)) return this.#report(mapRunArn, fault);
      const again = (): void => this.stop(parent, mapRun, mapRunArn, attempt + 1);
      if (!this.#isClosed) this.options.clock.after(pauseMs(attempt), again);
    });
  }

  /** The same where only the outbox remembers it. False when the execution has started no run at this seq. */
  async stopLeft(parent: ExecutionId, mapRun: number): Promise<boolean> {
    const mapRunArn = await runStartedAt(this.options.store.records, parent, mapRun);
    if (mapRunArn !== null) this.stop(parent, mapRun, mapRunArn);
    return mapRunArn !== null;
  }

  /** A child's end has become durable. */
  childEnded(child: ChildEnd): void {
    this.#runs.get(child.mapRunArn)?.childEnded(child);
  }

  /** Whether a child that has ended waits until a redrive of its run comes to it. */
  isPendingRedrive(mapRunArn: string, index: number): boolean {
    return this.#runs.get(mapRunArn)?.isPendingRedrive(index) ?? false;
  }

  /** Null when there is no such run. */
  async find(mapRunArn: string): Promise<MapRunView | null> {
    const live = this.#runs.get(mapRunArn);
    const document = live?.document ?? (await readRun(this.options.store.records, mapRunArn));
    return document === null ? null : viewOf(document, live ?? null);
  }

  /** The runs that an execution has started, the newest first; after the given seq of one. */
  async ofExecution(
    parent: ExecutionId,
    page: { readonly after: number | null; readonly limit: number },
  ): Promise<readonly MapRunView[]> {
    const documents = await runsOfExecution(this.options.store.records, parent, page);
    return documents.map((document) => viewOf(document, this.#runs.get(document.mapRunArn) ?? null));
  }

  /** A run's children that have started, the newest first: those below the index `before`. */
  async children(
    mapRunArn: string,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly ChildDocument[]> {
    const { before, limit } = page;
    const running = this.#runs.get(mapRunArn)?.expressChildren ?? []; // they have no documents yet
    const stored = await childrenBelow(this.options.store.records, runIdOf(mapRunArn), page);
    const known = new Set(stored.map(({ index }) => index));
    const more = running.filter(({ index }) => (before === null || index < before) && !known.has(index));
    return [...stored, ...more].sort((a, b) => b.index - a.index).slice(0, limit);
  }

  /** An Express child that has ended, which lies nowhere else, with its input; null when there is none. */
  async expressChild(
    mapRunArn: string,
    index: number,
  ): Promise<{ readonly child: ChildDocument; readonly input: string } | null> {
    const { records } = this.options.store;
    const runId = runIdOf(mapRunArn);
    const child = await readChild(records, runId, index);
    if (child === null || child.execution !== null) return null;
    return { child, input: (await new ChildInputReader(records, runId).at(index)).text };
  }

  /** False when the run has ended. */
  async changeLimits(mapRunArn: string, change: Partial<MapRunLimits>): Promise<boolean> {
    const live = this.#runs.get(mapRunArn);
    if (live === undefined || live.document.phase === 'ended') return false;
    await live.changeLimits(change);
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
  }

  #open(live: LiveMapRun, order: MapRunOrder | null): void {
    const { mapRunArn } = live.document;
    this.#runs.set(mapRunArn, live);
    live.open(order).catch((fault: unknown) => this.#report(mapRunArn, fault));
  }

  /** What was to be stopped may have ended, and gone on by a redrive. */
  #stopLive(live: LiveMapRun, parent: ExecutionId, mapRun: number): void {
    if (live.document.awaitedAs === mapRun) live.stop();
    else this.options.forget(parent, mapRun);
  }

  /** A run goes on when it has come to its end: it may still be stopping its children, or writing their results. */
  #redrive(parent: Revision, order: MapRunOrder, attempt = 0): void {
    this.#redriveEnded(parent, order).catch((fault: unknown) => {
      if (!(fault instanceof StoreUnavailable)) return this.#report(order.mapRunArn, fault);
      this.options.clock.after(pauseMs(attempt), () => this.#redrive(parent, order, attempt + 1));
    });
  }

  async #redriveEnded(parent: Revision, order: MapRunOrder): Promise<void> {
    const { mapRunArn, mapRun } = order;
    const isWanted = (): boolean => !this.#isClosed && this.#redrives.get(mapRunArn) === mapRun;
    while (isWanted()) {
      const stored = this.#runs.has(mapRunArn) ? null : await readRun(this.options.store.records, mapRunArn);
      if (!isWanted()) return;
      const isLeft = stored !== null && stored.phase !== 'ended' && stored.awaitedAs !== mapRun;
      if (isLeft && !this.#runs.has(mapRunArn)) this.#openToStop(stored, parent);
      const live = this.#runs.get(mapRunArn);
      if (live === undefined) {
        this.#redrives.delete(mapRunArn);
        return this.#take(parent, order);
      }
      const ended = new Promise<void>((next) => this.#waitingForEnd.set(mapRunArn, next));
      live.stop();
      await ended;
    }
  }

  #openToStop(document: MapRunDocument, parent: Revision): void {
    const { label } = readPlan(Payload.ofText(document.plan));
    const live = new LiveMapRun(this.#world, document, childRevision(parent, label));
    live.stop();
    this.#open(live, null);
  }

  async #stopStored(parent: ExecutionId, mapRun: number, mapRunArn: string): Promise<void> {
    const document = await readRun(this.options.store.records, mapRunArn);
    const isOver = document === null || document.phase === 'ended' || document.awaitedAs !== mapRun;
    if (isOver) return this.options.forget(parent, mapRun);
    const revision = await this.options.revisions.load(document.revision);
    if (revision === null) throw new Error(`Broken invariant: there is no revision ${document.revision}`);
    if (this.#isClosed) return;
    const live = this.#runs.get(mapRunArn);
    if (live !== undefined) return this.#stopLive(live, parent, mapRun);
    this.#openToStop(document, revision);
  }

  #ended(run: MapRunDocument, isWanted: boolean): void {
    this.#runs.delete(run.mapRunArn);
    if (isWanted && run.end?.outcome.status !== 'ABORTED') this.options.deliverEnd(run);
    else this.options.forget(run.parent, run.awaitedAs);
    this.#waitingForEnd.get(run.mapRunArn)?.();
    this.#waitingForEnd.delete(run.mapRunArn);
  }

  async #takeReadingTurn(): Promise<() => void> {
    if (this.#reading >= MAP_RUNS_READING_MAX) await new Promise<void>((next) => this.#waitingToRead.push(next));
    else this.#reading += 1;
    return () => {
      const next = this.#waitingToRead.shift();
      if (next === undefined) this.#reading -= 1;
      else next(); // the turn is passed on
    };
  }

  #report(mapRunArn: string, fault: unknown): void {
    if (!this.#isClosed) this.options.report(mapRunArn, fault instanceof Error ? fault : new Error(String(fault)));
  }
}

/** Counts of a run that is not in memory and has not ended are those of its items: nobody has counted its children. */
function viewOf(document: MapRunDocument, live: LiveMapRun | null): MapRunView {
  const { end, limits } = document;
  const none = {
    ...{ succeeded: 0, failed: 0, timedOut: 0, aborted: 0, running: 0, resultsWritten: 0 },
    ...{ failuresNotRedrivable: 0, pendingRedrive: 0 },
  };
  const waiting = (total: number): MapRunCounts => ({ ...none, pending: total, total });
  return {
    document,
    plan: readPlan(Payload.ofText(document.plan)),
    status: end?.outcome.status ?? 'RUNNING',
    limits: live?.limits ?? limits,
    ...(end ?? live?.counts ?? { executions: waiting(document.childCount), items: waiting(document.itemCount) }),
  };
}
