import {
  countsOf,
  decideMapRun,
  type EndedChild,
  type Execution,
  type MapRun,
  type MapRunCommand,
  type MapRunCounts,
  type MapRunLimits,
  type MapRunPlan,
  type MapRunStimulus,
  newMapRun,
  readPlan,
  restoreMapRun,
  type SelectItem,
  type StoredChild,
} from '../../interpreter/index.js';
import { Payload } from '../../payload/index.js';
import {
  type ExecutionId,
  type ExecutionStatus,
  type RecordWrite,
  type Store,
  StoreUnavailable,
} from '../../store/ports.js';
import {
  type Clock,
  ExecutionQuarantined,
  HostClosed,
  type MapData,
  type Revision,
  type StartRequest,
  type StartResult,
} from '../ports.js';
import { pauseMs } from '../retry-pause.js';
import type { TransientRun } from '../transient/transient-host.js';
import { type ChildInput, ChildInputReader, ChildInputWriter } from './child-inputs.js';
import { bringTogether } from './child-results.js';
import type { ChildEnd } from './child-writes.js';
import {
  allChildren,
  CHILD_INPUTS,
  type ChildDocument,
  childDelete,
  childName,
  childWrite,
  deleteAll,
  endedRunWrite,
  type MapRunDocument,
  newRunWrites,
  readChild,
  readRun,
  redrivenRunWrites,
  runIdOf,
  runWrite,
} from './documents.js';
import { brokenEnd, type ExpressRunner } from './express-child.js';
import { faultOf } from './fault.js';
import { childInputs } from './read-inputs.js';
import { redrivenRun, storedChild } from './redriven-run.js';

/** What a run needs of the world. */
export interface MapRunWorld {
  readonly store: Pick<Store, 'executions' | 'records'>;
  readonly mapData: MapData;
  readonly clock: Clock;
  /** Largest child input and state output. */
  readonly payloadBytesMax: number;
  /** Starts a child; a start that was made before gives `nameTaken`. */
  readonly startChild: (request: StartRequest) => Promise<StartResult>;
  readonly stopChild: (execution: ExecutionId) => void;
  /** Lets a child go on that has ended without success, once for each redrive of the run. Gives it as it is then; null when it is gone. */
  readonly redriveChild: (execution: ExecutionId, runRedrive: number) => Promise<Readonly<Execution> | null>;
  readonly express: ExpressRunner;
  /** Waits for a turn to read; gives how to end it. */
  readonly takeReadingTurn: () => Promise<() => void>;
  /** The run has ended, durably; told again after a restart until the parent has taken note of it. */
  readonly ended: (run: MapRunDocument, options: { readonly isWanted: boolean }) => void;
  /** Something is broken: our fault, to be looked at. */
  readonly report: (mapRunArn: string, fault: Error) => void;
}

/** What the parent's MapRunStarted or MapRunRedriven asks for. */
export interface MapRunOrder {
  readonly mapRunArn: string;
  readonly parent: ExecutionId;
  readonly parentArn: string;
  readonly mapRun: number;
  readonly revision: string;
  readonly plan: Payload;
  /** Null where a reader brings them. */
  readonly items: Payload | null;
  readonly select: SelectItem;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
}

/** A child that waits for its start; `former`: for its redrive, and how it has ended before. */
interface QueuedStart {
  readonly index: number;
  readonly former: EndedChild | null;
}

/** One map run in memory: decides by `decideMapRun`, keeps its documents, reads items, starts children, brings results together. */
export class LiveMapRun {
  readonly #world: MapRunWorld;
  readonly #revision: Revision;
  readonly #runId: string;
  readonly #plan: MapRunPlan;
  readonly #inputs: ChildInputReader;
  readonly #executions = new Map<number, ExecutionId>();
  /** Express children under way, by index. */
  readonly #express = new Map<number, { readonly run: TransientRun; readonly child: ChildDocument }>();
  readonly #starts: QueuedStart[] = [];
  /** Reads and writes of the store that are under way. */
  readonly #attempts = new Set<Promise<unknown>>();
  #document: MapRunDocument;
  #run: MapRun;
  /** What comes while the run is being put together again; null afterwards. */
  #backlog: MapRunStimulus[] | null = [];
  #isStarting = false;
  #reading: Promise<void> | null = null;
  #isWanted = true;
  #isClosed = false;
  #result: string | null = null;

  /** `revision` is the children's. */
  constructor(world: MapRunWorld, document: MapRunDocument, revision: Revision) {
    this.#world = world;
    this.#document = document;
    this.#revision = revision;
    this.#runId = runIdOf(document.mapRunArn);
    this.#plan = readPlan(Payload.ofText(document.plan));
    this.#inputs = new ChildInputReader(world.store.records, this.#runId);
    this.#run = newMapRun(document.limits);
  }

  get #isExpress(): boolean {
    return this.#plan.executionType === 'EXPRESS';
  }

  get document(): MapRunDocument {
    return this.#document;
  }

  get limits(): MapRunLimits {
    return this.#run.limits;
  }

  /** Whether the child waits for this redrive of its run to come to it. */
  isPendingRedrive(index: number): boolean {
    return this.#run.pendingRedrive.has(index);
  }

  /** As their documents will show them. */
  get expressChildren(): readonly ChildDocument[] {
    return [...this.#express.values()].map(({ child }) => child);
  }

  get counts(): { readonly executions: MapRunCounts; readonly items: MapRunCounts } {
    return countsOf(this.#run);
  }

  /** Begins the run, or takes up what an earlier process has left of it. `order` null: it is only to be stopped. */
  async open(order: MapRunOrder | null): Promise<void> {
    const { records } = this.#world.store;
    const stored = await this.#stubborn(() => readRun(records, this.#document.mapRunArn));
    if (stored === null) await this.#write(newRunWrites(this.#document));
    else if (order === null || stored.awaitedAs === order.mapRun) this.#document = stored;
    else {
      this.#document = redrivenRun(stored, order);
      await this.#write(redrivenRunWrites(stored, this.#document));
    }
    const { phase } = this.#document;
    if (phase === 'ended') return this.#world.ended(this.#document, { isWanted: this.#isWanted });
    if (phase === 'running') return this.#restore(this.#document);
    this.#run.limits = this.#document.limits;
    this.#takeBacklog();
    if (this.#run.phase === 'reading' && order !== null) await this.#read(order);
  }

  /** The parent does not wait any more. */
  stop(): void {
    this.#isWanted = false;
    this.give({ type: 'StopRequested' });
  }

  async changeLimits(change: Partial<MapRunLimits>): Promise<void> {
    const limits = { ...this.#document.limits, ...change };
    await this.#put({ limits });
    this.give({ type: 'LimitsChanged', limits });
  }

  /** Told again it does no harm, nor does what a child has ended with before the run was redriven. */
  childEnded({ index, itemCount, status, isRedrivable, runRedrive }: Omit<ChildEnd, 'mapRunArn'>): void {
    if (runRedrive !== this.#document.redriveCount) return;
    this.#executions.delete(index);
    this.give({ type: 'ChildEnded', index, itemCount, status, isRedrivable });
  }

  /** What is under way goes on after the next start. Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#starts.length = 0;
    await Promise.allSettled(this.#attempts);
  }

  give(stimulus: MapRunStimulus): void {
    if (this.#backlog !== null) this.#backlog.push(stimulus);
    else for (const command of decideMapRun(this.#run, stimulus)) this.#perform(command);
  }

  #takeBacklog(): void {
    const waiting = this.#backlog ?? [];
    this.#backlog = null;
    for (const stimulus of waiting) this.give(stimulus);
  }

  async #restore(stored: MapRunDocument): Promise<void> {
    const children: ChildDocument[] = [];
    await this.#stubborn(async () => {
      children.length = 0;
      for await (const child of allChildren(this.#world.store.records, this.#runId)) children.push(summary(child));
    });
    const found: StoredChild[] = [];
    for (const child of children) {
      const status = child.status === 'RUNNING' ? await this.#statusOf(child.name) : child.status;
      if (status === null) continue; // it was never started
      if (status === 'RUNNING' && child.execution !== null) this.#executions.set(child.index, child.execution);
      found.push(storedChild(child, stored, status));
    }
    const { run, commands } = restoreMapRun(stored.limits, { ...stored, isWanted: this.#isWanted }, found);
    this.#run = run;
    for (const command of commands) this.#perform(command);
    this.#takeBacklog();
  }

  #perform(command: MapRunCommand): void {
    if (this.#isClosed) return;
    switch (command.type) {
      case 'StartChild':
        this.#starts.push({ index: command.index, former: null });
        return this.#watch(this.#startQueued());
      case 'RedriveChild':
        this.#starts.push(command);
        return this.#watch(this.#startQueued());
      case 'StopChild':
        return this.#stopChild(command.index);
      case 'WriteResults':
        return this.#watch(this.#writeResults());
      case 'EndRun':
        return this.#watch(this.#end());
      default:
        command satisfies never;
    }
  }

  async #read(order: MapRunOrder): Promise<void> {
    const endTurn = await this.#world.takeReadingTurn();
    if (this.#run.phase !== 'reading') return endTurn(); // stopped meanwhile
    this.#reading = this.#readItems(order).finally(endTurn);
    await this.#reading;
  }

  async #readItems(order: MapRunOrder): Promise<void> {
    try {
      // What an earlier attempt at reading has left goes: the source may have changed.
      await this.#stubborn(() => deleteAll(this.#world.store.records, CHILD_INPUTS, `${this.#runId}/`));
      const writer = new ChildInputWriter(this.#runId, (writes) => this.#write(writes));
      const { mapData, payloadBytesMax: bytesMax } = this.#world;
      const isWanted = (): boolean => !this.#isClosed && this.#run.phase === 'reading';
      const source = { ...{ plan: this.#plan, items: order.items, select: order.select }, mapData, bytesMax, isWanted };
      for await (const input of childInputs(source)) await writer.add(input);
      const counts = await writer.end();
      if (this.#run.phase !== 'reading') return; // stopped meanwhile
      await this.#put({ phase: 'running', ...counts });
      this.give({ type: 'ItemsRead', ...counts });
    } catch (thrown) {
      this.give({ type: 'ReadingFailed', ...this.#statesFault(thrown, 'States.ItemReaderFailed') });
    }
  }

  /** In order, one after the other: the next chunk of inputs is read when its turn comes. */
  async #startQueued(): Promise<void> {
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      for (let start = this.#starts.shift(); start !== undefined; start = this.#starts.shift()) {
        const { index, former } = start;
        if (former !== null && !this.#isExpress && this.#run.phase !== 'stopping') {
          this.#watch(this.#redriveChild(index, former));
          continue;
        }
        const input = await this.#stubborn(() => this.#inputs.at(index));
        if (this.#isClosed) return;
        if (this.#run.phase === 'stopping') this.#leaveOut(start);
        else this.#watch(this.#isExpress ? this.#runExpress(start, input) : this.#startChild(index, input));
      }
    } finally {
      this.#isStarting = false;
    }
  }

  /** One that was to be redriven stays as it was. */
  #leaveOut({ index, former }: QueuedStart, isRedrivable = true): void {
    if (former === null) this.give({ type: 'ChildLeftOut', index });
    else this.give({ type: 'ChildEnded', index, ...former, isRedrivable });
  }

  async #redriveChild(index: number, former: EndedChild): Promise<void> {
    this.give({ type: 'ChildStarted', index, itemCount: former.itemCount });
    const { redriveCount } = this.#document;
    const child = await this.#stubborn(() => readChild(this.#world.store.records, this.#runId, index));
    const execution = child?.execution ?? null;
    for (let attempt = 0; ; attempt++) {
      const redriven = execution === null ? null : await this.#stubborn(() => this.#redriven(execution, redriveCount));
      if (redriven === null) return this.#leaveOut({ index, former }, false); // it is gone, or was set aside
      if (redriven.child?.runRedrive === redriveCount) break;
      await this.#pause(attempt); // it has not ended yet
    }
    if (execution === null || !this.#run.open.has(index)) return; // it has ended already
    this.#executions.set(index, execution);
    if (this.#run.phase === 'stopping') this.#world.stopChild(execution);
  }

  #redriven(execution: ExecutionId, redriveCount: number): Promise<Readonly<Execution> | null> {
    return this.#world.redriveChild(execution, redriveCount).catch((fault: unknown) => {
      if (fault instanceof ExecutionQuarantined) return null;
      throw fault;
    });
  }

  async #startChild(index: number, { text, itemCount }: ChildInput): Promise<void> {
    this.give({ type: 'ChildStarted', index, itemCount });
    const { mapRunArn, redriveCount: runRedrive } = this.#document;
    const name = childName(mapRunArn, index);
    const request = {
      revision: this.#revision,
      name,
      input: Payload.ofText(text),
      child: { mapRunArn, index, itemCount, runRedrive },
    };
    let execution: ExecutionId | null = null;
    for (let isTaken = false; !isTaken; ) {
      const started = await this.#stubborn(() => this.#world.startChild(request));
      isTaken = started.type === 'started' || (await this.#statusOf(name)) !== null;
      // Without its execution, a document is what a refused start has left: records do not depend on entries.
      if (!isTaken) await this.#write([childDelete(mapRunArn, index)]);
      else execution = started.type === 'started' ? started.execution : await this.#startedBefore(index);
    }
    if (execution === null || !this.#run.open.has(index)) return; // it has ended already
    this.#executions.set(index, execution);
    if (this.#run.phase === 'stopping') this.#world.stopChild(execution);
  }

  /** Null when there is no such child. */
  async #statusOf(name: string): Promise<ExecutionStatus | null> {
    const { executions } = this.#world.store;
    return (await this.#stubborn(() => executions.find(this.#revision.machineArn, name)))?.status ?? null;
  }

  /** Lives in memory only; what is written is its end. */
  async #runExpress(start: QueuedStart, { text, itemCount }: ChildInput): Promise<void> {
    const { index } = start;
    this.give({ type: 'ChildStarted', index, itemCount });
    const { mapRunArn, redriveCount: runRedrive } = this.#document;
    const name = childName(mapRunArn, index);
    const startedAt = this.#world.clock.now();
    const request = { revision: this.#revision, name, runId: this.#runId, input: Payload.ofText(text) };
    const started = await this.#world.express.run(request, () => !this.#isClosed && this.#run.phase === 'running');
    if (started === null) return this.#leaveOut(start);
    const running = {
      ...{ index, name, execution: null, itemCount, startedAt },
      status: 'RUNNING',
      stoppedAt: null,
      ...{ redriveCount: 0, redrivenAt: null, runRedrive, isRedrivable: true }, // AWS: a redrive starts it anew, and it counts none
    } as const;
    this.#express.set(index, { run: started, child: running });
    const end = await started.ended.catch((fault: unknown) => {
      if (fault instanceof HostClosed) throw fault;
      return { ...brokenEnd(fault), output: null };
    });
    const { status, output, failure } = end;
    if (status === 'RUNNING') throw new Error(`Broken invariant: ${name} has ended and runs`);
    const child: ChildDocument = {
      ...running,
      ...{ status, stoppedAt: this.#world.clock.now() },
      ...(output !== null && { output: output.text }),
      ...failure,
    };
    await this.#write([childWrite(mapRunArn, child, 'any')]);
    this.#express.delete(index);
    this.childEnded({ index, itemCount, status, isRedrivable: true, runRedrive });
  }

  /** The start before this one was written, although nobody was told. */
  async #startedBefore(index: number): Promise<ExecutionId | null> {
    const child = await this.#stubborn(() => readChild(this.#world.store.records, this.#runId, index));
    if (child === null) throw new Error(`Broken invariant: child ${index} has a name and no document`);
    if (child.status === 'RUNNING') return child.execution;
    this.childEnded({ ...child, status: child.status });
    return null;
  }

  #stopChild(index: number): void {
    const queued = this.#starts.find((start) => start.index === index);
    if (queued !== undefined) {
      this.#starts.splice(this.#starts.indexOf(queued), 1);
      return this.#leaveOut(queued);
    }
    this.#express.get(index)?.run.stop();
    const execution = this.#executions.get(index);
    if (execution !== undefined) this.#world.stopChild(execution); // else its start is under way, which stops it then
  }

  async #writeResults(): Promise<void> {
    const { mapData, payloadBytesMax: bytesMax } = this.#world;
    const { records } = this.#world.store;
    const { mapRunArn } = this.#document;
    const run = { mapRunArn, machineArn: this.#revision.machineArn, plan: this.#plan };
    const hasSucceeded = this.#run.outcome?.status === 'SUCCEEDED';
    try {
      const { output, ...written } = await this.#stubborn(() =>
        bringTogether(run, { records, mapData, bytesMax, hasSucceeded }),
      );
      this.#result = output;
      this.give({ type: 'ResultsWritten', ...written });
    } catch (thrown) {
      this.give({ type: 'WritingFailed', ...this.#statesFault(thrown, 'States.ResultWriterFailed') });
    }
  }

  async #end(): Promise<void> {
    await this.#reading; // it writes the same documents as a redrive would
    const { outcome } = this.#run;
    if (outcome === null) throw new Error('Broken invariant: a map run that ends without an outcome');
    const stoppedAt = this.#world.clock.now();
    const result = outcome.status === 'SUCCEEDED' ? this.#result : null;
    const document: MapRunDocument = {
      ...this.#document,
      phase: 'ended',
      end: { outcome, stoppedAt, result, ...countsOf(this.#run) },
    };
    this.#document = document; // at once, so that no change of limits is written over it
    await this.#write([runWrite(document), endedRunWrite(document, stoppedAt)]);
    this.#world.ended(document, { isWanted: this.#isWanted });
    if (this.#isExpress || outcome.status !== 'SUCCEEDED') return; // they lie nowhere else; a redrive needs them
    await deleteAll(this.#world.store.records, CHILD_INPUTS, `${this.#runId}/`).catch(() => undefined); // retention does it then
  }

  async #put(change: Partial<MapRunDocument>): Promise<void> {
    this.#document = { ...this.#document, ...change };
    await this.#write([runWrite(this.#document)]);
  }

  #write(writes: readonly RecordWrite[]): Promise<void> {
    return this.#stubborn(() => this.#world.store.records.write(writes));
  }

  /** Tries until the store takes it. */
  async #stubborn<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let failures = 0; ; failures++) {
      if (this.#isClosed) throw new HostClosed('The server is shutting down.');
      const running = attempt();
      this.#attempts.add(running);
      try {
        return await running;
      } catch (fault) {
        if (!(fault instanceof StoreUnavailable)) throw fault;
        this.#attempts.delete(running); // not while it pauses
        await this.#pause(failures);
      } finally {
        this.#attempts.delete(running);
      }
    }
  }

  #pause(attempts: number): Promise<void> {
    return new Promise((next) => this.#world.clock.after(pauseMs(attempts), next));
  }

  #statesFault(thrown: unknown, error: string): { readonly error: string; readonly cause: string } {
    if (thrown instanceof HostClosed) throw thrown;
    return faultOf(thrown, error);
  }

  #watch(work: Promise<void>): void {
    work.catch((fault: unknown) => {
      if (this.#isClosed || fault instanceof HostClosed) return;
      this.#world.report(this.#document.mapRunArn, fault instanceof Error ? fault : new Error(String(fault)));
    });
  }
}

/** Without the texts: a run of many children is put together from all of them. */
const summary = ({ output: _output, error: _error, cause: _cause, ...rest }: ChildDocument): ChildDocument => rest;
