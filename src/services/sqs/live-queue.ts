import { randomUUID } from 'node:crypto';
import {
  QUEUE_DEDUPLICATION_MS,
  QUEUE_FIFO_IN_FLIGHT_MAX,
  QUEUE_IN_FLIGHT_MAX,
  QUEUE_PAGE_MESSAGES,
  QUEUE_WINDOW_MESSAGES,
} from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { SqsFault } from './fault.js';
import type { Message } from './message.js';
import type { QueueSettings } from './queue.js';
import { Window } from './window.js';

const MESSAGES = 'sqs.message';
/** What changes of a message: when it is visible again, how often it was received. None: it never was. */
const STATES = 'sqs.state';
const DEDUPLICATIONS = 'sqs.deduplication';

/** A message's place in its queue: digits that sort by arrival. */
export type Sequence = string;

export interface State {
  /** Epoch milliseconds. */
  readonly visibleAt: number;
  readonly receives: number;
  readonly firstReceivedAt: number;
  readonly receipt: string;
}

export interface Received extends State {
  readonly sequence: Sequence;
  readonly message: Message;
}

export interface Sent {
  readonly id: string;
  readonly sequence: Sequence;
}

interface Duplicate extends Sent {
  readonly at: number;
}

export interface LiveQueueOptions {
  readonly id: string;
  readonly records: RecordStore;
  readonly now: () => number;
  readonly settings: () => QueueSettings;
}

/**
 * The messages of one queue. All of them are on disk; memory holds the order and the state of the next ones, and of those that
 * somebody has received. What was answered is durable: a message is there until its deletion was written.
 */
export class LiveQueue {
  readonly #window: Window;
  readonly #duplicates = new Map<string, Duplicate>();
  readonly #sleepers = new Set<() => void>();
  #states = new Map<Sequence, State>();
  #lastSequence = 0;
  /** Where reading from the disk goes on; null when everything is held. */
  #cursor: Sequence | null = '';
  #filling: Promise<void> | null = null;
  #wake: NodeJS.Timeout | null = null;
  #isClosed = false;

  private constructor(private readonly options: LiveQueueOptions) {
    this.#window = new Window(options.settings().isFifo);
  }

  static async open(options: LiveQueueOptions): Promise<LiveQueue> {
    const queue = new LiveQueue(options);
    for await (const { sequence, value } of queue.#rows(STATES, '')) {
      queue.#states.set(sequence, JSON.parse(value) as State);
    }
    for await (const { sequence, value } of queue.#rows(DEDUPLICATIONS, '')) {
      queue.#duplicates.set(sequence, JSON.parse(value) as Duplicate);
    }
    await queue.#fill();
    return queue;
  }

  /** Puts messages behind those that are there, in one transaction with what `besides` gives. A repeated deduplication id gives the first message. */
  async send(
    messages: readonly Message[],
    besides: (sent: readonly Sent[]) => readonly RecordWrite[] = () => [],
  ): Promise<readonly Sent[]> {
    const { records } = this.options;
    const all: RecordWrite[] = [...this.#forgetDuplicates()];
    const added: { readonly sequence: Sequence; readonly message: Message }[] = [];
    const sent = messages.map((message): Sent => {
      const known = message.deduplicationId === null ? undefined : this.#duplicates.get(message.deduplicationId);
      if (known !== undefined) return known;
      const sequence = this.#nextSequence(message.sentAt);
      added.push({ sequence, message });
      all.push(putJson(MESSAGES, this.#key(sequence), message));
      if (message.deduplicationId !== null) {
        const duplicate = { id: message.id, sequence, at: message.sentAt };
        this.#duplicates.set(message.deduplicationId, duplicate);
        all.push(putJson(DEDUPLICATIONS, this.#key(message.deduplicationId), duplicate));
      }
      return { id: message.id, sequence };
    });
    all.push(...besides(sent));
    try {
      if (all.length > 0) await records.write(all);
    } catch (fault) {
      for (const { message } of added) this.#duplicates.delete(message.deduplicationId ?? '');
      throw fault;
    }
    for (const { sequence, message } of added) this.#accept(sequence, message);
    return sent;
  }

  /** Up to `most` messages; waits for one until the signal is aborted. `giveUp` takes those that were received too often. */
  async receive(
    request: { readonly most: number; readonly visibilityMs: number; readonly signal: AbortSignal },
    giveUp: (
      message: Message,
    ) => Promise<{ readonly writes: readonly RecordWrite[]; readonly done: () => void } | null>,
  ): Promise<readonly Received[]> {
    for (;;) {
      const sleep = this.#sleeper(request.signal);
      try {
        const received = await this.#receiveNow(request, giveUp);
        if (received.length > 0 || request.signal.aborted || this.#isClosed) return received;
        await sleep.woken;
      } finally {
        sleep.end();
      }
    }
  }

  /** Deletes messages that were received, whether their time is over or not. */
  async remove(sequences: readonly Sequence[]): Promise<void> {
    await this.options.records.write(sequences.flatMap((sequence) => this.#removal(sequence)));
    for (const sequence of sequences) {
      this.#states.delete(sequence);
      this.#window.drop(sequence);
    }
    this.#wakeSleepers(); // a group may be free
  }

  /** Throws MessageNotInflight when the message is not in this receiver's hands. */
  async changeVisibility(sequence: Sequence, receipt: string, visibilityMs: number): Promise<void> {
    const state = this.#states.get(sequence);
    if (state?.receipt !== receipt || !this.#window.isHidden(sequence)) {
      throw new SqsFault('MessageNotInflight', 'The message referred to is not in flight.');
    }
    const changed = { ...state, visibleAt: this.options.now() + visibilityMs };
    await this.options.records.write([putJson(STATES, this.#key(sequence), changed)]);
    this.#states.set(sequence, changed);
    this.#window.hideUntil(sequence, changed.visibleAt);
    this.#schedule();
  }

  /** AWS's approximate numbers; exact here. Reads all that is not in memory. */
  async counts(): Promise<{ readonly visible: number; readonly inFlight: number; readonly delayed: number }> {
    this.#release();
    let beyond = 0;
    if (this.#cursor !== null) for await (const _ of this.#rows(MESSAGES, this.#cursor)) beyond += 1;
    const hidden = this.#window.hidden();
    const inFlight = hidden.filter((sequence) => this.#states.has(sequence)).length;
    return { visible: this.#window.visible + beyond, inFlight, delayed: hidden.length - inFlight };
  }

  /** Deletes every message; deduplication ids stay known. */
  async purge(): Promise<void> {
    this.#cursor = null;
    this.#window.clear();
    this.#states = new Map();
    for (;;) {
      const keys = await this.#page(MESSAGES, '');
      if (keys.length === 0) return;
      await this.options.records.write(keys.flatMap(({ sequence }) => this.#removal(sequence)));
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wakeSleepers();
  }

  async #receiveNow(
    { most, visibilityMs }: { readonly most: number; readonly visibilityMs: number },
    giveUp: Parameters<LiveQueue['receive']>[1],
  ): Promise<readonly Received[]> {
    const received: Received[] = [];
    const writes: RecordWrite[] = [];
    const after: (() => void)[] = [];
    const taken: Sequence[] = [];
    this.#checkRoom();
    const now = this.options.now();
    const groups = new Set<string>();
    try {
      while (received.length < most) {
        this.#release();
        const sequence = this.#window.take(now + visibilityMs, groups);
        if (sequence === null) {
          if (this.#cursor === null) break;
          await this.#fill();
          if (this.#window.isBlocked) break;
          continue;
        }
        if (taken.includes(sequence)) break; // hidden for no time at all, it is here again already
        taken.push(sequence);
        const message = await this.#read(sequence);
        if (message === null)
          this.#window.drop(sequence); // deleted meanwhile
        else if (this.#isExpired(message, now)) this.#discard(sequence, writes);
        else {
          const moved = await this.#moveIfSpent(sequence, message, giveUp);
          if (moved === null) received.push(this.#take(sequence, message, { now, visibilityMs, writes }));
          else {
            writes.push(...moved.writes);
            after.push(moved.done);
          }
        }
      }
      if (writes.length > 0) await this.options.records.write(writes);
    } catch (fault) {
      for (const sequence of taken) this.#window.hideUntil(sequence, now);
      this.#release();
      throw fault;
    }
    for (const { sequence, message: _, ...state } of received) this.#states.set(sequence, state);
    for (const done of after) done();
    this.#schedule();
    return received;
  }

  #take(
    sequence: Sequence,
    message: Message,
    {
      now,
      visibilityMs,
      writes,
    }: { readonly now: number; readonly visibilityMs: number; readonly writes: RecordWrite[] },
  ): Received {
    const before = this.#states.get(sequence);
    const state: State = {
      visibleAt: now + visibilityMs,
      receives: (before?.receives ?? 0) + 1,
      firstReceivedAt: before?.firstReceivedAt ?? now,
      receipt: randomUUID(),
    };
    writes.push(putJson(STATES, this.#key(sequence), state));
    return { ...state, sequence, message };
  }

  async #moveIfSpent(
    sequence: Sequence,
    message: Message,
    giveUp: Parameters<LiveQueue['receive']>[1],
  ): Promise<{ readonly writes: readonly RecordWrite[]; readonly done: () => void } | null> {
    const { redrive } = this.options.settings();
    const receives = this.#states.get(sequence)?.receives ?? 0;
    if (redrive === null || receives < redrive.receivesMax) return null;
    const move = await giveUp(message);
    if (move === null) return null; // there is no such queue: the message stays
    return {
      writes: [...move.writes, ...this.#removal(sequence)],
      done: () => {
        this.#states.delete(sequence);
        this.#window.drop(sequence);
        move.done();
      },
    };
  }

  /** What puts a message here that another queue gave up: the write, and what is to be done after it. */
  incoming(message: Message): { readonly writes: readonly RecordWrite[]; readonly done: () => void } {
    const sequence = this.#nextSequence(this.options.now());
    return {
      writes: [putJson(MESSAGES, this.#key(sequence), message)],
      done: () => this.#accept(sequence, message),
    };
  }

  #checkRoom(): void {
    const { isFifo } = this.options.settings();
    if (this.#states.size < (isFifo ? QUEUE_FIFO_IN_FLIGHT_MAX : QUEUE_IN_FLIGHT_MAX)) return;
    this.#release();
    const inFlight = this.#window.hidden().filter((sequence) => this.#states.has(sequence)).length;
    if (inFlight < (isFifo ? QUEUE_FIFO_IN_FLIGHT_MAX : QUEUE_IN_FLIGHT_MAX)) return;
    throw new SqsFault('OverLimit', 'Too many messages of this queue are received and not deleted.');
  }

  #isExpired(message: Message, now: number): boolean {
    return message.sentAt + this.options.settings().retentionSeconds * 1000 <= now;
  }

  #discard(sequence: Sequence, writes: RecordWrite[]): void {
    writes.push(...this.#removal(sequence));
    this.#states.delete(sequence);
    this.#window.drop(sequence);
  }

  #accept(sequence: Sequence, message: Message): void {
    if (this.#cursor !== null || this.#isClosed) return; // comes from the disk in its turn
    if (this.#window.size >= QUEUE_WINDOW_MESSAGES) {
      this.#cursor = this.#window.last ?? '';
      return;
    }
    this.#window.add({ sequence, groupId: message.groupId, visibleAt: message.delayedUntil, isTaken: false });
    if (message.delayedUntil > this.options.now()) this.#schedule();
    else this.#wakeSleepers();
  }

  /** Reads on until the window is full or the disk has no more. One at a time. */
  #fill(): Promise<void> {
    this.#filling ??= this.#fillWindow().finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  async #fillWindow(): Promise<void> {
    while (this.#cursor !== null && this.#window.size < QUEUE_WINDOW_MESSAGES) {
      const rows = await this.#page(MESSAGES, this.#cursor);
      for (const { sequence, value } of rows) {
        const message = JSON.parse(value) as Message;
        const visibleAt = Math.max(this.#states.get(sequence)?.visibleAt ?? 0, message.delayedUntil);
        this.#window.add({ sequence, groupId: message.groupId, visibleAt, isTaken: this.#isTaken(sequence) });
        this.#lastSequence = Math.max(this.#lastSequence, Number(sequence));
      }
      this.#cursor = rows.length < QUEUE_PAGE_MESSAGES ? null : (rows.at(-1)?.sequence ?? null);
    }
    this.#release();
    this.#schedule();
  }

  #isTaken(sequence: Sequence): boolean {
    return (this.#states.get(sequence)?.visibleAt ?? 0) > this.options.now();
  }

  /** Messages whose time has come are visible again. */
  #release(): void {
    this.#window.release(this.options.now());
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const next = this.#window.nextAt;
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wake = null;
    if (next === null) return;
    const ms = Math.min(Math.max(1, next - this.options.now()), LOOK_AGAIN_MS);
    this.#wake = setTimeout(() => {
      this.#release();
      this.#wakeSleepers();
      this.#schedule();
    }, ms);
    this.#wake.unref();
  }

  #sleeper(signal: AbortSignal): { readonly woken: Promise<void>; readonly end: () => void } {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#sleepers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
    return {
      woken,
      end: () => {
        this.#sleepers.delete(wake);
        signal.removeEventListener('abort', wake);
      },
    };
  }

  #wakeSleepers(): void {
    for (const wake of this.#sleepers) wake();
  }

  #forgetDuplicates(): readonly RecordWrite[] {
    const before = this.options.now() - QUEUE_DEDUPLICATION_MS;
    const writes: RecordWrite[] = [];
    for (const [id, { at }] of this.#duplicates) {
      if (at > before || writes.length >= QUEUE_PAGE_MESSAGES) break; // the oldest come first
      this.#duplicates.delete(id);
      writes.push({ type: 'delete', collection: DEDUPLICATIONS, key: this.#key(id) });
    }
    return writes;
  }

  /** Twenty digits that grow: the microsecond, or one more than the last. */
  #nextSequence(at: number): Sequence {
    this.#lastSequence = Math.max(at * 1000, this.#lastSequence + 1);
    return String(this.#lastSequence).padStart(20, '0');
  }

  async #read(sequence: Sequence): Promise<Message | null> {
    const text = await this.options.records.get(MESSAGES, this.#key(sequence));
    return text === null ? null : (JSON.parse(text) as Message);
  }

  #removal(sequence: Sequence): readonly RecordWrite[] {
    const key = this.#key(sequence);
    return [
      { type: 'delete', collection: MESSAGES, key },
      { type: 'delete', collection: STATES, key },
    ];
  }

  #key(sequence: string): string {
    return `${this.options.id}/${sequence}`;
  }

  async #page(
    collection: string,
    after: string,
  ): Promise<readonly { readonly sequence: string; readonly value: string }[]> {
    const prefix = this.#key('');
    const rows = await this.options.records.scan({
      collection,
      prefix,
      after: after === '' ? null : prefix + after,
      limit: QUEUE_PAGE_MESSAGES,
    });
    return rows.map(({ key, value }) => ({ sequence: key.slice(prefix.length), value }));
  }

  async *#rows(
    collection: string,
    after: string,
  ): AsyncGenerator<{ readonly sequence: string; readonly value: string }> {
    for (let from = after; ; ) {
      const page = await this.#page(collection, from);
      yield* page;
      const last = page.at(-1);
      if (page.length < QUEUE_PAGE_MESSAGES || last === undefined) return;
      from = last.sequence;
    }
  }
}

/** setTimeout's own limit is far; a clock that was set may need an earlier look. */
const LOOK_AGAIN_MS = 60_000;
