import {
  entriesOf,
  isArray,
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  writeJson,
} from '../../payload/index.js';
import { foreignFields } from '../sdk.js';
import type { ArrayFormat } from './form.js';

/** What an HTTP Task asks for, checked. */
export interface HttpTask {
  readonly method: string;
  readonly endpoint: URL;
  /** Null: as it is, without a connection. */
  readonly connectionArn: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Undefined: none. */
  readonly body: JsonValue | undefined;
  /** Null: JSON, or a text as it is. */
  readonly form: ArrayFormat | null;
}

const FIELDS: ReadonlySet<string> = new Set([
  'Method',
  'ApiEndpoint',
  'Authentication',
  'InvocationConfig',
  'Headers',
  'QueryParameters',
  'RequestBody',
  'Transform',
]);
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];
const FORMATS = ['INDICES', 'REPEAT', 'COMMAS', 'BRACKETS'] as const;
/** AWS Developer Guide, "HTTP Task fields": what a Task may not set. */
const FORBIDDEN_HEADERS =
  /^(?:a-im|accept-charset|accept-datetime|accept-encoding|authorization|cache-control|connection|content-encoding|content-length|content-md5|date|expect|forwarded|from|host|http2-settings|if-.*|max-forwards|origin|pragma|proxy-authorization|range|referer|server|te|trailer|transfer-encoding|upgrade|user-agent|via|warning|x-forwarded-.*|x-amz-.*|x-amzn-.*)$/i;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header cannot carry
const HEADER_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/;

/** The task, or what is wrong with its parameters in AWS's manner. */
export function readHttpTask(parameters: JsonValue): HttpTask | readonly string[] {
  if (!isObject(parameters)) return ['Expected an object of fields'];
  const faults = [...foreignFields(keysOf(parameters), FIELDS)];
  const task: HttpTask = {
    method: methodOf(parameters, faults),
    endpoint: endpointOf(parameters, faults),
    connectionArn: connectionOf(parameters, faults),
    headers: pairsOf(parameters, 'Headers', faults),
    query: pairsOf(parameters, 'QueryParameters', faults),
    body: memberOf(parameters, 'RequestBody') ?? undefined,
    form: formOf(parameters, faults),
  };
  for (const [name, value] of task.headers) {
    if (FORBIDDEN_HEADERS.test(name)) faults.push(`The header '${name}' is not allowed in the field 'Headers'`);
    else if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value)) faults.push(invalidFormat('Headers'));
  }
  return faults.length > 0 ? faults : task;
}

const invalidFormat = (field: string): string => `The value of the field '${field}' has an invalid format`;
const missing = (field: string): string => `The field "${field}" is required but was missing`;

function methodOf(parameters: JsonObject, faults: string[]): string {
  const method = memberOf(parameters, 'Method') ?? null;
  if (method === null) faults.push(missing('Method'));
  else if (typeof method !== 'string' || !METHODS.includes(method)) {
    faults.push(`The value for the field 'Method' must be one of ${METHODS.join(', ')}`);
  }
  return typeof method === 'string' ? method : '';
}

const NOWHERE = new URL('http://localhost/');

function endpointOf(parameters: JsonObject, faults: string[]): URL {
  const text = memberOf(parameters, 'ApiEndpoint') ?? null;
  if (text === null) faults.push(missing('ApiEndpoint'));
  else if (typeof text !== 'string' || !URL.canParse(text)) faults.push(invalidFormat('ApiEndpoint'));
  else {
    const url = new URL(text);
    const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
    if (isHttp && url.username === '' && url.password === '') return url;
    faults.push(invalidFormat('ApiEndpoint'));
  }
  return NOWHERE;
}

/** `Authentication.ConnectionArn`, or `InvocationConfig.ConnectionArn` of a private API. */
function connectionOf(parameters: JsonObject, faults: string[]): string | null {
  for (const field of ['Authentication', 'InvocationConfig']) {
    const given = memberOf(parameters, field) ?? null;
    if (given === null) continue;
    const arn = isObject(given) ? memberOf(given, 'ConnectionArn') : undefined;
    if (typeof arn === 'string') return arn;
    faults.push(invalidFormat(field));
  }
  return null;
}

/** Texts, numbers and booleans; a list repeats its name. */
function pairsOf(parameters: JsonObject, field: string, faults: string[]): readonly (readonly [string, string])[] {
  const given = memberOf(parameters, field) ?? null;
  if (given === null) return [];
  if (!isObject(given)) {
    faults.push(invalidFormat(field));
    return [];
  }
  const pairs: [string, string][] = [];
  for (const [name, value] of entriesOf(given)) {
    for (const item of isArray(value) ? value : [value]) {
      if (typeof item === 'string') pairs.push([name, item]);
      else if (isNumber(item) || typeof item === 'boolean') pairs.push([name, writeJson(item)]);
      else if (item !== null) faults.push(invalidFormat(field));
    }
  }
  return pairs;
}

function formOf(parameters: JsonObject, faults: string[]): ArrayFormat | null {
  const transform = memberOf(parameters, 'Transform') ?? null;
  if (transform === null) return null;
  if (!isObject(transform)) {
    faults.push(invalidFormat('Transform'));
    return null;
  }
  const encoding = memberOf(transform, 'RequestBodyEncoding') ?? 'NONE';
  if (encoding !== 'NONE' && encoding !== 'URL_ENCODED') faults.push(invalidFormat('RequestBodyEncoding'));
  const options = memberOf(transform, 'RequestEncodingOptions') ?? null;
  const given = isObject(options ?? undefined) ? memberOf(options as JsonObject, 'ArrayFormat') : undefined;
  const format = FORMATS.find((name) => name === (given ?? 'INDICES'));
  if (format === undefined) faults.push(invalidFormat('ArrayFormat'));
  return encoding === 'URL_ENCODED' ? (format ?? null) : null;
}
