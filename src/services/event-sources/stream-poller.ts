import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  STREAM_POLL_MS,
  STREAM_RETENTION_MS,
  STREAM_RETRY_MS_MAX,
  STREAM_RETRY_MS_MIN,
} from '../../limits/services.js';
import { FUNCTION_PAYLOAD_BYTES_MAX } from '../../limits.js';
import { parseJson } from '../../payload/index.js';
import type { ChangeStreams, Clock, InvocationResult, Invoker, StreamChange } from '../ports.js';
import { failuresOf } from './batch.js';
import { anyPattern, type PatternParser } from './filter.js';
import type { EventSourceMapping } from './mapping.js';

export interface StreamDoors {
  readonly streams: ChangeStreams;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly functionOf: (arn: string) => { readonly timeoutSeconds: number } | null;
  readonly parsePattern: PatternParser;
  readonly report: (line: string) => void;
}

/** Where a mapping has got to; what is saved is what has been dealt with. */
export interface Position {
  load(): Promise<string | null>;
  save(after: string): Promise<void>;
}

/**
 * Reads the stream of a table for one function, in order: a batch is given until the function has dealt with it, or until its retries or
 * its age are used up. After a crash it goes on behind the last batch that was dealt with.
 */
export class StreamPoller {
  readonly #stopping = new AbortController();
  readonly #isWanted: (change: StreamChange) => boolean;
  #running: Promise<void> | null = null;
  #after = '';
  #lastReport = '';

  constructor(
    private readonly mapping: EventSourceMapping,
    private readonly doors: StreamDoors,
    private readonly position: Position,
  ) {
    const matches = anyPattern(mapping.filters, doors.parsePattern);
    this.#isWanted = matches === null ? () => true : ({ text }) => matches(parseJson(text));
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no more. Resolves when the batch under way has ended, or after `graceMs`: it is given again then. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const late = new AbortController();
    await Promise.race([this.#running, sleep(graceMs, null, { signal: late.signal }).catch(() => null)]);
    late.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const isIdle = await this.#turn();
        if (isIdle) await pause(STREAM_POLL_MS, signal);
      } catch (fault) {
        if (signal.aborted) return;
        this.#report(`could not read ${this.mapping.sourceArn}: ${fault instanceof Error ? fault.message : fault}`);
        await pause(STREAM_RETRY_MS_MIN, signal);
      }
    }
  }

  /** True when there is nothing to do. */
  async #turn(): Promise<boolean> {
    const { sourceArn, functionArn } = this.mapping;
    if (!this.doors.streams.exists(sourceArn) || this.doors.functionOf(functionArn) === null) return true;
    if (this.#after === '')
      this.#after = (await this.position.load()) ?? this.doors.streams.start(sourceArn, 'TRIM_HORIZON');
    const changes = await this.#collect();
    const last = changes.at(-1);
    if (last === undefined) return true;
    const wanted = changes.filter(this.#isWanted);
    for (const batch of splitBySize(wanted)) {
      if (!(await this.#give(batch))) return false;
    }
    await this.#advance(last.sequence);
    return false;
  }

  /** Waits for the window's time, or until the batch is full. */
  async #collect(): Promise<readonly StreamChange[]> {
    const { sourceArn, batchSize, windowSeconds } = this.mapping;
    const { signal } = this.#stopping;
    const read = () => this.doors.streams.read(sourceArn, this.#after, batchSize);
    let changes = await read();
    const until = this.doors.clock.now() + windowSeconds * 1000;
    while (changes.length > 0 && changes.length < batchSize && this.doors.clock.now() < until && !signal.aborted) {
      await pause(STREAM_POLL_MS, signal);
      changes = await read();
    }
    return changes;
  }

  /** False when it was stopped before the batch was dealt with. */
  async #give(batch: readonly StreamChange[]): Promise<boolean> {
    const { signal } = this.#stopping;
    let left = batch;
    for (let attempt = 0; left.length > 0; attempt++) {
      if (signal.aborted) return false;
      const answer = await this.#call(left);
      const failed = firstFailed(left, answer, this.mapping.reportsItemFailures);
      if (failed > 0) {
        await this.#advance(left[failed - 1]?.sequence ?? this.#after);
        left = left.slice(failed);
        attempt = -1;
        continue;
      }
      if (answer.type === 'refused') this.#report(`${this.mapping.functionArn} was not called: ${answer.message}`);
      if (this.mapping.bisects && left.length > 1) {
        const middle = Math.ceil(left.length / 2);
        return (await this.#give(left.slice(0, middle))) && (await this.#give(left.slice(middle)));
      }
      if (answer.type !== 'refused' && this.#isGivenUp(left, attempt)) {
        this.#report(`${left.length} changes of ${this.mapping.sourceArn} were given up after ${attempt + 1} attempts`);
        await this.#advance(left.at(-1)?.sequence ?? this.#after);
        return true;
      }
      await pause(Math.min(STREAM_RETRY_MS_MAX, STREAM_RETRY_MS_MIN * 2 ** Math.min(attempt, 10)), signal);
    }
    return true;
  }

  #isGivenUp(batch: readonly StreamChange[], attempt: number): boolean {
    const { retriesMax, recordAgeSecondsMax } = this.mapping;
    const ageMs = this.doors.clock.now() - (batch[0]?.at ?? 0);
    const ageMax = recordAgeSecondsMax < 0 ? STREAM_RETENTION_MS : recordAgeSecondsMax * 1000;
    return (retriesMax >= 0 && attempt >= retriesMax) || ageMs > ageMax;
  }

  #call(batch: readonly StreamChange[]): Promise<InvocationResult> {
    const event = `{"Records":[${batch.map(({ text }) => text).join(',')}]}`;
    return this.doors.invoker.invoke({ functionName: this.mapping.functionArn, event, requestId: randomUUID() });
  }

  async #advance(after: string): Promise<void> {
    await this.position.save(after);
    this.#after = after;
  }

  /** The same once only: a fault that stays would fill the operator's log. */
  #report(text: string): void {
    const line = `Event source ${this.mapping.uuid}: ${text}`;
    if (line !== this.#lastReport) this.doors.report(line);
    this.#lastReport = line;
  }
}

/** How many changes from the front are dealt with; a change that failed stops those behind it, for they keep their order. */
function firstFailed(batch: readonly StreamChange[], answer: InvocationResult, reportsItemFailures: boolean): number {
  if (answer.type !== 'succeeded') return 0;
  if (!reportsItemFailures) return batch.length;
  const failed = failuresOf(answer.payload);
  if (failed === null) return 0;
  if (failed.size === 0) return batch.length;
  const first = batch.findIndex(({ sequence }) => failed.has(sequence));
  return Math.max(0, first); // as on AWS: an answer that names another is not to be trusted
}

function splitBySize(changes: readonly StreamChange[]): readonly (readonly StreamChange[])[] {
  const parts: StreamChange[][] = [];
  let room = 0;
  for (const change of changes) {
    const bytes = Buffer.byteLength(change.text) + 1;
    const last = parts.at(-1);
    if (last !== undefined && bytes <= room) {
      last.push(change);
      room -= bytes;
    } else {
      parts.push([change]);
      room = FUNCTION_PAYLOAD_BYTES_MAX - '{"Records":[]}'.length - bytes;
    }
  }
  return parts;
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, null, { signal }).catch(() => null);
