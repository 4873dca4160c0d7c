import type { Clock } from '../host/index.js';

interface Timer {
  readonly at: number;
  readonly then: () => void;
}

/**
 * The machine's clock, which can be put forward: what waits for an hour waits no longer when an hour is skipped. For servers under test,
 * whose clients are programs that live in real time.
 */
export class SkippingClock implements Clock {
  readonly #timers = new Set<Timer>();
  #skippedMs = 0;
  #alarm: NodeJS.Timeout | null = null;

  now(): number {
    return Date.now() + this.#skippedMs;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.now() + Math.max(0, ms), then };
    this.#timers.add(timer);
    this.#setAlarm();
    return () => this.#timers.delete(timer);
  }

  /** Lets so much time pass at once. What comes due meanwhile is fired in order, before it returns. */
  skip(ms: number): void {
    this.#skippedMs += ms;
    this.#fire();
  }

  #fire(): void {
    for (let next = this.#next(); next !== null && next.at <= this.now(); next = this.#next()) {
      this.#timers.delete(next);
      next.then();
    }
    this.#setAlarm();
  }

  /** The first of those that are due first. */
  #next(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (next === null || timer.at < next.at) next = timer;
    return next;
  }

  #setAlarm(): void {
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    const next = this.#next();
    const delayMs = next === null ? ALARM_MS_MAX : Math.min(ALARM_MS_MAX, Math.max(0, next.at - this.now()));
    this.#alarm = next === null ? null : setTimeout(() => this.#fire(), delayMs).unref();
  }
}

/** Of one setTimeout; a later timer is looked at again then. */
const ALARM_MS_MAX = 60_000;
