import { createHash } from 'node:crypto';
import { TOPIC_MESSAGE_BYTES_MAX } from '../../limits.js';
import { isObject, type JsonValue, keysOf, memberOf, parseJson } from '../../payload/index.js';
import { invalidParameter, SnsFault } from './fault.js';
import type { MessageAttribute } from './message.js';
import type { Topic } from './topic.js';

/** What a publisher asks for. */
export interface PublishRequest {
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string | undefined;
  /** `json`: the message is an object of texts by protocol, with `default`. */
  readonly messageStructure?: string | undefined;
  readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/** A checked request: the text for each protocol. */
export interface Publication {
  readonly textFor: (protocol: string) => string;
  readonly subject: string | null;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** FIFO topics: repetitions of it within five minutes publish nothing. */
  readonly deduplicationId: string | null;
  /** FIFO topics, and fair queues behind standard ones. */
  readonly groupId: string | null;
}

/** Checks a request as AWS does. Throws SnsFault. */
export function parsePublication(topic: Topic, request: PublishRequest): Publication {
  if (request.message === '') throw invalidParameter('Empty message');
  const attributes = request.attributes ?? {};
  if (bytesOf(request.message, attributes) > TOPIC_MESSAGE_BYTES_MAX) throw invalidParameter('Message too long');
  if (request.subject !== undefined) checkSubject(request.subject);
  for (const [name, attribute] of Object.entries(attributes)) checkAttribute(name, attribute);
  return {
    textFor: texts(request),
    subject: request.subject ?? null,
    attributes,
    deduplicationId: deduplicationOf(topic, request),
    groupId: request.groupId ?? null,
  };
}

function bytesOf(message: string, attributes: Readonly<Record<string, MessageAttribute>>): number {
  let bytes = Buffer.byteLength(message);
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + dataType.length + Buffer.byteLength(stringValue ?? binaryValue ?? '');
  }
  return bytes;
}

function checkSubject(subject: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS's rule names exactly these
  if (subject === '' || subject.length > 100 || /[\u0000-\u001f\u007f]/.test(subject) || subject.startsWith(' ')) {
    throw invalidParameter('Subject');
  }
}

/** AWS tells values outside their bounds from wrong parameters by the code. */
const invalidValue = (message: string): SnsFault => new SnsFault('ParameterValueInvalid', message);

function checkAttribute(name: string, { dataType, stringValue, binaryValue }: MessageAttribute): void {
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name)) throw invalidParameter(`Message attribute name '${name}'`);
  if (!/^(?:String|Number|Binary)(?:\..+)?$/.test(dataType)) {
    const what = `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`;
    throw invalidValue(what);
  }
  const value = dataType.startsWith('Binary') ? binaryValue : stringValue;
  if (value === undefined || value === '') {
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  }
  if (dataType.startsWith('Number') && !Number.isFinite(Number(value))) {
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  }
}

function texts({ message, messageStructure }: PublishRequest): (protocol: string) => string {
  if (messageStructure === undefined) return () => message;
  if (messageStructure !== 'json') throw invalidParameter('MessageStructure');
  const body = parsedStructure(message);
  const fallback = isObject(body) ? memberOf(body, 'default') : undefined;
  if (!isObject(body) || typeof fallback !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  const byProtocol = new Map<string, string>();
  for (const key of keysOf(body)) {
    const text = memberOf(body, key);
    if (typeof text === 'string') byProtocol.set(key, text);
  }
  return (protocol) => byProtocol.get(protocol) ?? fallback;
}

function parsedStructure(message: string): JsonValue {
  try {
    return parseJson(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
}

function deduplicationOf(topic: Topic, { groupId, deduplicationId, message }: PublishRequest): string | null {
  if (topic.attributes.FifoTopic !== 'true') {
    if (deduplicationId !== undefined) {
      throw invalidParameter(
        'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      );
    }
    return null;
  }
  if (groupId === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (deduplicationId !== undefined) return deduplicationId;
  if (topic.attributes.ContentBasedDeduplication === 'true') return createHash('sha256').update(message).digest('hex');
  throw invalidParameter(
    'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}
