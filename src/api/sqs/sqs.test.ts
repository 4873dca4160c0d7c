import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

let folder: string;
let server: RunningServer;
let sqs: SQSClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-sqs-'));
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
  sqs = new SQSClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

async function close(): Promise<void> {
  sqs.destroy();
  await server.close();
}

async function createQueue(name = 'orders', attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return new URL(new URL(QueueUrl).pathname, server.endpoint).href; // the port changes with a restart
}

const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

async function receive(QueueUrl: string, more: object = {}): Promise<readonly Message[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }));
  return Messages;
}

const bodies = (messages: readonly Message[]): readonly (string | undefined)[] => messages.map(({ Body }) => Body);

const remove = (QueueUrl: string, { ReceiptHandle }: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

async function attribute(QueueUrl: string, name: 'QueueArn' | 'ApproximateNumberOfMessages'): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
  return Attributes?.[name] ?? '';
}

describe('messages', () => {
  test('are received in the order sent, with attributes, and are gone when deleted', async () => {
    const queue = await createQueue();
    const attributes = {
      color: { DataType: 'String', StringValue: 'red' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    await send(queue, 'one', { MessageAttributes: attributes }); // the SDK compares the digests
    await send(queue, 'two');
    const messages = await receive(queue, { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(bodies(messages)).toEqual(['one', 'two']);
    expect(messages[0]?.MessageAttributes).toEqual(attributes);
    expect(messages[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' });
    expect(await receive(queue)).toEqual([]); // hidden
    for (const message of messages) await remove(queue, message);
    expect(await attribute(queue, 'ApproximateNumberOfMessages')).toBe('0');
  });

  test('come again when they were not deleted in time, and count how often', async () => {
    const queue = await createQueue('orders', { VisibilityTimeout: '1' });
    await send(queue, 'again');
    const [first] = await receive(queue);
    const [second] = await receive(queue, { WaitTimeSeconds: 3, MessageSystemAttributeNames: ['All'] });
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    const { ReceiptHandle } = second ?? {};
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await receive(queue)).toHaveLength(1);
  });

  test('a receiver that waits gets a message as soon as it is sent; delayed ones come when they are due', async () => {
    const queue = await createQueue();
    const waiting = receive(queue, { WaitTimeSeconds: 20 });
    await send(queue, 'now');
    expect(bodies(await waiting)).toEqual(['now']);
    await send(queue, 'later', { DelaySeconds: 1 });
    expect(await receive(queue)).toEqual([]);
    expect(bodies(await receive(queue, { WaitTimeSeconds: 5 }))).toEqual(['later']);
  });

  test('survive a restart: those waiting, those in hand, and how often they were received', async () => {
    const queue = await createQueue('orders', { VisibilityTimeout: '2' });
    for (let index = 0; index < 500; index++) await send(queue, String(index));
    const held = await receive(queue, { VisibilityTimeout: 600 });
    const [shortly] = await receive(queue, { MaxNumberOfMessages: 1 });
    await close();
    await open();
    const again = new URL(new URL(queue).pathname, server.endpoint).href;
    const rest: string[] = [];
    for (let page = await receive(again); page.length > 0; page = await receive(again, { VisibilityTimeout: 600 })) {
      rest.push(...page.map(({ Body = '' }) => Body));
      for (const message of page) await remove(again, message);
    }
    expect(rest.length).toBeGreaterThanOrEqual(489);
    expect(bodies(held).filter((body) => rest.includes(body ?? ''))).toEqual([]);
    if (rest.length === 489) {
      const [late] = await receive(again, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
      expect(late).toMatchObject({ Body: shortly?.Body, Attributes: { ApproximateReceiveCount: '2' } });
    }
    for (const message of held) await remove(again, message);
  });

  test('that are received too often go to the dead-letter queue', async () => {
    const dead = await createQueue('dead');
    const deadLetterTargetArn = await attribute(dead, 'QueueArn');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    const queue = await createQueue('orders', { RedrivePolicy, VisibilityTimeout: '0' });
    await send(queue, 'poison');
    for (let receives = 0; receives < 2; receives++) expect(bodies(await receive(queue))).toEqual(['poison']);
    expect(await receive(queue)).toEqual([]);
    const [message] = await receive(dead, { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: await attribute(queue, 'QueueArn'), ApproximateReceiveCount: '1' },
    });
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    expect(sources.queueUrls).toEqual([queue]);
  });

  test('a batch answers for each entry', async () => {
    const queue = await createQueue('orders', { MaximumMessageSize: '1024' });
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue,
        Entries: [
          { Id: 'a', MessageBody: 'fits' },
          { Id: 'b', MessageBody: 'x'.repeat(1025) },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidParameterValue' }]);
    const [message] = await receive(queue);
    const { Successful: removed } = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queue,
        Entries: [{ Id: '1', ReceiptHandle: message?.ReceiptHandle }],
      }),
    );
    expect(removed).toEqual([{ Id: '1' }]);
    const twice = [
      { Id: 'a', MessageBody: '1' },
      { Id: 'a', MessageBody: '2' },
    ];
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries: twice }))).rejects.toThrow(
      'Id a repeated.',
    );
  });
});

describe('a FIFO queue', () => {
  const ordered = (MessageGroupId: string, MessageDeduplicationId: string) => ({
    MessageGroupId,
    MessageDeduplicationId,
  });

  test('keeps each group in order, one receiver at a time, and takes a message once', async () => {
    const queue = await createQueue('orders.fifo', { FifoQueue: 'true' });
    const first = await send(queue, 'a1', ordered('a', '1'));
    const repeated = await send(queue, 'a1', ordered('a', '1'));
    expect(repeated).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    await send(queue, 'a2', ordered('a', '2'));
    await send(queue, 'b1', ordered('b', '3'));
    const [a1] = await receive(queue, { MaxNumberOfMessages: 1 });
    expect(a1?.Body).toBe('a1');
    expect(bodies(await receive(queue))).toEqual(['b1']);
    await remove(queue, a1 ?? {});
    expect(bodies(await receive(queue))).toEqual(['a2']);
  });

  test('knows a deduplication id after a restart, and makes one of the content if it is told to', async () => {
    const queue = await createQueue('orders.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await send(queue, 'same', { MessageGroupId: 'g' });
    await close();
    await open();
    const again = new URL(new URL(queue).pathname, server.endpoint).href;
    await send(again, 'same', { MessageGroupId: 'g' });
    expect(await receive(again)).toHaveLength(1);
    await expect(send(again, 'lost')).rejects.toThrow('The request must contain the parameter MessageGroupId.');
  });
});

describe('queues', () => {
  test('are created once, found, listed, changed, tagged, purged and deleted', async () => {
    const queue = await createQueue('b', { DelaySeconds: '0' });
    expect(await createQueue('b', { DelaySeconds: '0' })).toBe(queue);
    await expect(createQueue('b', { DelaySeconds: '5' })).rejects.toThrow(
      'A queue already exists with the same name and a different value for attribute DelaySeconds',
    );
    await createQueue('a');
    const { QueueUrls, NextToken } = await sqs.send(new ListQueuesCommand({ MaxResults: 1 }));
    expect([QueueUrls?.length, NextToken]).toEqual([1, 'a']);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'b' }))).QueueUrl).toBe(queue);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { VisibilityTimeout: '77' } }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ VisibilityTimeout: '77', MessageRetentionPeriod: '345600' });
    await sqs.send(new TagQueueCommand({ QueueUrl: queue, Tags: { team: 'shop', x: 'y' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl: queue, TagKeys: ['x'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: queue }))).Tags).toEqual({ team: 'shop' });
    await send(queue, 'gone');
    await sqs.send(new PurgeQueueCommand({ QueueUrl: queue }));
    expect(await receive(queue)).toEqual([]);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queue }));
    await expect(receive(queue)).rejects.toThrow(QueueDoesNotExist);
    await createQueue('b');
    expect(await receive(queue)).toEqual([]);
  });

  test.each([
    ['a name with a blank', 'a b', {}, 'Can only include alphanumeric characters, hyphens, or underscores.'],
    ['a FIFO queue of another name', 'a', { FifoQueue: 'true' }, 'must end with .fifo suffix'],
    [
      'a number out of range',
      'a',
      { VisibilityTimeout: '43201' },
      'Invalid value for the parameter VisibilityTimeout.',
    ],
    ['an attribute that is none', 'a', { Colour: 'red' }, 'Unknown Attribute Colour.'],
    ['a key of ours', 'a', { KmsMasterKeyId: 'k' }, 'Treadle does not encrypt queues with a key of yours'],
    ['a policy that is no JSON', 'a', { RedrivePolicy: '{' }, 'Redrive policy is not a valid JSON map.'],
    [
      'a policy without a count',
      'a',
      { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:r:a:q"}' },
      'maxReceiveCount',
    ],
  ])('%s is refused', async (_, name, attributes, message) => {
    await expect(createQueue(name, attributes)).rejects.toThrow(message);
  });

  test('wrong receipts and bodies are refused', async () => {
    const queue = await createQueue();
    await expect(remove(queue, { ReceiptHandle: 'none' })).rejects.toThrow('is not a valid receipt handle');
    await expect(send(queue, 'a\u0000b')).rejects.toThrow('Invalid characters found.');
    await expect(send(queue, '')).rejects.toThrow('The request must contain the parameter MessageBody.');
  });
});
