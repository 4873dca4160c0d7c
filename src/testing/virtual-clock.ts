import type { Clock } from '../host/index.js';

/** A clock that stands until it is told to go on; waits of a year take no time. */
export class VirtualClock implements Clock {
  readonly #timers: { readonly at: number; readonly then: () => void; isOff: boolean }[] = [];
  #now: number;

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), then, isOff: false };
    this.#timers.push(timer);
    return () => {
      timer.isOff = true;
    };
  }

  /** Goes to the next timer and fires it. False when there is none. */
  advance(): boolean {
    const next = this.#timers.filter((timer) => !timer.isOff).sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return false;
    this.#timers.splice(0, this.#timers.length, ...this.#timers.filter((timer) => timer !== next && !timer.isOff));
    this.#now = Math.max(this.#now, next.at);
    next.then();
    return true;
  }
}
