import type { FrontRequest } from './front-request.js';
import { queryPairs } from './front-request.js';

/** What a function is told besides the request itself. */
export interface EventContext {
  readonly account: string;
  readonly apiId: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** `GET /orders/{id}`, `$default`. */
  readonly routeKey: string;
  /** `/orders/{id}`. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The path without the stage. */
  readonly path: string;
  /** What the authorizer found; null: there is none. */
  readonly authorizer: Readonly<Record<string, unknown>> | null;
  readonly apiKey: string | null;
}

/** The event of HTTP APIs and of functions' own addresses (payload format 2.0), as JSON text. */
export function eventV2(request: FrontRequest, context: EventContext): string {
  const { headers, query, method, at } = request;
  const { cookie, ...others } = headers;
  const isText = isTextType(headers['content-type']);
  const { body } = request;
  return JSON.stringify({
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: request.path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/).filter((one) => one !== '') }),
    headers: others,
    ...(query !== '' && { queryStringParameters: joined(queryPairs(query)) }),
    ...(Object.keys(context.parameters).length > 0 && { pathParameters: context.parameters }),
    ...(Object.keys(context.stageVariables).length > 0 && { stageVariables: context.stageVariables }),
    requestContext: {
      accountId: context.account,
      apiId: context.apiId,
      ...(context.authorizer !== null && { authorizer: context.authorizer }),
      domainName: request.host,
      domainPrefix: request.host.split('.')[0],
      http: {
        method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey: context.routeKey,
      stage: context.stage,
      time: clfTime(at),
      timeEpoch: at,
    },
    ...(body.length > 0 && { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  });
}

/** The event of REST APIs (payload format 1.0), as JSON text. `isRest`: bodies are text, header names as they came. */
export function eventV1(
  request: FrontRequest,
  context: EventContext,
  { isRest }: { readonly isRest: boolean },
): string {
  const { body, headers, at, method } = request;
  const isText = isRest || isTextType(headers['content-type']);
  const named = isRest
    ? request.rawHeaders
    : request.rawHeaders.map(([name, value]) => [name.toLowerCase(), value] as const);
  const query = queryPairs(request.query);
  return JSON.stringify({
    ...(!isRest && { version: '1.0' }),
    resource: context.resource,
    path: isRest ? context.path : request.path,
    httpMethod: method,
    headers: Object.fromEntries(named),
    multiValueHeaders: grouped(named),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : grouped(query),
    pathParameters: orNull(context.parameters),
    stageVariables: orNull(context.stageVariables),
    requestContext: {
      accountId: context.account,
      apiId: context.apiId,
      ...(context.authorizer !== null && { authorizer: context.authorizer }),
      domainName: request.host,
      domainPrefix: request.host.split('.')[0],
      extendedRequestId: request.id,
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: context.apiKey,
        caller: null,
        cognitoIdentityId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: headers['user-agent'] ?? null,
        userArn: null,
      },
      path: request.path,
      protocol: 'HTTP/1.1',
      requestId: request.id,
      requestTime: clfTime(at),
      requestTimeEpoch: at,
      resourceId: context.routeKey,
      resourcePath: context.resource,
      stage: context.stage,
    },
    body: body.length === 0 ? null : isText ? body.toString('utf8') : body.toString('base64'),
    isBase64Encoded: body.length > 0 && !isText,
  });
}

const TEXT_TYPE = /^(?:text\/|application\/(?:json|javascript|xml)\b|application\/[^;]+\+(?:json|xml)\b)/i;

/** Other bodies travel as base64. AWS counts forms among them. No type at all is text. */
const isTextType = (type: string | undefined): boolean => type === undefined || TEXT_TYPE.test(type);

/** Values of one name in a row. */
function grouped(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

const joined = (pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(grouped(pairs)).map(([name, values]) => [name, values.join(',')]));

const orNull = (map: Readonly<Record<string, string>>): object | null => (Object.keys(map).length === 0 ? null : map);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000`. */
function clfTime(at: number): string {
  const text = new Date(at).toISOString();
  const month = MONTHS[Number(text.slice(5, 7)) - 1] ?? '';
  return `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`;
}
