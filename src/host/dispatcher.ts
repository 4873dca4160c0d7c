import type { Cancellation, TaskAnswer, TaskCall } from '../integrations/port.js';
import {
  TASKS_IN_FLIGHT_CHARS_MAX,
  TASKS_IN_FLIGHT_MAX,
  TASKS_WAITING_CHARS_MAX,
  TASKS_WAITING_MAX,
} from '../limits.js';
import { type ExecutionId, StoreUnavailable } from '../store/ports.js';
import type { Clock, Performer } from './ports.js';
import { pauseMs } from './retry-pause.js';

/** A call that is under way at two looks gets a TaskStarted of its own, so that people see it has begun. */
const SHOW_STARTED_AFTER_MS = 150;

export interface TaskKey {
  readonly execution: ExecutionId;
  /** Seq of the scheduled record. */
  readonly task: number;
  /** Set where the call is made anew because somebody asked for it. */
  readonly send?: number | undefined;
}

/** A call under way. */
class Flight implements Cancellation {
  #abort: AbortController | null = null;
  #isCancelled = false;

  constructor(
    readonly key: TaskKey,
    /** Looks at the calls under way before it began. */
    readonly look: number,
  ) {}

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
  #stopLooking: (() => void) | null = null;
  #looks = 0;
  #flightChars = 0;
  #waitingChars = 0;
  #hasTurnedAway = false;
  #isDraining = false;
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
    if (this.#isClosed || this.#isDraining) return true; // the next start takes it up
    const name = nameOf(key);
    if (this.#flights.has(name) || this.#waiting.has(name)) return true;
    if (this.#mayFly(call)) void this.#perform(name, { call, ...key });
    else if (this.#mayWait(call)) {
      this.#waiting.set(name, { call, ...key });
      this.#waitingChars += charsOf(call);
    } else {
      this.#hasTurnedAway = true;
      return false;
    }
    return true;
  }

  /** Nobody waits for the answer any more. */
  abandon(key: TaskKey): void {
    const name = nameOf(key);
    this.#leaveLine(name);
    this.#flights.get(name)?.cancel();
  }

  /** Calls under way end, and those in line and all further ones are left to the next start. */
  drain(): void {
    this.#isDraining = true;
    this.#waiting.clear();
    this.#waitingChars = 0;
  }

  /** Calls go on in their processes; their answers are dropped, and they are performed again after the next start. */
  close(): void {
    this.#isClosed = true;
    this.#stopLooking?.();
    this.#waiting.clear();
    for (const flight of this.#flights.values()) flight.cancel();
  }

  async #perform(name: string, waiting: Waiting, attempt = 0): Promise<void> {
    const { call, ...key } = waiting;
    const flight = new Flight(key, this.#looks);
    this.#flights.set(name, flight);
    this.#flightChars += charsOf(call);
    this.#unshown.set(name, flight);
    this.#lookAgain();
    let answer: TaskAnswer;
    try {
      answer = await this.performer.perform(call, flight);
    } catch (fault) {
      if (fault instanceof StoreUnavailable) return this.#performLater(name, waiting, { flight, attempt });
      const cause = fault instanceof Error ? fault.message : String(fault);
      answer = { type: 'failed', error: 'States.TaskFailed', cause: `Treadle could not perform the task: ${cause}` };
    }
    this.#land(name, call);
    if (this.#isClosed) return;
    if (!flight.isCancelled) this.answered(key, answer);
    this.#takeNext();
  }

  /** Nobody knows what has come of the call: it is made again with its key. It keeps its place meanwhile. */
  #performLater(name: string, waiting: Waiting, { flight, attempt }: { flight: Flight; attempt: number }): void {
    this.clock.after(pauseMs(attempt), () => {
      if (this.#isClosed || this.#flights.get(name) !== flight) return;
      this.#land(name, waiting.call);
      if (flight.isCancelled) this.#takeNext();
      else void this.#perform(name, waiting, attempt + 1);
    });
  }

  #takeNext(): void {
    for (const [name, waiting] of this.#waiting) {
      if (!this.#mayFly(waiting.call)) return;
      this.#leaveLine(name);
      void this.#perform(name, waiting);
    }
    if (!this.#hasTurnedAway || this.#isDraining) return;
    this.#hasTurnedAway = false;
    this.hasRoom();
  }

  /** A large one may fly alone. */
  #mayFly(call: TaskCall): boolean {
    if (this.#flights.size === 0) return true;
    return this.#flights.size < TASKS_IN_FLIGHT_MAX && this.#flightChars + charsOf(call) <= TASKS_IN_FLIGHT_CHARS_MAX;
  }

  #mayWait(call: TaskCall): boolean {
    return this.#waiting.size < TASKS_WAITING_MAX && this.#waitingChars + charsOf(call) <= TASKS_WAITING_CHARS_MAX;
  }

  #leaveLine(name: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) this.#waitingChars -= charsOf(waiting.call);
    this.#waiting.delete(name);
  }

  #land(name: string, call: TaskCall): void {
    this.#flights.delete(name);
    this.#unshown.delete(name);
    this.#flightChars -= charsOf(call);
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
      this.started(flight.key);
    }
    this.#looks += 1;
    if (this.#unshown.size > 0 && !this.#isClosed) this.#lookAgain();
  }
}

const charsOf = ({ parameters }: TaskCall): number => parameters.text.length;
const nameOf = ({ execution, task }: TaskKey): string => `${execution} ${task}`;
