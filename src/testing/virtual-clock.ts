import type { Clock } from '../host/index.js';

interface Timer {
  readonly at: number;
  readonly then: () => void;
}

/** A clock that stands until it is told to go on; waits of a year take no time. */
export class VirtualClock implements Clock {
  /** The next one is the last; those due together are fired in the order they were set. */
  readonly #timers: Timer[] = [];
  #now: number;
  /** What the clock on the wall is ahead. */
  #stepped = 0;

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now + this.#stepped;
  }

  /** Somebody sets the clock: it shows another time, and whoever waits waits as long as before. */
  step(ms: number): void {
    this.#stepped += ms;
  }

  /** How long it has been running, whatever it shows. */
  get elapsed(): number {
    return this.#now;
  }

  /** When the next timer is due; null when there is none. */
  get nextAt(): number | null {
    const next = this.#timers.at(-1);
    return next === undefined ? null : next.at + this.#stepped;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), then };
    this.#timers.splice(this.#placeOf(timer.at), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** Goes to the next timer and fires it. False when there is none. */
  advance(): boolean {
    const next = this.#timers.pop();
    if (next === undefined) return false;
    this.#now = Math.max(this.#now, next.at);
    next.then();
    return true;
  }

  /** Lets time pass without firing what is due later than `at`. */
  goTo(at: number): void {
    this.#now = Math.max(this.#now, at - this.#stepped);
  }

  /** Behind everything that is due later: timers due together are fired in the order they were set. */
  #placeOf(at: number): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
