import { parseArn } from '../../arn.js';
import { QUEUE_WAIT_SECONDS_MAX } from '../../limits.js';
import type { QueueMessage, QueueReader } from '../ports.js';
import type { Received } from './live-queue.js';
import { md5Of, md5OfAttributes } from './message.js';
import { type Queue, settingsOf } from './queue.js';
import { readReceiptHandle, writeReceiptHandle } from './receipt-handle.js';
import type { Sqs } from './sqs.js';
import { systemAttributes } from './system-attributes.js';

/** Queues for event sources. */
export function queueReader(sqs: Sqs): QueueReader {
  return {
    describe(arn) {
      const queue = sqs.find(arn);
      if (queue === null) return null;
      const { visibilitySeconds, isFifo } = settingsOf(queue);
      return { visibilitySeconds, isFifo };
    },
    async receive(arn, most, signal) {
      const queue = sqs.get(arn);
      const request = { most, visibilitySeconds: undefined, waitSeconds: QUEUE_WAIT_SECONDS_MAX };
      return (await sqs.receive(arn, request, signal)).map((received) => queueMessage(queue, received));
    },
    async remove(arn, messages) {
      const queue = sqs.get(arn);
      const sequences = messages.map(({ receiptHandle }) => readReceiptHandle(queue, receiptHandle).sequence);
      await sqs.removeMessages(arn, sequences);
    },
    async release(arn, messages) {
      const queue = sqs.get(arn);
      for (const { receiptHandle } of messages) {
        await sqs.changeVisibility(arn, readReceiptHandle(queue, receiptHandle), 0);
      }
    },
  };
}

function queueMessage(queue: Queue, received: Received): QueueMessage {
  const { message } = received;
  return {
    messageId: message.id,
    receiptHandle: writeReceiptHandle(queue, received),
    body: message.body,
    attributes: systemAttributes(parseArn(queue.arn)?.account ?? '', received),
    messageAttributes: message.attributes,
    md5OfBody: md5Of(message.body),
    md5OfMessageAttributes: md5OfAttributes(message.attributes),
  };
}
