import { DELIVERIES_IN_FLIGHT_MAX, DELIVERIES_IN_MEMORY_MAX } from '../limits.js';
import type { RecordStore, RecordWrite } from '../store/ports.js';
import { putJson } from '../store/record-writes.js';
import type { Clock } from './ports.js';

/** One thing to be delivered; stays in the store until it was done or given up. */
export interface Delivery {
  /** Unique in its queue; deliveries start in the order of their keys. */
  readonly key: string;
  readonly payload: string;
  /** 1 at first. */
  readonly attempt: number;
}

export type DeliveryOutcome =
  | { readonly type: 'done' }
  /** Tried again later, until the delays are used up. */
  | { readonly type: 'failed'; readonly reason: string }
  /** Nobody will ever take it: given up at once. */
  | { readonly type: 'hopeless'; readonly reason: string };

export interface DeliveryQueueOptions {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
  readonly clock: Clock;
  /** The record collection that this queue owns. */
  readonly collection: string;
  /**
   * May be called again for the same key: after a crash, or when its end could not be written. Rejects when it was
   * interrupted (the server closes): that is no attempt.
   */
  readonly perform: (delivery: Delivery) => Promise<DeliveryOutcome>;
  /** Waiting time before the second, third, … attempt. */
  readonly retryDelaysMs: readonly number[];
  readonly inFlightMax?: number;
  /** Hears what was given up, and what the store refused. */
  readonly report: (line: string) => void;
}

interface Row {
  readonly attempt: number;
  readonly dueAt: number;
  readonly payload: string;
}

interface Entry {
  readonly key: string;
  /** Null: to be read again from the store. */
  readonly row: Row | null;
}

const SCAN_ROWS = 200;
/** When the store refuses to note the end of a delivery. */
const STORE_RETRY_MS = 5000;
/** Longer calls are cut off by the end of the process. */
const CLOSE_GRACE_MS = 1000;

/**
 * Deliveries that survive restarts: at least once, in bounded numbers at a time, tried again after the given delays.
 * The owner writes `writeFor(…)` in the transaction of the cause and calls `accept(…)` once it is committed.
 */
export class DeliveryQueue {
  readonly #ready: Entry[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  /** Keys that are ready, in flight or waiting for their time. */
  readonly #known = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #idleWaiters: (() => void)[] = [];
  /** The store has deliveries that are not in memory. */
  #isBehind = true;
  #isOpen = false;
  /** Nothing is written any more: the store may be closed. */
  #isClosed = false;
  #loading: Promise<void> | null = null;

  constructor(private readonly options: DeliveryQueueOptions) {}

  /** Takes up what an earlier process left. Before this nothing is delivered. */
  async start(): Promise<void> {
    this.#isOpen = true;
    this.#pump();
    await this.#loading;
  }

  writeFor(key: string, payload: string): RecordWrite {
    return this.#put(key, { attempt: 1, dueAt: 0, payload });
  }

  accept(key: string, payload: string): void {
    if (this.#known.has(key)) return;
    if (this.#isBehind || this.#ready.length >= DELIVERIES_IN_MEMORY_MAX) this.#isBehind = true;
    else this.#push({ key, row: { attempt: 1, dueAt: 0, payload } });
    this.#pump();
  }

  /** Takes up what may be in the store although nobody was told. */
  lookAgain(): void {
    this.#isBehind = true;
    this.#pump();
  }

  /** Resolves when nothing is ready or in flight; deliveries that wait for another attempt do not count. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /**
   * Starts nothing more and waits a moment for what is in flight. What has not ended by then stays in the store and is
   * delivered again after the next start, whatever comes of it now.
   */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.#loading;
    let late: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      late = setTimeout(resolve, CLOSE_GRACE_MS);
    });
    await Promise.race([Promise.all(this.#inFlight), grace]);
    clearTimeout(late);
    this.#isClosed = true;
    this.#wakeIdle();
  }

  #isIdle(): boolean {
    return !this.#isOpen || (this.#inFlight.size === 0 && this.#ready.length === 0 && !this.#isBehind);
  }

  #push(entry: Entry): void {
    this.#known.add(entry.key);
    this.#ready.push(entry);
  }

  #pump(): void {
    if (!this.#isOpen) return;
    while (this.#inFlight.size < (this.options.inFlightMax ?? DELIVERIES_IN_FLIGHT_MAX)) {
      const entry = this.#ready.shift();
      if (entry === undefined) break;
      const work: Promise<void> = this.#deliver(entry).finally(() => {
        this.#inFlight.delete(work);
        this.#pump();
      });
      this.#inFlight.add(work);
    }
    if (this.#ready.length === 0 && this.#isBehind) this.#load();
    if (this.#isIdle()) this.#wakeIdle();
  }

  #wakeIdle(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #load(): void {
    this.#loading ??= this.#readStore()
      .catch((fault: unknown) => {
        this.options.report(`Could not read ${this.options.collection}: ${fault}. Trying again.`);
        this.#later(STORE_RETRY_MS, () => this.#pump());
      })
      .finally(() => {
        this.#loading = null;
        if (this.#ready.length > 0 || !this.#isBehind) this.#pump();
      });
  }

  async #readStore(): Promise<void> {
    const { records, collection, clock } = this.options;
    this.#isBehind = false; // set again by what is accepted meanwhile, or by what does not fit
    let after: string | null = null;
    try {
      for (;;) {
        const rows = await records.scan({ collection, prefix: '', after, limit: SCAN_ROWS });
        for (const { key, value } of rows) {
          if (this.#known.has(key)) continue;
          if (this.#ready.length >= DELIVERIES_IN_MEMORY_MAX) {
            this.#isBehind = true;
            return;
          }
          const row = readRow(value);
          if (row.dueAt > clock.now()) this.#delay(key, row.dueAt - clock.now());
          else this.#push({ key, row: null }); // read again then: it may have been delivered since this scan
        }
        after = rows.at(-1)?.key ?? null;
        if (rows.length < SCAN_ROWS) return;
      }
    } catch (fault) {
      this.#isBehind = true;
      throw fault;
    }
  }

  async #deliver({ key, row: given }: Entry): Promise<void> {
    try {
      const row = given ?? (await this.#read(key));
      if (row === null) {
        this.#known.delete(key);
        return;
      }
      const outcome = await this.options.perform({ key, payload: row.payload, attempt: row.attempt });
      if (this.#isClosed) return;
      const delayMs = outcome.type === 'failed' ? this.options.retryDelaysMs[row.attempt - 1] : undefined;
      if (delayMs !== undefined) await this.#retry(key, row, delayMs);
      else await this.#end(key, outcome);
    } catch (fault) {
      if (this.#isOpen)
        this.options.report(`Could not finish ${this.options.collection} ${key}: ${fault}. Trying again.`);
      this.#delay(key, STORE_RETRY_MS);
    }
  }

  async #read(key: string): Promise<Row | null> {
    const text = await this.options.records.get(this.options.collection, key);
    return text === null ? null : readRow(text);
  }

  async #retry(key: string, row: Row, delayMs: number): Promise<void> {
    const next = { ...row, attempt: row.attempt + 1, dueAt: this.options.clock.now() + delayMs };
    await this.options.records.write([this.#put(key, next)]);
    this.#delay(key, delayMs);
  }

  async #end(key: string, outcome: DeliveryOutcome): Promise<void> {
    if (outcome.type !== 'done') this.options.report(`Gave up ${this.options.collection} ${key}: ${outcome.reason}`);
    await this.options.records.write([{ type: 'delete', collection: this.options.collection, key }]);
    this.#known.delete(key);
  }

  #delay(key: string, delayMs: number): void {
    this.#known.add(key);
    this.#later(delayMs, () => {
      this.#push({ key, row: null });
      this.#pump();
    });
  }

  #later(delayMs: number, then: () => void): void {
    if (!this.#isOpen) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, delayMs);
    this.#timers.add(timer);
  }

  #put(key: string, row: Row): RecordWrite {
    return putJson(this.options.collection, key, row);
  }
}

/** Our own text, written by `#put`: a checked border. */
function readRow(text: string): Row {
  const row: unknown = JSON.parse(text);
  if (typeof row === 'object' && row !== null && 'attempt' in row && 'dueAt' in row && 'payload' in row) {
    const { attempt, dueAt, payload } = row;
    if (typeof attempt === 'number' && typeof dueAt === 'number' && typeof payload === 'string') {
      return { attempt, dueAt, payload };
    }
  }
  throw new Error(`Expected a stored delivery, but found ${text.slice(0, 100)}. The data folder is damaged.`);
}
