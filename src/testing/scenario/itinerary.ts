import type { HistoryRecord } from '../../interpreter/index.js';

/** Where something happened. */
export interface Position {
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

interface Walk {
  /** In front of the names of its states. */
  readonly around: Position;
  current: Position | null;
  previous: string | null;
  /** Retries of the current state. */
  retries: number;
}

const NOWHERE: Position = { path: '', text: '', iteration: [] };

/** Follows an execution's records: which states were entered, in which iteration, from where. */
export class Itinerary {
  readonly #walks = new Map<number, Walk>();

  /** Entries into states go to `transitions`. `around` is where the execution itself belongs. */
  constructor(
    private readonly transitions: Transition[],
    private readonly around: Position = NOWHERE,
  ) {}

  take(record: HistoryRecord): void {
    switch (record.type) {
      case 'ExecutionStarted':
        this.#open(record.seq, this.around);
        return;
      case 'BranchStarted': {
        const { path, text, iteration } = this.positionOf(record.private.parent);
        this.#open(record.seq, { path: `${path}/`, text: `${text}/`, iteration });
        return;
      }
      case 'MapIterationStarted': {
        const { path, text, iteration } = this.positionOf(record.private.parent);
        const { index } = record.details;
        this.#open(record.seq, { path: `${path}/`, text: `${text}[${index}]/`, iteration: [...iteration, index] });
        return;
      }
      case 'RetryScheduled':
        this.#walk(record.frame).retries += 1;
        return;
      default:
        if (
          record.details !== null &&
          'input' in record.details &&
          record.type.endsWith('StateEntered') &&
          'name' in record.details
        )
          this.#enter(this.#walk(record.frame), record.details.name);
    }
  }

  /** The state that the frame is in. */
  positionOf(frame: number): Position {
    return this.#walk(frame).current ?? this.around;
  }

  retriesOf(frame: number): number {
    return this.#walk(frame).retries;
  }

  #open(frame: number, around: Position): void {
    this.#walks.set(frame, { around, current: null, previous: null, retries: 0 });
  }

  #enter(walk: Walk, name: string): void {
    const { path, text, iteration } = walk.around;
    walk.current = { path: path + name, text: text + name, iteration };
    this.transitions.push({ from: walk.previous, to: walk.current.text });
    walk.previous = walk.current.text;
    walk.retries = 0;
  }

  #walk(frame: number): Walk {
    const walk = this.#walks.get(frame);
    if (walk === undefined) throw new Error(`Broken invariant: no record has opened frame ${frame}`);
    return walk;
  }
}
