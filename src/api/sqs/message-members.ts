import { z } from 'zod';
import { QUEUE_DELAY_SECONDS_MAX } from '../../limits.js';
import type { Received } from '../../services/sqs/live-queue.js';
import { type Message, type MessageAttribute, md5Of, md5OfAttributes } from '../../services/sqs/message.js';
import type { Queue } from '../../services/sqs/queue.js';
import { writeReceiptHandle } from '../../services/sqs/receipt-handle.js';
import type { SendRequest, SentMessage } from '../../services/sqs/sqs.js';
import { systemAttributes } from '../../services/sqs/system-attributes.js';

const ATTRIBUTE = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});

/** What SendMessage and an entry of its batch have in common. */
export const MESSAGE = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.number().int().min(0).max(QUEUE_DELAY_SECONDS_MAX).optional(),
  MessageAttributes: z.record(z.string(), ATTRIBUTE).optional(),
  MessageSystemAttributes: z.record(z.string(), ATTRIBUTE).optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});

export const sendRequest = (input: z.infer<typeof MESSAGE>): SendRequest => ({
  body: input.MessageBody,
  attributes: Object.fromEntries(
    Object.entries(input.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
      },
    ]),
  ),
  delaySeconds: input.DelaySeconds,
  traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
  groupId: input.MessageGroupId,
  deduplicationId: input.MessageDeduplicationId,
});

export function sentMembers({ body, attributes }: SendRequest, { messageId, sequenceNumber }: SentMessage): object {
  const digest = md5OfAttributes(attributes);
  return {
    MD5OfMessageBody: md5Of(body),
    ...(digest !== null && { MD5OfMessageAttributes: digest }),
    MessageId: messageId,
    ...(sequenceNumber !== null && { SequenceNumber: sequenceNumber }),
  };
}

/** `wanted`: names of system attributes, and names or prefixes (`shop.*`) of the sender's own; `All` is all of them. */
export function receivedMessage(
  queue: Queue,
  account: string,
  received: Received,
  wanted: { readonly system: readonly string[]; readonly own: readonly string[] },
): object {
  const { message } = received;
  const system = wantedOf(systemAttributes(account, received), wanted.system);
  const own = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => isWanted(name, wanted.own)));
  const digest = md5OfAttributes(own);
  return {
    MessageId: message.id,
    ReceiptHandle: writeReceiptHandle(queue, received),
    MD5OfBody: md5Of(message.body),
    Body: message.body,
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(digest !== null && { MD5OfMessageAttributes: digest, MessageAttributes: shownAttributes(own) }),
  };
}

const wantedOf = (all: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)));

const isWanted = (name: string, wanted: readonly string[]): boolean =>
  wanted.some(
    (pattern) =>
      pattern === 'All' ||
      pattern === '.*' ||
      pattern === name ||
      (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))),
  );

const shownAttributes = (attributes: Message['attributes']): Record<string, object> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]: [string, MessageAttribute]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: binaryValue }),
      },
    ]),
  );
