import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { topicQueues } from '../../server/topic-queues.js';
import { parseSmtp, SmtpMailer } from '../../services/mail/smtp.js';
import { Sns } from '../../services/sns/sns.js';
import { Sqs } from '../../services/sqs/sqs.js';
import { memoryStore } from '../../testing/memory-store.js';
import { createHttpApi, type HttpApi } from '../http.js';
import { snsService } from './sns.js';

const PLACE = { region: 'eu-west-1', account: '000000000000' };
const clock = { now: () => Date.now() };
const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:orders';

let api: HttpApi;
let url: string;
let sns: Sns;
let sqs: Sqs;
let client: SNSClient;
let folder: string;
let reports: string[];

async function open(mailer: SmtpMailer | null = null): Promise<void> {
  const { records } = memoryStore();
  reports = [];
  const report = (line: string): unknown => reports.push(line);
  sqs = await Sqs.open({ records, clock, report });
  sns = new Sns({
    records,
    invoker: { invoke: () => Promise.reject(new Error('no function here')) },
    clock,
    mailFolder: join(folder, 'mail'),
    mailer,
    queues: topicQueues(sqs),
    endpointUrl: () => url,
    retryDelaysMs: [1],
    report,
  });
  await sns.start();
  api = createHttpApi({ services: [snsService(sns)], place: PLACE });
  url = `http://127.0.0.1:${await api.listen({ port: 0, host: '127.0.0.1' })}`;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SNSClient({ endpoint: url, region: PLACE.region, credentials, maxAttempts: 1 });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-sns-'));
});
afterEach(async () => {
  client.destroy();
  await api.close(0);
  await sns.close();
  await sqs.close();
  await rm(folder, { recursive: true });
});

const topic = async (Name: string, Attributes: Record<string, string> = {}): Promise<string> =>
  (await client.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';

const subscribe = async (
  TopicArn: string,
  Protocol: string,
  Endpoint: string,
  Attributes: Record<string, string> = {},
) => (await client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }))).SubscriptionArn ?? '';

async function received(arn = QUEUE) {
  const wish = { most: 10, visibilitySeconds: 60, waitSeconds: 0 };
  return (await sqs.receive(arn, wish, new AbortController().signal)).map(({ message }) => message);
}

const COLOR = { color: { DataType: 'String', StringValue: 'red' } };

describe('queues', () => {
  beforeEach(() => open());

  test('get the message in its envelope', async () => {
    await sqs.create(PLACE, 'orders', {});
    const TopicArn = await topic('news');
    const arn = await subscribe(TopicArn, 'sqs', QUEUE);
    const { MessageId } = await client.send(
      new PublishCommand({ TopicArn, Subject: 'S', Message: '{"a":1}', MessageAttributes: COLOR }),
    );
    await sns.idle();
    const [message] = await received();
    expect(message?.attributes).toEqual({});
    expect(JSON.parse(message?.body ?? '')).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'S',
      Message: '{"a":1}',
      Timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      SignatureVersion: '1',
      Signature: 'UNSIGNED',
      SigningCertURL: 'UNSIGNED',
      UnsubscribeURL: `${url}/?Action=Unsubscribe&SubscriptionArn=${arn}&Version=2010-03-31`,
      MessageAttributes: { color: { Type: 'String', Value: 'red' } },
    });
  });

  test('get the bare message with its attributes', async () => {
    await sqs.create(PLACE, 'orders', {});
    const TopicArn = await topic('news');
    await subscribe(TopicArn, 'sqs', QUEUE, { RawMessageDelivery: 'true' });
    await client.send(new PublishCommand({ TopicArn, Message: 'bare', MessageAttributes: COLOR }));
    await sns.idle();
    expect(await received()).toMatchObject([
      { body: 'bare', attributes: { color: { dataType: 'String', stringValue: 'red' } } },
    ]);
  });

  test('of FIFO topics keep group and order', async () => {
    await sqs.create(PLACE, 'orders.fifo', { FifoQueue: 'true' });
    const TopicArn = await topic('news.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' });
    await subscribe(TopicArn, 'sqs', `${QUEUE}.fifo`, { RawMessageDelivery: 'true' });
    for (const Message of ['a', 'b', 'b']) {
      await client.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'g' }));
    }
    await sns.idle();
    const messages = await received(`${QUEUE}.fifo`);
    expect(messages.map(({ body, groupId }) => `${groupId} ${body}`)).toEqual(['g a', 'g b']);
  });

  test('that are not there: given up and reported', async () => {
    const TopicArn = await topic('news');
    await subscribe(TopicArn, 'sqs', QUEUE);
    await client.send(new PublishCommand({ TopicArn, Message: 'x' }));
    await sns.idle();
    expect(reports.join('\n')).toContain(`${QUEUE} did not take message`);
  });

  test('raw delivery is for queues and HTTP only', async () => {
    const TopicArn = await topic('news');
    await expect(subscribe(TopicArn, 'email', 'jo@shop.example', { RawMessageDelivery: 'true' })).rejects.toThrow(
      'Delivery protocol [email] does not support raw message delivery.',
    );
  });
});

/** Someone's HTTP endpoint. */
class Endpoint {
  readonly seen: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  readonly answers: number[] = [];
  readonly #server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.seen.push({ headers: request.headers, body });
    response.writeHead(this.answers.shift() ?? 200).end();
  });

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  close(): void {
    this.#server.close();
  }
}

describe('HTTP endpoints', () => {
  let endpoint: Endpoint;
  let hook: string;
  beforeEach(async () => {
    await open();
    endpoint = new Endpoint();
    hook = await endpoint.open();
    return () => endpoint.close();
  });

  const visit = (address: string): Promise<number> =>
    new Promise((resolve, reject) => {
      get(address, (answer) => resolve(answer.resume().statusCode ?? 0)).on('error', reject);
    });

  test('confirm by the address they were given, and only then get messages', async () => {
    const TopicArn = await topic('news');
    expect(await subscribe(TopicArn, 'http', hook)).toBe('pending confirmation');
    await client.send(new PublishCommand({ TopicArn, Message: 'too early' }));
    await sns.idle();
    expect(endpoint.seen).toHaveLength(1);
    expect(endpoint.seen[0]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': TopicArn,
      'content-type': 'text/plain; charset=UTF-8',
    });
    const asked = JSON.parse(endpoint.seen[0]?.body ?? '') as Record<string, string>;
    expect(asked).toMatchObject({
      Type: 'SubscriptionConfirmation',
      TopicArn,
      Token: expect.stringMatching(/^[0-9a-f]{256}$/),
    });
    const { Subscriptions } = await client.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions).toMatchObject([{ SubscriptionArn: 'PendingConfirmation', Endpoint: hook }]);
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ SubscriptionsPending: '1', SubscriptionsConfirmed: '0' });

    expect(await visit(asked.SubscribeURL ?? '')).toBe(200);
    await client.send(new PublishCommand({ TopicArn, Message: 'now', MessageAttributes: COLOR }));
    await sns.idle();
    const [, sent] = endpoint.seen;
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ Type: 'Notification', Message: 'now' });
    const arn = sent?.headers['x-amz-sns-subscription-arn'];
    const described = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: String(arn) }));
    expect(described.Attributes).toMatchObject({ PendingConfirmation: 'false', ConfirmationWasAuthenticated: 'false' });
  });

  async function confirmed(TopicArn: string, attributes: Record<string, string> = {}): Promise<void> {
    await subscribe(TopicArn, 'http', hook, attributes);
    await sns.idle();
    const { Token } = JSON.parse(endpoint.seen[0]?.body ?? '') as Record<string, string>;
    await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    endpoint.seen.length = 0;
  }

  test('get the bare message when they want it', async () => {
    const TopicArn = await topic('news');
    await confirmed(TopicArn, { RawMessageDelivery: 'true' });
    await client.send(new PublishCommand({ TopicArn, Message: 'bare' }));
    await sns.idle();
    expect(endpoint.seen).toMatchObject([{ body: 'bare', headers: { 'x-amz-sns-rawdelivery': 'true' } }]);
  });

  test('are tried again after 5xx and 429, not after another 4xx', async () => {
    const TopicArn = await topic('news');
    await confirmed(TopicArn);
    endpoint.answers.push(503, 200, 429, 200, 403);
    for (const Message of ['a', 'b', 'c']) {
      await client.send(new PublishCommand({ TopicArn, Message }));
      await sns.idle();
    }
    const messages = endpoint.seen.map(({ body }) => (JSON.parse(body) as { Message: string }).Message);
    expect(messages).toEqual(['a', 'a', 'b', 'b', 'c']);
    expect(reports.join('\n')).toContain('it answered with status 403');
  });

  test('confirm with their token only', async () => {
    const TopicArn = await topic('news');
    await subscribe(TopicArn, 'http', hook);
    const wrong = client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: 'guess' }));
    await expect(wrong).rejects.toThrow('Invalid parameter: Token');
    expect(await visit(`${url}/?Action=Publish&TopicArn=${TopicArn}&Message=x&Version=2010-03-31`)).toBe(403);
  });
});

/** Enough of SMTP to take mails; recipients at `nowhere` are refused for good. */
async function mailServer(): Promise<{ readonly port: number; readonly mails: string[]; close(): void }> {
  const mails: string[] = [];
  const server = createTcpServer((socket) => {
    let isData = false;
    let text = '';
    socket.write('220 mail ready\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split(/(?<=\r\n)/)) {
        if (isData && line === '.\r\n') {
          mails.push(text);
          [isData, text] = [false, ''];
          socket.write('250 taken\r\n');
        } else if (isData) text += line;
        else if (/^DATA/i.test(line)) {
          isData = true;
          socket.write('354 go on\r\n');
        } else if (/^RCPT.*@nowhere/i.test(line)) socket.write('550 no such user\r\n');
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, mails, close: () => server.close() };
}

describe('mails', () => {
  test('go to the mail server where one is named', async () => {
    const mail = await mailServer();
    try {
      await open(new SmtpMailer(parseSmtp(`smtp://127.0.0.1:${mail.port}?from=shop@shop.example`)));
      const TopicArn = await topic('news');
      await subscribe(TopicArn, 'email', 'jo@shop.example');
      await subscribe(TopicArn, 'email', 'no@nowhere');
      await client.send(new PublishCommand({ TopicArn, Subject: 'Hello', Message: 'Your order is on its way.' }));
      await sns.idle();
      expect(mail.mails).toHaveLength(1);
      expect(mail.mails[0]).toMatch(/^From: shop@shop\.example$/m);
      expect(mail.mails[0]).toMatch(/^To: jo@shop\.example$/m);
      expect(mail.mails[0]).toMatch(/^Subject: Hello$/m);
      expect(mail.mails[0]).toContain('Your order is on its way.');
      expect(reports.join('\n')).toContain('mail to no@nowhere');
      expect(await sns.outbox.mails({ limit: 10 })).toEqual([]);
    } finally {
      mail.close();
    }
  });

  test.each(['mail.example', 'http://mail.example', 'smtp:'])('%s is no mail server', async (text) => {
    await open();
    expect(() => parseSmtp(text)).toThrow("Expected a URL such as 'smtp://user:password@mail.example:587");
  });
});
