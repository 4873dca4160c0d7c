import type { RecordStore } from '../../../store/ports.js';
import type { Clock } from '../../ports.js';

/**
 * Numbers of changes: they count up over all tables, and begin with the time, so that what is older than a moment is a range of
 * keys. 21 digits, as AWS's least.
 */
export class Sequences {
  #last: number;

  private constructor(
    private readonly clock: Clock,
    last: number,
  ) {
    this.#last = last;
  }

  /** Goes on behind the last number in any of the collections, also when the clock was put back. */
  static async open(
    records: Pick<RecordStore, 'scan'>,
    { clock, collections }: { readonly clock: Clock; readonly collections: readonly string[] },
  ): Promise<Sequences> {
    let last = 0;
    for (const collection of collections) {
      const [row] = await records.scan({ collection, prefix: '', after: null, isDescending: true, limit: 1 });
      if (row !== undefined) last = Math.max(last, Number(row.key.slice(1)));
    }
    return new Sequences(clock, last);
  }

  next(): string {
    this.#last = Math.max(this.#last + 1, this.clock.now() * PER_MS);
    return sequenceText(this.#last);
  }

  /** Of the latest change. */
  get last(): string {
    return sequenceText(this.#last);
  }
}

/** Changes that one millisecond has numbers for; more take those of the next. */
const PER_MS = 1000;
const DIGITS = 20;

const sequenceText = (sequence: number): string => `1${String(sequence).padStart(DIGITS, '0')}`;

/** The least number of a moment. */
export const sequenceAt = (at: number): string => sequenceText(at * PER_MS);

export const timeOf = (sequence: string): number => Math.floor(Number(sequence.slice(1)) / PER_MS);

/** The number before; for reading from a number on. */
export const sequenceBefore = (sequence: string): string =>
  `1${String(BigInt(sequence.slice(1)) - 1n).padStart(DIGITS, '0')}`;

export const isSequence = (text: string): boolean => /^1\d{20}$/.test(text);
