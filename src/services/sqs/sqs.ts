import { createHash, randomUUID } from 'node:crypto';
import { type Place, queueArn } from '../../arn.js';
import { QUEUE_BATCH_MAX } from '../../limits.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import { Performed } from '../performed.js';
import type { Clock } from '../ports.js';
import { invalidParameter, queueDoesNotExist, SqsFault } from './fault.js';
import { LiveQueue, type Received } from './live-queue.js';
import { bytesOf, checkMessage, type Message, type MessageAttribute } from './message.js';
import { checkAttributes, checkQueueName, type Queue, type QueueSettings, settingsOf } from './queue.js';

const QUEUES = 'sqs.queue';

export interface SendRequest {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly delaySeconds: number | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

export interface SentMessage {
  readonly messageId: string;
  /** FIFO queues only. */
  readonly sequenceNumber: string | null;
}

export interface SqsOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly report: (line: string) => void;
}

/** Queues as Amazon SQS has them: at least once, or in order and once (FIFO). Throws SqsFault for what AWS refuses. */
export class Sqs {
  readonly #queues = new Map<string, Queue>();
  readonly #live = new Map<string, Promise<LiveQueue>>();
  readonly #performed: Performed;

  private constructor(private readonly options: SqsOptions) {
    this.#performed = new Performed(options.records, options.clock, 'sqs.performed');
  }

  /** Queues' settings are in memory; their messages are read when somebody asks. */
  static async open(options: SqsOptions): Promise<Sqs> {
    const sqs = new Sqs(options);
    for await (const { key, value } of everyRecord(options.records, { collection: QUEUES, limit: PAGE }))
      sqs.#queues.set(key, JSON.parse(value) as Queue);
    sqs.#performed.start(options.report);
    return sqs;
  }

  async close(): Promise<void> {
    this.#performed.stop();
    for (const live of this.#live.values()) (await live).close();
  }

  find(arn: string): Queue | null {
    return this.#queues.get(arn) ?? null;
  }

  get(arn: string): Queue {
    const queue = this.find(arn);
    if (queue === null) throw queueDoesNotExist();
    return queue;
  }

  /** The queue of this name; one that exists must have the same attributes. */
  async create(
    place: Place,
    name: string,
    attributes: Readonly<Record<string, string>>,
    tags: Readonly<Record<string, string>> = {},
  ): Promise<Queue> {
    const isFifo = attributes.FifoQueue === 'true';
    checkQueueName(name, isFifo);
    checkAttributes(attributes, isFifo);
    const { FifoQueue: _, ...given } = attributes;
    const arn = queueArn(place, name);
    const existing = this.find(arn);
    if (existing !== null) {
      const differing = Object.entries(given).find(([key, value]) => existing.attributes[key] !== value);
      if (differing === undefined) return existing;
      throw new SqsFault(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${differing[0]}`,
        'QueueAlreadyExists',
      );
    }
    const at = this.options.clock.now();
    const queue: Queue = { arn, name, id: randomUUID(), attributes: given, tags, createdAt: at, modifiedAt: at };
    await this.#keep(queue);
    return queue;
  }

  /** Of one region, by name. */
  list(place: Place, prefix: string): readonly Queue[] {
    const start = queueArn(place, prefix);
    return [...this.#queues.values()]
      .filter(({ arn }) => arn.startsWith(start))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Queues whose messages end up in this one. */
  sourcesOf(arn: string): readonly Queue[] {
    return [...this.#queues.values()].filter((queue) => settingsOf(queue).redrive?.deadLetterArn === arn);
  }

  async setAttributes(arn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const queue = this.get(arn);
    if ('FifoQueue' in attributes) throw new SqsFault('InvalidAttributeName', 'Unknown Attribute FifoQueue.');
    checkAttributes(attributes, settingsOf(queue).isFifo);
    const merged = { ...queue.attributes, ...attributes };
    if (merged.RedrivePolicy === '') delete (merged as Record<string, string>).RedrivePolicy;
    await this.#keep({ ...queue, attributes: merged, modifiedAt: this.options.clock.now() });
  }

  async setTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#keep({ ...this.get(arn), tags });
  }

  /** The queue with its messages. */
  async remove(arn: string): Promise<void> {
    const { id } = this.get(arn);
    const live = await this.#open(arn);
    await this.options.records.write([{ type: 'delete', collection: QUEUES, key: arn }]);
    this.#queues.delete(arn);
    this.#live.delete(id);
    live.close();
    await live.purge();
  }

  async purge(arn: string): Promise<void> {
    await (await this.#open(arn)).purge();
  }

  async counts(arn: string): ReturnType<LiveQueue['counts']> {
    return (await this.#open(arn)).counts();
  }

  /** One message; with the same `key` again it is not sent again, and the answer is the first one's. */
  async send(arn: string, request: SendRequest, options: { readonly key?: string } = {}): Promise<SentMessage> {
    const queue = this.get(arn);
    const settings = settingsOf(queue);
    const message = this.#message(settings, request);
    const live = await this.#open(arn);
    const { key } = options;
    if (key === undefined) return sentMessage(settings, (await live.send([message]))[0] ?? null);
    const before = await this.#performed.find(key);
    if (before !== null) return JSON.parse(before) as SentMessage;
    try {
      const [sent = null] = await live.send([message], ([first = null]) => [
        this.#performed.markOf(key, JSON.stringify(sentMessage(settings, first))),
      ]);
      return sentMessage(settings, sent);
    } catch (fault) {
      const first = fault instanceof RecordConflict ? await this.#performed.find(key) : null;
      if (first === null) throw fault;
      return JSON.parse(first) as SentMessage;
    }
  }

  #message(settings: QueueSettings, request: SendRequest): Message {
    const { body, attributes, traceHeader = null } = request;
    checkMessage(body, attributes);
    const bytes = bytesOf(body, attributes);
    if (bytes > settings.messageBytesMax) {
      throw invalidParameter(
        `One or more parameters are invalid. Reason: Message must be shorter than ${settings.messageBytesMax} bytes.`,
      );
    }
    const sentAt = this.options.clock.now();
    const delaySeconds = request.delaySeconds ?? settings.delaySeconds;
    return {
      id: randomUUID(),
      body,
      attributes,
      traceHeader,
      sentAt,
      delayedUntil: delaySeconds === 0 ? 0 : sentAt + delaySeconds * 1000,
      ...groupOf(settings, request),
      deadLetterSource: null,
    };
  }

  /** Up to ten messages, which are hidden from others for a while. Waits as long as the queue or the request says. */
  async receive(
    arn: string,
    request: {
      readonly most: number;
      readonly visibilitySeconds: number | undefined;
      readonly waitSeconds: number | undefined;
    },
    signal: AbortSignal,
  ): Promise<readonly Received[]> {
    const settings = settingsOf(this.get(arn));
    const waitMs = (request.waitSeconds ?? settings.waitSeconds) * 1000;
    const until = waitMs === 0 ? AbortSignal.abort() : AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    const live = await this.#open(arn);
    return live.receive(
      {
        most: Math.min(request.most, QUEUE_BATCH_MAX),
        visibilityMs: (request.visibilitySeconds ?? settings.visibilitySeconds) * 1000,
        signal: until,
      },
      (message) => this.#giveUp(arn, message),
    );
  }

  async #giveUp(arn: string, message: Message): Promise<ReturnType<LiveQueue['incoming']> | null> {
    const target = settingsOf(this.get(arn)).redrive?.deadLetterArn ?? '';
    if (this.find(target) === null) return null;
    const live = await this.#open(target);
    return live.incoming({ ...message, delayedUntil: 0, deadLetterSource: arn });
  }

  async removeMessages(arn: string, sequences: readonly string[]): Promise<void> {
    await (await this.#open(arn)).remove(sequences);
  }

  async changeVisibility(arn: string, message: { sequence: string; receipt: string }, seconds: number): Promise<void> {
    await (await this.#open(arn)).changeVisibility(message.sequence, message.receipt, seconds * 1000);
  }

  #open(arn: string): Promise<LiveQueue> {
    const { id } = this.get(arn);
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const { records, clock } = this.options;
    const settings = (): QueueSettings => settingsOf(this.get(arn));
    const opening = LiveQueue.open({ id, records, now: () => clock.now(), settings });
    this.#live.set(id, opening);
    opening.catch(() => this.#live.delete(id)); // whoever asked is told; the next one tries again
    return opening;
  }

  async #keep(queue: Queue): Promise<void> {
    await this.options.records.write([putJson(QUEUES, queue.arn, queue)]);
    this.#queues.set(queue.arn, queue);
  }
}

const PAGE = 1000;

const sentMessage = (
  { isFifo }: QueueSettings,
  sent: { readonly id: string; readonly sequence: string } | null,
): SentMessage => ({ messageId: sent?.id ?? '', sequenceNumber: isFifo ? (sent?.sequence ?? null) : null });

function groupOf(settings: QueueSettings, request: SendRequest): Pick<Message, 'groupId' | 'deduplicationId'> {
  const { groupId = null, deduplicationId = null, delaySeconds } = request;
  if (!settings.isFifo) {
    if (deduplicationId !== null) {
      throw invalidParameter('The request include parameter that is not valid for this queue type');
    }
    return { groupId: null, deduplicationId: null };
  }
  if (groupId === null) {
    throw new SqsFault('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  if (delaySeconds !== undefined) {
    throw invalidParameter(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  for (const [name, value] of [
    ['MessageGroupId', groupId],
    ['MessageDeduplicationId', deduplicationId],
  ] as const) {
    if (value === null || /^[\u0021-\u007e]{1,128}$/.test(value)) continue;
    throw invalidParameter(
      `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  if (deduplicationId !== null) return { groupId, deduplicationId };
  if (settings.isDeduplicatedByContent) {
    return { groupId, deduplicationId: createHash('sha256').update(request.body).digest('hex') };
  }
  throw invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}
