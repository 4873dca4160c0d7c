import type { AwaitsTask, Execution, Stimulus } from '../../interpreter/index.js';
import { HEARTBEATS_IN_MEMORY_MAX, HEARTBEATS_SPARED_MAX, TIMER_LATE_MS } from '../../limits.js';
import type { ExecutionId, TimerKey } from '../../store/ports.js';
import type { TaskKey } from '../dispatcher.js';

/** There are as many tasks with a beat in memory as there may be. */
export class TooManyHeartbeats extends Error {
  override readonly name = 'TooManyHeartbeats';
}

interface Postponed {
  /** What the execution gets to decide on. */
  readonly stimuli: readonly Stimulus[];
  /** Timers that are set anew instead of firing. */
  readonly timers: readonly TimerKey[];
}

/**
 * The last heartbeat of each task, in memory: a beat leaves no record and costs no write. When the task's timer fires,
 * it is set anew if a beat has come meanwhile. Beats are lost with the process, so a task that waited
 * through a restart gets one whole interval after it. So does one whose timer fires late (the process stood still, or somebody set
 * the clock): its beats may not have been read yet.
 */
export class Heartbeats {
  readonly #beats = new Map<string, number>();
  /** Tasks whose timer fired late since their last beat: how often, and until when they may be silent for it. */
  readonly #spared = new Map<string, { readonly until: number; readonly times: number }>();

  constructor(
    private readonly openedAt: number,
    private readonly tasksMax: number = HEARTBEATS_IN_MEMORY_MAX,
  ) {}

  /** Throws TooManyHeartbeats. */
  beat(key: TaskKey, at: number): void {
    const name = nameOf(key);
    if (!this.#beats.has(name) && this.#beats.size >= this.tasksMax) {
      throw new TooManyHeartbeats(`Expected heartbeats of at most ${this.tasksMax} tasks at once, but there are more.`);
    }
    this.#beats.set(name, at);
    this.#spared.delete(name);
  }

  /** Nobody waits for the task's beats any more. */
  forget(key: TaskKey): void {
    if (this.#beats.size + this.#spared.size === 0) return;
    const name = nameOf(key);
    this.#beats.delete(name);
    this.#spared.delete(name);
  }

  /** Takes out the timers that a beat has put off. */
  postpone(id: ExecutionId, execution: Execution, stimuli: readonly Stimulus[]): Postponed {
    if (!stimuli.some(({ type }) => type === 'TimerFired')) return { stimuli, timers: [] };
    const timers: TimerKey[] = [];
    const left = stimuli.filter((stimulus) => {
      const dueAt = stimulus.type === 'TimerFired' ? this.#nextDueAt(id, execution, stimulus) : null;
      if (stimulus.type === 'TimerFired' && dueAt !== null) timers.push({ seq: stimulus.timer, dueAt });
      return dueAt === null;
    });
    return { stimuli: left, timers };
  }

  /** When the beat is due now; null = the timer is no heartbeat's, or the beat is missing. */
  #nextDueAt(
    id: ExecutionId,
    execution: Execution,
    { timer, dueAt, at }: Stimulus & { type: 'TimerFired' },
  ): number | null {
    const task = awaitedTask(execution, timer);
    if (task === null || task.heartbeatDueAt === null) return null;
    if (task.dueAt !== null && dueAt >= task.dueAt) return null; // the task itself has timed out
    const intervalMs = task.heartbeatDueAt - task.beatsFrom;
    const key = { execution: id, task: timer };
    const nextDueAt = Math.max(this.#beats.get(nameOf(key)) ?? 0, this.openedAt) + intervalMs;
    if (nextDueAt > at) return nextDueAt;
    const sparedUntil = this.#sparedUntil(nameOf(key), { at, intervalMs, isLate: at - dueAt > TIMER_LATE_MS });
    if (sparedUntil !== null) return sparedUntil;
    return nextDueAt > dueAt ? nextDueAt : null;
  }

  /** The end of the interval that it is given because its timer was late; null = none is. */
  #sparedUntil(
    name: string,
    { at, intervalMs, isLate }: { readonly at: number; readonly intervalMs: number; readonly isLate: boolean },
  ): number | null {
    const spared = this.#spared.get(name);
    if (spared !== undefined && spared.until > at) return spared.until;
    const times = spared?.times ?? 0;
    if (!isLate || times >= HEARTBEATS_SPARED_MAX || this.#spared.size >= this.tasksMax) return null;
    this.#spared.set(name, { until: at + intervalMs, times: times + 1 });
    return at + intervalMs;
  }
}

/** The task that the execution waits for, if it does. */
export function awaitedTask(execution: Execution, seq: number): AwaitsTask | null {
  for (const { awaits } of execution.frames.values()) {
    if (awaits?.type === 'task' && awaits.seq === seq) return awaits;
  }
  return null;
}

const nameOf = ({ execution, task }: TaskKey): string => `${execution} ${task}`;
