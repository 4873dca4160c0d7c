import { ByteCursor } from './byte-cursor.js';

const LITERAL = 0;
/** More than LevelDB puts into one block, which is 4 kB and one record of at most 400 kB. */
const BYTES_MAX = 64 * 1024 * 1024;

/** Snappy's format: literals, and copies of what came before; https://github.com/google/snappy/blob/main/format_description.txt. */
export function unpackSnappy(packed: Buffer): Buffer {
  const cursor = new ByteCursor(packed);
  const length = cursor.varint();
  if (length > BYTES_MAX)
    throw new RangeError(`Expected a block of at most ${BYTES_MAX} bytes, but it says ${length}.`);
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (!cursor.isAtEnd) {
    const tag = cursor.byte();
    if ((tag & 3) === LITERAL) {
      const literal = cursor.take(literalLength(tag >> 2, cursor));
      at += literal.copy(bytes, at);
      continue;
    }
    const { size, offset } = copyOf(tag, cursor);
    if (offset === 0 || offset > at || at + size > length) throw new RangeError('Expected a copy within the block.');
    for (let index = 0; index < size; index++, at++) bytes[at] = bytes[at - offset] ?? 0; // it may reach into itself
  }
  if (at !== length) throw new RangeError(`Expected a block of ${length} bytes, but there are ${at}.`);
  return bytes;
}

function literalLength(code: number, cursor: ByteCursor): number {
  if (code < 60) return code + 1;
  return cursor.take(code - 59).readUIntLE(0, code - 59) + 1;
}

function copyOf(tag: number, cursor: ByteCursor): { readonly size: number; readonly offset: number } {
  switch (tag & 3) {
    case 1:
      return { size: ((tag >> 2) & 7) + 4, offset: ((tag >> 5) << 8) | cursor.byte() };
    case 2:
      return { size: (tag >> 2) + 1, offset: cursor.take(2).readUInt16LE(0) };
    default:
      return { size: (tag >> 2) + 1, offset: cursor.take(4).readUInt32LE(0) };
  }
}
