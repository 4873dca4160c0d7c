import { queueArn } from '../arn.js';
import { SqsFault } from '../services/sqs/fault.js';
import { checkAttributes } from '../services/sqs/queue.js';
import { jsonText } from './json-text.js';
import type { PlannedQueue } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { flag, member, text } from './properties.js';

const TEXTS = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
];

export function planQueue({ own, common, name, stack }: Planning): readonly [PlannedQueue] | null {
  const isFifo = flag(own, 'FifoQueue') === true;
  const attributes: Record<string, string> = {};
  for (const property of TEXTS) {
    const value = text(own, property);
    if (value !== null) attributes[property] = value;
  }
  const redrive = member(own, 'RedrivePolicy');
  if (redrive !== null) attributes.RedrivePolicy = jsonText(redrive);
  if (isFifo !== name.endsWith('.fifo')) {
    const at = member(own, 'QueueName')?.at ?? own.at;
    refuse(
      own.findings,
      at,
      `Expected the name of a FIFO queue, and of no other, to end in '.fifo', but it is '${name}'.`,
    );
    return null;
  }
  try {
    checkAttributes(attributes, isFifo);
  } catch (fault) {
    if (!(fault instanceof SqsFault)) throw fault;
    refuse(own.findings, own.at, `Expected attributes that SQS takes, but it says: ${fault.message}`);
    return null;
  }
  return [{ ...common, kind: 'queue', arn: queueArn(stack.place, name), settings: { name, attributes } }];
}
