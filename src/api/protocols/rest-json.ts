import { apiError } from '../errors.js';
import type { ApiError } from '../port.js';
import { decodeObject, jsonError } from './aws-json.js';
import type { Codec, Decoded, RawAnswer, RawRequest } from './protocol.js';

/** How one operation of a REST service looks in HTTP. */
export interface RestRoute {
  readonly operation: string;
  readonly method: string;
  /** E.g. `/2015-03-31/functions/{FunctionName}/code`. */
  readonly path: string;
  readonly status: number;
  /** Query parameter → member. */
  readonly query?: Readonly<Record<string, string>>;
  /** The same of those that may be there several times: the member is a list. */
  readonly queryLists?: Readonly<Record<string, string>>;
  /** Request header (lower case) → member. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The member that is the whole body, as text, in both directions; else the body is a JSON object of the members. */
  readonly body?: string;
  /** Member → response header. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** The member that is the response's status. */
  readonly answerStatus?: string;
}

export interface RestMatch {
  readonly route: RestRoute;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Null when no route has this method and path. A slash at the end does not matter. */
export function matchRoute(routes: readonly RestRoute[], method: string, path: string): RestMatch | null {
  const parts = path.replace(/\/+$/, '').split('/');
  for (const route of routes) {
    if (route.method !== method) continue;
    const parameters = matchPath(route.path.split('/'), parts);
    if (parameters !== null) return { route, parameters };
  }
  return null;
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const parameters: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const part = parts[i] ?? '';
    if (expected.startsWith('{')) {
      const text = decodePart(part);
      if (text === null || text === '') return null;
      parameters[expected.slice(1, -1)] = text;
    } else if (expected !== part) return null;
  }
  return parameters;
}

function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** rest-json (Lambda). `match` null: no such operation, said at decode. */
export function restJson(match: RestMatch | null): Codec {
  return {
    protocol: 'rest-json',
    decode: (request: RawRequest): Decoded => {
      if (match === null) {
        const what = `${request.method} ${request.path}`;
        throw apiError('UnknownOperationException', `Treadle does not know the operation behind '${what}'.`);
      }
      return { operation: match.route.operation, input: decodeRest(match, request) };
    },
    encode: (output: unknown): RawAnswer => encodeRest(match?.route, output),
    encodeError: (error: ApiError): RawAnswer => {
      // Lambda's exceptions say who is at fault, and clients' retry rules look at it.
      const type = error.status < 500 ? 'User' : 'Service';
      const { code, message, status, members } = error;
      return jsonError({ code, message, status, members: { Type: type, ...members } }, JSON_HEADERS);
    },
  };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

function decodeRest({ route, parameters }: RestMatch, request: RawRequest): Record<string, unknown> {
  // Spread, since Object.assign would take a member `__proto__` for the object's prototype.
  const members: Record<string, unknown> = route.body === undefined ? { ...decodeObject(request.body) } : {};
  if (route.body !== undefined && request.body.length > 0) members[route.body] = request.body.toString();
  const query = new URLSearchParams(request.query);
  for (const [name, member] of Object.entries(route.query ?? {})) {
    const value = query.get(name);
    if (value !== null) members[member] = value;
  }
  for (const [name, member] of Object.entries(route.queryLists ?? {})) members[member] = query.getAll(name);
  for (const [name, member] of Object.entries(route.headers ?? {})) {
    const value = request.headers[name];
    if (typeof value === 'string') members[member] = value;
  }
  return Object.assign(members, parameters);
}

function encodeRest(route: RestRoute | undefined, output: unknown): RawAnswer {
  // Checked border: an action's output is an object of members or undefined (api/port.ts).
  const members = { ...(output as Record<string, unknown> | undefined) };
  const headers: Record<string, string> = { ...JSON_HEADERS };
  const take = (member: string): unknown => {
    const value = members[member];
    delete members[member];
    return value;
  };
  for (const [member, name] of Object.entries(route?.answerHeaders ?? {})) {
    const value = take(member);
    if (value !== undefined) headers[name] = String(value);
  }
  const status = route?.answerStatus === undefined ? undefined : take(route.answerStatus);
  const body = route?.body === undefined ? restBody(output, members) : String(take(route.body) ?? '');
  return { status: typeof status === 'number' ? status : (route?.status ?? 200), headers, body };
}

const restBody = (output: unknown, members: Record<string, unknown>): string =>
  output === undefined ? '' : JSON.stringify(members);
