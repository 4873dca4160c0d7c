import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookPart, WebhookSignature } from './part.js';

export interface Delivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Null: the delivery is the sender's. Else why it is not taken. */
export function refusedSignature({ signature, deliveryHeader }: WebhookPart, delivery: Delivery): string | null {
  if (signature === null) return null;
  const header = delivery.headers[signature.header];
  if (header === undefined) return `Expected a header ${signature.header} with a signature, but there is none.`;
  const timestamp = timestampOf(signature, delivery);
  if (signature.timestamp !== null) {
    if (timestamp === null) return 'Expected the time of the delivery in seconds, but there is none.';
    const agoSeconds = delivery.at / 1000 - Number(timestamp);
    // A delivery that was recorded and is sent again later, or one from the future, is nobody's.
    if (Math.abs(agoSeconds) > signature.toleranceSeconds) {
      return `Expected a delivery of the last ${signature.toleranceSeconds} seconds, but it is not.`;
    }
  }
  const id = deliveryHeader === null ? '' : (delivery.headers[deliveryHeader] ?? '');
  const expected = createHmac('sha256', keyOf(signature))
    .update(signedBytes(signature.signed, { timestamp: timestamp ?? '', id, body: delivery.body }))
    .digest();
  const isGenuine = candidates(signature, header).some((given) => isSame(given, expected));
  return isGenuine ? null : 'Expected a signature of this body with the secret, but it is another.';
}

/** The same for the same delivery, however often it comes. */
export function deliveryId({ deliveryHeader }: WebhookPart, { headers, body }: Delivery): string {
  const given = deliveryHeader === null ? undefined : headers[deliveryHeader];
  return createHash('sha256')
    .update(given === undefined ? body : `id ${given}`)
    .digest('hex');
}

/**
 * By what a delivery is known again: its id and, where the id is not among what is signed, what is: else somebody who has recorded
 * a delivery could write another id beside it.
 */
export function deliveryMarks(webhook: WebhookPart, delivery: Delivery): readonly string[] {
  const { signature, deliveryHeader } = webhook;
  const id = `id ${deliveryId(webhook, delivery)}`;
  if (signature === null || deliveryHeader === null || signature.signed.includes('{id}')) return [id];
  const timestamp = timestampOf(signature, delivery) ?? '';
  const content = signedBytes(signature.signed, { timestamp, id: '', body: delivery.body });
  return [id, `content ${createHash('sha256').update(content).digest('hex')}`];
}

const keyOf = ({ secret, secretEncoding }: WebhookSignature): Buffer =>
  // Standard Webhooks write `whsec_` before the base64 text.
  secretEncoding === 'base64' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : Buffer.from(secret, 'utf8');

function timestampOf({ timestamp }: WebhookSignature, { headers }: Delivery): string | null {
  if (timestamp === null) return null;
  const header = headers[timestamp.header] ?? '';
  const found = timestamp.field === null ? header : (fieldsOf(header).get(timestamp.field) ?? '');
  return /^\d{1,12}$/.test(found.trim()) ? found.trim() : null;
}

/** `t=1,v1=abc` as a map; of a name that comes twice, the first. */
function fieldsOf(header: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at > 0 && !fields.has(name)) fields.set(name, part.slice(at + 1).trim());
  }
  return fields;
}

function signedBytes(form: string, values: { timestamp: string; id: string; body: Buffer }): Buffer {
  const parts = form.split(/(\{timestamp\}|\{id\}|\{body\})/).map((part) => {
    if (part === '{body}') return values.body;
    if (part === '{timestamp}') return Buffer.from(values.timestamp);
    return Buffer.from(part === '{id}' ? values.id : part);
  });
  return Buffer.concat(parts);
}

/** A header may have several signatures, e.g. while a secret is replaced: `v1=a,v1=b`, `v1,a v1,b`. */
const CANDIDATES_MAX = 10;

function candidates({ prefix, encoding }: WebhookSignature, header: string): readonly Buffer[] {
  const words = header.includes(' ') ? header.split(' ') : prefix.endsWith('=') ? header.split(',') : [header];
  return words
    .map((word) => word.trim())
    .filter((word) => word.startsWith(prefix))
    .slice(0, CANDIDATES_MAX)
    .map((word) => Buffer.from(word.slice(prefix.length), encoding));
}

const isSame = (given: Buffer, expected: Buffer): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected);
