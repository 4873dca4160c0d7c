import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { TASKS_IN_FLIGHT_MAX, TASKS_WAITING_MAX } from '../limits.js';
import { type ExecutionId, StoreUnavailable } from '../store/ports.js';
import type { Clock, Performer } from './ports.js';
import { pauseMs } from './retry-pause.js';

/** A call that is under way at two looks gets a TaskStarted of its own, so that people see it has begun. */
const SHOW_STARTED_AFTER_MS = 150;

export interface TaskKey {
  readonly execution: ExecutionId;
  /** Seq of the scheduled record. */
  readonly task: number;
}

interface Flight extends TaskKey {
  readonly abort: AbortController;
  /** Looks at the calls under way before it began. */
  readonly look: number;
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
  #stopLooking: (() => void) | null = null;
  #looks = 0;
  #hasTurnedAway = false;
  #isClosed = false;

  constructor(
    private readonly performer: Performer,
    private readonly answered: (key: TaskKey, answer: TaskAnswer) => void,
    private readonly started: (key: TaskKey) => void,
    /** The line is empty again after calls were turned away: they are in the outbox, and may come again. */
    private readonly hasRoom: () => void,
    private readonly clock: Clock,
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
    if (this.#flights.size < TASKS_IN_FLIGHT_MAX) void this.#perform(name, { ...key, call });
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
    this.#flights.get(name)?.abort.abort();
  }

  /** Calls go on in their processes; their answers are dropped, and they are performed again after the next start. */
  close(): void {
    this.#isClosed = true;
    this.#stopLooking?.();
    this.#waiting.clear();
    for (const flight of this.#flights.values()) flight.abort.abort();
  }

  async #perform(name: string, { call, ...key }: Waiting, attempt = 0): Promise<void> {
    const flight: Flight = { ...key, abort: new AbortController(), look: this.#looks };
    this.#flights.set(name, flight);
    this.#unshown.set(name, flight);
    this.#lookAgain();
    let answer: TaskAnswer;
    try {
      answer = await this.performer.perform(call, flight.abort.signal);
    } catch (fault) {
      if (fault instanceof StoreUnavailable) return this.#performLater(name, { ...key, call }, { flight, attempt });
      const cause = fault instanceof Error ? fault.message : String(fault);
      answer = { type: 'failed', error: 'States.TaskFailed', cause: `Treadle could not perform the task: ${cause}` };
    }
    this.#flights.delete(name);
    this.#unshown.delete(name);
    if (this.#isClosed) return;
    if (!flight.abort.signal.aborted) this.answered(key, answer);
    this.#takeNext();
  }

  /** Nobody knows what has come of the call: it is made again with its key. It keeps its place meanwhile. */
  #performLater(name: string, waiting: Waiting, { flight, attempt }: { flight: Flight; attempt: number }): void {
    this.clock.after(pauseMs(attempt), () => {
      if (this.#isClosed || this.#flights.get(name) !== flight) return;
      this.#flights.delete(name);
      this.#unshown.delete(name);
      if (flight.abort.signal.aborted) this.#takeNext();
      else void this.#perform(name, waiting, attempt + 1);
    });
  }

  #takeNext(): void {
    for (const [name, waiting] of this.#waiting) {
      if (this.#flights.size >= TASKS_IN_FLIGHT_MAX) return;
      this.#waiting.delete(name);
      void this.#perform(name, waiting);
    }
    if (!this.#hasTurnedAway) return;
    this.#hasTurnedAway = false;
    this.hasRoom();
  }

  #lookAgain(): void {
    this.#stopLooking ??= this.clock.after(SHOW_STARTED_AFTER_MS, () => {
      this.#stopLooking = null;
      this.#showStarted();
    });
  }

  #showStarted(): void {
    for (const [name, flight] of this.#unshown) {
      if (flight.look === this.#looks) break;
      this.#unshown.delete(name);
      this.started(flight);
    }
    this.#looks += 1;
    if (this.#unshown.size > 0 && !this.#isClosed) this.#lookAgain();
  }
}

const nameOf = ({ execution, task }: TaskKey): string => `${execution} ${task}`;
