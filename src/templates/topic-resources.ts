import { parseArn, topicArn } from '../arn.js';
import { definitionJson } from './definition-json.js';
import type { PlannedSubscription, PlannedTopic, SubscriptionSettings } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, flag, member, requiredText, type Section, sections, text, word } from './properties.js';

/** A topic, and its subscriptions written inside of it. */
export function planTopic(planning: Planning): readonly [PlannedTopic, ...PlannedSubscription[]] | null {
  const { own, common, name, stack } = planning;
  const isFifo = flag(own, 'FifoTopic') === true || name.endsWith('.fifo');
  if (isFifo) {
    const at = member(own, 'FifoTopic')?.at ?? own.at;
    refuse(
      own.findings,
      at,
      'Expected a standard topic, but this is a FIFO topic, which is not here yet.',
      'unsupported',
    );
    return null;
  }
  const arn = topicArn(stack.place, name);
  const settings = { name, displayName: text(own, 'DisplayName') ?? '' };
  const subscriptions = sections(own, 'Subscription').flatMap((inner, index): PlannedSubscription[] => {
    allowOnly(inner, ['Endpoint', 'Protocol']);
    const target = readTarget(inner);
    if (target === null) return [];
    const logicalId = `${common.logicalId}.Subscription[${index}]`;
    const type = 'AWS::SNS::Subscription';
    return [
      {
        ...common,
        kind: 'subscription',
        logicalId,
        at: inner.at,
        resourceType: type,
        settings: { topicArn: arn, ...target, attributes: {} },
      },
    ];
  });
  return [{ ...common, kind: 'topic', arn, settings }, ...subscriptions];
}

export function planSubscription({ own, common }: Planning): readonly [PlannedSubscription] | null {
  const target = readTarget(own);
  const topic = requiredText(own, 'TopicArn');
  const at = member(own, 'TopicArn')?.at;
  if (at && parseArn(topic)?.service !== 'sns') {
    refuse(own.findings, at, `Expected TopicArn to be the ARN of a topic, but it is '${topic}'.`);
  }
  const attributes = subscriptionAttributes(own);
  if (target === null) return null;
  return [{ ...common, kind: 'subscription', settings: { topicArn: topic, ...target, attributes } }];
}

/** SNS's attributes as SetSubscriptionAttributes takes them: strings, the policy as JSON text. */
export function subscriptionAttributes(section: Section): Readonly<Record<string, string>> {
  const policy = member(section, 'FilterPolicy');
  const scope = word(section, 'FilterPolicyScope', ['MessageAttributes', 'MessageBody']);
  const isRaw = flag(section, 'RawMessageDelivery');
  const attributes: Record<string, string> = {};
  if (policy !== null)
    attributes.FilterPolicy = policy.kind === 'scalar' ? policy.text : compact(definitionJson(policy).text);
  if (scope !== null) attributes.FilterPolicyScope = scope;
  if (isRaw !== null) attributes.RawMessageDelivery = String(isRaw);
  return attributes;
}

const compact = (json: string): string => JSON.stringify(JSON.parse(json));

/** Protocols that are delivered here. */
const DELIVERED = ['lambda', 'email', 'email-json', 'sqs', 'http', 'https'];
const KNOWN = [...DELIVERED, 'application', 'firehose', 'sms'];

function readTarget(section: Section): Pick<SubscriptionSettings, 'protocol' | 'endpoint'> | null {
  const before = section.findings.problems.length;
  requiredText(section, 'Protocol');
  const protocol = word(section, 'Protocol', KNOWN);
  const endpoint = requiredText(section, 'Endpoint');
  const at = member(section, 'Endpoint')?.at ?? section.at;
  if (protocol !== null && !DELIVERED.includes(protocol)) {
    const message = `Expected Protocol to be ${DELIVERED.join(', ')}, but '${protocol}' is not delivered here yet.`;
    refuse(section.findings, member(section, 'Protocol')?.at ?? at, message, 'unsupported');
  }
  if (protocol === 'lambda' && endpoint !== '' && parseArn(endpoint)?.service !== 'lambda') {
    refuse(
      section.findings,
      at,
      `Expected Endpoint to be the ARN of a function, but it is '${endpoint}'. Use Fn::GetAtt with Arn.`,
    );
  }
  if (protocol === 'sqs' && endpoint !== '' && parseArn(endpoint)?.service !== 'sqs') {
    refuse(
      section.findings,
      at,
      `Expected Endpoint to be the ARN of a queue, but it is '${endpoint}'. Use Fn::GetAtt with Arn.`,
    );
  }
  return protocol === null || section.findings.problems.length > before ? null : { protocol, endpoint };
}
