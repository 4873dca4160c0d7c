import { createHash } from 'node:crypto';
import { QUEUE_ATTRIBUTES_MAX } from '../../limits.js';
import { invalidParameter, SqsFault } from './fault.js';

export interface MessageAttribute {
  /** `String`, `Number`, `Binary`, or one of these with a suffix. */
  readonly dataType: string;
  readonly stringValue?: string;
  /** Base64. */
  readonly binaryValue?: string;
}

/** A message as it is kept; it never changes. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** AWSTraceHeader. */
  readonly traceHeader: string | null;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** Not given to anybody before. */
  readonly delayedUntil: number;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  /** The queue that gave it up, for one in a dead-letter queue. */
  readonly deadLetterSource: string | null;
}

export const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');

/** SQS's own digest of a message's attributes, which clients compare with theirs. Null where there are none. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | null {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return null;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.dataType));
    const isBinary = attribute.binaryValue !== undefined;
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add(isBinary ? Buffer.from(attribute.binaryValue ?? '', 'base64') : Buffer.from(attribute.stringValue ?? ''));
  }
  return hash.digest('hex');
}

/** Body and attributes together, as SQS counts them. */
export function bytesOf(body: string, attributes: Readonly<Record<string, MessageAttribute>>): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(dataType);
    bytes +=
      binaryValue === undefined ? Buffer.byteLength(stringValue ?? '') : Buffer.byteLength(binaryValue, 'base64');
  }
  return bytes;
}

/** What AWS takes: the characters of XML 1.0. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Throws SqsFault. */
export function checkMessage(body: string, attributes: Readonly<Record<string, MessageAttribute>>): void {
  if (body === '') throw new SqsFault('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (!ALLOWED.test(body)) {
    throw new SqsFault(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const entries = Object.entries(attributes);
  if (entries.length > QUEUE_ATTRIBUTES_MAX) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${QUEUE_ATTRIBUTES_MAX}].`,
    );
  }
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
}

function checkAttribute(name: string, { dataType, stringValue, binaryValue }: MessageAttribute): void {
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.\.|\.$/.test(name)) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters, and cannot start with aws. or amazon.`,
    );
  }
  const [type] = dataType.split('.');
  if (type !== 'String' && type !== 'Number' && type !== 'Binary') {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = type === 'Binary' ? binaryValue : stringValue;
  if (value === undefined || value === '') {
    const expected = type === 'Binary' ? 'Binary' : 'String';
    throw invalidParameter(`The message attribute '${name}' with type '${expected}' must use field '${expected}'.`);
  }
}
