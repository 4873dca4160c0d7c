import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { StoreUnavailable } from '../ports.js';
import { type Database, openDatabase } from './sqlite-module.js';

/** In the header of every file that Treadle makes: "Trdl". Older ones have 0 there. */
export const APPLICATION_ID = 0x5472646c;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const PAGE_BYTES_MAX = 65_536;

/**
 * Throws StoreUnavailable for a file that is no store of this version, or not whole. Nothing is changed, whatever it is: a file that is
 * refused is as it was.
 */
export function checkFile(path: string, format: number): void {
  if (!existsSync(path) || statSync(path).size === 0) return; // a new one
  const header = readHeader(path);
  checkHeader(path, header, format);
  checkTables(path, format);
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(Math.min(HEADER_BYTES, fstatSync(file).size));
    readSync(file, header, 0, header.length, 0);
    return header;
  } finally {
    closeSync(file);
  }
}

function checkHeader(path: string, header: Buffer, format: number): void {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC) {
    throw damaged(path, 'it does not begin as one');
  }
  const applicationId = header.readUInt32BE(68);
  const userVersion = header.readUInt32BE(60);
  if (applicationId !== 0 && applicationId !== APPLICATION_ID) throw foreign(path);
  if (applicationId === APPLICATION_ID && userVersion !== format)
    throw otherFormat(path, { format, found: userVersion });
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (log > 0) return; // what is missing may be in the log
  const pageBytes = header.readUInt16BE(16) === 1 ? PAGE_BYTES_MAX : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  const { size } = statSync(path);
  if (size < pages * pageBytes) throw damaged(path, `it has ${size} of ${pages * pageBytes} bytes`);
}

/** Reads beside nobody: the log and its index, which a reader makes where they are missing, are taken away again. */
function checkTables(path: string, format: number): void {
  const made = ['-wal', '-shm'].map((suffix) => path + suffix).filter((file) => !existsSync(file));
  let database: Database | null = null;
  try {
    database = openDatabase(path, { readOnly: true, timeout: 5000 });
    const tables = database.prepare<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (tables.length === 0) return; // made, and killed before it had tables
    const names = new Set(tables.map(({ name }) => name));
    if (!names.has('meta') || !names.has('segment')) throw foreign(path);
    const found = database.prepare<{ value: number }>("SELECT value FROM meta WHERE name = 'format'").get()?.value;
    if (found === undefined) throw foreign(path);
    if (found !== format) throw otherFormat(path, { format, found });
  } finally {
    database?.close();
    for (const file of made) rmSync(file, { force: true });
  }
}

const damaged = (path: string, why: string): StoreUnavailable =>
  new StoreUnavailable(
    `Expected '${path}' to be a Treadle store, but its file is damaged: ${why}. It was not touched. ` +
      'Restore a backup (treadle restore), or choose another data folder.',
  );

const foreign = (path: string): StoreUnavailable =>
  new StoreUnavailable(
    `Expected '${path}' to be a Treadle store, but it is another SQLite database. It was not touched. Choose another data folder.`,
  );

const otherFormat = (path: string, { format, found }: { readonly format: number; readonly found: number }) =>
  new StoreUnavailable(
    `Expected '${path}' to have store format ${format}, but it has ${found}: another version of Treadle wrote it. It was not touched. ` +
      'Start that version, or choose another data folder.',
  );
