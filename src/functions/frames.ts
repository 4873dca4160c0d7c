/**
 * Frames between the server and a function's process, on one socket in both directions:
 * u32 length of header and body together, u32 length of the header (both little-endian), header (JSON), body (raw text).
 */
export interface Frame {
  readonly header: string;
  readonly body: string;
}

const PREFIX_BYTES = 8;

export function encodeFrame(frame: Frame): Buffer {
  const headerBytes = Buffer.byteLength(frame.header);
  const bytes = headerBytes + Buffer.byteLength(frame.body);
  const buffer = Buffer.allocUnsafe(PREFIX_BYTES + bytes);
  buffer.writeUInt32LE(bytes, 0);
  buffer.writeUInt32LE(headerBytes, 4);
  buffer.write(frame.header, PREFIX_BYTES);
  buffer.write(frame.body, PREFIX_BYTES + headerBytes);
  return buffer;
}

/** Collects chunks into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes of the frame that is being collected; 0 before its prefix is there. */
  #wanted = 0;

  constructor(readonly frameBytesMax: number) {}

  /** The frames that are complete with this chunk. Throws when the other side does not speak frames. */
  take(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | null {
    if (this.#bytes < PREFIX_BYTES) return null;
    if (this.#wanted === 0) {
      const bytes = this.#joined().readUInt32LE(0);
      if (bytes > this.frameBytesMax) {
        throw new Error(`Expected a frame of at most ${this.frameBytesMax} bytes, but got one of ${bytes}.`);
      }
      this.#wanted = PREFIX_BYTES + bytes;
    }
    if (this.#bytes < this.#wanted) return null;
    const all = this.#joined();
    const headerEnd = PREFIX_BYTES + all.readUInt32LE(4);
    if (headerEnd > this.#wanted) throw new Error('Expected a frame, but its header is longer than the frame.');
    const frame = {
      header: all.toString('utf8', PREFIX_BYTES, headerEnd),
      body: all.toString('utf8', headerEnd, this.#wanted),
    };
    const rest = all.subarray(this.#wanted);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#wanted = 0;
    return frame;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const all = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [all];
    return all;
  }
}
