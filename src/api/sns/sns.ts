import { z } from 'zod';
import { invalidParameter, SnsFault } from '../../services/sns/fault.js';
import type { Sns } from '../../services/sns/sns.js';
import { isPending, parseProtocol, type Subscription, type Topic } from '../../services/sns/topic.js';
import type { Page } from '../../services/sns/topics.js';
import { apiError } from '../errors.js';
import { listOf, readInput } from '../input.js';
import type { Action, ApiCall, ApiError, ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { BATCH, PUBLISH, publishRequest } from './publish-input.js';

const TOPIC = z.object({ TopicArn: z.string() });
const SUBSCRIPTION = z.object({ SubscriptionArn: z.string() });
const PAGE = z.object({ NextToken: z.string().optional() });
const ATTRIBUTES = z.record(z.string(), z.string()).optional();

/** SNS's actions. Tags, platform applications and SMS are not among them. */
export function snsService(sns: Sns): ApiService {
  const actions: Readonly<Record<string, (call: ApiCall) => Promise<unknown>>> = {
    ...topicActions(sns),
    ...subscriptionActions(sns),
    ...publishActions(sns),
  };
  return serviceOf('sns', actions, errorOf);
}

const errorOf = (fault: unknown): ApiError | null =>
  fault instanceof SnsFault ? apiError(fault.code, fault.message) : null;

function topicActions(sns: Sns): Record<string, Action> {
  return {
    CreateTopic: async (call) => {
      const input = read(
        z.object({ Name: z.string(), Attributes: ATTRIBUTES, Tags: listOf(z.unknown()).optional() }),
        call,
      );
      if (input.Tags !== undefined && input.Tags.length > 0) {
        throw invalidParameter('Tags Reason: Treadle does not keep tags of topics yet. Leave them out.');
      }
      const topic = await sns.topics.create(call.place, input.Name, input.Attributes ?? {});
      return { TopicArn: topic.arn };
    },
    DeleteTopic: async (call) => sns.topics.remove(read(TOPIC, call).TopicArn),
    ListTopics: async (call) => {
      const page = await sns.topics.list(call.place, read(PAGE, call).NextToken ?? null);
      return paged('Topics', page, ({ arn }) => ({ TopicArn: arn }));
    },
    GetTopicAttributes: async (call) => {
      const topic = await sns.topics.get(read(TOPIC, call).TopicArn);
      const subscriptions = await sns.topics.subscriptionsOf(topic.arn);
      return { Attributes: new Map(Object.entries(topicAttributes(topic, subscriptions))) };
    },
    SetTopicAttributes: async (call) => {
      const input = read(TOPIC.extend({ AttributeName: z.string(), AttributeValue: z.string().optional() }), call);
      await sns.topics.setAttribute(input.TopicArn, input.AttributeName, input.AttributeValue ?? '');
    },
  };
}

function subscriptionActions(sns: Sns): Record<string, Action> {
  return {
    Subscribe: async (call) => {
      const schema = TOPIC.extend({
        Protocol: z.string(),
        Endpoint: z.string().optional(),
        Attributes: ATTRIBUTES,
        ReturnSubscriptionArn: z.string().optional(),
      });
      const input = read(schema, call);
      const subscription = await sns.subscribe({
        topicArn: input.TopicArn,
        protocol: parseProtocol(input.Protocol),
        endpoint: input.Endpoint ?? '',
        attributes: input.Attributes ?? {},
      });
      const isShown = !isPending(subscription) || input.ReturnSubscriptionArn === 'true';
      return { SubscriptionArn: isShown ? subscription.arn : 'pending confirmation' };
    },
    ConfirmSubscription: async (call) => {
      const { TopicArn, Token } = read(TOPIC.extend({ Token: z.string() }), call);
      return { SubscriptionArn: (await sns.topics.confirm(TopicArn, Token)).arn };
    },
    Unsubscribe: async (call) => sns.topics.unsubscribe(read(SUBSCRIPTION, call).SubscriptionArn),
    ListSubscriptions: async (call) => {
      const page = await sns.topics.listSubscriptions(call.place, read(PAGE, call).NextToken ?? null);
      return paged('Subscriptions', page, subscriptionMember);
    },
    ListSubscriptionsByTopic: async (call) => {
      const input = read(TOPIC.extend(PAGE.shape), call);
      const page = await sns.topics.listSubscriptionsOf(input.TopicArn, input.NextToken ?? null);
      return paged('Subscriptions', page, subscriptionMember);
    },
    GetSubscriptionAttributes: async (call) => {
      const subscription = await sns.topics.getSubscription(read(SUBSCRIPTION, call).SubscriptionArn);
      return { Attributes: new Map(Object.entries(subscriptionAttributes(subscription))) };
    },
    SetSubscriptionAttributes: async (call) => {
      const schema = SUBSCRIPTION.extend({ AttributeName: z.string(), AttributeValue: z.string().optional() });
      const input = read(schema, call);
      await sns.topics.setSubscriptionAttribute(input.SubscriptionArn, input.AttributeName, input.AttributeValue ?? '');
    },
  };
}

function publishActions(sns: Sns): Record<string, Action> {
  return {
    Publish: async (call) => {
      const { messageId, sequenceNumber } = await sns.publish(
        publishRequest(read(PUBLISH, call)),
        call.key === undefined ? {} : { key: call.key },
      );
      return { MessageId: messageId, SequenceNumber: sequenceNumber };
    },
    PublishBatch: async (call) => {
      const input = read(BATCH, call);
      const entries = input.PublishBatchRequestEntries.map((entry) => ({ ...publishRequest(entry), id: entry.Id }));
      const { successful, failed } = await sns.publishBatch(input.TopicArn, entries);
      return {
        Successful: successful.map(({ id, messageId, sequenceNumber }) => ({
          Id: id,
          MessageId: messageId,
          SequenceNumber: sequenceNumber,
        })),
        Failed: failed.map(({ id, fault }) => ({
          Id: id,
          Code: fault.code,
          Message: fault.message,
          SenderFault: true,
        })),
      };
    },
  };
}

const read = <T>(schema: z.ZodType<T>, call: ApiCall): T =>
  readInput(schema, call.input, (member, expectation) =>
    apiError('InvalidParameter', `Invalid parameter: ${member} (${expectation})`),
  );

const paged = <T>(name: string, page: Page<T>, member: (item: T) => unknown): unknown => ({
  [name]: page.items.map(member),
  NextToken: page.nextToken ?? undefined,
});

const subscriptionMember = (subscription: Subscription): unknown => ({
  SubscriptionArn: isPending(subscription) ? 'PendingConfirmation' : subscription.arn,
  Owner: subscription.owner,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: subscription.topicArn,
});

const topicAttributes = (topic: Topic, subscriptions: readonly Subscription[]): Record<string, string> => ({
  DisplayName: '',
  ...topic.attributes,
  TopicArn: topic.arn,
  Owner: topic.owner,
  SubscriptionsConfirmed: String(subscriptions.filter((one) => !isPending(one)).length),
  SubscriptionsPending: String(subscriptions.filter(isPending).length),
  SubscriptionsDeleted: '0',
});

const subscriptionAttributes = (subscription: Subscription): Record<string, string> => ({
  RawMessageDelivery: 'false',
  ...subscription.attributes,
  SubscriptionArn: subscription.arn,
  TopicArn: subscription.topicArn,
  Owner: subscription.owner,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  ConfirmationWasAuthenticated: String(subscription.confirmation === undefined),
  PendingConfirmation: String(isPending(subscription)),
});
