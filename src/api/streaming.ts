import type { IncomingMessage, ServerResponse } from 'node:http';
import { OBJECT_DRAINED_BYTES_MAX, OBJECT_IDLE_MS } from '../limits/services.js';
import type { RawAnswer } from './protocols/protocol.js';

/** Whether the client waits for a word before it sends the body. */
export const expectsContinue = (request: IncomingMessage): boolean =>
  request.headers.expect?.toLowerCase() === '100-continue';

/**
 * A request's body as it comes: read no faster than it is taken, and not at all until somebody asks. Who stops in the middle does not
 * close the connection, so that the answer can still be sent. Throws when the client goes away or is silent for too long.
 */
export class RequestBody implements AsyncIterable<Uint8Array> {
  #isBegun = false;

  constructor(
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly idleMs = OBJECT_IDLE_MS,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { request } = this;
    this.#begin();
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer; // no encoding is set
    } finally {
      request.socket.setTimeout(0);
    }
  }

  #begin(): void {
    this.request.setTimeout(this.idleMs, () => this.request.destroy(new Error('The client has stopped sending.')));
    if (!this.#isBegun && expectsContinue(this.request)) this.response.writeContinue();
    this.#isBegun = true;
  }

  /** Nothing of it will come any more, or was ever to come. */
  get isOver(): boolean {
    return this.request.complete || this.request.destroyed;
  }

  /** The client waits, and is told by the answer that it need not send anything. */
  get isUnwanted(): boolean {
    return !this.#isBegun && expectsContinue(this.request);
  }

  /** Reads and forgets the rest, within bounds. A client that is still sending would otherwise not see the answer. */
  async drain(): Promise<void> {
    const { request } = this;
    let bytes = 0;
    this.request.setTimeout(this.idleMs, () => request.destroy());
    await new Promise<void>((resolve) => {
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > OBJECT_DRAINED_BYTES_MAX) resolve();
      });
      request.once('end', resolve);
      request.once('close', resolve);
      request.resume();
    });
    request.pause();
  }
}

/** Sends an answer whose body may be a stream, no faster than the client takes it. Never rejects. */
export async function sendStreamed(
  response: ServerResponse,
  answer: RawAnswer,
  { body, requestId }: { readonly body: RequestBody; readonly requestId: string },
): Promise<void> {
  if (response.destroyed) return closeStream(answer);
  const headers: Record<string, string | number> = {
    ...answer.headers,
    'x-amz-request-id': requestId,
    'x-amzn-RequestId': requestId,
  };
  const hasLength = answer.status !== 204 && answer.status !== 304;
  if (hasLength && headers['content-length'] === undefined) headers['content-length'] = Buffer.byteLength(answer.body);
  if (!body.isOver) headers.connection = 'close';
  try {
    response.writeHead(answer.status, headers);
    if (body.isOver && answer.stream === undefined) return void response.end(answer.body);
    if (answer.stream !== undefined) await sendBody(response, answer.stream);
    else if (answer.body !== '') response.write(answer.body);
    else response.flushHeaders();
    if (!body.isOver && !body.isUnwanted) await body.drain();
    response.end();
  } catch {
    response.destroy(); // the headers are sent: a connection that breaks is all that can be said
  }
}

async function sendBody(response: ServerResponse, stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stream) {
    if (response.destroyed) return;
    if (response.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        response.off('drain', goOn);
        response.off('close', goOn);
        resolve();
      };
      response.on('drain', goOn);
      response.on('close', goOn);
    });
  }
}

/** A stream that nobody will take lets go of what it holds. */
async function closeStream({ stream }: RawAnswer): Promise<void> {
  await stream?.[Symbol.asyncIterator]().return?.();
}
