// What a loss of power may do to the folder of a server that was just killed: see docs/decisions/0048-power-losses.md.

import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** What a disk writes as a whole. */
const SECTOR_BYTES = 512;

/** Destroys, by chance, what SQLite had not synced when the process died. */
export function losePower(folder, random) {
  const path = join(folder, 'treadle.db');
  const synced = syncedFrames(`${path}-shm`);
  const lost = { bytesLost: 0, tornPages: 0 };
  if (synced !== null && existsSync(`${path}-wal`)) {
    const log = openSync(`${path}-wal`, 'r+');
    const pages = syncedPages(log, synced);
    lost.tornPages = tearPages(path, pages, { random, pageBytes: synced.pageBytes });
    lost.bytesLost = loseTail(log, pages === null ? 0 : endOf(synced), random);
    closeSync(log);
  }
  rmSync(`${path}-shm`, { force: true }); // it is memory
  return lost;
}

/** From the index of the log, which SQLite changes after it has synced a transaction: how many frames are on the disk for good. */
function syncedFrames(path) {
  if (!existsSync(path) || statSync(path).size < 136) return null;
  const index = readFileSync(path).subarray(0, 48); // in the byte order of the machine
  if (index[12] === 0) return null; // not initialised
  const pageBytes = index.readUInt16LE(14);
  return {
    frames: index.readUInt32LE(16),
    salts: index.subarray(32, 40),
    pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
  };
}

const endOf = ({ frames, pageBytes }) => WAL_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageBytes);

/** Numbers of the pages in the synced frames; null when the log has begun anew, and what it held is in the file. */
function syncedPages(log, { frames, salts, pageBytes }) {
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  if (readSync(log, header, 0, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES || !header.subarray(16, 24).equals(salts))
    return null;
  const pages = new Set();
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  for (let index = 0; index < frames; index++) {
    readSync(log, frame, 0, FRAME_HEADER_BYTES, WAL_HEADER_BYTES + index * (FRAME_HEADER_BYTES + pageBytes));
    pages.add(frame.readUInt32BE(0));
  }
  return pages;
}

/** What lies behind the synced frames is gone, cut off in the middle, or partly written. */
function loseTail(log, from, random) {
  const size = statSync(`/proc/self/fd/${log}`).size;
  const bytes = Math.max(0, size - from);
  if (bytes === 0) return 0;
  const manner = random.below(3);
  if (manner === 0) ftruncateSync(log, from);
  else if (manner === 1) ftruncateSync(log, from + random.below(bytes));
  else {
    for (let at = from; at < size; at += SECTOR_BYTES) {
      if (random.chance(0.5)) writeSync(log, noise(Math.min(SECTOR_BYTES, size - at), random), 0, undefined, at);
    }
  }
  return bytes;
}

/** Pages that a checkpoint may have been writing: the log still has them, so whatever is in the file must not matter. */
function tearPages(path, pages, { random, pageBytes }) {
  if (pages === null) return 0;
  const database = openSync(path, 'r+');
  const size = statSync(path).size;
  let torn = 0;
  for (const page of pages) {
    const at = (page - 1) * pageBytes;
    if (at + pageBytes > size || random.chance(0.7)) continue;
    const from = SECTOR_BYTES * random.below(pageBytes / SECTOR_BYTES);
    writeSync(database, noise(pageBytes - from, random), 0, undefined, at + from);
    torn += 1;
  }
  closeSync(database);
  return torn;
}

function noise(bytes, random) {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) buffer.writeUInt32LE(random.bits(), at);
  return buffer;
}
