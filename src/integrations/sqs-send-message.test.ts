import { beforeEach, expect, test } from 'vitest';
import { parsePayload } from '../payload/index.js';
import { Sqs } from '../services/sqs/sqs.js';
import { memoryStore } from '../testing/memory-store.js';
import type { TaskAnswer } from './port.js';
import { sqsSendMessage } from './sqs-send-message.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const URL_OF = 'http://127.0.0.1:4566/000000000000/orders';
const clock = { now: () => Date.UTC(2026, 0, 1) };
let sqs: Sqs;

beforeEach(async () => {
  sqs = await Sqs.open({ records: memoryStore().records, clock, report: () => undefined });
  await sqs.create(PLACE, 'orders', {});
  await sqs.create(PLACE, 'orders.fifo', { FifoQueue: 'true' });
  return () => sqs.close();
});

const perform = (parameters: object, resource = 'sendMessage', key = 'arn#7'): Promise<TaskAnswer> =>
  sqsSendMessage(sqs, clock).perform(
    {
      ...PLACE,
      key,
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
      stateName: 'S',
      resourceType: 'sqs',
      resource,
      parameters: parsePayload(JSON.stringify(parameters)),
    },
    new AbortController(),
  );

const receive = (name: string) =>
  sqs.receive(
    `arn:aws:sqs:us-east-1:000000000000:${name}`,
    { most: 10, visibilitySeconds: 60, waitSeconds: 0 },
    new AbortController().signal,
  );

const outputOf = (answer: TaskAnswer): Record<string, unknown> =>
  'output' in answer ? (JSON.parse(answer.output.text) as Record<string, unknown>) : {};

test('an object is sent as JSON text with its attributes, once for one call', async () => {
  const parameters = {
    QueueUrl: URL_OF,
    MessageBody: { order: 7 },
    MessageAttributes: { color: { DataType: 'String', StringValue: 'red' } },
  };
  const first = outputOf(await perform(parameters));
  expect(first).toMatchObject({
    MD5OfMessageBody: '4db405096ca2c297ffb21aeada277352',
    MD5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
    MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    SdkHttpMetadata: { HttpStatusCode: 200 },
  });
  expect(outputOf(await perform(parameters))).toEqual(first);
  const messages = await receive('orders');
  expect(messages.map(({ message }) => [message.body, message.attributes])).toEqual([
    ['{"order":7}', { color: { dataType: 'String', stringValue: 'red' } }],
  ]);
});

test('.waitForTaskToken waits after the message is sent', async () => {
  expect((await perform({ QueueUrl: URL_OF, MessageBody: 'x' }, 'sendMessage.waitForTaskToken')).type).toBe(
    'submitted',
  );
  expect(await receive('orders')).toHaveLength(1);
});

test('to a FIFO queue, in a group', async () => {
  const parameters = {
    QueueUrl: `${URL_OF}.fifo`,
    MessageBody: 'x',
    MessageGroupId: 'g',
    MessageDeduplicationId: 'd',
  };
  expect(outputOf(await perform(parameters))).toHaveProperty('SequenceNumber', expect.stringMatching(/^\d{20}$/));
  const [received] = await receive('orders.fifo');
  expect(received?.message).toMatchObject({ groupId: 'g', deduplicationId: 'd' });
});

test('delayed', async () => {
  await perform({ QueueUrl: URL_OF, MessageBody: 'x', DelaySeconds: 5 });
  expect(await receive('orders')).toEqual([]);
});

test.each([
  [
    { QueueUrl: `${URL_OF}s`, MessageBody: 'x' },
    'SQS.QueueDoesNotExistException',
    'The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; ',
  ],
  [
    { QueueUrl: 'http://no-such-queue', MessageBody: 'x' },
    'SQS.SdkClientException',
    'Unable to execute HTTP request: no-such-queue: Name or service not known',
  ],
  [
    { QueueUrl: `${URL_OF}.fifo`, MessageBody: 'x' },
    'SQS.AmazonSQSException',
    'The request must contain the parameter MessageGroupId. (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; ',
  ],
  [{ QueueUrl: URL_OF }, 'SQS.AmazonSQSException', 'The request must contain the parameter MessageBody.'],
  [{ QueueUrl: URL_OF, MessageBody: '\u0001' }, 'SQS.InvalidMessageContentsException', 'Invalid characters found.'],
  [
    { QueueUrl: URL_OF, MessageBody: 'x', DelaySeconds: 'soon', Colour: 1 },
    'States.Runtime',
    `[The field "Colour" is not supported by Step Functions, The value for the field 'DelaySeconds' must be an INTEGER]`,
  ],
])('%j fails', async (parameters, error, cause) => {
  const answer = await perform(parameters);
  expect(answer).toMatchObject({ type: 'failed', error });
  expect('cause' in answer && answer.cause).toContain(cause);
});
