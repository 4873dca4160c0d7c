import { parseArn } from '../../arn.js';
import {
  QUEUE_DELAY_SECONDS_MAX,
  QUEUE_MESSAGE_BYTES_MAX,
  QUEUE_MESSAGE_BYTES_MIN,
  QUEUE_NAME_CHARS_MAX,
  QUEUE_RECEIVES_MAX,
  QUEUE_RETENTION_SECONDS_MAX,
  QUEUE_RETENTION_SECONDS_MIN,
  QUEUE_VISIBILITY_SECONDS_MAX,
  QUEUE_WAIT_SECONDS_MAX,
} from '../../limits.js';
import { invalidAttributeValue, invalidParameter, SqsFault } from './fault.js';

/** A queue as it is kept. Times are epoch milliseconds. */
export interface Queue {
  readonly arn: string;
  readonly name: string;
  /** One of the same name made later is another queue: its messages are apart. */
  readonly id: string;
  /** As given, without those that have their default. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface QueueSettings {
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly messageBytesMax: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly isFifo: boolean;
  readonly isDeduplicatedByContent: boolean;
  readonly redrive: RedrivePolicy | null;
}

/** Where messages go that were received too often. */
export interface RedrivePolicy {
  readonly deadLetterArn: string;
  readonly receivesMax: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly normal: number;
}

const NUMBERS: Readonly<Record<string, Range>> = {
  VisibilityTimeout: { min: 0, max: QUEUE_VISIBILITY_SECONDS_MAX, normal: 30 },
  DelaySeconds: { min: 0, max: QUEUE_DELAY_SECONDS_MAX, normal: 0 },
  MaximumMessageSize: { min: QUEUE_MESSAGE_BYTES_MIN, max: QUEUE_MESSAGE_BYTES_MAX, normal: QUEUE_MESSAGE_BYTES_MAX },
  MessageRetentionPeriod: { min: QUEUE_RETENTION_SECONDS_MIN, max: QUEUE_RETENTION_SECONDS_MAX, normal: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: QUEUE_WAIT_SECONDS_MAX, normal: 0 },
};
const SWITCHES = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled']);
/** Accepted without effect: there is no access control, and a FIFO queue's throughput is not throttled. */
const KEPT = new Set(['Policy', 'DeduplicationScope', 'FifoThroughputLimit', 'RedriveAllowPolicy']);
const FIFO_ONLY = new Set(['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']);

export function checkQueueName(name: string, isFifo: boolean): void {
  const base = isFifo && name.endsWith('.fifo') ? name.slice(0, -'.fifo'.length) : name;
  if (name.length <= QUEUE_NAME_CHARS_MAX && /^[A-Za-z0-9_-]+$/.test(base) && isFifo === name.endsWith('.fifo')) return;
  throw invalidParameter(
    isFifo
      ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
      : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
}

/** Throws SqsFault for what AWS refuses, and for what would be without its effect here. */
export function checkAttributes(attributes: Readonly<Record<string, string>>, isFifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const range = NUMBERS[name];
    if (range !== undefined) {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : -1;
      if (number < range.min || number > range.max) throw invalidAttributeValue(name);
    } else if (SWITCHES.has(name)) {
      if (value !== 'true' && value !== 'false') throw invalidAttributeValue(name);
    } else if (name === 'RedrivePolicy') {
      if (value !== '') readRedrivePolicy(value, isFifo);
    } else if (name === 'KmsMasterKeyId' || name === 'KmsDataKeyReusePeriodSeconds') {
      throw invalidParameter(`Treadle does not encrypt queues with a key of yours: leave ${name} out.`);
    } else if (!KEPT.has(name)) {
      throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
    if (FIFO_ONLY.has(name) && !isFifo && value !== 'false') {
      throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
  }
}

function readRedrivePolicy(text: string, isFifo: boolean): RedrivePolicy {
  const refuse = (reason: string): SqsFault =>
    invalidParameter(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  let policy: { readonly deadLetterTargetArn?: unknown; readonly maxReceiveCount?: unknown };
  try {
    policy = JSON.parse(text) as typeof policy;
  } catch {
    throw refuse('Redrive policy is not a valid JSON map.');
  }
  const { deadLetterTargetArn, maxReceiveCount } = policy ?? {};
  if (typeof deadLetterTargetArn !== 'string') {
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  }
  if (maxReceiveCount === undefined) {
    throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  }
  const receivesMax = Number(maxReceiveCount);
  if (!Number.isInteger(receivesMax) || receivesMax < 1 || receivesMax > QUEUE_RECEIVES_MAX) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${QUEUE_RECEIVES_MAX} both inclusive.`,
    );
  }
  if (parseArn(deadLetterTargetArn)?.service !== 'sqs') throw refuse('Invalid value for deadLetterTargetArn.');
  if (deadLetterTargetArn.endsWith('.fifo') !== isFifo) {
    throw refuse('Dead-letter target must be of the same type of queue as the source.');
  }
  return { deadLetterArn: deadLetterTargetArn, receivesMax };
}

export function settingsOf({ attributes, name }: Queue): QueueSettings {
  const number = (attribute: string): number => Number(attributes[attribute] ?? NUMBERS[attribute]?.normal);
  const isFifo = name.endsWith('.fifo');
  const redrive = attributes.RedrivePolicy ?? '';
  return {
    visibilitySeconds: number('VisibilityTimeout'),
    delaySeconds: number('DelaySeconds'),
    messageBytesMax: number('MaximumMessageSize'),
    retentionSeconds: number('MessageRetentionPeriod'),
    waitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    isFifo,
    isDeduplicatedByContent: attributes.ContentBasedDeduplication === 'true',
    redrive: redrive === '' ? null : readRedrivePolicy(redrive, isFifo),
  };
}

/** What GetQueueAttributes shows besides the counts. */
export function shownAttributes(queue: Queue): Readonly<Record<string, string>> {
  const defaults = Object.fromEntries(Object.entries(NUMBERS).map(([name, { normal }]) => [name, String(normal)]));
  const isFifo = queue.name.endsWith('.fifo');
  const { RedrivePolicy, ...attributes } = queue.attributes;
  return {
    ...defaults,
    SqsManagedSseEnabled: 'false',
    ...(isFifo && {
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    }),
    ...attributes,
    ...(RedrivePolicy && { RedrivePolicy }),
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ...(isFifo && { FifoQueue: 'true' }),
  };
}
