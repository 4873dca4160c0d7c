import type { TimerKey } from '../../store/ports.js';
import type { Clock } from '../ports.js';

/** setTimeout's own limit: a longer wait is made of several. */
const WAIT_MS_MAX = 2_147_483_647;

/** Timers of one execution that lives in memory only. */
export class TransientTimers {
  /** By `<seq> <dueAt>`. */
  readonly #cancels = new Map<string, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly fire: (timer: TimerKey) => void,
  ) {}

  add(timer: TimerKey): void {
    const key = keyOf(timer);
    if (!this.#cancels.has(key)) this.#wait(key, timer);
  }

  remove(timer: TimerKey): void {
    const key = keyOf(timer);
    this.#cancels.get(key)?.();
    this.#cancels.delete(key);
  }

  clear(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  /** A clock may wake us early (a long wait, a clock that was set back): then we wait on. */
  #wait(key: string, timer: TimerKey): void {
    const ms = Math.min(Math.max(0, timer.dueAt - this.clock.now()), WAIT_MS_MAX);
    const cancel = this.clock.after(ms, () => {
      if (this.clock.now() < timer.dueAt) return this.#wait(key, timer);
      this.#cancels.delete(key);
      this.fire(timer);
    });
    this.#cancels.set(key, cancel);
  }
}

const keyOf = ({ seq, dueAt }: TimerKey): string => `${seq} ${dueAt}`;
