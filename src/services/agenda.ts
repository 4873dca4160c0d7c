import type { RecordStore, RecordWrite } from '../store/ports.js';
import { everyRecord } from '../store/record-pages.js';
import { putJson } from '../store/record-writes.js';
import type { Timekeeper } from './ports.js';
import type { Occurrences } from './schedule-expression.js';

/** What happens at a due time. */
export interface Firing {
  /** Committed together with the note that this due time is done. */
  readonly writes: readonly RecordWrite[];
  /** Called once that is durable. */
  readonly committed: () => void;
}

export interface AgendaOptions {
  readonly records: Pick<RecordStore, 'scan' | 'write'>;
  readonly clock: Timekeeper;
  /** The record collection that says when each entry was last fired. */
  readonly collection: string;
  readonly fire: (key: string, dueAt: number) => Firing;
  readonly report: (line: string) => void;
}

interface Entry {
  readonly occurrences: Occurrences;
  /** Due times up to this one are done, or are none of this entry's. Epoch milliseconds. */
  doneUntil: number;
  /** Null: never again. */
  nextAt: number | null;
}

const SCAN_ROWS = 1000;
/** When the store refuses a firing. */
const STORE_RETRY_MS = 5000;
/** Timers of Node.js reach 24 days; the clock may also be set meanwhile. */
const SLEEP_MS_MAX = 3_600_000;

/**
 * Due times of rules and schedules. Each is fired once: the note that it is done lies in the same transaction as what it
 * leads to. Of those that passed while nobody was there, the first is fired at start, and the others are left out.
 */
export class Agenda {
  readonly #entries = new Map<string, Entry>();
  /** Of an earlier process. */
  readonly #lastFired = new Map<string, number>();
  #callOff: (() => void) | null = null;
  #isOpen = false;
  #firing: Promise<void> | null = null;

  constructor(private readonly options: AgendaOptions) {}

  /** From now on due times are fired, and those that were missed. */
  async start(): Promise<void> {
    const { records, collection } = this.options;
    for await (const { key, value } of everyRecord(records, { collection, limit: SCAN_ROWS }))
      this.#lastFired.set(key, Number(value));
    for (const [key, entry] of this.#entries) {
      const fired = this.#lastFired.get(key) ?? entry.doneUntil;
      this.#advance(entry, Math.max(entry.doneUntil, fired));
    }
    this.#lastFired.clear();
    this.#isOpen = true;
    this.#arm();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#callOff?.();
    await this.#firing;
  }

  /** Due from now on are its times after `since`. */
  set(key: string, occurrences: Occurrences, since: number): void {
    const entry = { occurrences, doneUntil: since, nextAt: occurrences.next(since) };
    this.#entries.set(key, entry);
    this.#arm();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** To be committed when the entry is gone for good. */
  removalOf(key: string): RecordWrite {
    return { type: 'delete', collection: this.options.collection, key };
  }

  /** Null: nothing is due any more. */
  nextOf(key: string): number | null {
    return this.#entries.get(key)?.nextAt ?? null;
  }

  /** Resolves when everything that is due now has been fired. */
  async idle(): Promise<void> {
    while (this.#firing !== null) await this.#firing;
  }

  #advance(entry: Entry, doneUntil: number): void {
    entry.doneUntil = doneUntil;
    entry.nextAt = entry.occurrences.next(doneUntil);
  }

  #arm(delayMsMin = 0): void {
    if (!this.#isOpen || this.#firing !== null) return;
    this.#callOff?.();
    const soonest = Math.min(...[...this.#entries.values()].map(({ nextAt }) => nextAt ?? Number.POSITIVE_INFINITY));
    const { clock } = this.options;
    if (soonest === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(soonest - clock.now(), delayMsMin), SLEEP_MS_MAX);
    this.#callOff = clock.after(delayMs, () => this.#ring());
  }

  #ring(): void {
    this.#callOff = null;
    let pauseMs = 0;
    this.#firing = this.#fireDue()
      .catch((fault: unknown) => {
        pauseMs = STORE_RETRY_MS;
        this.options.report(`Could not fire what is due of ${this.options.collection}: ${fault}. Trying again.`);
      })
      .finally(() => {
        this.#firing = null;
        this.#arm(pauseMs);
      });
  }

  async #fireDue(): Promise<void> {
    const now = this.options.clock.now();
    const due = [...this.#entries]
      .flatMap(([key, entry]) =>
        entry.nextAt !== null && entry.nextAt <= now ? [{ key, entry, at: entry.nextAt }] : [],
      )
      .sort((a, b) => a.at - b.at);
    for (const { key, entry, at } of due) {
      if (!this.#isOpen) return;
      if (this.#entries.get(key) !== entry) continue; // changed meanwhile
      const firing = this.options.fire(key, at);
      const done = putJson(this.options.collection, key, now);
      await this.options.records.write([done, ...firing.writes]);
      firing.committed();
      this.#advance(entry, now);
    }
  }
}
