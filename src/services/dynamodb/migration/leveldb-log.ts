const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/**
 * The records of a log (writes not yet in a table, or a manifest): blocks of 32 kB, a record may go over several. What a crash cut
 * off at the end is left out, as LevelDB leaves it out.
 */
export function logRecords(file: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= file.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left; // the rest of a block is padding
      continue;
    }
    const length = file.readUInt16LE(at + 4);
    const type = file[at + 6];
    const end = at + HEADER_BYTES + length;
    if (type === 0 && length === 0) {
      at += left; // prepared space that was not written
      continue;
    }
    if (end > file.length || HEADER_BYTES + length > left) break;
    const part = file.subarray(at + HEADER_BYTES, end);
    if (type === FULL) records.push(part);
    else if (type === FIRST) parts = [part];
    else if (type === MIDDLE) parts.push(part);
    else if (type === LAST) records.push(Buffer.concat([...parts, part]));
    else break;
    at = end;
  }
  return records;
}
