import { HIGHEST_QUOTAS, HTTP_TASK_MS_MAX } from '../../limits.js';
import {
  isObject,
  type JsonObject,
  type JsonValue,
  objectOf,
  Payload,
  parseJson,
  withMember,
  writeJson,
} from '../../payload/index.js';
import type { Connection, HttpParameter } from '../../services/events/connections.js';
import { AnswerTooLarge, exchange, type HttpReply, type HttpRequest } from '../../services/http-exchange.js';
import type { Clock } from '../../services/ports.js';
import type { Integration, TaskAnswer, TaskCall } from '../port.js';
import { unusableParameters } from '../sdk.js';
import { encodeForm } from './form.js';
import { type HttpTask, readHttpTask } from './http-parameters.js';
import { NoToken, OAuthTokens } from './oauth.js';

/** EventBridge's connections, as far as they are needed here. */
export interface ConnectionFinder {
  /** Null where there is none of this ARN. */
  find(arn: string): Promise<Connection | null>;
}

/**
 * `http:invoke`: calls an HTTP API. Unlike AWS's it takes `http://` and addresses of one's own network, and needs no connection.
 * A repeated performance sends again: the API must know a repeated request.
 */
export function httpInvoke(connections: ConnectionFinder, clock: Clock): Integration {
  const tokens = new OAuthTokens(clock);
  return {
    resource: 'http:invoke',
    perform: async (call, { signal }) => {
      const task = readHttpTask(call.parameters.value);
      if (!('method' in task)) return unusableParameters(call, task);
      const connection = task.connectionArn === null ? null : await connections.find(task.connectionArn);
      if (connection === null && task.connectionArn !== null) {
        return connectionFailure('ResourceNotFound', `Connection ${task.connectionArn} does not exist.`);
      }
      if (connection !== null && connection.authorization === null) {
        return connectionFailure('InvalidConnectionState', `Connection ${connection.arn} is DEAUTHORIZED.`);
      }
      const body = bodyOf(task, connection?.invocation.body ?? []);
      if (body === 'notMergeable') {
        return unusableParameters(call, [
          "The field 'RequestBody' must be an OBJECT, since the connection adds parameters to it",
        ]);
      }
      return invoke({ call, task, body, connection, tokens }, signal);
    },
  };
}

const connectionFailure = (code: string, cause: string): TaskAnswer => ({
  type: 'failed',
  error: `Events.ConnectionResource.${code}`,
  cause,
});

interface Invoked {
  readonly call: TaskCall;
  readonly task: HttpTask;
  readonly body: { readonly text: string; readonly contentType: string } | null;
  readonly connection: Connection | null;
  readonly tokens: OAuthTokens;
}

async function invoke(invoked: Invoked, signal: AbortSignal): Promise<TaskAnswer> {
  const { connection, tokens } = invoked;
  const bounds = { timeoutMs: HTTP_TASK_MS_MAX, answerBytesMax: HIGHEST_QUOTAS.payloadBytesMax };
  try {
    const reply = await exchange(await requestOf(invoked, signal), bounds, signal);
    const isTokenRefused = reply.status === 401 && connection?.authorization?.type === 'OAUTH_CLIENT_CREDENTIALS';
    if (!isTokenRefused) return answerOf(reply);
    // It may have ended before its time: once more, with a new one.
    tokens.forget(connection);
    return answerOf(await exchange(await requestOf(invoked, signal), bounds, signal));
  } catch (fault) {
    if (fault instanceof NoToken) return connectionFailure('InvalidConnectionState', fault.message);
    if (fault instanceof AnswerTooLarge)
      return { type: 'failed', error: 'States.DataLimitExceeded', cause: fault.message };
    return {
      type: 'failed',
      error: 'States.Http.Socket',
      cause: fault instanceof Error ? fault.message : String(fault),
    };
  }
}

/** The connection's parameters win over the Task's. Throws NoToken. */
async function requestOf({ call, task, body, connection, tokens }: Invoked, signal: AbortSignal): Promise<HttpRequest> {
  const url = new URL(task.endpoint);
  const added = connection?.invocation;
  for (const [name, value] of overlaid(task.query, added?.query ?? [], false)) url.searchParams.append(name, value);
  for (const { key, value } of added?.query ?? []) url.searchParams.set(key, value);
  const own: [string, string][] = [
    ['user-agent', `Amazon|StepFunctions|HttpInvoke|${call.region}`],
    ['range', 'bytes=0-262144'],
  ];
  if (body !== null && !task.headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    own.push(['content-type', body.contentType]);
  }
  const headers = [
    ...own,
    ...overlaid(task.headers, added?.headers ?? [], true).map(([name, value]): [string, string] => [
      name.toLowerCase(),
      value,
    ]),
    ...(added?.headers ?? []).map(({ key, value }): [string, string] => [key.toLowerCase(), value]),
  ];
  const credentials = connection === null ? null : await credentialsOf(connection, tokens, signal);
  const others = credentials === null ? headers : headers.filter(([name]) => name !== credentials[0]);
  return {
    method: task.method,
    url,
    headers: credentials === null ? others : [...others, credentials],
    body: body?.text ?? null,
  };
}

/** Without those that the connection gives. */
function overlaid(
  given: readonly (readonly [string, string])[],
  added: readonly HttpParameter[],
  isCaseBlind: boolean,
): readonly (readonly [string, string])[] {
  const fold = (name: string): string => (isCaseBlind ? name.toLowerCase() : name);
  const taken = new Set(added.map(({ key }) => fold(key)));
  return given.filter(([name]) => !taken.has(fold(name)));
}

/** The header that says who calls. Throws NoToken. */
async function credentialsOf(
  connection: Connection,
  tokens: OAuthTokens,
  signal: AbortSignal,
): Promise<[string, string] | null> {
  const { authorization } = connection;
  if (authorization === null) return null;
  switch (authorization.type) {
    case 'BASIC': {
      const pair = `${authorization.username}:${authorization.password}`;
      return ['authorization', `Basic ${Buffer.from(pair).toString('base64')}`];
    }
    case 'API_KEY':
      return [authorization.name.toLowerCase(), authorization.value];
    case 'OAUTH_CLIENT_CREDENTIALS':
      return ['authorization', await tokens.header(connection, authorization, signal)];
    default:
      return authorization satisfies never;
  }
}

function bodyOf(
  { body, form }: HttpTask,
  added: readonly HttpParameter[],
): { readonly text: string; readonly contentType: string } | null | 'notMergeable' {
  if (body === undefined && added.length === 0) return null;
  if (added.length > 0 && body !== undefined && !isObject(body)) return 'notMergeable';
  const whole = isObject(body ?? {}) ? merged((body ?? {}) as JsonObject, added) : (body ?? null);
  if (form !== null && isObject(whole)) {
    return { text: encodeForm(whole, form), contentType: 'application/x-www-form-urlencoded' };
  }
  if (typeof whole === 'string') {
    const contentType = form === null ? 'text/plain; charset=UTF-8' : 'application/x-www-form-urlencoded';
    return { text: whole, contentType };
  }
  return { text: writeJson(whole), contentType: 'application/json' };
}

const merged = (body: JsonObject, added: readonly HttpParameter[]): JsonObject =>
  added.reduce((object, { key, value }) => withMember(object, key, value), body);

/** AWS: answers that are not text are refused. */
const BINARY = /^(?:application\/octet-stream|image\/|video\/|audio\/)/;

function answerOf({ status, statusText, headers, body }: HttpReply): TaskAnswer {
  const contentType = (headers.get('content-type')?.[0] ?? '').toLowerCase();
  if (BINARY.test(contentType)) {
    const cause = `The HTTP response has the content type '${contentType}', which an HTTP Task does not take: only text can be a result.`;
    return { type: 'failed', error: 'States.Runtime', cause };
  }
  const text = body.toString('utf8');
  if (status < 200 || status > 299) {
    return { type: 'failed', error: `States.Http.StatusCode.${status}`, cause: text === '' ? statusText : text };
  }
  const output = objectOf([
    ['Headers', objectOf(headers)],
    ...(text === '' ? [] : [['ResponseBody', readText(text)] as const]),
    ['StatusCode', status],
    ['StatusText', statusText],
  ]);
  return { type: 'succeeded', output: Payload.ofValue(output) };
}

/** JSON where it is JSON, whatever the content type says. */
function readText(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
