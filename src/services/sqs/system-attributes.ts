import type { Received } from './live-queue.js';

/** What the queue itself knows of a received message, by AWS's names. */
export function systemAttributes(account: string, received: Received): Readonly<Record<string, string>> {
  const { message, receives, firstReceivedAt, sequence } = received;
  const all: Readonly<Record<string, string | null>> = {
    ApproximateReceiveCount: String(receives),
    AWSTraceHeader: message.traceHeader,
    SentTimestamp: String(message.sentAt),
    SequenceNumber: message.groupId === null ? null : sequence,
    MessageGroupId: message.groupId,
    SenderId: account,
    MessageDeduplicationId: message.deduplicationId,
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
