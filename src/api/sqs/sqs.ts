import { z } from 'zod';
import { parseArn } from '../../arn.js';
import { QUEUE_BATCH_MAX, QUEUE_TAGS_MAX, QUEUE_VISIBILITY_SECONDS_MAX, QUEUE_WAIT_SECONDS_MAX } from '../../limits.js';
import { invalidParameter, queueDoesNotExist, SqsFault } from '../../services/sqs/fault.js';
import { type Queue, shownAttributes } from '../../services/sqs/queue.js';
import { readReceiptHandle } from '../../services/sqs/receipt-handle.js';
import type { Sqs } from '../../services/sqs/sqs.js';
import { readInput } from '../input.js';
import { type Action, type ApiCall, ApiError, type ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { type BatchEntry, batch } from './batch.js';
import { MESSAGE, receivedMessage, sendRequest, sentMembers } from './message-members.js';

const QUEUE = z.object({ QueueUrl: z.string() });
const TEXTS = z.record(z.string(), z.string());

export interface SqsServiceOptions {
  readonly sqs: Sqs;
  /** Where clients reach this server: the beginning of queues' URLs. */
  readonly endpointUrl: () => string;
}

/** Amazon SQS over its JSON protocol, as far as docs/compatibility.md says. */
export function sqsService(options: SqsServiceOptions): ApiService {
  const actions = { ...queueActions(options), ...messageActions(options) };
  return serviceOf('sqs', actions, errorOf);
}

/** Clients read the older name from a header of its own, and compare it with what they have always known. */
function errorOf(fault: unknown): ApiError | null {
  if (!(fault instanceof SqsFault)) return null;
  const { code, message, queryCode } = fault;
  return new ApiError(code, message, 400, {}, { 'x-amzn-query-error': `${queryCode};Sender` });
}

function queueActions(options: SqsServiceOptions): Record<string, Action> {
  const { sqs } = options;
  const urlOf = (queue: Queue): string => queueUrl(options, queue);
  return {
    CreateQueue: async (call) => {
      const shape = z.object({ QueueName: z.string(), Attributes: TEXTS.optional(), tags: TEXTS.optional() });
      const { QueueName, Attributes = {}, tags = {} } = read(shape, call);
      checkTags(tags);
      return { QueueUrl: urlOf(await sqs.create(call.place, QueueName, Attributes, tags)) };
    },
    GetQueueUrl: async (call) => {
      const { QueueName } = read(z.object({ QueueName: z.string() }), call);
      const queue = sqs.list(call.place, QueueName).find(({ name }) => name === QueueName);
      if (queue === undefined) throw queueDoesNotExist();
      return { QueueUrl: urlOf(queue) };
    },
    ListQueues: async (call) => {
      const shape = z.object({
        QueueNamePrefix: z.string().optional(),
        MaxResults: z.number().int().min(1).max(1000).optional(),
        NextToken: z.string().optional(),
      });
      const { QueueNamePrefix = '', MaxResults = 1000, NextToken } = read(shape, call);
      const queues = sqs
        .list(call.place, QueueNamePrefix)
        .filter(({ name }) => NextToken === undefined || name > NextToken);
      const shown = queues.slice(0, MaxResults);
      return {
        ...(shown.length > 0 && { QueueUrls: shown.map(urlOf) }),
        ...(queues.length > shown.length && { NextToken: shown.at(-1)?.name }),
      };
    },
    GetQueueAttributes: async (call) => {
      const shape = z.object({ QueueUrl: z.string(), AttributeNames: z.array(z.string()).optional() });
      const { AttributeNames = [] } = read(shape, call);
      return { Attributes: await attributesOf(sqs, queueOf(sqs, call), AttributeNames) };
    },
    SetQueueAttributes: async (call) => {
      const { Attributes } = read(z.object({ QueueUrl: z.string(), Attributes: TEXTS }), call);
      await sqs.setAttributes(queueOf(sqs, call).arn, Attributes);
      return {};
    },
    DeleteQueue: async (call) => {
      await sqs.remove(queueOf(sqs, call).arn);
      return {};
    },
    PurgeQueue: async (call) => {
      await sqs.purge(queueOf(sqs, call).arn);
      return {};
    },
    ListDeadLetterSourceQueues: async (call) => ({ queueUrls: sqs.sourcesOf(queueOf(sqs, call).arn).map(urlOf) }),
    ListQueueTags: async (call) => {
      const { tags } = queueOf(sqs, call);
      return Object.keys(tags).length > 0 ? { Tags: tags } : {};
    },
    TagQueue: async (call) => {
      const { Tags } = read(z.object({ QueueUrl: z.string(), Tags: TEXTS }), call);
      const { arn, tags } = queueOf(sqs, call);
      const merged = { ...tags, ...Tags };
      checkTags(merged);
      await sqs.setTags(arn, merged);
      return {};
    },
    UntagQueue: async (call) => {
      const { TagKeys } = read(z.object({ QueueUrl: z.string(), TagKeys: z.array(z.string()) }), call);
      const { arn, tags } = queueOf(sqs, call);
      await sqs.setTags(arn, Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))));
      return {};
    },
  };
}

function checkTags(tags: Readonly<Record<string, string>>): void {
  const count = Object.keys(tags).length;
  if (count > QUEUE_TAGS_MAX) {
    throw invalidParameter(`Too many tags added for queue. Limit is ${QUEUE_TAGS_MAX}, but there would be ${count}.`);
  }
}

async function attributesOf(
  sqs: Sqs,
  queue: Queue,
  names: readonly string[],
): Promise<Readonly<Record<string, string>> | undefined> {
  if (names.length === 0) return undefined;
  const { visible, inFlight, delayed } = await sqs.counts(queue.arn);
  const all: Readonly<Record<string, string>> = {
    ...shownAttributes(queue),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
  if (names.includes('All')) return all;
  const optional = new Set(['RedrivePolicy', 'RedriveAllowPolicy', 'Policy', 'FifoQueue', 'KmsMasterKeyId']);
  const shown: Record<string, string> = {};
  for (const name of names) {
    const value = all[name];
    if (value !== undefined) shown[name] = value;
    else if (!optional.has(name)) throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
  return shown;
}

function messageActions({ sqs }: SqsServiceOptions): Record<string, Action> {
  return {
    SendMessage: async (call) => {
      const input = read(MESSAGE.extend({ QueueUrl: z.string() }), call);
      const request = sendRequest(input);
      return sentMembers(request, await sqs.send(queueOf(sqs, call).arn, request, keyOf(call)));
    },
    SendMessageBatch: async (call) => {
      const { arn } = queueOf(sqs, call);
      const entries = read(z.object({ Entries: z.array(MESSAGE.extend({ Id: z.string() })) }), call).Entries;
      return batch(entries, async (entry) => {
        const request = sendRequest(entry);
        return sentMembers(request, await sqs.send(arn, request, keyOf(call, entry.Id)));
      });
    },
    ReceiveMessage: async (call) => receive(sqs, call),
    DeleteMessage: async (call) => {
      const { ReceiptHandle } = read(z.object({ ReceiptHandle: z.string() }), call);
      const queue = queueOf(sqs, call);
      await sqs.removeMessages(queue.arn, [readReceiptHandle(queue, ReceiptHandle).sequence]);
      return {};
    },
    DeleteMessageBatch: async (call) => {
      const queue = queueOf(sqs, call);
      return batch(receipts(call), async ({ ReceiptHandle }) => {
        await sqs.removeMessages(queue.arn, [readReceiptHandle(queue, ReceiptHandle).sequence]);
        return {};
      });
    },
    ChangeMessageVisibility: async (call) => {
      await changeVisibility(sqs, queueOf(sqs, call), read(VISIBILITY, call));
      return {};
    },
    ChangeMessageVisibilityBatch: async (call) => {
      const queue = queueOf(sqs, call);
      const entries = read(z.object({ Entries: z.array(VISIBILITY.extend({ Id: z.string() })) }), call).Entries;
      return batch(entries, async (entry) => {
        await changeVisibility(sqs, queue, entry);
        return {};
      });
    },
  };
}

/** What makes a repeated call the same one; each entry of a batch is one by its id. */
const keyOf = ({ key }: ApiCall, entry?: string): { readonly key?: string } =>
  key === undefined ? {} : { key: entry === undefined ? key : `${key} ${entry}` };

const SECONDS = z.number().int().min(0).max(QUEUE_VISIBILITY_SECONDS_MAX);
const VISIBILITY = z.object({ ReceiptHandle: z.string(), VisibilityTimeout: SECONDS });

const receipts = (call: ApiCall): readonly (BatchEntry & { readonly ReceiptHandle: string })[] =>
  read(z.object({ Entries: z.array(z.object({ Id: z.string(), ReceiptHandle: z.string() })) }), call).Entries;

async function changeVisibility(
  sqs: Sqs,
  queue: Queue,
  { ReceiptHandle, VisibilityTimeout }: z.infer<typeof VISIBILITY>,
): Promise<void> {
  await sqs.changeVisibility(queue.arn, readReceiptHandle(queue, ReceiptHandle), VisibilityTimeout);
}

const RECEIVE = z.object({
  MaxNumberOfMessages: z.number().int().min(1).max(QUEUE_BATCH_MAX).optional(),
  VisibilityTimeout: SECONDS.optional(),
  WaitTimeSeconds: z.number().int().min(0).max(QUEUE_WAIT_SECONDS_MAX).optional(),
  AttributeNames: z.array(z.string()).optional(),
  MessageSystemAttributeNames: z.array(z.string()).optional(),
  MessageAttributeNames: z.array(z.string()).optional(),
  ReceiveRequestAttemptId: z.string().optional(),
});

async function receive(sqs: Sqs, call: ApiCall): Promise<object> {
  const input = read(RECEIVE, call);
  const queue = queueOf(sqs, call);
  if (input.ReceiveRequestAttemptId !== undefined) {
    throw invalidParameter('Treadle does not repeat a receive by its ReceiveRequestAttemptId: leave it out.');
  }
  const received = await sqs.receive(
    queue.arn,
    {
      most: input.MaxNumberOfMessages ?? 1,
      visibilitySeconds: input.VisibilityTimeout,
      waitSeconds: input.WaitTimeSeconds,
    },
    call.signal,
  );
  if (received.length === 0) return {};
  const wanted = {
    system: [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])],
    own: input.MessageAttributeNames ?? [],
  };
  return { Messages: received.map((message) => receivedMessage(queue, call.place.account, message, wanted)) };
}

const queueUrl = ({ endpointUrl }: SqsServiceOptions, { arn, name }: Queue): string =>
  `${endpointUrl()}/${parseArn(arn)?.account}/${name}`;

/** By the last part of its URL, whatever host and account stand in front; region and account are the request's. */
function queueOf(sqs: Sqs, call: ApiCall): Queue {
  const { QueueUrl } = read(QUEUE, call);
  const name = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
  return sqs.get(`arn:aws:sqs:${call.place.region}:${call.place.account}:${name}`);
}

function read<T>(schema: z.ZodType<T>, { input }: ApiCall): T {
  return readInput(schema, input, (member, expectation) => {
    const [first = ''] = member.split('.');
    const isMissing = expectation.includes('undefined');
    if (isMissing) return wire(new SqsFault('MissingParameter', `The request must contain the parameter ${member}.`));
    return wire(invalidParameter(`Value for parameter ${first} is invalid. Reason: ${expectation}.`));
  });
}

const wire = ({ code, message, queryCode }: SqsFault): ApiError =>
  new ApiError(code, message, 400, {}, { 'x-amzn-query-error': `${queryCode};Sender` });
