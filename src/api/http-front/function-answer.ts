import {
  isArray,
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  numberOf,
  parseJson,
  writeJson,
} from '../../payload/index.js';
import type { FrontAnswer } from './front-request.js';

/** What a function answered, as HTTP. Null: it is no answer that can be sent (the gateway's own error is). */
export function answerV2(payload: string): FrontAnswer | null {
  const value = parsed(payload);
  if (value === undefined) return null;
  if (isObject(value) && memberOf(value, 'statusCode') !== undefined) return structured(value);
  // Without a statusCode the whole is the body: a text as it is, anything else as JSON.
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: typeof value === 'string' ? value : writeJson(value),
  };
}

/** REST APIs take the object with a statusCode only. */
export function answerV1(payload: string): FrontAnswer | null {
  const value = parsed(payload);
  if (value === undefined || !isObject(value)) return null;
  const answer = structured(value);
  return answer;
}

function parsed(payload: string): JsonValue | undefined {
  try {
    return parseJson(payload === '' ? 'null' : payload);
  } catch {
    return undefined;
  }
}

function structured(value: JsonObject): FrontAnswer | null {
  const status = statusOf(memberOf(value, 'statusCode'));
  const body = memberOf(value, 'body') ?? '';
  const headers = headersOf(value);
  if (status === null || headers === null) return null;
  const text = typeof body === 'string' ? body : writeJson(body);
  const isBinary = memberOf(value, 'isBase64Encoded') === true;
  return {
    status,
    headers: 'content-type' in headers ? headers : { 'content-type': 'application/json', ...headers },
    body: isBinary ? Buffer.from(text, 'base64') : text,
  };
}

function statusOf(value: JsonValue | undefined): number | null {
  const number = isNumber(value)
    ? numberOf(value)
    : typeof value === 'string' && /^\d{3}$/.test(value)
      ? Number(value)
      : 0;
  return Number.isInteger(number) && number >= 200 && number <= 599 ? number : null;
}

/** Said by the listener itself, or of one connection only. */
const OWN = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Null where a header cannot be sent. */
function headersOf(answer: JsonObject): Record<string, string | readonly string[]> | null {
  const headers: Record<string, string | readonly string[]> = {};
  for (const member of ['headers', 'multiValueHeaders']) {
    const given = memberOf(answer, member);
    if (given === undefined || given === null) continue;
    if (!isObject(given)) return null;
    const entries = given instanceof Map ? [...given] : Object.entries(given);
    for (const [name, value] of entries as readonly (readonly [string, JsonValue])[]) {
      const texts = (isArray(value) ? value : [value]).map(textOf);
      if (!NAME.test(name) || texts.some((text) => text === null || !VALUE.test(text))) return null;
      if (OWN.has(name.toLowerCase())) continue;
      const all = texts.flatMap((text) => text ?? []);
      headers[name.toLowerCase()] = all.length === 1 ? (all[0] ?? '') : all;
    }
  }
  const cookies = memberOf(answer, 'cookies');
  if (isArray(cookies)) {
    const texts = cookies.flatMap((cookie) => textOf(cookie) ?? []);
    if (texts.some((text) => !VALUE.test(text))) return null;
    headers['set-cookie'] = texts;
  }
  return headers;
}

const textOf = (value: JsonValue): string | null =>
  typeof value === 'string' ? value : isNumber(value) || typeof value === 'boolean' ? writeJson(value) : null;
