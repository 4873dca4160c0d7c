import { FollowerTooSlow } from './follow-buffer.js';

/** One message of a server-sent event stream. */
export interface StreamMessage {
  readonly event: string;
  /** What a client sends back as Last-Event-ID when it connects again. */
  readonly id?: number;
  readonly data: unknown;
}

export interface StreamOptions {
  /** A comment goes out when nothing else did for so long, so that proxies and readers know the stream lives. */
  readonly heartbeatMs: number;
  /** Called once when the stream is over, whoever ended it. */
  readonly onClose: () => void;
}

/**
 * Answers with the messages as server-sent events. Pulls one message at a time, and only when the client takes it:
 * memory stays bounded however slow the client is. A source's failure becomes a last `error` message.
 */
export function eventStream(messages: AsyncIterable<StreamMessage>, options: StreamOptions): Response {
  const encoder = new TextEncoder();
  const iterator = messages[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<StreamMessage>> | null = null;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // Headers and a first byte leave at once, although the first message may be long in coming.
      controller.enqueue(encoder.encode(': following\n\n'));
    },
    async pull(controller) {
      try {
        pending ??= iterator.next();
        const next = await orHeartbeat(pending, options.heartbeatMs);
        if (next === 'heartbeat') return controller.enqueue(encoder.encode(': heartbeat\n\n'));
        pending = null;
        if (next.done !== true) return controller.enqueue(encoder.encode(encodeMessage(next.value)));
      } catch (error) {
        controller.enqueue(encoder.encode(encodeMessage(failureMessage(error))));
      }
      controller.close();
      options.onClose();
    },
    async cancel() {
      options.onClose();
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}

async function orHeartbeat<Value>(value: Promise<Value>, heartbeatMs: number): Promise<Value | 'heartbeat'> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<'heartbeat'>((resolve) => {
    timer = setTimeout(() => resolve('heartbeat'), heartbeatMs);
    timer.unref();
  });
  try {
    return await Promise.race([value, beat]);
  } finally {
    clearTimeout(timer);
  }
}

/** JSON text has no raw line break, so one `data` line holds it. */
function encodeMessage({ event, id, data }: StreamMessage): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function failureMessage(error: unknown): StreamMessage {
  const message = error instanceof Error ? error.message : String(error);
  return {
    event: 'error',
    data: { error: error instanceof FollowerTooSlow ? error.name : 'InternalFailure', message },
  };
}
