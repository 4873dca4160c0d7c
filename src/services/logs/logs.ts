import {
  LOG_CHUNK_CHARS,
  LOG_CHUNK_EVENTS,
  LOG_CHUNKS_PER_READ,
  LOG_COLLECT_MS,
  LOG_PENDING_CHARS_MAX,
  LOG_SWEEP_MS,
} from '../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { type LogGroup, LogGroups } from './log-groups.js';

const CHUNKS = 'logs.chunk';
/** AWS: how far ahead of the clock an event's time may be; no later chunk holds an older event's future. */
const AHEAD_MS = 2 * 60 * 60_000;

export interface LogEvent {
  /** Epoch milliseconds, as the sender says. */
  readonly timestamp: number;
  readonly message: string;
}

export interface FoundEvent extends LogEvent {
  readonly stream: string;
  readonly ingestedAt: number;
  /** Unique in its group. */
  readonly id: string;
}

/** Events that came together, in one row: one each would cost several times as much. */
interface Chunk {
  readonly stream: string;
  readonly at: number;
  readonly events: readonly LogEvent[];
}

export interface EventQuery {
  /** Null = of all streams. */
  readonly streams: ReadonlySet<string> | null;
  readonly streamPrefix: string;
  /** `from <= timestamp < until`. */
  readonly from: number;
  readonly until: number;
  readonly matches: (message: string) => boolean;
  /** Where the last page ended; null = from the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

export interface EventPage {
  readonly events: readonly FoundEvent[];
  /** Where the next page begins, also when there is nothing yet. */
  readonly next: string;
  readonly isEnd: boolean;
}

export interface LogsOptions {
  readonly records: RecordStore;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** CloudWatch Logs: groups, streams and events on our store. */
export class Logs {
  readonly groups: LogGroups;
  readonly #pending = new Map<string, { readonly group: LogGroup; readonly stream: string; events: LogEvent[] }>();
  #pendingChars = 0;
  #dropped = 0;
  #lastSequence = 0;
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();
  #sweeper: NodeJS.Timeout | null = null;

  constructor(private readonly options: LogsOptions) {
    this.groups = new LogGroups(options.records, options.now);
  }

  start(): void {
    this.#sweeper = setInterval(() => {
      this.sweep().catch((fault: unknown) => this.options.report(`Could not delete old log events: ${fault}`));
    }, LOG_SWEEP_MS);
    this.#sweeper.unref();
  }

  async close(): Promise<void> {
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    await this.flush();
  }

  /** The events are durable when it resolves. */
  async put(group: LogGroup, stream: string, events: readonly LogEvent[]): Promise<void> {
    const writes: RecordWrite[] = [await this.groups.touch(group, stream, events)];
    for (const part of chunksOf(events))
      writes.push(this.#chunk(group, { stream, at: this.options.now(), events: part }));
    await this.options.records.write(writes);
  }

  /** For what must not wait: written with others in a moment. When far too much is waiting, events are dropped, and counted. */
  write(group: LogGroup, stream: string, event: LogEvent): void {
    if (this.#pendingChars > LOG_PENDING_CHARS_MAX) {
      this.#dropped += 1;
      return;
    }
    const key = `${group.id}/${stream}`;
    const waiting = this.#pending.get(key) ?? { group, stream, events: [] };
    waiting.events.push(event);
    this.#pending.set(key, waiting);
    this.#pendingChars += event.message.length;
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.flush(), LOG_COLLECT_MS);
  }

  /** Resolves when everything that was written until now is durable, or was given up and reported. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    this.#pendingChars = 0;
    if (this.#dropped > 0)
      this.options.report(`${this.#dropped} log events were dropped: more came than could be written.`);
    this.#dropped = 0;
    for (const { group, stream, events } of waiting) {
      try {
        await this.put(group, stream, events);
      } catch (fault) {
        this.options.report(`${events.length} log events of ${group.name} could not be written: ${fault}`);
      }
    }
  }

  /** A page of events, in the order in which they came. */
  async read(group: LogGroup, query: EventQuery): Promise<EventPage> {
    await this.flush();
    const prefix = `${group.id}/`;
    const events: FoundEvent[] = [];
    let [after, skip] = position(query.after);
    if (after === null && query.from > AHEAD_MS) after = sequenceOf((query.from - AHEAD_MS) * 1000 - 1);
    const floor = this.#retentionFloor(group);
    for (let chunks = 0; chunks < LOG_CHUNKS_PER_READ; ) {
      const rows = await this.options.records.scan({
        collection: CHUNKS,
        prefix,
        after: after === null ? null : prefix + after,
        limit: PAGE,
      });
      for (const { key, value } of rows) {
        const sequence = key.slice(prefix.length);
        const chunk = JSON.parse(value) as Chunk;
        chunks += 1;
        for (const [index, event] of chunk.events.entries()) {
          if (index < skip || !isWanted(chunk, event, query) || event.timestamp < floor) continue;
          events.push({ ...event, stream: chunk.stream, ingestedAt: chunk.at, id: eventId(sequence, index) });
          if (events.length < query.limit) continue;
          return { events: sorted(events), next: `${after ?? ''}.${index + 1}`, isEnd: false };
        }
        skip = 0;
        after = sequence;
      }
      if (rows.length < PAGE) return { events: sorted(events), next: `${after ?? ''}.0`, isEnd: true };
    }
    return { events: sorted(events), next: `${after ?? ''}.0`, isEnd: false };
  }

  /** Deletes the group's streams and events; the group is gone already. */
  async empty(group: LogGroup): Promise<void> {
    for (const collection of [CHUNKS, 'logs.stream']) {
      for (;;) {
        const rows = await this.options.records.scan({ collection, prefix: `${group.id}/`, after: null, limit: PAGE });
        if (rows.length === 0) break;
        await this.options.records.write(rows.map(({ key }) => ({ type: 'delete', collection, key })));
      }
    }
  }

  /** Deletes events that are older than their groups keep them. */
  async sweep(): Promise<void> {
    for (let after: string | null = null; ; ) {
      const groups: readonly LogGroup[] = await this.groups.all(after, PAGE);
      for (const group of groups) await this.#sweepGroup(group);
      after = groups.at(-1)?.arn ?? null;
      if (groups.length < PAGE || after === null) return;
    }
  }

  async #sweepGroup(group: LogGroup): Promise<void> {
    const floor = this.#retentionFloor(group);
    for (;;) {
      const query = { collection: CHUNKS, prefix: `${group.id}/`, after: null, limit: PAGE };
      const old = (await this.options.records.scan(query)).filter(
        ({ value }) => (JSON.parse(value) as Chunk).at < floor,
      );
      if (old.length === 0) return;
      await this.options.records.write(old.map(({ key }) => ({ type: 'delete', collection: CHUNKS, key })));
    }
  }

  #retentionFloor({ retentionDays }: LogGroup): number {
    return retentionDays === null ? 0 : this.options.now() - retentionDays * DAY_MS;
  }

  #chunk(group: LogGroup, chunk: Chunk): RecordWrite {
    this.#lastSequence = Math.max(this.options.now() * 1000, this.#lastSequence + 1);
    return putJson(CHUNKS, `${group.id}/${sequenceOf(this.#lastSequence)}`, chunk, 'absent');
  }
}

const PAGE = 100;
const DAY_MS = 24 * 60 * 60_000;

const sequenceOf = (number: number): string => String(number).padStart(16, '0');

/** A page's end: the chunk that was read to its end, and how many events of the next were. */
function position(token: string | null): [after: string | null, skip: number] {
  if (token === null) return [null, 0];
  const [after = '', skip = '0'] = token.split('.');
  return [after === '' ? null : after, Number(skip)];
}

/** As long as AWS's: 56 digits. */
const eventId = (sequence: string, index: number): string =>
  `${sequence}${String(index).padStart(8, '0')}`.padStart(56, '0');

const isWanted = (
  chunk: Chunk,
  event: LogEvent,
  { streams, streamPrefix, from, until, matches }: EventQuery,
): boolean =>
  (streams === null || streams.has(chunk.stream)) &&
  chunk.stream.startsWith(streamPrefix) &&
  event.timestamp >= from &&
  event.timestamp < until &&
  matches(event.message);

const sorted = (events: readonly FoundEvent[]): readonly FoundEvent[] =>
  [...events].sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));

function* chunksOf(events: readonly LogEvent[]): Generator<readonly LogEvent[]> {
  let chunk: LogEvent[] = [];
  let chars = 0;
  for (const event of events) {
    if (chunk.length > 0 && (chunk.length >= LOG_CHUNK_EVENTS || chars + event.message.length > LOG_CHUNK_CHARS)) {
      yield chunk;
      chunk = [];
      chars = 0;
    }
    chunk.push(event);
    chars += event.message.length;
  }
  if (chunk.length > 0) yield chunk;
}
