import { PERFORMED_KEPT_MS } from '../limits.js';
import type { RecordStore, RecordWrite } from '../store/ports.js';
import { RecordConflict } from '../store/ports.js';
import type { Clock } from './ports.js';

const SWEEP_MS = 60 * 60_000;
const SWEEP_ROWS = 200;

/**
 * Effects that happen once per key: the result is written in the same transaction as the effect, and a repeated key gets
 * the first result. Keys are kept for a while.
 */
export class Performed {
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>,
    private readonly clock: Clock,
    private readonly collection: string,
    /** A day unless given: long enough for whoever repeats a call after a restart. */
    private readonly keptMs: number = PERFORMED_KEPT_MS,
  ) {}

  /** Writes `writes` once. `isRepeated`: they were written before, and `result` is that of the first time. */
  async once(
    key: string | undefined,
    result: string,
    writes: readonly RecordWrite[],
  ): Promise<{ readonly result: string; readonly isRepeated: boolean }> {
    if (key === undefined) {
      if (writes.length > 0) await this.records.write(writes);
      return { result, isRepeated: false };
    }
    const before = await this.find(key);
    if (before !== null) return { result: before, isRepeated: true };
    try {
      await this.records.write([this.markOf(key, result), ...writes]);
      return { result, isRepeated: false };
    } catch (fault) {
      if (!(fault instanceof RecordConflict) || fault.collection !== this.collection) throw fault;
      return { result: (await this.find(key)) ?? result, isRepeated: true };
    }
  }

  /** To be written together with the effect; RecordConflict says that the effect has happened before. */
  markOf(key: string, result: string): RecordWrite {
    const value = JSON.stringify({ at: this.clock.now(), result });
    return { type: 'put', collection: this.collection, key, value, expect: 'absent' };
  }

  /** The result of the first time, or null. */
  async find(key: string): Promise<string | null> {
    const text = await this.records.get(this.collection, key);
    return text === null ? null : readMark(text).result;
  }

  /** Sweeps old keys every hour, for the first time after an hour: those that a restart repeats come before. */
  start(report: (line: string) => void): void {
    this.#timer = setInterval(() => {
      this.sweep().catch((fault: unknown) => report(`Could not sweep ${this.collection}: ${fault}`));
    }, SWEEP_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Deletes keys that are too old. */
  async sweep(): Promise<void> {
    const before = this.clock.now() - this.keptMs;
    let after: string | null = null;
    for (;;) {
      const rows = await this.records.scan({ collection: this.collection, prefix: '', after, limit: SWEEP_ROWS });
      const old = rows.filter((row) => readMark(row.value).at < before);
      if (old.length > 0) {
        await this.records.write(old.map(({ key }) => ({ type: 'delete', collection: this.collection, key })));
      }
      after = rows.at(-1)?.key ?? null;
      if (rows.length < SWEEP_ROWS) return;
    }
  }
}

/** Our own text: a checked border. */
function readMark(text: string): { readonly at: number; readonly result: string } {
  const mark: unknown = JSON.parse(text);
  if (typeof mark === 'object' && mark !== null && 'at' in mark && 'result' in mark) {
    if (typeof mark.at === 'number' && typeof mark.result === 'string') return { at: mark.at, result: mark.result };
  }
  throw new Error(
    `Expected the mark of a performed call, but found ${text.slice(0, 100)}. The data folder is damaged.`,
  );
}
