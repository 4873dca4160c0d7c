import type { Block, Definition, State } from '../language/definition.js';
import { runtimeError } from '../language/states-error.js';
import { TRANSITIONS_PER_DECISION_MAX } from '../limits.js';
import { type JsonValue, Payload } from '../payload/index.js';
import { evolve } from './evolve.js';
import { type AwaitsTask, type Execution, type Frame, frameOf, isOpenWait } from './execution.js';
import { type HistoryRecord, isEnd, isShown, type RecordBody, type RecordType } from './history.js';
import type { Policy } from './policy.js';
import { Random } from './random.js';
import type { Command, Decision, Inspection, InspectionStep, Seed } from './stimulus.js';

/** Recording one more event would exceed AWS's quota; caught in `decide`. */
export class HistoryFull extends Error {}

export const historyFullError = (historyEventsMax: number) =>
  runtimeError(`The execution reached the maximum number of history events (${historyEventsMax}).`);

/** AWS keeps no history of Express executions, and does not bound it: time does. */
const historyEventsMax = ({ machineType, quotas }: Policy): number =>
  machineType === 'EXPRESS' ? Number.POSITIVE_INFINITY : quotas.historyEventsMax;

/** One number is kept free for these: a failing or stopped execution ends as it should. */
const LAST_EVENTS: ReadonlySet<RecordType> = new Set(['ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);

/** A decision in the making: the only place that numbers records. What it records is applied at once. */
export class Draft {
  readonly #records: HistoryRecord[] = [];
  readonly #commands: Command[] = [];
  readonly #inspection: Inspection[] = [];
  /** In line to go on, from `#nextReady` on. */
  readonly #ready: Frame[] = [];
  #nextReady = 0;
  /** Seqs of what is not awaited any more, null for none. The frame shows it only when it has gone on, later in the decision. */
  #released: Set<number> | null = null;
  #transitions = 0;
  #at = 0;
  #random: Random | null = null;
  #seed: Seed = [0, 0, 0, 1];

  constructor(
    readonly definition: Definition,
    readonly execution: Execution,
    readonly policy: Policy,
  ) {}

  /** Takes time and seed over from a stimulus. Time never goes back. */
  observe(at: number, seed: Seed): void {
    this.#at = Math.max(at, this.#at, this.execution.at);
    this.#seed = seed;
    this.#random = null;
  }

  get at(): number {
    return this.#at;
  }

  get random(): Random {
    this.#random ??= new Random(this.#seed);
    return this.#random;
  }

  get isRunning(): boolean {
    return this.execution.status === 'RUNNING';
  }

  /** Records an event of `frame`. It points at the frame's last event unless `previous` says otherwise. */
  record(frame: Frame, body: RecordBody, options: { readonly previous?: number } = {}): HistoryRecord {
    return this.#append(frame.id, body, options.previous ?? frame.last);
  }

  /** Records the opening of a new frame below `parent`. */
  recordOpening(body: RecordBody & { type: 'MapIterationStarted' | 'BranchStarted' }, previous: number): Frame {
    const record = this.#append(this.execution.seq + 1, body, previous);
    return frameOf(this.execution, record.seq);
  }

  /** Records what happens to the execution as a whole. `previous` 0: it has no cause inside. */
  recordExecution(body: RecordBody & { type: `Execution${string}` }, previous: number): HistoryRecord {
    const record = this.#append(1, body, previous);
    if (isEnd(record) && this.execution.caller !== null) this.command({ type: 'NotifyCaller', after: record.seq });
    return record;
  }

  #append(frame: number, body: RecordBody, previousEventId: number): HistoryRecord {
    const shown = isShown(body.type);
    if (shown && !LAST_EVENTS.has(body.type) && this.execution.eventId + 1 >= historyEventsMax(this.policy))
      throw new HistoryFull();
    // Member by member: a spread here would cost more than the rest of the record.
    const record = {
      seq: this.execution.seq + 1,
      id: shown ? this.execution.eventId + 1 : null,
      previousEventId,
      at: this.#at,
      frame,
      type: body.type,
      details: body.details,
      private: body.private,
    } as HistoryRecord; // the members of one body
    this.#records.push(record);
    evolve(this.execution, record);
    return record;
  }

  command(command: Command): void {
    this.#commands.push(command);
  }

  /** Notes a step of the frame's data flow for whoever wants to see it. */
  inspect(frame: Frame, step: InspectionStep, value: Payload | (() => JsonValue)): void {
    if (!this.policy.inspects) return;
    this.#inspection.push({
      frame: frame.id,
      step,
      value: typeof value === 'function' ? Payload.ofValue(value()) : value,
    });
  }

  /** Nobody waits for what the frame awaits any more (its children excepted). */
  release(frame: Frame, options: { readonly isAbandoned: boolean }): void {
    const { awaits } = frame;
    if (awaits === null || !('seq' in awaits) || this.hasReleased(awaits.seq)) return;
    this.#released ??= new Set();
    this.#released.add(awaits.seq);
    if (awaits.type === 'task') {
      if (options.isAbandoned && isNested(awaits)) this.command({ type: 'StopCallee', task: awaits.seq });
      else
        this.command({
          type: 'ReleaseTask',
          task: awaits.seq,
          isAbandoned: options.isAbandoned,
          waitedSince: isOpenWait(awaits) ? awaits.scheduledAt : null,
        });
      for (const dueAt of timersOf(awaits)) this.command({ type: 'StopTimer', timer: awaits.seq, dueAt });
      return;
    }
    if (awaits.type === 'mapRun') {
      const { seq, mapRunArn } = awaits;
      if (options.isAbandoned) this.command({ type: 'StopMapRun', mapRun: seq, mapRunArn });
      else this.command({ type: 'ReleaseMapRun', mapRun: seq });
      return;
    }
    this.command({ type: 'StopTimer', timer: awaits.seq, dueAt: awaits.dueAt });
  }

  /** Whether this decision has released it: it has come, or nobody wants it any more. */
  hasReleased(seq: number): boolean {
    return this.#released?.has(seq) === true;
  }

  /** The frame goes on when its turn comes: first in, first out, and once. */
  makeReady(frame: Frame): void {
    if (!this.#ready.includes(frame, this.#nextReady)) this.#ready.push(frame);
  }

  nextReady(): Frame | undefined {
    return this.#nextReady < this.#ready.length ? this.#ready[this.#nextReady++] : undefined;
  }

  /** False when this decision has made its share of transitions: the rest waits for `Continue`. */
  takeTransition(): boolean {
    if (this.policy.trial !== null && this.execution.eventId > 1) return false; // it has entered its state already
    this.#transitions += 1;
    return this.#transitions <= TRANSITIONS_PER_DECISION_MAX;
  }

  get hasExhaustedTransitions(): boolean {
    return this.#transitions > TRANSITIONS_PER_DECISION_MAX;
  }

  isLive(frame: Frame): boolean {
    return this.isRunning && this.execution.frames.get(frame.id) === frame;
  }

  decision(): Decision {
    return { records: this.#records, commands: this.#commands, inspection: this.#inspection };
  }
}

/** Whether another execution does the task. */
const isNested = ({ resourceType, resource }: AwaitsTask): boolean =>
  resourceType === 'states' && resource.startsWith('startExecution.sync');

/** When the timers of a scheduled task are due. */
export function timersOf({ dueAt, heartbeatDueAt }: Pick<AwaitsTask, 'dueAt' | 'heartbeatDueAt'>): readonly number[] {
  if (dueAt === null) return heartbeatDueAt === null ? NO_TIMERS : [heartbeatDueAt];
  return heartbeatDueAt === null || heartbeatDueAt === dueAt ? [dueAt] : [dueAt, heartbeatDueAt];
}

const NO_TIMERS: readonly number[] = [];

/** The block whose states the frame goes through. */
export function blockOf(draft: Draft, frame: Frame): Block {
  if (frame.parent === null) return draft.definition;
  const parent = frameOf(draft.execution, frame.parent);
  const state = stateOf(draft, parent);
  const block = state.type === 'Parallel' ? state.branches[frame.index] : state.type === 'Map' ? state.processor : null;
  if (!block) throw new Error(`Broken invariant: state '${state.name}' has no block ${frame.index}`);
  return block;
}

/** The state that the frame is in. */
export function stateOf(draft: Draft, frame: Frame): State {
  if (frame.state === null) throw new Error(`Broken invariant: frame ${frame.id} is in no state`);
  return namedState(blockOf(draft, frame), frame.state);
}

export function namedState(block: Block, name: string): State {
  const state = block.states.get(name);
  if (state === undefined) throw new Error(`Broken invariant: there is no state '${name}'`);
  return state;
}
