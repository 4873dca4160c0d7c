import { randomUUID } from 'node:crypto';
import { ASYNC_RETRY_DELAYS_MS, TOPIC_BATCH_ENTRIES_MAX } from '../../limits.js';
import type { RecordStore } from '../../store/ports.js';
import { DeliveryQueue } from '../delivery-queue.js';
import { Performed } from '../performed.js';
import type { Clock, Invoker, Mailer, NotificationQueues } from '../ports.js';
import { deliver, type Outgoing } from './deliver.js';
import { SnsFault } from './fault.js';
import { MailOutbox } from './mail-outbox.js';
import type { TopicMessage } from './message.js';
import { type Publication, type PublishRequest, parsePublication } from './publication.js';
import { filterOf, isPending, type Subscription, type Topic } from './topic.js';
import { Topics } from './topics.js';

export interface SnsOptions {
  readonly records: RecordStore;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Where mails are written as text files. */
  readonly mailFolder: string;
  /** Sends mails; null writes them to the folder. */
  readonly mailer: Mailer | null;
  readonly queues: NotificationQueues;
  /** Where clients reach this server: the beginning of URLs in messages. */
  readonly endpointUrl: () => string;
  /** Waiting times before another attempt; AWS's asynchronous ones when missing. */
  readonly retryDelaysMs?: readonly number[];
  /** Hears of deliveries that were given up. */
  readonly report: (line: string) => void;
}

export interface Published {
  readonly messageId: string;
  /** FIFO topics only. */
  readonly sequenceNumber?: string;
}

/** AWS: how long a FIFO topic remembers deduplication ids. */
const DEDUPLICATION_MS = 5 * 60_000;

/** The topics service: published messages reach functions, queues, HTTP endpoints and mails at least once, over restarts too. */
export class Sns {
  readonly topics: Topics;
  readonly outbox: MailOutbox;
  readonly #queue: DeliveryQueue;
  readonly #performed: Performed;
  readonly #deduplicated: Performed;
  #sequence = 0n;
  #order = 0;

  constructor(private readonly options: SnsOptions) {
    const { records, clock } = options;
    this.topics = new Topics(records);
    this.outbox = new MailOutbox(options.mailFolder);
    this.#performed = new Performed(records, clock, 'sns.performed');
    this.#deduplicated = new Performed(records, clock, 'sns.deduplicated');
    const ports = { ...options, mailer: options.mailer ?? this.outbox };
    this.#queue = new DeliveryQueue({
      records,
      clock,
      collection: 'sns.deliveries',
      // The payload is our own text.
      perform: ({ key, payload }) => deliver(ports, key, JSON.parse(payload) as Outgoing),
      retryDelaysMs: options.retryDelaysMs ?? ASYNC_RETRY_DELAYS_MS,
      report: options.report,
    });
  }

  /** Takes up the deliveries that an earlier process left. */
  async start(): Promise<void> {
    this.#performed.start(this.options.report);
    this.#deduplicated.start(this.options.report);
    await this.#queue.start();
  }

  /** Waits a moment for the deliveries under way; those that last longer are repeated after the next start. */
  async close(): Promise<void> {
    this.#performed.stop();
    this.#deduplicated.stop();
    await this.#queue.close();
  }

  /** Resolves when every delivery that can be made now has been made. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /**
   * Accepted and durable when it resolves. With a `key` it happens once: a repeated key gets the first result.
   * Throws SnsFault.
   */
  async publish(request: PublishRequest, options: { readonly key?: string } = {}): Promise<Published> {
    const topic = await this.topics.get(request.topicArn);
    const publication = parsePublication(topic, request);
    const at = this.options.clock.now();
    const isFifo = topic.attributes.FifoTopic === 'true';
    const published: Published = {
      messageId: randomUUID(),
      ...(isFifo ? { sequenceNumber: this.#nextSequence(at) } : {}),
    };
    const base = {
      messageId: published.messageId,
      topicArn: topic.arn,
      subject: publication.subject,
      attributes: publication.attributes,
      at,
    };
    const deliveries: { key: string; payload: string }[] = [];
    for (const subscription of await this.topics.subscriptionsOf(topic.arn)) {
      if (isPending(subscription)) continue;
      const text = publication.textFor(subscription.protocol);
      if (filterOf(subscription)?.({ message: text, attributes: publication.attributes }) === false) continue;
      const message = { ...base, message: text };
      deliveries.push({
        key: this.#deliveryKey(at, subscription),
        payload: JSON.stringify(outgoingOf(message, { subscription, topic, publication })),
      });
    }
    const writes = deliveries.map(({ key, payload }) => this.#queue.writeFor(key, payload));
    const once = await this.#once(topic, publication.deduplicationId, options.key, JSON.stringify(published), writes);
    if (once.isRepeated) return JSON.parse(once.result) as Published; // our own text
    for (const { key, payload } of deliveries) this.#queue.accept(key, payload);
    return published;
  }

  async #once(
    topic: Topic,
    deduplicationId: string | null,
    key: string | undefined,
    result: string,
    writes: Parameters<Performed['once']>[2],
  ): ReturnType<Performed['once']> {
    if (deduplicationId === null) return this.#performed.once(key, result, writes);
    const slot = Math.floor(this.options.clock.now() / DEDUPLICATION_MS);
    for (const known of [slot, slot - 1]) {
      const before = await this.#deduplicated.find(`${topic.arn} ${known} ${deduplicationId}`);
      if (before !== null) return { result: before, isRepeated: true };
    }
    return this.#deduplicated.once(`${topic.arn} ${slot} ${deduplicationId}`, result, writes);
  }

  /** Up to ten messages; each one succeeds or fails on its own. Throws SnsFault for the batch as a whole. */
  async publishBatch(
    topicArn: string,
    entries: readonly (Omit<PublishRequest, 'topicArn'> & { readonly id: string })[],
  ): Promise<{
    readonly successful: readonly (Published & { readonly id: string })[];
    readonly failed: readonly { readonly id: string; readonly fault: SnsFault }[];
  }> {
    await this.topics.get(topicArn);
    checkBatch(entries.map(({ id }) => id));
    const successful: (Published & { id: string })[] = [];
    const failed: { id: string; fault: SnsFault }[] = [];
    for (const { id, ...request } of entries) {
      try {
        successful.push({ id, ...(await this.publish({ ...request, topicArn })) });
      } catch (fault) {
        if (!(fault instanceof SnsFault)) throw fault;
        failed.push({ id, fault });
      }
    }
    return { successful, failed };
  }

  #nextSequence(at: number): string {
    const least = BigInt(at) * 1_000_000n;
    this.#sequence = this.#sequence < least ? least : this.#sequence + 1n;
    return (10_000_000_000_000_000_000n + this.#sequence).toString();
  }

  /** Deliveries start in the order of their publishes. */
  #deliveryKey(at: number, { arn }: Subscription): string {
    this.#order = (this.#order + 1) % 1_000_000;
    return `${String(at).padStart(13, '0')}.${String(this.#order).padStart(6, '0')}.${arn.slice(arn.lastIndexOf(':') + 1)}`;
  }

  /** Subscribes; an HTTP endpoint is asked to confirm first, and asked again when it is subscribed again. Throws SnsFault. */
  async subscribe(wanted: Omit<Subscription, 'arn' | 'owner'>): Promise<Subscription> {
    const subscription = await this.topics.subscribe(wanted);
    if (!isPending(subscription)) return subscription;
    const at = this.options.clock.now();
    const outgoing: Outgoing = {
      message: {
        messageId: randomUUID(),
        topicArn: subscription.topicArn,
        subject: null,
        message: '',
        attributes: {},
        at,
      },
      subscription,
      displayName: '',
      requestId: randomUUID(),
      confirmationToken: subscription.confirmation?.token ?? '',
    };
    const [key, payload] = [this.#deliveryKey(at, subscription), JSON.stringify(outgoing)];
    await this.options.records.write([this.#queue.writeFor(key, payload)]);
    this.#queue.accept(key, payload);
    return subscription;
  }
}

function outgoingOf(
  message: TopicMessage,
  { subscription, topic, publication }: { subscription: Subscription; topic: Topic; publication: Publication },
): Outgoing {
  const { arn, protocol, endpoint, attributes } = subscription;
  return {
    message,
    subscription: { arn, protocol, endpoint },
    displayName: topic.attributes.DisplayName ?? '',
    requestId: randomUUID(),
    isRaw: attributes.RawMessageDelivery === 'true',
    ...(publication.groupId !== null && { groupId: publication.groupId }),
    ...(publication.deduplicationId !== null && { deduplicationId: publication.deduplicationId }),
  };
}

function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0) throw new SnsFault('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (ids.length > TOPIC_BATCH_ENTRIES_MAX) {
    throw new SnsFault('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  if (new Set(ids).size < ids.length) {
    throw new SnsFault('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
}
