import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed, createFunction, zipOf } from './bed.js';

const SOURCE = 'arn:aws:sqs:us-east-1:000000000000:orders';
let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
  await writeFile(seen(), '');
});
afterEach(() => bed.close());

const seen = (): string => join(bed.folder, 'seen.jsonl');

interface SeenRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The events that the function got, as it wrote them down. */
async function events(): Promise<readonly (readonly SeenRecord[])[]> {
  const text = await readFile(seen(), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).Records);
}

const bodies = async (): Promise<readonly (readonly string[])[]> =>
  (await events()).map((records) => records.map(({ body }) => body));

/** A function that writes its event down, then does what the statements say. */
const createConsumer = (statements = '') =>
  createFunction(
    bed,
    'consumer',
    zipOf(`import { appendFileSync } from 'node:fs';
export const handler = async (event) => {
  appendFileSync(${JSON.stringify(seen())}, JSON.stringify(event) + '\\n');
  ${statements}
};`),
    { Timeout: 1 },
  );

async function createQueue(QueueName = 'orders', Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await bed.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

const map = (more: Partial<CreateEventSourceMappingCommandInput> = {}) =>
  bed.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'consumer', EventSourceArn: SOURCE, ...more }));

const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  bed.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

const sendAll = (QueueUrl: string, all: readonly string[]) =>
  bed.sqs.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: all.map((MessageBody, i) => ({ Id: String(i), MessageBody })) }),
  );

async function left(QueueUrl: string): Promise<string> {
  const { Attributes = {} } = await bed.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return `${Attributes.ApproximateNumberOfMessages}+${Attributes.ApproximateNumberOfMessagesNotVisible}`;
}

const soon = { timeout: 10_000, interval: 30 };

describe('messages', () => {
  test('are given in the shape of AWS, and are gone when the function has succeeded', async () => {
    const queue = await createQueue();
    await createConsumer();
    expect(await map()).toMatchObject({ State: 'Enabled', BatchSize: 10, $metadata: { httpStatusCode: 202 } });
    const MessageAttributes = {
      color: { DataType: 'String', StringValue: 'red' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const { MessageId } = await send(queue, 'one', { MessageAttributes });
    await expect.poll(events, soon).toEqual([
      [
        {
          messageId: MessageId,
          receiptHandle: expect.stringMatching(/^[A-Za-z0-9+/=]{20,}$/),
          body: 'one',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: '000000000000',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            color: { stringValue: 'red', stringListValues: [], binaryListValues: [], dataType: 'String' },
            bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          md5OfBody: 'f97c5d29941bfb1b2fdab0874906ab82',
          eventSource: 'aws:sqs',
          eventSourceARN: SOURCE,
          awsRegion: 'us-east-1',
        },
      ],
    ]);
    await expect.poll(() => left(queue), soon).toBe('0+0');
  });

  test('come again when the function fails, and go to the dead-letter queue in the end', async () => {
    const dead = await createQueue('dead');
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: SOURCE.replace('orders', 'dead'),
      maxReceiveCount: 2,
    });
    const queue = await createQueue('orders', { VisibilityTimeout: '1', RedrivePolicy });
    await createConsumer('throw new Error("no");');
    await map();
    await send(queue, 'bad');
    const receive = () => bed.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, VisibilityTimeout: 0 }));
    await expect.poll(async () => (await receive()).Messages?.map(({ Body }) => Body), soon).toEqual(['bad']);
    const counts = (await events()).map(([record]) => record?.attributes.ApproximateReceiveCount);
    expect(counts).toEqual(['1', '2']);
    expect(await left(queue)).toBe('0+0');
  });

  test('are deleted one by one when the function says which have failed', async () => {
    const queue = await createQueue('orders', { VisibilityTimeout: '1' });
    await createConsumer(`const bad = event.Records.filter(
      ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1');
    return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };`);
    await sendAll(queue, ['a', 'bad', 'c']);
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await expect.poll(bodies, soon).toEqual([['a', 'bad', 'c'], ['bad']]);
    await expect.poll(() => left(queue), soon).toBe('0+0');
  });

  test.each([
    ['{ batchItemFailures: [{ itemIdentifier: "" }] }'],
    ['{ batchItemFailures: [{ wrong: event.Records[0].messageId }] }'],
    ['{ batchItemFailures: [{ itemIdentifier: "unknown" }] }'],
  ])('all come again when the function answers %s', async (answer) => {
    const queue = await createQueue('orders', { VisibilityTimeout: '1' });
    await createConsumer(`if (event.Records[0].attributes.ApproximateReceiveCount === '1') return ${answer};`);
    await sendAll(queue, ['a', 'b']);
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await expect.poll(bodies, soon).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await expect.poll(() => left(queue), soon).toBe('0+0');
  });

  test('are collected for as long as the window says, over ten in one batch', async () => {
    const queue = await createQueue();
    await createConsumer();
    await map({ BatchSize: 15, MaximumBatchingWindowInSeconds: 30 });
    for (const start of [0, 10])
      await sendAll(
        queue,
        Array.from({ length: 10 }, (_, i) => String(start + i)),
      );
    await expect.poll(bodies, soon).toEqual([Array.from({ length: 15 }, (_, i) => String(i))]);
    const [{ UUID } = {}] = (await bed.lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings ?? [];
    await bed.lambda.send(new UpdateEventSourceMappingCommand({ UUID, MaximumBatchingWindowInSeconds: 1 }));
    await expect.poll(async () => (await bodies()).flat().length, soon).toBe(20); // those in hand were let go at once
    await expect.poll(() => left(queue), soon).toBe('0+0');
  });

  test('that no filter wants are deleted, the others are given', async () => {
    const queue = await createQueue();
    await createConsumer();
    await sendAll(queue, [
      '{"kind":"big","n":12}',
      '{"kind":"big","n":2}',
      '{"kind":"small"}',
      'plain',
      'other',
      '[1]',
    ]);
    const patterns = ['{"body":{"kind":["big"],"n":[{"numeric":[">",10]}]}}', '{"body":["plain"]}'];
    await map({ FilterCriteria: { Filters: patterns.map((Pattern) => ({ Pattern })) } });
    await expect.poll(bodies, soon).toEqual([['{"kind":"big","n":12}', 'plain']]);
    await expect.poll(() => left(queue), soon).toBe('0+0');
  });

  test('of a FIFO queue come in order, a group waits for its failed message', async () => {
    const queue = await createQueue('orders.fifo', { FifoQueue: 'true', VisibilityTimeout: '1' });
    await createConsumer(`const [{ body, attributes }] = event.Records;
    if (body === 'a1' && attributes.ApproximateReceiveCount === '1') throw new Error('once');`);
    for (const [group, body] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ] as const) {
      await send(queue, body, { MessageGroupId: group, MessageDeduplicationId: body });
    }
    await map({ EventSourceArn: `${SOURCE}.fifo`, BatchSize: 1 });
    await expect.poll(async () => (await bodies()).flat(), soon).toEqual(['a1', 'b1', 'a1', 'a2']);
    expect((await events())[0]?.[0]?.attributes).toMatchObject({ MessageGroupId: 'a', MessageDeduplicationId: 'a1' });
  });
});

describe('mappings', () => {
  test('are shown, changed, switched off and deleted, and survive a restart', async () => {
    const queue = await createQueue();
    const { FunctionArn } = await createConsumer();
    const { UUID = '' } = await map({ BatchSize: 3, ScalingConfig: { MaximumConcurrency: 2 }, Enabled: false });
    const shown = { UUID, FunctionArn, EventSourceArn: SOURCE, BatchSize: 3, State: 'Disabled' };
    await bed.restart();
    expect(await bed.lambda.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({
      ...shown,
      ScalingConfig: { MaximumConcurrency: 2 },
      LastModified: expect.any(Date),
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${UUID}`,
    });
    for (const query of [{ FunctionName: 'consumer' }, { EventSourceArn: SOURCE }]) {
      const { EventSourceMappings } = await bed.lambda.send(new ListEventSourceMappingsCommand(query));
      expect(EventSourceMappings).toMatchObject([shown]);
    }
    await send(queue, 'one');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await events()).toEqual([]);
    const changed = await bed.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true, BatchSize: 4 }));
    expect(changed).toMatchObject({ State: 'Enabled', BatchSize: 4, $metadata: { httpStatusCode: 202 } });
    await expect.poll(bodies, soon).toEqual([['one']]);
    await bed.restart();
    await send(queue, 'two');
    await expect.poll(bodies, soon).toEqual([['one'], ['two']]);
    const deleted = await bed.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    expect(deleted).toMatchObject({ State: 'Deleting' });
    await expect(bed.lambda.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
    await send(queue, 'three');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await left(queue)).toBe('1+0');
  });

  test.each([
    [{ EventSourceArn: `${SOURCE}-other` }, /NonExistentQueue/],
    [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }, /one of 'kinesis': other event sources/],
    [{ FunctionName: 'nobody' }, /^Function does not exist$/],
    [{ BatchSize: 11 }, /^Maximum batch window in seconds must be greater than 0/],
    [{ BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, /less than or equal to 10000/],
    [{ MaximumBatchingWindowInSeconds: 301 }, /less than or equal to 300/],
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, /greater than or equal to 2/],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"body":1}' }] } }, /^Invalid filter pattern definition\. /],
    [{ FilterCriteria: { Filters: Array(6).fill({ Pattern: '{"body":["a"]}' }) } }, /at most 5 filters/],
    [{ DestinationConfig: { OnFailure: { Destination: 'arn:x' } } }, /'DestinationConfig' asks for/],
  ])('%j is refused', async (more, message) => {
    await createQueue();
    await createConsumer();
    await expect(map(more)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(message),
    });
  });

  test('a second one of the same queue and function, and a too short visibility time-out, are refused', async () => {
    await createQueue();
    await createQueue('brief', { VisibilityTimeout: '0' });
    await createConsumer();
    const { UUID } = await map();
    await expect(map()).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: expect.stringContaining(`existing mapping with UUID ${UUID}`),
    });
    await expect(map({ EventSourceArn: SOURCE.replace('orders', 'brief') })).rejects.toMatchObject({
      message: 'Queue visibility timeout: 0 seconds is less than Function timeout: 1 seconds',
    });
  });
});
