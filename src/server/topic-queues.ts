import type { NotificationQueues } from '../services/ports.js';
import { SqsFault } from '../services/sqs/fault.js';
import type { Sqs } from '../services/sqs/sqs.js';

/** This server's queues, as its topics reach them. */
export const topicQueues = (sqs: Pick<Sqs, 'send'>): NotificationQueues => ({
  async send({ queueArn, body, attributes, groupId, deduplicationId, key }) {
    const request = {
      body,
      attributes,
      delaySeconds: undefined,
      traceHeader: undefined,
      groupId: groupId ?? undefined,
      deduplicationId: deduplicationId ?? undefined,
    };
    try {
      await sqs.send(queueArn, request, { key });
      return { type: 'sent' };
    } catch (fault) {
      if (fault instanceof SqsFault) return { type: 'refused', reason: fault.message };
      throw fault;
    }
  },
});
