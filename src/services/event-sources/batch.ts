import { parseArn } from '../../arn.js';
import { FUNCTION_PAYLOAD_BYTES_MAX } from '../../limits.js';
import type { InvocationResult, QueueMessage } from '../ports.js';

/** The event of a batch, as Lambda writes it for SQS. */
export const batchEvent = (sourceArn: string, messages: readonly QueueMessage[]): string =>
  `{"Records":[${messages.map((message) => recordText(sourceArn, message)).join(',')}]}`;

export function recordText(sourceArn: string, message: QueueMessage): string {
  const { messageId, receiptHandle, body, attributes, md5OfBody, md5OfMessageAttributes } = message;
  return JSON.stringify({
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
        name,
        {
          ...(stringValue !== undefined && { stringValue }),
          ...(binaryValue !== undefined && { binaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType,
        },
      ]),
    ),
    ...(md5OfMessageAttributes !== null && { md5OfMessageAttributes }),
    md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: sourceArn,
    awsRegion: parseArn(sourceArn)?.region ?? '',
  });
}

/** Cuts a batch where its event would be larger than Lambda takes. */
export function splitBySize(
  sourceArn: string,
  messages: readonly QueueMessage[],
): readonly (readonly QueueMessage[])[] {
  const parts: QueueMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(recordText(sourceArn, message)) + 1;
    const last = parts.at(-1);
    if (last !== undefined && bytes <= room) {
      last.push(message);
      room -= bytes;
    } else {
      parts.push([message]);
      room = FUNCTION_PAYLOAD_BYTES_MAX - '{"Records":[]}'.length - bytes;
    }
  }
  return parts;
}

/** The messages that are dealt with: all, none, or all but those that the function names. */
export function doneOf(
  messages: readonly QueueMessage[],
  answer: InvocationResult,
  reportsItemFailures: boolean,
): readonly QueueMessage[] {
  if (answer.type !== 'succeeded') return [];
  if (!reportsItemFailures) return messages;
  const failed = failuresOf(answer.payload);
  if (failed === null) return [];
  const known = new Set(messages.map(({ messageId }) => messageId));
  if ([...failed].some((id) => !known.has(id))) return []; // as on AWS: the answer is not to be trusted
  return messages.filter(({ messageId }) => !failed.has(messageId));
}

/** Ids of the messages or changes that failed; null for an answer that says nothing usable. Nothing at all means none. */
export function failuresOf(payload: string): ReadonlySet<string> | null {
  const value: unknown = JSON.parse(payload);
  if (value === null) return new Set();
  if (typeof value !== 'object' || Array.isArray(value)) return null;
  const failures: unknown = Reflect.get(value, 'batchItemFailures');
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return null;
  const ids = new Set<string>();
  for (const failure of failures) {
    const id: unknown = typeof failure === 'object' && failure !== null ? Reflect.get(failure, 'itemIdentifier') : null;
    if (typeof id !== 'string' || id === '') return null;
    ids.add(id);
  }
  return ids;
}
