import type { IncomingMessage } from 'node:http';

/** A request to the front door, read as a whole. */
export interface FrontRequest {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Behind the address and still with the stage; percent-encoded, begins with `/`. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
  /** Names in lower case; values of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** In the order and spelling in which they came. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly host: string;
  /** Under `/_http/`, and not under a host of its own. */
  readonly isByPath: boolean;
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface FrontAnswer {
  readonly status: number;
  /** A header may come several times. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): FrontAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** What API Gateway says when something is wrong: `{"message":"Not Found"}`. */
export const messageAnswer = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): FrontAnswer => jsonAnswer(status, { message }, headers);

/** Which address a request means, before anything of it is looked up. */
export interface NamedAddress {
  /** An id, or what people call it. */
  readonly name: string;
  readonly path: string;
  readonly query: string;
  readonly isByPath: boolean;
}

const PREFIX = '/_http/';
const HOST = /^([a-z0-9]+)\.(?:execute-api|lambda-url)\.[a-z0-9-]+\./;

/** `/_http/<name>/…`, or `<id>.execute-api.<region>.…` and `<id>.lambda-url.<region>.…` in the Host header; else null. */
export function namedAddress(host: string | undefined, url: string): NamedAddress | null {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const hosted = HOST.exec((host ?? '').toLowerCase());
  if (hosted !== null)
    return { name: hosted[1] ?? '', path: path.startsWith('/') ? path : '/', query, isByPath: false };
  if (!path.startsWith(PREFIX)) return null;
  const slash = path.indexOf('/', PREFIX.length);
  const name = path.slice(PREFIX.length, slash < 0 ? undefined : slash);
  return { name: decoded(name), path: slash < 0 ? '/' : path.slice(slash), query, isByPath: true };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function headersOf(request: IncomingMessage): Pick<FrontRequest, 'headers' | 'rawHeaders'> {
  const rawHeaders: (readonly [string, string])[] = [];
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    const value = request.rawHeaders[at + 1] ?? '';
    rawHeaders.push([name, value]);
    const lower = name.toLowerCase();
    const separator = lower === 'cookie' ? '; ' : ',';
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}${separator}${value}`;
  }
  return { headers, rawHeaders };
}

/** `name=value` pairs, decoded, in order. */
export const queryPairs = (query: string): readonly (readonly [string, string])[] => [...new URLSearchParams(query)];
