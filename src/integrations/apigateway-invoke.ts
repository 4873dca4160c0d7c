import { HTTP_INTEGRATION_MS_MAX } from '../limits/services.js';
import { HIGHEST_QUOTAS } from '../limits.js';
import {
  entriesOf,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  objectOf,
  Payload,
  parseJson,
  writeJson,
} from '../payload/index.js';
import { signed } from '../services/aws-signature.js';
import { AnswerTooLarge, exchange, type HttpReply, type HttpRequest } from '../services/http-exchange.js';
import type { Clock } from '../services/ports.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, foreignFields, unusableParameters } from './sdk.js';

const FIELDS = new Set([
  'AllowNullValues',
  'ApiEndpoint',
  'AuthType',
  'Headers',
  'Method',
  'Path',
  'QueryParameters',
  'RequestBody',
  'Stage',
]);
const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
/** The keys that functions and clients here have. */
const KEYS = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: null } as const;

/** `apigateway:invoke`: calls an API of this server's front door. A repeated performance sends again. */
export function apiGatewayInvoke(endpointUrl: () => string, clock: Clock): Integration {
  return {
    resource: 'apigateway:invoke',
    perform: async (call, { signal }) => {
      const { value } = call.parameters;
      const parameters = isObject(value) ? value : {};
      const faults = faultsOf(parameters);
      if (faults.length > 0) return unusableParameters(call, faults);
      const url = urlOf(parameters, endpointUrl());
      if (url === null) {
        const message = "The value of the field 'ApiEndpoint' must be the host of an API that is served here";
        return unusableParameters(call, [message]);
      }
      return send(requestOf(parameters, url, { region: call.region, at: clock.now() }), call, signal);
    },
  };
}

function faultsOf(parameters: JsonObject): readonly string[] {
  const faults = [
    ...foreignFields(
      entriesOf(parameters).map(([name]) => name),
      FIELDS,
    ),
  ];
  for (const name of ['ApiEndpoint', 'Method']) {
    if (textIn(parameters, name) === null) faults.push(`The field '${name}' is required but was missing`);
  }
  if (!METHODS.has(textIn(parameters, 'Method') ?? 'GET'))
    faults.push("The value of the field 'Method' has an invalid format");
  for (const name of ['Headers', 'QueryParameters']) {
    const given = memberOf(parameters, name);
    if (given !== undefined && !isLists(given)) faults.push(`The value of the field '${name}' has an invalid format`);
  }
  return faults;
}

const textIn = (parameters: JsonObject, name: string): string | null => {
  const value = memberOf(parameters, name);
  return typeof value === 'string' ? value : null;
};

const isLists = (value: JsonValue): value is JsonObject =>
  isObject(value) && entriesOf(value).every(([, list]) => isArray(list));

const HOST = /^(?:https?:\/\/)?([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.(?:amazonaws\.com|localhost(?::\d+)?)$/;
const SERVED = /^https?:\/\/[^/]+\/_http\/([^/]+)$/;

/** Null for an endpoint that is not of this server. */
function urlOf(parameters: JsonObject, endpointUrl: string): URL | null {
  const endpoint = textIn(parameters, 'ApiEndpoint') ?? '';
  const id = HOST.exec(endpoint)?.[1] ?? SERVED.exec(endpoint)?.[1];
  if (id === undefined) return null;
  const parts = [textIn(parameters, 'Stage'), textIn(parameters, 'Path')].flatMap((part) =>
    part === null || part === '' || part === '$default' ? [] : [part.replace(/^\//, '')],
  );
  const url = new URL([`${endpointUrl}/_http/${id}`, ...parts].join('/'));
  for (const [name, list] of listsIn(parameters, 'QueryParameters')) url.searchParams.append(name, list);
  return url;
}

function listsIn(parameters: JsonObject, name: string): readonly (readonly [string, string])[] {
  const given = memberOf(parameters, name);
  if (given === undefined || !isLists(given)) return [];
  return entriesOf(given).flatMap(([key, list]) =>
    (isArray(list) ? list : []).map((item) => [key, typeof item === 'string' ? item : writeJson(item)] as const),
  );
}

function requestOf(
  parameters: JsonObject,
  url: URL,
  { region, at }: { readonly region: string; readonly at: number },
): HttpRequest {
  const method = textIn(parameters, 'Method') ?? 'GET';
  const given = memberOf(parameters, 'RequestBody');
  // Also a text travels as JSON.
  const body = given === undefined || given === null ? null : writeJson(given);
  const headers = listsIn(parameters, 'Headers').map(([name, value]) => [name.toLowerCase(), value] as const);
  const hasType = body === null || headers.some(([name]) => name === 'content-type');
  const own: (readonly [string, string])[] = [['user-agent', `Amazon|StepFunctions|${region}`]];
  if (!hasType) own.push(['content-type', 'application/json']);
  const all = [...own, ...headers];
  if (textIn(parameters, 'AuthType') !== 'IAM_ROLE') return { method, url, headers: all, body };
  const request = {
    method,
    path: url.pathname,
    query: [...url.searchParams],
    headers: { host: url.host },
    body: Buffer.from(body ?? ''),
  };
  const { host: _, ...signature } = signed(request, KEYS, { region, service: 'execute-api', at });
  return { method, url, headers: [...all, ...Object.entries(signature)], body };
}

async function send(request: HttpRequest, call: TaskCall, signal: AbortSignal): Promise<TaskAnswer> {
  const bounds = { timeoutMs: HTTP_INTEGRATION_MS_MAX + 5000, answerBytesMax: HIGHEST_QUOTAS.payloadBytesMax };
  try {
    return answerOf(call, await exchange(request, bounds, signal));
  } catch (fault) {
    const cause = fault instanceof Error ? fault.message : String(fault);
    const error = fault instanceof AnswerTooLarge ? 'States.DataLimitExceeded' : 'ApiGateway.ConnectionError';
    return { type: 'failed', error, cause };
  }
}

function answerOf(call: TaskCall, { status, statusText, headers, body }: HttpReply): TaskAnswer {
  const text = body.toString('utf8');
  if (status < 200 || status > 299) {
    return { type: 'failed', error: `ApiGateway.${status}`, cause: text === '' ? statusText : text };
  }
  const shown = [...headers].map(([name, values]) => [headerName(name), values] as const);
  const output = objectOf([
    ['Headers', objectOf(shown)],
    ['ResponseBody', readText(text)],
    ['StatusCode', status],
    ['StatusText', statusText],
  ]);
  return answered(call, Payload.ofValue(output));
}

/** As API Gateway writes them. */
const headerName = (name: string): string =>
  name === 'x-amzn-requestid'
    ? 'x-amzn-RequestId'
    : name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

function readText(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
