import { parseArn } from '../../arn.js';
import { TOPIC_HTTP_MS_MAX } from '../../limits.js';
import type { DeliveryOutcome } from '../delivery-queue.js';
import { exchange } from '../http-exchange.js';
import type { Invoker, Mailer, NotificationQueues } from '../ports.js';
import { confirmation, functionEvent, jsonMail, notification, type TopicMessage } from './message.js';
import type { Subscription } from './topic.js';

export interface DeliverPorts {
  readonly invoker: Invoker;
  readonly mailer: Mailer;
  readonly queues: NotificationQueues;
  /** Where clients reach this server: the beginning of URLs in messages. */
  readonly endpointUrl: () => string;
}

/** One queued delivery: everything it needs, so that it does not depend on what happens to the topic afterwards. */
export interface Outgoing {
  readonly message: TopicMessage;
  readonly subscription: Pick<Subscription, 'arn' | 'protocol' | 'endpoint'>;
  readonly displayName: string;
  /** What the function sees as its request id, the same at every attempt. */
  readonly requestId: string;
  /** Without the envelope. */
  readonly isRaw?: boolean;
  /** To an HTTP endpoint that has to confirm first: the token; the message's text is nobody's. */
  readonly confirmationToken?: string;
  /** Of FIFO topics. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** One attempt. `key` is the same at each of them. */
export function deliver(ports: DeliverPorts, key: string, outgoing: Outgoing): Promise<DeliveryOutcome> {
  const { protocol } = outgoing.subscription;
  switch (protocol) {
    case 'lambda':
      return invoke(ports, outgoing);
    case 'email':
    case 'email-json':
      return mail(ports, key, outgoing);
    case 'sqs':
      return enqueue(ports, key, outgoing);
    case 'http':
    case 'https':
      return post(ports, outgoing);
    default:
      return protocol satisfies never;
  }
}

/** Who did not take what, for the operator. */
const notTaken = ({ subscription, message }: Outgoing, why: unknown): string =>
  `${subscription.endpoint} did not take message ${message.messageId} of ${message.topicArn}: ${why instanceof Error ? why.message : why}`;

async function invoke({ invoker }: DeliverPorts, outgoing: Outgoing): Promise<DeliveryOutcome> {
  const { message, subscription, requestId } = outgoing;
  const event = functionEvent(message, subscription.arn);
  const answer = await invoker.invoke({ functionName: subscription.endpoint, event, requestId });
  if (answer.type === 'succeeded') return { type: 'done' };
  const why = answer.type === 'failed' ? answer.payload.slice(0, 500) : `${answer.code}: ${answer.message}`;
  const isMissing = answer.type === 'refused' && answer.code === 'ResourceNotFoundException';
  return { type: isMissing ? 'hopeless' : 'failed', reason: notTaken(outgoing, why) };
}

async function mail({ mailer }: DeliverPorts, key: string, outgoing: Outgoing): Promise<DeliveryOutcome> {
  const { message, subscription, displayName } = outgoing;
  const name = parseArn(message.topicArn)?.resource ?? message.topicArn;
  const sender = displayName === '' ? 'AWS Notifications' : displayName;
  try {
    const outcome = await mailer.send({
      id: key,
      from: `${sender} <no-reply@sns.treadle.localhost>`,
      to: subscription.endpoint,
      subject: message.subject ?? (displayName === '' ? `AWS Notification Message (${name})` : displayName),
      at: message.at,
      body: subscription.protocol === 'email' ? message.message : jsonMail(message),
    });
    if (outcome.type === 'sent') return { type: 'done' };
    return { type: 'hopeless', reason: `mail to ${subscription.endpoint}: ${outcome.reason}` };
  } catch (fault) {
    const reason = `mail to ${subscription.endpoint}: ${fault instanceof Error ? fault.message : fault}`;
    return { type: 'failed', reason };
  }
}

async function enqueue(
  { queues, endpointUrl }: DeliverPorts,
  key: string,
  outgoing: Outgoing,
): Promise<DeliveryOutcome> {
  const { message, subscription, isRaw, groupId = null, deduplicationId = null } = outgoing;
  const queueArn = subscription.endpoint;
  const isFifo = queueArn.endsWith('.fifo');
  try {
    const outcome = await queues.send({
      queueArn,
      body: isRaw === true ? message.message : notification(message, subscription.arn, endpointUrl()),
      attributes: isRaw === true ? message.attributes : {},
      groupId: isFifo ? groupId : null,
      deduplicationId: isFifo ? deduplicationId : null,
      key: `sns ${key}`,
    });
    return outcome.type === 'sent'
      ? { type: 'done' }
      : { type: 'hopeless', reason: notTaken(outgoing, outcome.reason) };
  } catch (fault) {
    return { type: 'failed', reason: notTaken(outgoing, fault) };
  }
}

const ANSWER_BYTES_MAX = 64 * 1024;

/** AWS: an answer of 4xx other than 429 ends it, everything else but 2xx is tried again. */
async function post({ endpointUrl }: DeliverPorts, outgoing: Outgoing): Promise<DeliveryOutcome> {
  const { message, subscription, isRaw, confirmationToken } = outgoing;
  const isConfirmation = confirmationToken !== undefined;
  const isBare = isRaw === true && !isConfirmation;
  const body = isBare
    ? message.message
    : isConfirmation
      ? confirmation(message, confirmationToken, endpointUrl())
      : notification(message, subscription.arn, endpointUrl());
  const headers: [string, string][] = [
    ['content-type', 'text/plain; charset=UTF-8'],
    ['user-agent', 'Amazon Simple Notification Service Agent'],
    ['x-amz-sns-message-type', isConfirmation ? 'SubscriptionConfirmation' : 'Notification'],
    ['x-amz-sns-message-id', message.messageId],
    ['x-amz-sns-topic-arn', message.topicArn],
    ...(isConfirmation ? [] : [['x-amz-sns-subscription-arn', subscription.arn] as [string, string]]),
    ...(isBare ? [['x-amz-sns-rawdelivery', 'true'] as [string, string]] : []),
  ];
  const bounds = { timeoutMs: TOPIC_HTTP_MS_MAX, answerBytesMax: ANSWER_BYTES_MAX };
  try {
    const request = { method: 'POST', url: new URL(subscription.endpoint), headers, body };
    const { status } = await exchange(request, bounds, new AbortController().signal);
    if (status >= 200 && status < 300) return { type: 'done' };
    const isHopeless = status >= 400 && status < 500 && status !== 429;
    return {
      type: isHopeless ? 'hopeless' : 'failed',
      reason: notTaken(outgoing, `it answered with status ${status}`),
    };
  } catch (fault) {
    return { type: 'failed', reason: notTaken(outgoing, fault) };
  }
}
