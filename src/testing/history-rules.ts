import { type Execution, type HistoryRecord, isShown } from '../interpreter/index.js';
import type { Block, Definition, State } from '../language/index.js';
import type { Outstanding } from './outstanding.js';

/** What holds for every history of every machine. Takes the records one by one and throws at the first that breaks a rule. */
export class HistoryRules {
  readonly #threads = new Map<number, Thread>();
  readonly #states: ReadonlyMap<string, State>;
  #seq = 0;
  #eventId = 0;
  #at = 0;
  #isEnded = false;
  /** A Map or Parallel that has just succeeded, with what it should give. */
  #concatenated: { readonly frame: number; readonly text: string } | null = null;

  constructor(definition: Definition) {
    this.#states = statesOf(definition);
  }

  take(record: HistoryRecord): void {
    const fail = (what: string): never => {
      throw new Error(`Expected ${what}, but got ${JSON.stringify(record)}`);
    };
    this.#checkNumbers(record, fail);
    this.#checkPlace(record, fail);
    this.#apply(record, fail);
  }

  #checkNumbers(record: HistoryRecord, fail: Fail): void {
    if (this.#isEnded) fail('nothing after the end');
    if (record.seq !== ++this.#seq) fail(`seq ${this.#seq}`);
    if (record.at < this.#at) fail(`a time from ${this.#at} on`);
    this.#at = record.at;
    if (!isShown(record.type)) {
      if (record.id !== null) fail('no id');
    } else if (record.id !== ++this.#eventId) fail(`id ${this.#eventId}`);
    const { type, previousEventId } = record;
    const isCauseless =
      type === 'ExecutionStarted' ||
      type === 'ExecutionAborted' ||
      type === 'ExecutionTimedOut' ||
      (record.id === 2 && type.endsWith('StateEntered'));
    // It points at what its state points at: at nothing in the first state.
    if (type === 'EvaluationFailed' && previousEventId === 0) return;
    if (isCauseless && previousEventId !== 0) fail('no previous event');
    const bound = record.id ?? this.#eventId + 1;
    if (!isCauseless && (previousEventId < 1 || previousEventId >= bound)) fail('an earlier event as the previous one');
  }

  /** The frame is open, and so is every frame around it. */
  #checkPlace(record: HistoryRecord, fail: Fail): void {
    if (record.frame === record.seq) return;
    if (!this.#threads.has(record.frame)) fail('an open frame');
  }

  #apply(record: HistoryRecord, fail: Fail): void {
    const thread = this.#threads.get(record.frame);
    const succeeded = this.#concatenated;
    this.#concatenated = null;
    switch (record.type) {
      case 'ExecutionStarted':
        this.#threads.set(1, newThread(null));
        return;
      case 'ExecutionSucceeded':
        if (thread?.state !== null || thread.next !== null) fail('the machine to be at its end');
        this.#isEnded = true;
        return;
      case 'ExecutionFailed':
      case 'ExecutionAborted':
      case 'ExecutionTimedOut':
        this.#isEnded = true;
        return;
      case 'MapIterationStarted':
        return this.#open(record, record.details.index, record.private, fail);
      case 'BranchStarted':
        return this.#open(record, record.private.index, record.private, fail);
      default:
        if (thread) this.#applyToThread(thread, record, succeeded, fail);
    }
  }

  #applyToThread(
    thread: Thread,
    record: HistoryRecord,
    succeeded: { readonly frame: number; readonly text: string } | null,
    fail: Fail,
  ): void {
    const { type } = record;
    if (thread.isAborted) fail('nothing after the abort');
    if (type.endsWith('StateEntered')) {
      const details = record.details as { readonly name: string };
      if (thread.state !== null) fail(`state '${thread.state}' to be left first`);
      if (thread.next !== null && thread.next !== details.name) fail(`state '${thread.next}' to be entered`);
      Object.assign(thread, { state: details.name, next: null, task: 'none', children: null });
      return;
    }
    if (type.endsWith('StateExited')) {
      const details = record.details as { readonly name: string; readonly output: { readonly text: string } };
      if (thread.state !== details.name) fail(`state '${thread.state}' to be left`);
      const isPlain = succeeded?.frame === record.frame && this.#givesResult(details.name);
      if (isPlain && succeeded.text !== details.output.text) fail(`the result ${succeeded.text}`);
      if (thread.task === 'scheduled') fail('an end of the task first');
      this.#closeChildren(thread);
      thread.state = null;
      thread.next = (record.private as { readonly next: string | null }).next;
      if (thread.next === null) thread.output = details.output.text;
      return;
    }
    if (thread.state === null) fail('the frame to be in a state');
    if (type.endsWith('StateAborted')) thread.isAborted = true;
    else if (TASK_SCHEDULED.test(type)) {
      if (thread.task === 'scheduled' || thread.task === 'ended') fail('one attempt at a time');
      thread.task = 'scheduled';
    } else if (TASK_ENDED.test(type)) {
      if (thread.task !== 'scheduled') fail('a scheduled task');
      thread.task = 'ended';
    } else this.#applyToContainer(thread, record, fail);
  }

  #applyToContainer(thread: Thread, record: HistoryRecord, fail: Fail): void {
    switch (record.type) {
      case 'RetryScheduled':
        if (thread.task === 'scheduled') fail('a failed attempt');
        this.#closeChildren(thread);
        thread.task = 'none';
        return;
      case 'MapStateStarted': {
        const state = this.#states.get(thread.state ?? '');
        const asked = state?.type === 'Map' && typeof state.maxConcurrency === 'number' ? state.maxConcurrency : 0;
        if (record.private === null) return; // a distributed Map has no iterations of its own
        const { slots } = record.private;
        if (slots > 40 || (asked > 0 && slots > asked)) fail(`at most ${asked} slots`);
        thread.children = { total: record.details.length, slots, frames: [], succeeded: new Set() };
        return;
      }
      case 'ParallelStateStarted': {
        const total = record.private.branches;
        thread.children = { total, slots: total, frames: [], succeeded: new Set() };
        return;
      }
      case 'MapIterationSucceeded': {
        const child = this.#threads.get(thread.children?.frames[record.details.index] ?? 0);
        if (!isFinished(child)) fail('an iteration at its end');
        thread.children?.succeeded.add(record.details.index);
        return;
      }
      case 'MapStateSucceeded':
      case 'ParallelStateSucceeded':
        return this.#checkComplete(thread, record, fail);
      default:
        return;
    }
  }

  #checkComplete(thread: Thread, record: HistoryRecord, fail: Fail): void {
    const { children } = thread;
    const state = this.#states.get(thread.state ?? '');
    if (children === null && state?.type === 'Map' && state.distributed !== null) return; // its children are executions
    if (children === null || children.frames.length !== children.total) return fail('all children to be opened');
    if (record.type === 'MapStateSucceeded' && children.succeeded.size !== children.total)
      fail('all to have succeeded');
    const outputs = children.frames.map((frame) => this.#threads.get(frame));
    if (!outputs.every(isFinished)) fail('all children to be at their end');
    this.#concatenated = { frame: record.frame, text: `[${outputs.map((child) => child?.output).join(',')}]` };
  }

  #open(record: HistoryRecord, index: number, opening: { parent: number; startAt: string }, fail: Fail): void {
    const parent = this.#threads.get(opening.parent);
    const children = parent?.children;
    if (!children) return fail('a Map or Parallel around it');
    if (index !== children.frames.length || index >= children.total) fail(`child ${children.frames.length}`);
    const open = children.frames.filter((frame) => !isFinished(this.#threads.get(frame)));
    if (open.length >= children.slots) fail(`at most ${children.slots} open iterations`);
    children.frames.push(record.seq);
    const thread = newThread(opening.startAt);
    this.#threads.set(record.seq, thread);
  }

  #closeChildren(thread: Thread): void {
    for (const frame of thread.children?.frames ?? []) {
      const child = this.#threads.get(frame);
      if (child) this.#closeChildren(child);
      this.#threads.delete(frame);
    }
    thread.children = null;
  }

  #givesResult(name: string): boolean {
    const state = this.#states.get(name);
    if (state?.type !== 'Map' && state?.type !== 'Parallel') return false;
    const { resultSelector, resultPath, outputPath, output } = state;
    return resultSelector === null && resultPath === undefined && outputPath === undefined && output === null;
  }
}

/** Between two decisions every frame waits for something that will come. */
export function checkWaiting(execution: Execution, outstanding: Outstanding): void {
  if (execution.status !== 'RUNNING') return;
  for (const frame of execution.frames.values()) {
    const { awaits } = frame;
    const fail = (what: string): never => {
      throw new Error(`Expected frame ${frame.id} ${what}, but it is ${JSON.stringify({ ...frame, input: null })}`);
    };
    if (frame.outcome !== null) fail('to have gone on with its outcome');
    if (frame.parent !== null) {
      const around = execution.frames.get(frame.parent)?.awaits;
      if (around?.type !== 'children' || around.open.get(frame.index) !== frame.id) fail('to be among its parent’s');
    }
    if (awaits === null) {
      if (frame.next === null || !outstanding.isContinuing) fail('to wait for something');
    } else if (awaits.type === 'children') {
      if (awaits.open.size === 0) fail('to have open children');
    } else if (awaits.type === 'task') {
      if (!outstanding.tasks.has(awaits.seq)) fail('to wait for a task that was invoked');
    } else if (awaits.type === 'mapRun') {
      if (!outstanding.mapRuns.has(awaits.seq)) fail('to wait for a map run that was started');
    } else if (awaits.type === 'redrive') {
      if (!outstanding.isContinuing) fail('to have a turn after the redrive');
    } else if (!outstanding.timers.has(`${awaits.seq} ${awaits.dueAt}`)) fail('to wait for a timer that was started');
  }
}

/** What a history shows of one frame. */
interface Thread {
  state: string | null;
  next: string | null;
  output: string | null;
  task: 'none' | 'scheduled' | 'ended';
  isAborted: boolean;
  children: {
    readonly total: number;
    readonly slots: number;
    readonly frames: number[];
    readonly succeeded: Set<number>;
  } | null;
}

type Fail = (what: string) => never;

const newThread = (next: string | null): Thread => ({
  state: null,
  next,
  output: null,
  task: 'none',
  isAborted: false,
  children: null,
});

const isFinished = (thread: Thread | undefined): boolean =>
  thread !== undefined && thread.state === null && thread.next === null && thread.output !== null;

const TASK_SCHEDULED = /^(?:Task|LambdaFunction)Scheduled$/;
const TASK_ENDED = /^(?:Task|LambdaFunction)(?:Succeeded|Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/;

function statesOf(block: Block): ReadonlyMap<string, State> {
  const found = new Map(block.states);
  for (const state of block.states.values()) {
    const inner = state.type === 'Parallel' ? state.branches : state.type === 'Map' ? [state.processor] : [];
    for (const child of inner) for (const [name, nested] of statesOf(child)) found.set(name, nested);
  }
  return found;
}
