import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EVENT_SOURCE_CONCURRENCY_DEFAULT,
  EVENT_SOURCE_PAUSE_MS,
  FUNCTION_PAYLOAD_BYTES_MAX,
  QUEUE_BATCH_MAX,
} from '../../limits.js';
import type { Clock, InvocationResult, Invoker, QueueMessage, QueueReader } from '../ports.js';
import { batchEvent, doneOf, recordText, splitBySize } from './batch.js';
import { filterOf, type PatternParser } from './filter.js';
import type { EventSourceMapping } from './mapping.js';

export interface PollerDoors {
  readonly queues: QueueReader;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Null when there is no such function (any more). */
  readonly functionOf: (arn: string) => { readonly timeoutSeconds: number } | null;
  /** Throws an Error for what is no event pattern. */
  readonly parsePattern: PatternParser;
  readonly report: (line: string) => void;
}

/**
 * Reads one queue for one function: collects a batch, calls the function, deletes what it has dealt with. What it has not
 * comes back by the queue's visibility time-out, also after a crash at any point.
 */
export class Poller {
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> | null = null;
  /** Nothing is written any more: the store may be closed. */
  #isClosed = false;
  #lastReport = '';
  readonly #stopped: Promise<void>;
  readonly #isWanted: (message: QueueMessage) => boolean;

  constructor(
    private readonly mapping: EventSourceMapping,
    private readonly doors: PollerDoors,
  ) {
    const { signal } = this.#stopping;
    this.#isWanted = filterOf(mapping.filters, mapping.sourceArn, doors.parsePattern);
    this.#stopped = new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no more. Resolves when what is under way has ended, or after `graceMs`: its messages come back then. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    const late = new AbortController();
    const ended = Promise.all(this.#underWay);
    await Promise.race([ended, sleep(graceMs, null, { signal: late.signal }).catch(() => null)]);
    late.abort();
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
      } catch (fault) {
        this.#report(`could not read ${this.mapping.sourceArn}: ${fault instanceof Error ? fault.message : fault}`);
        await pause(EVENT_SOURCE_PAUSE_MS, signal);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { sourceArn, functionArn } = this.mapping;
    if (this.doors.functionOf(functionArn) === null || this.doors.queues.describe(sourceArn) === null) {
      await pause(EVENT_SOURCE_PAUSE_MS, signal); // it may be made again
      return;
    }
    await this.#freePlace(signal);
    if (signal.aborted) return;
    const messages = await this.#collect(signal);
    for (const part of splitBySize(sourceArn, messages)) {
      await this.#freePlace(signal);
      if (signal.aborted) await this.doors.queues.release(sourceArn, part);
      else this.#launch(part);
    }
  }

  async #freePlace(signal: AbortSignal): Promise<void> {
    const places = this.mapping.concurrencyMax ?? EVENT_SOURCE_CONCURRENCY_DEFAULT;
    while (this.#underWay.size >= places && !signal.aborted) await Promise.race([...this.#underWay, this.#stopped]);
  }

  /** Waits for the first message, then for the window's time or the batch's size. */
  async #collect(signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const { sourceArn, batchSize, windowSeconds } = this.mapping;
    const messages = [...(await this.#receive(batchSize, signal))];
    if (windowSeconds === 0 || messages.length === 0) return messages;
    const isOver = AbortSignal.any([signal, AbortSignal.timeout(windowSeconds * 1000)]);
    let bytes = sizeOf(sourceArn, messages);
    while (messages.length < batchSize && bytes < FUNCTION_PAYLOAD_BYTES_MAX && !isOver.aborted) {
      const more = await this.#receive(batchSize - messages.length, isOver);
      messages.push(...more);
      bytes += sizeOf(sourceArn, more);
    }
    return messages;
  }

  /** Those that no filter wants are deleted at once, as on AWS. */
  async #receive(most: number, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const { sourceArn, filters } = this.mapping;
    const { queues } = this.doors;
    const received = await queues.receive(sourceArn, Math.min(most, QUEUE_BATCH_MAX), signal);
    if (filters.length === 0) return received;
    const unwanted = received.filter((message) => !this.#isWanted(message));
    if (unwanted.length > 0) await queues.remove(sourceArn, unwanted);
    return received.filter((message) => !unwanted.includes(message));
  }

  #launch(messages: readonly QueueMessage[]): void {
    const work: Promise<void> = this.#handle(messages)
      .catch((fault: unknown) => {
        if (this.#isClosed || this.#stopping.signal.aborted) return;
        this.#report(
          `messages of ${this.mapping.sourceArn} come again: ${fault instanceof Error ? fault.message : fault}`,
        );
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #handle(messages: readonly QueueMessage[]): Promise<void> {
    const { sourceArn, functionArn, reportsItemFailures } = this.mapping;
    const answer = await this.#call(batchEvent(sourceArn, messages));
    if (answer.type === 'refused') this.#report(`${functionArn} was not called: ${answer.message}`);
    const done = doneOf(messages, answer, reportsItemFailures);
    if (done.length > 0 && !this.#isClosed) await this.doors.queues.remove(sourceArn, done);
  }

  /** A throttled call is repeated while the messages are hidden. */
  async #call(event: string): Promise<InvocationResult> {
    const { sourceArn, functionArn } = this.mapping;
    const { queues, clock, invoker } = this.doors;
    const until = clock.now() + (queues.describe(sourceArn)?.visibilitySeconds ?? 0) * 1000;
    const requestId = randomUUID();
    for (;;) {
      const answer = await invoker.invoke({ functionName: functionArn, event, requestId });
      const isThrottled = answer.type === 'refused' && answer.code === 'TooManyRequestsException';
      if (!isThrottled || clock.now() + EVENT_SOURCE_PAUSE_MS >= until || this.#stopping.signal.aborted) return answer;
      await pause(EVENT_SOURCE_PAUSE_MS, this.#stopping.signal);
    }
  }

  /** The same once only: a fault that stays would fill the operator's log. */
  #report(text: string): void {
    const line = `Event source ${this.mapping.uuid}: ${text}`;
    if (line !== this.#lastReport) this.doors.report(line);
    this.#lastReport = line;
  }
}

const sizeOf = (sourceArn: string, messages: readonly QueueMessage[]): number =>
  messages.reduce((sum, message) => sum + Buffer.byteLength(recordText(sourceArn, message)), 0);

const pause = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, null, { signal }).catch(() => null);
