import type { HistoryRecord } from '../../interpreter/index.js';

/** Where something happened. */
export interface Place {
  /** `Reserve Stock/Reserve Item`. */
  readonly path: string;
  /** The same with the indexes of the iterations: `Reserve Stock[1]/Reserve Item`. */
  readonly text: string;
  /** Indexes of the Map iterations around it, outermost first. */
  readonly iteration: readonly number[];
}

/** One entry into a state. */
export interface Transition {
  /** The state before, in the same block; null for the first one of the machine, of a branch or of an iteration. */
  readonly from: string | null;
  readonly to: string;
}

interface Thread {
  /** In front of the names of its states. */
  readonly around: Place;
  current: Place | null;
  previous: string | null;
  /** Retries of the current state. */
  retries: number;
}

const NOWHERE: Place = { path: '', text: '', iteration: [] };

/** Follows an execution's records: which states were entered, in which iteration, from where. */
export class Itinerary {
  readonly #threads = new Map<number, Thread>();

  /** Entries into states go to `transitions`. `around` is where the execution itself belongs. */
  constructor(
    private readonly transitions: Transition[],
    private readonly around: Place = NOWHERE,
  ) {}

  take(record: HistoryRecord): void {
    switch (record.type) {
      case 'ExecutionStarted':
        this.#open(record.seq, this.around);
        return;
      case 'BranchStarted': {
        const { path, text, iteration } = this.placeOf(record.private.parent);
        this.#open(record.seq, { path: `${path}/`, text: `${text}/`, iteration });
        return;
      }
      case 'MapIterationStarted': {
        const { path, text, iteration } = this.placeOf(record.private.parent);
        const { index } = record.details;
        this.#open(record.seq, { path: `${path}/`, text: `${text}[${index}]/`, iteration: [...iteration, index] });
        return;
      }
      case 'RetryScheduled':
        this.#thread(record.frame).retries += 1;
        return;
      default:
        if (
          record.details !== null &&
          'input' in record.details &&
          record.type.endsWith('StateEntered') &&
          'name' in record.details
        )
          this.#enter(this.#thread(record.frame), record.details.name);
    }
  }

  /** The state that the frame is in. */
  placeOf(frame: number): Place {
    return this.#thread(frame).current ?? this.around;
  }

  retriesOf(frame: number): number {
    return this.#thread(frame).retries;
  }

  #open(frame: number, around: Place): void {
    this.#threads.set(frame, { around, current: null, previous: null, retries: 0 });
  }

  #enter(thread: Thread, name: string): void {
    const { path, text, iteration } = thread.around;
    thread.current = { path: path + name, text: text + name, iteration };
    this.transitions.push({ from: thread.previous, to: thread.current.text });
    thread.previous = thread.current.text;
    thread.retries = 0;
  }

  #thread(frame: number): Thread {
    const thread = this.#threads.get(frame);
    if (thread === undefined) throw new Error(`Broken invariant: no record has opened frame ${frame}`);
    return thread;
  }
}
