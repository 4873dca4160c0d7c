import { randomBytes, randomUUID } from 'node:crypto';
import { type Place, parseArn, topicArn } from '../../arn.js';
import { TOPIC_SUBSCRIPTIONS_MAX } from '../../limits.js';
import { RecordConflict, type RecordStore, type RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { invalidParameter, SnsFault, topicNotFound } from './fault.js';
import {
  checkSubscriptionAttribute,
  checkTopicAttribute,
  parseEndpoint,
  parseTopicName,
  type Subscription,
  type Topic,
} from './topic.js';

const TOPICS = 'sns.topics';
const SUBSCRIPTIONS = 'sns.subscriptions';
/** Topic, protocol and endpoint → subscription: the same one is never there twice. */
const ENDPOINTS = 'sns.endpoints';
/** Of a token of confirmation; in hexadecimal, as long as AWS's. */
const TOKEN_BYTES = 128;
/** AWS: topics or subscriptions on a page. */
const PAGE_ITEMS = 100;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

/** Topics and their subscriptions, as records. Throws SnsFault for what AWS refuses. */
export class Topics {
  constructor(private readonly records: RecordStore) {}

  /** Creates the topic, or finds the one of this name when its attributes are the same. */
  async create(place: Place, name: string, given: Readonly<Record<string, string>>): Promise<Topic> {
    const isFifo = given.FifoTopic === 'true';
    parseTopicName(name, isFifo);
    const attributes = Object.fromEntries(
      Object.entries(given).filter(([key, value]) => !(key === 'FifoTopic' && value === 'false')),
    );
    for (const [key, value] of Object.entries(attributes)) checkTopicAttribute(key, value, isFifo);
    const topic: Topic = { arn: topicArn(place, name), owner: place.account, attributes };
    try {
      await this.records.write([putJson(TOPICS, topic.arn, topic, 'absent')]);
      return topic;
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.#same(topic);
    }
  }

  async #same(wanted: Topic): Promise<Topic> {
    const found = await this.get(wanted.arn);
    const differs = Object.entries(wanted.attributes).some(([key, value]) => found.attributes[key] !== value);
    if (differs) throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    return found;
  }

  async get(arn: string): Promise<Topic> {
    if (parseArn(arn)?.service !== 'sns') {
      throw invalidParameter(`TopicArn Reason: An ARN must have at least 6 elements, not ${arn.split(':').length}`);
    }
    const text = await this.records.get(TOPICS, arn);
    if (text === null) throw topicNotFound();
    return JSON.parse(text) as Topic; // our own text
  }

  /** Deletes the topic with its subscriptions. No such topic: nothing to do, as on AWS. */
  async remove(arn: string): Promise<void> {
    const subscriptions = await this.subscriptionsOf(arn);
    const writes = subscriptions.flatMap((subscription) => removal(subscription));
    await this.records.write([{ type: 'delete', collection: TOPICS, key: arn }, ...writes]);
  }

  async list(place: Place, token: string | null): Promise<Page<Topic>> {
    return this.#page<Topic>(TOPICS, topicArn(place, ''), token);
  }

  async setAttribute(arn: string, name: string, value: string): Promise<void> {
    const topic = await this.get(arn);
    if (name === 'FifoTopic') throw invalidParameter('AttributeName');
    checkTopicAttribute(name, value, topic.attributes.FifoTopic === 'true');
    await this.records.write([putJson(TOPICS, arn, { ...topic, attributes: { ...topic.attributes, [name]: value } })]);
  }

  /** Finds the subscription of this endpoint, or makes it. That of an HTTP endpoint is pending until it is confirmed. */
  async subscribe(wanted: Omit<Subscription, 'arn' | 'owner' | 'confirmation'>): Promise<Subscription> {
    const topic = await this.get(wanted.topicArn);
    parseEndpoint(wanted.protocol, wanted.endpoint, topic.attributes.FifoTopic === 'true');
    for (const [name, value] of Object.entries(wanted.attributes)) checkSubscriptionAttribute(name, value, wanted);
    const { length } = await this.subscriptionsOf(topic.arn);
    if (length >= TOPIC_SUBSCRIPTIONS_MAX) {
      throw new SnsFault(
        'SubscriptionLimitExceeded',
        `Expected at most ${TOPIC_SUBSCRIPTIONS_MAX} subscriptions of ${topic.arn}.`,
      );
    }
    const isHttp = wanted.protocol === 'http' || wanted.protocol === 'https';
    const subscription: Subscription = {
      ...wanted,
      arn: `${topic.arn}:${randomUUID()}`,
      owner: topic.owner,
      ...(isHttp && { confirmation: { token: randomBytes(TOKEN_BYTES).toString('hex'), isPending: true } }),
    };
    const endpoint: RecordWrite = {
      type: 'put',
      collection: ENDPOINTS,
      key: endpointKey(subscription),
      value: subscription.arn,
      expect: 'absent',
    };
    try {
      await this.records.write([endpoint, putJson(SUBSCRIPTIONS, subscription.arn, subscription)]);
      return subscription;
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.#sameSubscription(subscription);
    }
  }

  async #sameSubscription(wanted: Subscription): Promise<Subscription> {
    const arn = await this.records.get(ENDPOINTS, endpointKey(wanted));
    const found = arn === null ? null : await this.#find(arn);
    if (found === null) throw topicNotFound(); // it was removed at this moment
    const differs = Object.entries(wanted.attributes).some(([key, value]) => found.attributes[key] !== value);
    if (differs) throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    return found;
  }

  /** The subscription that has this token, confirmed now or before. */
  async confirm(topicArn: string, token: string): Promise<Subscription> {
    await this.get(topicArn);
    const found = (await this.subscriptionsOf(topicArn)).find(({ confirmation }) => confirmation?.token === token);
    if (found === undefined) throw invalidParameter('Token');
    const confirmed: Subscription = { ...found, confirmation: { token, isPending: false } };
    await this.records.write([putJson(SUBSCRIPTIONS, found.arn, confirmed)]);
    return confirmed;
  }

  async getSubscription(arn: string): Promise<Subscription> {
    if (parseArn(arn)?.service !== 'sns') throw invalidParameter('SubscriptionArn');
    const found = await this.#find(arn);
    if (found === null) throw new SnsFault('NotFound', 'Subscription does not exist');
    return found;
  }

  /** No such subscription: nothing to do, as on AWS. */
  async unsubscribe(arn: string): Promise<void> {
    if (parseArn(arn)?.service !== 'sns') throw invalidParameter('SubscriptionArn');
    const found = await this.#find(arn);
    if (found !== null) await this.records.write(removal(found));
  }

  async setSubscriptionAttribute(arn: string, name: string, value: string): Promise<void> {
    const found = await this.getSubscription(arn);
    const attributes = { ...found.attributes, [name]: value };
    checkSubscriptionAttribute(name, value, { ...found, attributes });
    if (name === 'FilterPolicyScope' && attributes.FilterPolicy !== undefined) {
      checkSubscriptionAttribute('FilterPolicy', attributes.FilterPolicy, { ...found, attributes });
    }
    await this.records.write([putJson(SUBSCRIPTIONS, arn, { ...found, attributes })]);
  }

  async listSubscriptions(place: Place, token: string | null): Promise<Page<Subscription>> {
    return this.#page<Subscription>(SUBSCRIPTIONS, topicArn(place, ''), token);
  }

  async listSubscriptionsOf(arn: string, token: string | null): Promise<Page<Subscription>> {
    await this.get(arn);
    return this.#page<Subscription>(SUBSCRIPTIONS, `${arn}:`, token);
  }

  /** All of one topic's; their number is bounded. */
  async subscriptionsOf(arn: string): Promise<readonly Subscription[]> {
    const query = { collection: SUBSCRIPTIONS, prefix: `${arn}:`, after: null, limit: TOPIC_SUBSCRIPTIONS_MAX };
    return (await this.records.scan(query)).map(({ value }) => JSON.parse(value) as Subscription); // our own text
  }

  async #find(arn: string): Promise<Subscription | null> {
    const text = await this.records.get(SUBSCRIPTIONS, arn);
    return text === null ? null : (JSON.parse(text) as Subscription); // our own text
  }

  async #page<T>(collection: string, prefix: string, token: string | null): Promise<Page<T>> {
    const after = token === null ? null : Buffer.from(token, 'base64url').toString();
    if (after !== null && !after.startsWith(prefix)) throw invalidParameter('NextToken');
    const rows = await this.records.scan({ collection, prefix, after, limit: PAGE_ITEMS + 1 });
    const shown = rows.slice(0, PAGE_ITEMS);
    const last = rows.length > PAGE_ITEMS ? shown.at(-1) : undefined;
    return {
      items: shown.map(({ value }) => JSON.parse(value) as T), // our own text
      nextToken: last === undefined ? null : Buffer.from(last.key).toString('base64url'),
    };
  }
}

const endpointKey = ({ topicArn: topic, protocol, endpoint }: Omit<Subscription, 'arn'>): string =>
  `${topic} ${protocol} ${endpoint}`;

const removal = (subscription: Subscription): RecordWrite[] => [
  { type: 'delete', collection: SUBSCRIPTIONS, key: subscription.arn },
  { type: 'delete', collection: ENDPOINTS, key: endpointKey(subscription) },
];
