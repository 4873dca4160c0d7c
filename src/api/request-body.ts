import type { IncomingMessage } from 'node:http';

/** The whole body, or `tooLarge` when it has more than `bytesMax`: then what came is thrown away, and the rest is drained. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'tooLarge' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else {
        chunks.length = 0;
        if (bytes > bytesMax * DRAINED_FACTOR_MAX) request.destroy();
      }
    });
    request.on('end', () => resolve(bytes > bytesMax ? 'tooLarge' : joined(chunks, bytes)));
    request.on('close', () => resolve('aborted')); // after `end` this does nothing
  });
}

/** How far beyond the limit a body is read (and thrown away), so that its sender gets to see the answer. */
const DRAINED_FACTOR_MAX = 2;

const EMPTY = Buffer.alloc(0);

function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks;
  if (first === undefined) return EMPTY;
  return chunks.length === 1 ? first : Buffer.concat(chunks, bytes);
}
