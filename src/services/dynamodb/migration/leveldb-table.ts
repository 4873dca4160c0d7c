import { ByteCursor } from './byte-cursor.js';
import { unpackSnappy } from './snappy.js';

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
const PLAIN = 0;
const SNAPPY = 1;

export interface TableEntry {
  /** The key as written, then eight bytes: sequence and kind. */
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The entries of a sorted table, `.ldb`. */
export function* tableEntries(file: Buffer): Generator<TableEntry> {
  const footer = file.subarray(file.length - FOOTER_BYTES);
  if (footer.length < FOOTER_BYTES || footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) {
    throw new RangeError('Expected a LevelDB table, but its end is another.');
  }
  const cursor = new ByteCursor(footer);
  readHandle(cursor); // of the block about the others
  for (const { value } of blockEntries(readBlock(file, readHandle(cursor)))) {
    yield* blockEntries(readBlock(file, readHandle(new ByteCursor(value))));
  }
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

const readHandle = (cursor: ByteCursor): Handle => ({ offset: cursor.varint(), size: cursor.varint() });

function readBlock(file: Buffer, { offset, size }: Handle): Buffer {
  const block = file.subarray(offset, offset + size);
  const packing = file[offset + size];
  if (block.length < size) throw new RangeError('Expected a block within the file.');
  if (packing === PLAIN) return block;
  if (packing === SNAPPY) return unpackSnappy(block);
  throw new RangeError(`Expected a block as it is or packed by Snappy, but its packing is number ${packing}.`);
}

/** Keys share their beginnings with the key before. */
function* blockEntries(block: Buffer): Generator<TableEntry> {
  const restarts = block.readUInt32LE(block.length - 4);
  const cursor = new ByteCursor(block.subarray(0, block.length - 4 - restarts * 4));
  let before = Buffer.alloc(0);
  while (!cursor.isAtEnd) {
    const shared = cursor.varint();
    const added = cursor.varint();
    const length = cursor.varint();
    const key = Buffer.concat([before.subarray(0, shared), cursor.take(added)]);
    yield { key, value: cursor.take(length) };
    before = key;
  }
}
