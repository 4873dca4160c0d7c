import type { Cancellation, TaskAnswer, TaskCall } from '../integrations/port.js';
import { TASKS_IN_FLIGHT_MAX, TASKS_WAITING_MAX } from '../limits.js';
import type { ExecutionId } from '../store/ports.js';
import type { Performer } from './ports.js';

/** A call that takes longer gets a TaskStarted of its own, so that people see it has begun. */
const SHOW_STARTED_AFTER_MS = 150;

export interface TaskKey {
  readonly execution: ExecutionId;
  /** Seq of the scheduled record. */
  readonly task: number;
}

/** A call under way. */
class Flight implements Cancellation {
  readonly startedAt = performance.now();
  #abort: AbortController | null = null;
  #isCancelled = false;

  constructor(readonly key: TaskKey) {}

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isCancelled) this.#abort.abort();
    return this.#abort.signal;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#abort?.abort();
  }
}

interface Waiting extends TaskKey {
  readonly call: TaskCall;
}

/** Carries out tasks whose TaskScheduled is durable, a bounded number at once, in order. */
export class Dispatcher {
  readonly #flights = new Map<string, Flight>();
  readonly #waiting = new Map<string, Waiting>();
  /** Calls not yet shown as started, oldest first. */
  readonly #unshown = new Map<string, Flight>();
  #sweep: NodeJS.Timeout | null = null;
  #hasTurnedAway = false;
  #isClosed = false;

  constructor(
    private readonly performer: Performer,
    private readonly answered: (key: TaskKey, answer: TaskAnswer) => void,
    private readonly started: (key: TaskKey) => void,
    /** The line is empty again after calls were turned away: they are in the outbox, and may come again. */
    private readonly hasRoom: () => void,
  ) {}

  /** Calls under way and calls in line. */
  get load(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#flights.size, waiting: this.#waiting.size };
  }

  /** False when the line is full: the call was not taken, and `hasRoom` says when to bring it again. */
  dispatch(key: TaskKey, call: TaskCall): boolean {
    if (this.#isClosed) return true; // the next start takes it up
    const name = nameOf(key);
    if (this.#flights.has(name) || this.#waiting.has(name)) return true;
    if (this.#flights.size < TASKS_IN_FLIGHT_MAX) void this.#perform(name, key, call);
    else if (this.#waiting.size < TASKS_WAITING_MAX) this.#waiting.set(name, { ...key, call });
    else {
      this.#hasTurnedAway = true;
      return false;
    }
    return true;
  }

  /** Nobody waits for the answer any more. */
  abandon(key: TaskKey): void {
    const name = nameOf(key);
    this.#waiting.delete(name);
    this.#flights.get(name)?.cancel();
  }

  /** Calls go on in their processes; their answers are dropped, and they are performed again after the next start. */
  close(): void {
    this.#isClosed = true;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#waiting.clear();
    for (const flight of this.#flights.values()) flight.cancel();
  }

  async #perform(name: string, key: TaskKey, call: TaskCall): Promise<void> {
    const flight = new Flight(key);
    this.#flights.set(name, flight);
    this.#unshown.set(name, flight);
    this.#sweep ??= setInterval(() => this.#showStarted(), SHOW_STARTED_AFTER_MS).unref();
    let answer: TaskAnswer;
    try {
      answer = await this.performer.perform(call, flight);
    } catch (fault) {
      const cause = fault instanceof Error ? fault.message : String(fault);
      answer = { type: 'failed', error: 'States.TaskFailed', cause: `Treadle could not perform the task: ${cause}` };
    }
    this.#flights.delete(name);
    this.#unshown.delete(name);
    if (this.#isClosed) return;
    if (!flight.isCancelled) this.answered(key, answer);
    this.#takeNext();
  }

  #takeNext(): void {
    for (const [name, { call, ...key }] of this.#waiting) {
      if (this.#flights.size >= TASKS_IN_FLIGHT_MAX) return;
      this.#waiting.delete(name);
      void this.#perform(name, key, call);
    }
    if (!this.#hasTurnedAway) return;
    this.#hasTurnedAway = false;
    this.hasRoom();
  }

  #showStarted(): void {
    const before = performance.now() - SHOW_STARTED_AFTER_MS;
    for (const [name, flight] of this.#unshown) {
      if (flight.startedAt > before) return;
      this.#unshown.delete(name);
      this.started(flight.key);
    }
    if (this.#flights.size === 0 && this.#sweep !== null) {
      clearInterval(this.#sweep);
      this.#sweep = null;
    }
  }
}

const nameOf = ({ execution, task }: TaskKey): string => `${execution} ${task}`;
