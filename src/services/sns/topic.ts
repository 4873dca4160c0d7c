import { parseArn } from '../../arn.js';
import { invalidParameter } from './fault.js';
import { compileFilterPolicy, type FilterPolicy } from './filter-policy.js';

export interface Topic {
  readonly arn: string;
  readonly owner: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The protocols that Treadle delivers to. */
export type SubscriptionProtocol = 'lambda' | 'email' | 'email-json' | 'sqs' | 'http' | 'https';

export interface Subscription {
  /** The topic's ARN and a UUID. */
  readonly arn: string;
  readonly topicArn: string;
  readonly owner: string;
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of HTTP endpoints, which confirm by this token that they want messages. */
  readonly confirmation?: { readonly token: string; readonly isPending: boolean };
}

/** It gets nothing before it has confirmed. */
export const isPending = ({ confirmation }: Subscription): boolean => confirmation?.isPending === true;

const FIFO = '.fifo';

/** Throws SnsFault unless `name` is a topic's name. */
export function parseTopicName(name: string, isFifo: boolean): void {
  const base = name.endsWith(FIFO) ? name.slice(0, -FIFO.length) : name;
  if (!/^[A-Za-z0-9_-]+$/.test(base) || name.length > 256) throw invalidParameter('Topic Name');
  if (isFifo && !name.endsWith(FIFO))
    throw invalidParameter(
      'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.',
    );
  if (!isFifo && name.endsWith(FIFO)) throw invalidParameter('Topic Name');
}

/** Kept and shown; only DisplayName, FifoTopic and ContentBasedDeduplication have an effect here. */
const TOPIC_ATTRIBUTES: ReadonlySet<string> = new Set([
  'DisplayName',
  'Policy',
  'FifoTopic',
  'ContentBasedDeduplication',
]);
/** AWS has them, Treadle does not do what they ask for. */
const TOPIC_ATTRIBUTES_REFUSED =
  /^(?:KmsMasterKeyId|DeliveryPolicy|TracingConfig|SignatureVersion|ArchivePolicy|FifoThroughputScope|DataProtectionPolicy|.*(?:FeedbackRoleArn|FeedbackSampleRate))$/;

/** Throws SnsFault for attributes that AWS or Treadle does not know. */
export function checkTopicAttribute(name: string, value: string, isFifo: boolean): void {
  if (TOPIC_ATTRIBUTES_REFUSED.test(name)) {
    throw invalidParameter(
      `Attributes Reason: Treadle does not do what the topic attribute ${name} asks for. Leave it out.`,
    );
  }
  if (!TOPIC_ATTRIBUTES.has(name)) throw invalidParameter(`Attributes Reason: Unknown topic attribute: ${name}`);
  if (name === 'ContentBasedDeduplication' && !isFifo)
    throw invalidParameter('Attributes Reason: Content-based deduplication can only be set for FIFO topics');
  if (name !== 'DisplayName' && name !== 'Policy' && value !== 'true' && value !== 'false') {
    throw invalidParameter(`Attributes Reason: Expected ${name} to be true or false, but it is '${value}'`);
  }
  if (name === 'DisplayName' && value.length > 100) throw invalidParameter('DisplayName');
}

/** Throws SnsFault for attributes that AWS or Treadle does not know, and for a filter policy that cannot be read. */
export function checkSubscriptionAttribute(
  name: string,
  value: string,
  { attributes: all, protocol }: Pick<Subscription, 'attributes' | 'protocol'>,
): void {
  switch (name) {
    case 'FilterPolicy':
      if (value !== '') compileFilterPolicy(value, filterScope(all));
      return;
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody')
        throw invalidParameter(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      return;
    case 'RawMessageDelivery':
      if (value !== 'true' && value !== 'false') {
        throw invalidParameter(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      }
      if (value === 'false' || RAW_PROTOCOLS.has(protocol)) return;
      throw invalidParameter(
        `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
      );
    case 'DeliveryPolicy':
    case 'RedrivePolicy':
    case 'ReplayPolicy':
    case 'SubscriptionRoleArn':
      throw invalidParameter(
        `Attributes Reason: Treadle does not do what the subscription attribute ${name} asks for. Leave it out.`,
      );
    default:
      throw invalidParameter('AttributeName');
  }
}

const RAW_PROTOCOLS: ReadonlySet<SubscriptionProtocol> = new Set(['sqs', 'http', 'https']);

const filterScope = (attributes: Readonly<Record<string, string>>): 'MessageAttributes' | 'MessageBody' =>
  attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';

/** The subscription's filter; null = it wants every message. */
export function filterOf({ attributes }: Subscription): FilterPolicy | null {
  const policy = attributes.FilterPolicy;
  return policy === undefined || policy === '' ? null : compileFilterPolicy(policy, filterScope(attributes));
}

const PROTOCOLS: readonly SubscriptionProtocol[] = ['lambda', 'email', 'email-json', 'sqs', 'http', 'https'];
const OTHER_PROTOCOLS: ReadonlySet<string> = new Set(['sms', 'application', 'firehose']);

/** Throws SnsFault unless the protocol is one that Treadle delivers to. */
export function parseProtocol(text: string): SubscriptionProtocol {
  const protocol = PROTOCOLS.find((name) => name === text);
  if (protocol !== undefined) return protocol;
  if (OTHER_PROTOCOLS.has(text)) {
    throw invalidParameter(
      `Protocol Reason: Expected a protocol that Treadle delivers to (${PROTOCOLS.join(', ')}), but it is '${text}'. ` +
        'Subscribe a function that passes the message on.',
    );
  }
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${text}`);
}

/** Throws SnsFault unless `endpoint` is an address of the protocol, for this kind of topic. */
export function parseEndpoint(protocol: SubscriptionProtocol, endpoint: string, isFifo: boolean): void {
  if (isFifo && protocol !== 'sqs') throw invalidParameter(`Invalid protocol type: ${protocol}`);
  switch (protocol) {
    case 'lambda': {
      const arn = parseArn(endpoint);
      if (arn?.service === 'lambda' && arn.resource.startsWith('function:')) return;
      throw invalidParameter('Lambda endpoint ARN');
    }
    case 'sqs':
      if (parseArn(endpoint)?.service !== 'sqs') throw invalidParameter('SQS endpoint ARN');
      if (!endpoint.endsWith(FIFO) || isFifo) return;
      throw invalidParameter('Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics');
    case 'http':
    case 'https':
      if (endpoint.startsWith(`${protocol}://`) && URL.canParse(endpoint)) return;
      throw invalidParameter('Endpoint must match the specified protocol');
    case 'email':
    case 'email-json':
      if (endpoint.length <= 320 && /^[^\s@<>]+@[^\s@<>]+$/.test(endpoint)) return;
      throw invalidParameter('Email address');
    default:
      protocol satisfies never;
  }
}
