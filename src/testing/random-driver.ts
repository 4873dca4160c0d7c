import {
  type Command,
  type Decision,
  decide,
  type Execution,
  evolve,
  type HistoryRecord,
  newExecution,
  type Seed,
  type Stimulus,
  type StimulusBody,
} from '../interpreter/index.js';
import type { Definition } from '../language/index.js';
import { type JsonValue, Payload } from '../payload/index.js';
import { encodeSegment, PayloadNumbers, SegmentReader } from '../store/segment.js';
import { decodeSnapshot, encodeSnapshot } from '../store/snapshot.js';
import { Outstanding } from './outstanding.js';
import { TEST_IDENTITY } from './transcript.js';

export interface RandomDriverOptions {
  readonly definition: Definition;
  readonly input: string;
  /** Used up one by one wherever there is a choice; after the last one everything is answered in order. */
  readonly choices: readonly number[];
  /** `chaotic`: any order, time-outs, clock set back, stop. `orderly`: every task answers before it times out. */
  readonly manner: 'chaotic' | 'orderly';
  /** Stimuli of one decision at most. */
  readonly foldedMax: number;
  /** Repeats, late answers and foreign numbers in between and within the decisions. */
  readonly noise: 'none' | 'much';
  /** Whether the execution leaves memory now and then and comes back from its segments, or from a snapshot and what follows it. */
  readonly memory: 'stays' | 'leaves';
}

/** How an execution stood after one decision. */
export interface Turn {
  readonly stimuli: readonly Stimulus[];
  readonly decision: Decision;
  readonly seq: number;
  readonly fingerprint: string;
}

/** Decisions of one execution at most: machines from `randomMachine` end long before. */
const TURNS_MAX = 20_000;

/**
 * Plays host and world for one execution, by chance but the same way each time. Throws where the commands contradict
 * each other, where a stale stimulus decides something, or where nothing is left to wait for and the execution has not ended.
 */
export class RandomDriver {
  execution: Execution = newExecution(TEST_IDENTITY);
  readonly turns: Turn[] = [];
  readonly records: HistoryRecord[] = [];
  readonly segments: { readonly seq: number; readonly text: string }[] = [];
  readonly outstanding = new Outstanding();
  #numbers = new PayloadNumbers();
  #snapshot: { readonly seq: number; readonly text: string } | null = null;
  #clock = 1000;
  #drawn = 0;
  readonly #noise: Noise;

  constructor(private readonly options: RandomDriverOptions) {
    this.#noise = new Noise(options.choices[0] ?? 0);
  }

  /** From the start to the end. `check` is called after each decision. */
  drive(check: (driver: RandomDriver, turn: Turn) => void = () => {}): this {
    const input = freshPayload(this.options.input);
    this.#deliver([this.#stimulus({ type: 'StartExecution', input })], check);
    while (this.execution.status === 'RUNNING') {
      if (this.turns.length > TURNS_MAX) throw new Error(`Expected an end within ${TURNS_MAX} decisions`);
      if (this.#draw(3) === 0) this.#clock += this.#draw(3000);
      const folded = 1 + this.#draw(this.options.foldedMax);
      const stimuli = Array.from({ length: folded }, () => this.#stimulus(this.#choose()));
      this.#deliver(stimuli, check);
      this.#deliverStale();
      this.#leaveMemory();
    }
    this.#deliverStale();
    this.outstanding.checkEmpty();
    return this;
  }

  /** In [0, bound); 0 when the choices are used up. */
  #draw(bound: number): number {
    const choice = this.options.choices[this.#drawn++];
    return choice === undefined ? 0 : choice % bound;
  }

  get #isDraining(): boolean {
    return this.#drawn >= this.options.choices.length;
  }

  #choose(): StimulusBody {
    const { tasks, isContinuing } = this.outstanding;
    const chosen = this.#isDraining ? null : this.#chooseWildly(this.#draw(12));
    if (chosen !== null) return chosen;
    if (isContinuing) return { type: 'Continue' };
    const task = pick([...tasks.values()], this.#draw(tasks.size || 1));
    if (task !== undefined) return this.#answer(task);
    const timers = this.#timers().sort((a, b) => a.dueAt - b.dueAt);
    const timer = pick(timers, this.#draw(timers.length || 1));
    if (timer === undefined) throw new Error('Lost wake-up: the execution is running, but nothing is awaited');
    return { type: 'TimerFired', timer: timer.timer, dueAt: timer.dueAt };
  }

  #timers() {
    const { timers, tasks } = this.outstanding;
    return [...timers.values()].filter(
      ({ timer }) => this.options.manner === 'chaotic' || (timer !== 1 && !tasks.has(timer)),
    );
  }

  #chooseWildly(kind: number): StimulusBody | null {
    const tasks = [...this.outstanding.tasks.values()];
    const task = pick(tasks, this.#draw(tasks.length || 1));
    if (kind < 2) {
      const timers = this.#timers();
      const timer = pick(timers, this.#draw(timers.length || 1));
      return timer === undefined ? null : { type: 'TimerFired', timer: timer.timer, dueAt: timer.dueAt };
    }
    if (kind === 2 && task) return { type: 'TaskStarted', task: task.task };
    if (kind < 6 && task?.resource.endsWith('.waitForTaskToken') && !this.outstanding.submitted.has(task.task)) {
      return { type: 'TaskSubmitted', task: task.task, output: freshPayload('{"sent": true}') };
    }
    if (kind < 6 && task && this.outstanding.sending.has(task.task)) {
      const { task: seq } = task;
      return { type: 'TaskSentAgain', task: seq, ...(kind === 5 && { error: 'SQS.QueueDoesNotExist', cause: 'gone' }) };
    }
    if (kind < 5 && task && this.outstanding.submitted.has(task.task))
      return { type: 'SendTaskAgain', task: task.task };
    if (kind === 6 && this.options.manner === 'chaotic' && this.#draw(6) === 5) {
      return { type: 'StopExecution', error: 'Stopped', cause: 'by chance' };
    }
    return null;
  }

  /** The same for the same state and attempt, whatever the order of things. */
  #answer({ task, stateName, parameters }: Command & { type: 'InvokeTask' }): StimulusBody {
    const attempt = /"attempt":(\d+)/.exec(parameters.text)?.[1] ?? '0';
    const kind = hash(`${stateName} ${attempt} ${this.options.choices[1] ?? 0}`) % 20;
    if (kind < 3) return { type: 'TaskFailed', task, error: 'E0', cause: 'why', phase: 'call' };
    if (kind < 5) return { type: 'TaskFailed', task, error: 'E1', phase: 'call' };
    if (kind === 5) return { type: 'TaskFailed', task, error: 'E2', cause: 'no call', phase: 'start' };
    if (kind === 6) return { type: 'TaskSucceeded', task, output: freshPayload('"just text"') };
    if (kind === 7) return { type: 'TaskSucceeded', task, output: freshPayload('{"7": 1.50, "a": [ 1, {"b": 2} ]}') };
    return { type: 'TaskSucceeded', task, output: freshPayload(`{"ok": ${kind % 2 === 0}, "n": ${kind}}`) };
  }

  #stimulus(body: StimulusBody): Stimulus {
    const setBack = this.options.manner === 'chaotic' && this.#draw(6) === 5 ? 500 : 0;
    return { ...body, at: this.#clock - setBack, seed: seedOf(this.turns.length) } as Stimulus;
  }

  #deliver(stimuli: readonly Stimulus[], check: (driver: RandomDriver, turn: Turn) => void): void {
    const folded = this.options.noise === 'none' ? stimuli : this.#noise.among(stimuli, this.outstanding);
    const decision = decide(this.options.definition, this.execution, folded);
    for (const record of decision.records) deepFreeze(record);
    this.outstanding.apply(folded, decision);
    this.records.push(...decision.records);
    if (decision.records.length > 0) {
      this.segments.push({ seq: this.execution.seq, text: encodeSegment(decision.records, this.#numbers) });
    }
    this.#noise.remember(stimuli);
    const turn = { stimuli: folded, decision, seq: this.execution.seq, fingerprint: fingerprintOf(this.execution) };
    this.turns.push(turn);
    check(this, turn);
  }

  #deliverStale(): void {
    if (this.options.noise === 'none') return;
    const stale = this.#noise.stale(this.outstanding, this.#clock);
    const before = fingerprintOf(this.execution);
    const decision = decide(this.options.definition, this.execution, stale);
    if (decision.records.length > 0 || decision.commands.length > 0 || before !== fingerprintOf(this.execution)) {
      throw new Error(`Expected nothing to come of ${JSON.stringify(stale)}, but got ${JSON.stringify(decision)}`);
    }
  }

  #leaveMemory(): void {
    if (this.options.memory === 'stays') return;
    const chance = hash(`memory ${this.turns.length}`) % 6;
    if (chance > 3) return;
    // As the host does it: only what leaves memory gets a snapshot. Segments written later by one that stays could refer
    // to payloads that the snapshot does not hold.
    if (chance < 2) this.#snapshot = { seq: this.execution.seq, text: encodeSnapshot(this.execution, this.#numbers) };
    if (chance === 2) this.#snapshot = null;
    const before = fingerprintOf(this.execution);
    this.#numbers = new PayloadNumbers();
    this.execution = restore(this.segments, this.#snapshot, this.#numbers);
    const after = fingerprintOf(this.execution);
    if (before !== after) throw new Error(`Expected to come back as\n${before}\nbut came back as\n${after}`);
  }
}

/** As the host brings an execution back: from a snapshot, if there is one, and the segments after it. */
export function restore(
  segments: ReadonlyArray<{ readonly seq: number; readonly text: string }>,
  snapshot: { readonly seq: number; readonly text: string } | null,
  numbers: PayloadNumbers,
): Execution {
  const reader = new SegmentReader(numbers);
  const execution =
    (snapshot === null ? null : decodeSnapshot(snapshot.text, TEST_IDENTITY, reader)) ?? newExecution(TEST_IDENTITY);
  for (const { seq, text } of segments) {
    if (seq <= execution.seq) continue;
    for (const record of reader.read(text)) evolve(execution, record);
  }
  return execution;
}

/** Stimuli that nothing awaits. */
class Noise {
  readonly #past: Stimulus[] = [];
  #count = 0;

  constructor(private readonly salt: number) {}

  remember(stimuli: readonly Stimulus[]): void {
    this.#past.push(...stimuli);
  }

  /** The given stimuli, each followed at times by its repetition or by something stale, at the same moment. */
  among(stimuli: readonly Stimulus[], outstanding: Outstanding): readonly Stimulus[] {
    return stimuli.flatMap((stimulus) => {
      const kind = this.#draw(4);
      if (kind === 0) return [stimulus, stimulus];
      if (kind > 1 || stimulus.type === 'StartExecution') return [stimulus];
      const { at, seed } = stimulus;
      return [...this.stale(outstanding, at).map((stale) => ({ ...stale, at, seed })), stimulus];
    });
  }

  stale(outstanding: Outstanding, at: number): readonly Stimulus[] {
    const seed = seedOf(this.#count);
    const number = this.#draw(60);
    const foreign: StimulusBody[] = [
      { type: 'TaskSucceeded', task: number, output: Payload.ofText('"late"') },
      { type: 'TaskFailed', task: number, error: 'E0', phase: 'call' },
      { type: 'TaskStarted', task: number },
      { type: 'TaskSubmitted', task: number, output: Payload.ofText('"late"') },
      { type: 'SendTaskAgain', task: number },
      { type: 'TaskSentAgain', task: number },
      { type: 'TimerFired', timer: number, dueAt: 3_000_000 },
      { type: 'StartExecution', input: Payload.ofText('"again"') },
      { type: 'Continue' },
    ];
    const candidates = [
      pick(this.#past, this.#draw(this.#past.length || 1)),
      { ...pick(foreign, this.#draw(foreign.length)), at, seed } as Stimulus,
    ];
    return candidates.filter((stimulus) => stimulus !== undefined && !outstanding.awaits(stimulus)) as Stimulus[];
  }

  #draw(bound: number): number {
    return hash(`noise ${this.salt} ${this.#count++}`) % bound;
  }
}

/** Everything that makes an execution what it is, as text. */
export function fingerprintOf(execution: Execution): string {
  return JSON.stringify(execution, (_key, value: unknown) => {
    if (value instanceof Payload) return { '%payload': value.text };
    if (value instanceof Map) return { '%map': [...value] };
    if (Array.isArray(value)) return Array.from(value, (item) => (item === undefined ? '%hole' : item));
    return value;
  });
}

const frozen = new WeakSet<object>();

/** Freezes everything within, parsed payloads included: whoever changes it later throws. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value;
  frozen.add(value);
  if (value instanceof Payload) {
    deepFreeze<JsonValue>(value.value);
    return value; // it remembers its value and size when first asked
  }
  if (value instanceof Map) {
    for (const item of value.values()) deepFreeze(item);
    const refuse = () => {
      throw new Error('Expected a parsed object to stay as it is');
    };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
  }
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}

const freshPayload = (text: string): Payload => deepFreeze(Payload.ofText(text));
const pick = <Value>(list: readonly Value[], index: number): Value | undefined => list[index];
const seedOf = (count: number): Seed => [hash(`seed ${count}`), 1, 2, 3];

function hash(text: string): number {
  let sum = 2_166_136_261;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 16_777_619);
  return (sum ^ (sum >>> 15)) >>> 0;
}
