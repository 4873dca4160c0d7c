/** Reads numbers and texts of LevelDB's files front to back. Throws RangeError behind the end. */
export class ByteCursor {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new RangeError('Expected more bytes, but the file ends here.');
    this.at += 1;
    return value;
  }

  /** Seven bits a byte, the least first. */
  varint(): number {
    let value = 0;
    for (let shift = 1, at = 0; at < VARINT_BYTES_MAX; at++, shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw new RangeError('Expected a number of at most ten bytes, but it is longer.');
  }

  take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('Expected more bytes, but the file ends here.');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  /** With its length in front. */
  sized(): Buffer {
    return this.take(this.varint());
  }
}

const VARINT_BYTES_MAX = 10;
