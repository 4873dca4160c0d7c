import type { AwaitsTask, Execution, Stimulus } from '../../interpreter/index.js';
import { HEARTBEATS_IN_MEMORY_MAX } from '../../limits.js';
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
 * through a restart gets one whole interval after it.
 */
export class Heartbeats {
  readonly #beats = new Map<string, number>();

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
  }

  /** Nobody waits for the task's beats any more. */
  forget(key: TaskKey): void {
    if (this.#beats.size > 0) this.#beats.delete(nameOf(key));
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
    { timer, dueAt }: Stimulus & { type: 'TimerFired' },
  ): number | null {
    const task = awaitedTask(execution, timer);
    if (task === null || task.heartbeatDueAt === null) return null;
    if (task.dueAt !== null && dueAt >= task.dueAt) return null; // the task itself has timed out
    const intervalMs = task.heartbeatDueAt - task.beatsFrom;
    const key = { execution: id, task: timer };
    const nextDueAt = Math.max(this.#beats.get(nameOf(key)) ?? 0, this.openedAt) + intervalMs;
    return nextDueAt > dueAt ? nextDueAt : null;
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
