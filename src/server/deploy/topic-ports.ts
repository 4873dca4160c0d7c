import type { Place } from '../../arn.js';
import { SnsFault } from '../../services/sns/fault.js';
import type { Sns } from '../../services/sns/sns.js';
import { parseProtocol, type Topic } from '../../services/sns/topic.js';
import type { Topics } from '../../services/sns/topics.js';
import type { SubscriptionPort, TopicPort } from '../../templates/index.js';

export function topicPort(topics: Topics, place: Place): TopicPort {
  const find: TopicPort['find'] = async (arn) => {
    const topic = await topicOf(topics, arn);
    if (topic === null) return null;
    return { name: arn.split(':').at(-1) ?? arn, displayName: topic.attributes.DisplayName ?? '' };
  };
  return {
    find,
    async create({ name, displayName }) {
      await topics.create(place, name, displayName === '' ? {} : { DisplayName: displayName });
    },
    update: (arn, { displayName }) => topics.setAttribute(arn, 'DisplayName', displayName),
    async remove(arn) {
      if ((await find(arn)) !== null) await topics.remove(arn);
    },
  };
}

async function topicOf(topics: Topics, arn: string): Promise<Topic | null> {
  try {
    return await topics.get(arn);
  } catch (fault) {
    if (fault instanceof SnsFault) return null;
    throw fault;
  }
}

export function subscriptionPort(sns: Pick<Sns, 'topics' | 'subscribe'>): SubscriptionPort {
  const { topics } = sns;
  return {
    async find({ topicArn, protocol, endpoint }) {
      if ((await topicOf(topics, topicArn)) === null) return null;
      const subscriptions = await topics.subscriptionsOf(topicArn);
      const found = subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint);
      return found === undefined ? null : { arn: found.arn, attributes: found.attributes };
    },
    async create({ topicArn, protocol, endpoint, attributes }) {
      const subscription = await sns.subscribe({ topicArn, protocol: parseProtocol(protocol), endpoint, attributes });
      return subscription.arn;
    },
    async update(arn, desired) {
      await topics.unsubscribe(arn);
      await this.create(desired);
    },
    remove: (arn) => topics.unsubscribe(arn),
  };
}
