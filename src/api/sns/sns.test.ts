import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Invocation, InvocationResult } from '../../services/ports.js';
import { Sns } from '../../services/sns/sns.js';
import { memoryStore } from '../../testing/memory-store.js';
import { createHttpApi, type HttpApi } from '../http.js';
import { snsService } from './sns.js';

let api: HttpApi;
let sns: Sns;
let client: SNSClient;
let folder: string;
let invocations: Invocation[];
let answer: InvocationResult;
let reports: string[];
const store = { current: memoryStore() };

function makeSns(): Sns {
  return new Sns({
    records: store.current.records,
    invoker: {
      invoke: async (invocation) => {
        invocations.push(invocation);
        return answer;
      },
    },
    clock: { now: () => Date.now() },
    mailFolder: join(folder, 'mail'),
    mailer: null,
    queues: { send: async () => ({ type: 'sent' }) },
    endpointUrl: () => '',
    retryDelaysMs: [1, 1],
    report: (line) => reports.push(line),
  });
}

beforeEach(async () => {
  store.current = memoryStore();
  folder = await mkdtemp(join(tmpdir(), 'treadle-sns-'));
  invocations = [];
  reports = [];
  answer = { type: 'succeeded', payload: 'null', executedVersion: '$LATEST' };
  sns = makeSns();
  await sns.start();
  api = createHttpApi({ services: [snsService(sns)], place: { account: '000000000000' } });
  const port = await api.listen({ port: 0, host: '127.0.0.1' });
  client = new SNSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await api.close(0);
  await sns.close();
  await rm(folder, { recursive: true });
});

const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:notify';

async function topic(name = 'orders'): Promise<string> {
  const { TopicArn } = await client.send(new CreateTopicCommand({ Name: name }));
  return TopicArn ?? '';
}

const subscribe = async (TopicArn: string, Protocol: string, Endpoint: string, Attributes?: Record<string, string>) =>
  (await client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ...(Attributes ? { Attributes } : {}) })))
    .SubscriptionArn ?? '';

describe('topics', () => {
  test('are made once, listed and deleted', async () => {
    expect(await topic()).toBe('arn:aws:sns:eu-west-1:000000000000:orders');
    expect(await topic()).toBe('arn:aws:sns:eu-west-1:000000000000:orders');
    for (let i = 0; i < 105; i++) await topic(`t${String(i).padStart(3, '0')}`);
    const first = await client.send(new ListTopicsCommand({}));
    expect(first.Topics).toHaveLength(100);
    const second = await client.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    expect(second.Topics).toHaveLength(6);
    expect(second.NextToken).toBeUndefined();
    await client.send(new DeleteTopicCommand({ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:orders' }));
    await client.send(new DeleteTopicCommand({ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:orders' }));
    await expect(
      client.send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:orders', Message: 'x' })),
    ).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('have attributes', async () => {
    const TopicArn = await topic();
    await client.send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'Shop <&> Co' }),
    );
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({
      DisplayName: 'Shop <&> Co',
      SubscriptionsConfirmed: '0',
      Owner: '000000000000',
    });
    await expect(
      client.send(new CreateTopicCommand({ Name: 'orders', Attributes: { DisplayName: 'Other' } })),
    ).rejects.toThrow('Invalid parameter: Attributes Reason: Topic already exists with different attributes');
    await expect(
      client.send(new CreateTopicCommand({ Name: 'k', Attributes: { KmsMasterKeyId: 'x' } })),
    ).rejects.toThrow('Treadle does not do what the topic attribute KmsMasterKeyId asks for');
    await expect(client.send(new CreateTopicCommand({ Name: 'no spaces' }))).rejects.toThrow(
      'Invalid parameter: Topic Name',
    );
  });

  test('first-in-first-out: group id needed, repetitions publish nothing', async () => {
    const Attributes = { FifoTopic: 'true' };
    const { TopicArn } = await client.send(new CreateTopicCommand({ Name: 'a.fifo', Attributes }));
    await expect(client.send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
    });
    const request = { TopicArn, Message: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    const first = await client.send(new PublishCommand(request));
    expect(first.SequenceNumber).toMatch(/^1\d{19}$/);
    expect(await client.send(new PublishCommand(request))).toMatchObject({ MessageId: first.MessageId });
  });
});

describe('subscriptions', () => {
  test('are made once, listed and removed', async () => {
    const TopicArn = await topic();
    const arn = await subscribe(TopicArn, 'lambda', FUNCTION);
    expect(arn).toMatch(/^arn:aws:sns:eu-west-1:000000000000:orders:[0-9a-f-]{36}$/);
    expect(await subscribe(TopicArn, 'lambda', FUNCTION)).toBe(arn);
    await subscribe(TopicArn, 'email', 'jo@shop.example');
    const listed = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(listed.Subscriptions?.map(({ Protocol }) => Protocol).sort()).toEqual(['email', 'lambda']);
    await client.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toMatchObject([
      { Endpoint: 'jo@shop.example' },
    ]);
  });

  test.each([
    ['sms', '+491234', "it is 'sms'"],
    ['sqs', 'orders', 'Invalid parameter: SQS endpoint ARN'],
    ['sqs', 'arn:aws:sqs:eu-west-1:000000000000:q.fifo', 'FIFO SQS Queues can not be subscribed'],
    ['http', 'https://shop.example', 'Endpoint must match the specified protocol'],
    ['pigeon', 'x', 'does not support this protocol string: pigeon'],
    ['lambda', 'notify', 'Invalid parameter: Lambda endpoint ARN'],
    ['email', 'jo', 'Invalid parameter: Email address'],
  ])('%s to %s is refused', async (protocol, endpoint, text) => {
    await expect(subscribe(await topic(), protocol, endpoint)).rejects.toThrow(text);
  });

  test('a filter policy decides what is delivered', async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribe(TopicArn, 'lambda', FUNCTION, { FilterPolicy: '{"kind":["failed"]}' });
    const kind = (StringValue: string) => ({ kind: { DataType: 'String', StringValue } });
    await client.send(new PublishCommand({ TopicArn, Message: 'a', MessageAttributes: kind('failed') }));
    await client.send(new PublishCommand({ TopicArn, Message: 'b', MessageAttributes: kind('paid') }));
    await client.send(new PublishCommand({ TopicArn, Message: 'c' }));
    await sns.idle();
    expect(invocations).toHaveLength(1);
    await expect(
      client.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: 'FilterPolicy',
          AttributeValue: '{"a":[{"wildcard":"x*"}]}',
        }),
      ),
    ).rejects.toThrow('Unrecognized match type wildcard');
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ FilterPolicy: '{"kind":["failed"]}', PendingConfirmation: 'false' });
  });
});

describe('publishing', () => {
  test('a function gets the event that AWS sends', async () => {
    const TopicArn = await topic();
    const arn = await subscribe(TopicArn, 'lambda', FUNCTION);
    const MessageAttributes = { size: { DataType: 'Number', StringValue: '3' } };
    const { MessageId } = await client.send(
      new PublishCommand({ TopicArn, Message: '{"a":1}', Subject: 'Hello', MessageAttributes }),
    );
    await sns.idle();
    expect(invocations).toHaveLength(1);
    expect(invocations[0]?.functionName).toBe(FUNCTION);
    const event = JSON.parse(invocations[0]?.event ?? '');
    expect(event).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: arn,
          Sns: {
            Type: 'Notification',
            MessageId,
            TopicArn,
            Subject: 'Hello',
            Message: '{"a":1}',
            Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            SignatureVersion: '1',
            Signature: 'UNSIGNED',
            SigningCertUrl: 'UNSIGNED',
            UnsubscribeUrl: 'UNSIGNED',
            MessageAttributes: { size: { Type: 'Number', Value: '3' } },
          },
        },
      ],
    });
  });

  test('mails lie in the outbox, and no header can be smuggled in', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'email', 'jo@shop.example');
    await subscribe(TopicArn, 'email-json', 'machine@shop.example');
    await client.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: 'DisplayName',
        AttributeValue: 'Shop\nBcc: all@shop.example',
      }),
    );
    await client.send(new PublishCommand({ TopicArn, Message: 'Your order\n\nis paid', Subject: 'Order 1' }));
    await sns.idle();
    const mails = await sns.outbox.mails({ limit: 10 });
    expect(mails).toMatchObject([
      {
        to: expect.any(String),
        subject: 'Order 1',
        from: 'Shop Bcc: all@shop.example <no-reply@sns.treadle.localhost>',
      },
      { subject: 'Order 1' },
    ]);
    expect(mails.find(({ to }) => to === 'jo@shop.example')?.body).toBe('Your order\n\nis paid');
    const body = mails.find(({ to }) => to === 'machine@shop.example')?.body ?? '';
    expect(JSON.parse(body)).toMatchObject({ Type: 'Notification', Message: 'Your order\n\nis paid', TopicArn });
    expect(await sns.outbox.mails({ limit: 10, after: mails[0]?.id ?? '' })).toHaveLength(1);
    expect((await sns.outbox.mails({ limit: 1, order: 'newest' }))[0]?.id).toBe(mails[1]?.id);
  });

  test('a message may have a text for each protocol', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'email', 'jo@shop.example');
    const Message = JSON.stringify({ default: 'd', email: 'for people' });
    await client.send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }));
    await sns.idle();
    expect((await sns.outbox.mails({ limit: 1 }))[0]?.body).toBe('for people');
    await expect(
      client.send(new PublishCommand({ TopicArn, Message: '{}', MessageStructure: 'json' })),
    ).rejects.toThrow('Invalid parameter: Message Structure - No default entry in JSON message body');
  });

  test.each([
    [{ Message: '' }, 'Invalid parameter: Empty message'],
    [{ Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long'],
    [{ Message: 'x', Subject: 'a\nb' }, 'Invalid parameter: Subject'],
    [
      { Message: 'x', MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } },
      "Could not cast message attribute 'n' value to number.",
    ],
    [{ Message: 'x', PhoneNumber: '+3112345678' }, 'Treadle does not send text messages'],
  ])('%# is refused', async (input, text) => {
    const TopicArn = await topic();
    await expect(client.send(new PublishCommand({ TopicArn, ...input }))).rejects.toThrow(text);
  });

  test('a batch: each entry for itself', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'lambda', FUNCTION);
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: '1' },
      { Id: 'b', Message: '2', Subject: 'bad\nsubject' },
    ];
    const result = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(result.Successful).toMatchObject([{ Id: 'a' }]);
    expect(result.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
    await expect(
      client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [] })),
    ).rejects.toMatchObject({
      name: 'EmptyBatchRequestException',
    });
  });

  test('a key publishes once', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'lambda', FUNCTION);
    const first = await sns.publish({ topicArn: TopicArn, message: 'x' }, { key: 'e1#3' });
    expect(await sns.publish({ topicArn: TopicArn, message: 'x' }, { key: 'e1#3' })).toEqual(first);
    await sns.idle();
    expect(invocations).toHaveLength(1);
  });
});

describe('delivery', () => {
  test('a function that fails gets the same message three times, with one request id', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'lambda', FUNCTION);
    answer = { type: 'failed', payload: '{"errorType":"Boom"}', executedVersion: '$LATEST' };
    await client.send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect.poll(() => reports.length).toBe(1);
    expect(reports[0]).toContain('Boom');
    expect(invocations).toHaveLength(3);
    expect(new Set(invocations.map(({ requestId }) => requestId)).size).toBe(1);
    expect(
      await store.current.records.scan({ collection: 'sns.deliveries', prefix: '', after: null, limit: 10 }),
    ).toEqual([]);
  });

  test('a function that is not there is given up at once', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'lambda', FUNCTION);
    answer = { type: 'refused', code: 'ResourceNotFoundException', message: 'Function not found', status: 404 };
    await client.send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect.poll(() => reports.length).toBe(1);
    expect(invocations).toHaveLength(1);
  });

  test('what a stopped server left is delivered by the next one', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'email', 'jo@shop.example');
    await sns.close();
    await client.send(new PublishCommand({ TopicArn, Message: 'late' }));
    expect(await sns.outbox.mails({ limit: 10 })).toEqual([]);
    const next = makeSns();
    await next.start();
    await next.idle();
    expect(await next.outbox.mails({ limit: 10 })).toMatchObject([{ body: 'late' }]);
    await next.close();
  });

  test('a backlog larger than the memory bound is delivered whole, once', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, 'lambda', FUNCTION);
    await sns.close();
    for (let i = 0; i < 1300; i++) await sns.publish({ topicArn: TopicArn, message: `m${i}` });
    const next = makeSns();
    await next.start();
    for (let i = 0; i < 50; i++) await next.publish({ topicArn: TopicArn, message: `n${i}` });
    await next.idle();
    const messages = invocations.map(({ event }) => JSON.parse(event).Records[0].Sns.Message);
    expect(messages).toHaveLength(1350);
    expect(new Set(messages).size).toBe(1350);
    expect(messages[0]).toBe('m0');
    await next.close();
  });
});
