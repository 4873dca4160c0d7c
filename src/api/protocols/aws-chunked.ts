import { CHUNK_LINE_BYTES_MAX, CHUNK_TRAILER_BYTES_MAX } from '../../limits/services.js';

/** The framing is not what AWS prescribes (`malformed`), or the body ends within it (`truncated`). */
export class ChunkFault extends Error {
  override readonly name = 'ChunkFault';
  constructor(
    readonly kind: 'malformed' | 'malformedTrailer' | 'truncated',
    message: string,
  ) {
    super(message);
  }
}

type State =
  | { readonly type: 'size' }
  | { readonly type: 'data'; left: number }
  | { readonly type: 'dataEnd' }
  | { readonly type: 'trailer' }
  | { readonly type: 'end' };

const LF = 0x0a;
const CR = 0x0d;
const SIZE = /^([0-9a-fA-F]{1,13})(?:;[^;]*)*$/;

/**
 * Takes the framing `aws-chunked` off a body, in pieces of any size: `size[;chunk-signature=…]`, the bytes, and after the chunk of size 0
 * the trailers. Signatures are not looked at, since any credentials are accepted. Memory is bounded by one line.
 */
export class ChunkDecoder {
  /** Lower-case names; complete when `end` has returned. */
  readonly trailers = new Map<string, string>();
  #state: State = { type: 'size' };
  #line: Buffer = EMPTY;
  #trailerBytes = 0;

  /** The data in these bytes, as parts of them. Throws ChunkFault. */
  *decode(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const state = this.#state;
      if (state.type === 'data') {
        const data = bytes.subarray(at, at + state.left);
        at += data.length;
        state.left -= data.length;
        if (state.left === 0) this.#state = { type: 'dataEnd' };
        yield data;
      } else {
        const end = bytes.indexOf(LF, at);
        this.#addToLine(bytes.subarray(at, end < 0 ? bytes.length : end));
        if (end < 0) return;
        at = end + 1;
        this.#endOfLine();
      }
    }
  }

  /** To be called when there are no more bytes. Throws ChunkFault where more should have come. */
  end(): void {
    // The empty line behind the trailers is left out by some clients.
    const isOver = this.#state.type === 'end' || (this.#state.type === 'trailer' && this.#line.length === 0);
    if (!isOver)
      throw new ChunkFault('truncated', 'Expected the body to end with a chunk of size 0, but it ends before.');
  }

  #addToLine(bytes: Uint8Array): void {
    if (this.#line.length + bytes.length > CHUNK_LINE_BYTES_MAX) {
      throw new ChunkFault('malformed', `Expected lines of at most ${CHUNK_LINE_BYTES_MAX} bytes between the chunks.`);
    }
    this.#line = this.#line.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#line, bytes]);
  }

  #endOfLine(): void {
    const line = this.#line;
    this.#line = EMPTY;
    const text = line.toString('latin1', 0, line.at(-1) === CR ? line.length - 1 : line.length);
    switch (this.#state.type) {
      case 'size':
        this.#state = afterSize(text);
        return;
      case 'dataEnd':
        if (text !== '') throw new ChunkFault('malformed', 'Expected a line break behind the bytes of a chunk.');
        this.#state = { type: 'size' };
        return;
      case 'trailer':
        this.#addTrailer(text);
        return;
      case 'end':
        if (text !== '') throw new ChunkFault('malformed', 'Expected nothing behind the last chunk.');
        return;
      default:
        throw new Error('Expected to be between chunks.');
    }
  }

  #addTrailer(text: string): void {
    if (text === '') {
      this.#state = { type: 'end' };
      return;
    }
    this.#trailerBytes += text.length;
    const colon = text.indexOf(':');
    if (colon < 1 || this.#trailerBytes > CHUNK_TRAILER_BYTES_MAX) {
      throw new ChunkFault('malformedTrailer', `Expected a trailer 'name:value', but it is '${text.slice(0, 100)}'.`);
    }
    this.trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
  }
}

const EMPTY = Buffer.alloc(0);

function afterSize(text: string): State {
  const size = SIZE.exec(text)?.[1];
  if (size === undefined) {
    throw new ChunkFault('malformed', `Expected a chunk's size in hexadecimal, but it is '${text.slice(0, 100)}'.`);
  }
  const left = Number.parseInt(size, 16);
  return left === 0 ? { type: 'trailer' } : { type: 'data', left };
}

/** The data of an `aws-chunked` body. Throws ChunkFault. */
export async function* decodeChunks(
  body: AsyncIterable<Uint8Array>,
  decoder: ChunkDecoder,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) yield* decoder.decode(bytes);
  decoder.end();
}
