import type { SendOutcome } from '../services/ports.js';
import type { Sns } from '../services/sns/sns.js';
import type { Sqs } from '../services/sqs/sqs.js';

/** Takes outcomes of asynchronous calls to the queues and topics that are their destinations. */
export const outcomeSender =
  ({ sqs, sns }: { readonly sqs: Sqs; readonly sns: Sns }): SendOutcome =>
  async (arn, body, key) => {
    if (arn.split(':')[2] === 'sns') {
      await sns.publish({ topicArn: arn, message: body, attributes: {} }, { key });
      return;
    }
    const none = { delaySeconds: undefined, traceHeader: undefined, groupId: undefined, deduplicationId: undefined };
    await sqs.send(arn, { body, attributes: {}, ...none }, { key });
  };
