import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer | null;
}

export interface HttpReply {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case, in the order in which they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

export interface ExchangeBounds {
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
}

/** The answer has more bytes than may be. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** One request and its whole answer; redirects are answers. Rejects when none came in time, and when `signal` is aborted. */
export async function exchange(request: HttpRequest, bounds: ExchangeBounds, signal: AbortSignal): Promise<HttpReply> {
  const deadline = AbortSignal.timeout(bounds.timeoutMs);
  try {
    const response = await send(request, AbortSignal.any([signal, deadline]));
    return {
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? '',
      headers: headersOf(response),
      body: await bodyOf(response, bounds.answerBytesMax),
    };
  } catch (fault) {
    if (deadline.aborted) throw new Error(`No answer came within ${bounds.timeoutMs / 1000} seconds.`);
    throw fault;
  }
}

function send({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    // No agent: a kept connection that the other side closes would look like a failure of this request.
    const request = open(url, { method, signal, agent: false }, resolve);
    for (const [name, values] of grouped(headers))
      request.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
    if (body !== null) request.setHeader('content-length', Buffer.byteLength(body));
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

function grouped(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return groups;
}

function headersOf({ rawHeaders }: IncomingMessage): ReadonlyMap<string, readonly string[]> {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? '']);
  }
  return grouped(pairs);
}

async function bodyOf(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length; // no encoding is set
    if (bytes > bytesMax) {
      response.destroy();
      throw new AnswerTooLarge(`Expected an answer of at most ${bytesMax} bytes, but it has more.`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks, bytes);
}
