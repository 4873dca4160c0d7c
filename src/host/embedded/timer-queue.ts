import { TIMER_HORIZON_MS, TIMER_LATE_MS, TIMER_LATE_PAUSE_MS, TIMERS_IN_MEMORY_MAX } from '../../limits.js';
import type { ExecutionStore, TimerRow } from '../../store/ports.js';
import type { Clock } from '../ports.js';
import { pauseMs } from '../retry-pause.js';

const PAGE_TIMERS = 10_000;
/** setTimeout's own limit is 2^31 - 1 ms; we look again long before. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Fires timers when they are due. Rows are durable in the store; memory holds those of the next few minutes,
 * and no more than TIMERS_IN_MEMORY_MAX.
 */
export class TimerQueue {
  readonly #heap: TimerRow[] = [];
  readonly #held = new Set<string>();
  /** Every stored timer due before this is held here. */
  #loadedUntil = 0;
  #loading: Promise<void> | null = null;
  #cancelWake: (() => void) | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  /** Of reads, one after the other. */
  #failures = 0;
  #fired = 0;
  #isClosed = false;

  constructor(
    private readonly store: ExecutionStore,
    private readonly clock: Clock,
    private readonly fire: (timer: TimerRow) => void,
  ) {}

  /** Timers held in memory. */
  get size(): number {
    return this.#held.size;
  }

  /** Loads what is due soon; timers that came due while nobody ran fire at once. Gives how many these were. */
  async open(): Promise<number> {
    const before = this.#fired;
    await this.#load();
    return this.#fired - before;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelWake?.();
  }

  /** A timer that has just become durable. */
  add(timer: TimerRow): void {
    if (timer.dueAt >= this.#loadedUntil) return;
    if (this.#heap.length >= TIMERS_IN_MEMORY_MAX) {
      this.#loadedUntil = timer.dueAt;
      return;
    }
    this.#hold(timer);
    this.#schedule();
  }

  /** The row has gone from the store: the timer does not fire any more. */
  remove(timer: TimerRow): void {
    this.#held.delete(keyOf(timer));
  }

  #hold(timer: TimerRow): void {
    const key = keyOf(timer);
    if (this.#held.has(key)) return;
    this.#held.add(key);
    push(this.#heap, timer);
  }

  /** Where the store does not answer, it rejects after a pause, and then begins again by itself. */
  #load(): Promise<void> {
    this.#loading ??= this.#loadPages().finally(() => {
      this.#loading = null;
      this.#schedule();
    });
    return this.#loading;
  }

  async #loadPages(): Promise<void> {
    const reached = this.#loadedUntil;
    try {
      await this.#loadFrom(reached);
      this.#failures = 0;
    } catch (fault) {
      this.#loadedUntil = reached; // what was not read is not taken for read
      await new Promise<void>((next) => this.clock.after(pauseMs(this.#failures++), next));
      throw fault;
    }
  }

  async #loadFrom(reached: number): Promise<void> {
    const before = this.clock.now() + TIMER_HORIZON_MS;
    // From now on new timers below the horizon are held as they come; the pages bring those from before.
    this.#loadedUntil = before;
    let after: TimerRow | null =
      reached === 0 ? null : { dueAt: reached - 1, execution: Number.MAX_SAFE_INTEGER, seq: 0 };
    for (;;) {
      const page: readonly TimerRow[] = await this.store.timers({ before, after, limit: PAGE_TIMERS });
      for (const timer of page) this.#hold(timer);
      this.#fireDue();
      after = page.at(-1) ?? null;
      if (page.length < PAGE_TIMERS || after === null) return;
      if (this.#heap.length >= TIMERS_IN_MEMORY_MAX) {
        this.#loadedUntil = after.dueAt;
        return;
      }
    }
  }

  #fireDue(): void {
    const now = this.clock.now();
    for (let next = this.#heap[0]; next !== undefined && next.dueAt <= now; next = this.#heap[0]) {
      pop(this.#heap);
      if (!this.#held.delete(keyOf(next)) || this.#isClosed) continue;
      this.#fired++;
      this.fire(next);
    }
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const now = this.clock.now();
    if (this.#loadedUntil - now < TIMER_HORIZON_MS / 2 && this.#loading === null) this.#load().catch(() => undefined);
    const wakeAt = Math.min(this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY, now + LOOK_AGAIN_MS);
    if (this.#cancelWake !== null && this.#wakeAt <= wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = wakeAt;
    this.#cancelWake = this.clock.after(Math.max(0, wakeAt - now), () => this.#wake(wakeAt));
  }

  #wake(wakeAt: number): void {
    if (this.clock.now() - wakeAt > TIMER_LATE_MS) {
      this.#cancelWake = this.clock.after(TIMER_LATE_PAUSE_MS, () => this.#wake(Number.POSITIVE_INFINITY));
      return;
    }
    this.#cancelWake = null;
    this.#fireDue();
    this.#schedule();
  }
}

const keyOf = ({ execution, seq, dueAt }: TimerRow): string => `${execution} ${seq} ${dueAt}`;

const isBefore = (a: TimerRow, b: TimerRow): boolean =>
  a.dueAt !== b.dueAt ? a.dueAt < b.dueAt : a.execution !== b.execution ? a.execution < b.execution : a.seq < b.seq;

/** A binary heap, earliest first. */
function push(heap: TimerRow[], timer: TimerRow): void {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(timer, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = timer;
}

function pop(heap: TimerRow[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined) break;
    const [below, least] = b !== undefined && isBefore(b, a) ? [right, b] : [left, a];
    if (!isBefore(least, last)) break;
    heap[at] = least;
    at = below;
  }
  heap[at] = last;
}
