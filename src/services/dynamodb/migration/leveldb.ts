import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteCursor } from './byte-cursor.js';
import { logRecords } from './leveldb-log.js';
import { tableEntries } from './leveldb-table.js';

const DELETED = 0;

/**
 * Reads a LevelDB folder that nobody has open: what its manifest names, and what stands in logs only. All of it is in memory then.
 * Only for tables of older releases; format: https://github.com/google/leveldb/blob/main/doc/impl.md.
 */
export async function readLevelDb(folder: string): Promise<ReadonlyMap<string, string>> {
  const manifest = (await readFile(join(folder, 'CURRENT'), 'utf8')).trim();
  const { tables, log } = liveFiles(await readFile(join(folder, manifest)));
  const names = await readdir(folder);
  const found = new Map<string, Found>();
  for (const number of tables) {
    const name = names.find((candidate) => candidate === `${number}.ldb` || candidate === `${number}.sst`);
    if (name === undefined) throw new RangeError(`Expected the file ${number}.ldb, which the manifest names.`);
    for (const { key, value } of tableEntries(await readFile(join(folder, name)))) noteEntry(found, key, value);
  }
  const logs = names.filter((name) => /^\d+\.log$/.test(name) && Number.parseInt(name, 10) >= log).sort();
  for (const name of logs) {
    for (const record of logRecords(await readFile(join(folder, name)))) noteBatch(found, record);
  }
  const all = new Map<string, string>();
  for (const [key, { value }] of found) if (value !== null) all.set(key, value.toString());
  return all;
}

interface Found {
  readonly sequence: bigint;
  /** Null: deleted. */
  readonly value: Buffer | null;
}

interface LiveFiles {
  /** Numbers as in the files' names. */
  readonly tables: ReadonlySet<string>;
  /** Logs before this number are in tables already. */
  readonly log: number;
}

function liveFiles(manifest: Buffer): LiveFiles {
  const tables = new Set<string>();
  let log = 0;
  for (const record of logRecords(manifest)) {
    const cursor = new ByteCursor(record);
    while (!cursor.isAtEnd) {
      const tag = cursor.varint();
      if (tag === 1)
        cursor.sized(); // name of the order of keys
      else if (tag === 2) log = cursor.varint();
      else if (tag === 3 || tag === 4 || tag === 9) cursor.varint();
      else if (tag === 5) {
        cursor.varint();
        cursor.sized();
      } else if (tag === 6) {
        cursor.varint();
        tables.delete(fileNumber(cursor.varint()));
      } else if (tag === 7) tables.add(newFile(cursor));
      else throw new RangeError(`Expected an entry of a LevelDB manifest, but its number is ${tag}.`);
    }
  }
  return { tables, log };
}

const fileNumber = (number: number): string => String(number).padStart(6, '0');

function newFile(cursor: ByteCursor): string {
  cursor.varint(); // level
  const number = fileNumber(cursor.varint());
  cursor.varint(); // size
  cursor.sized(); // least key
  cursor.sized(); // greatest key
  return number;
}

function noteEntry(found: Map<string, Found>, internalKey: Buffer, value: Buffer): void {
  const end = internalKey.length - 8;
  const mark = internalKey.readBigUInt64LE(end);
  const isDeleted = Number(mark & 255n) === DELETED;
  note(found, internalKey.toString('utf8', 0, end), { sequence: mark >> 8n, value: isDeleted ? null : value });
}

/** The latest write of a key counts. */
function note(found: Map<string, Found>, key: string, entry: Found): void {
  const before = found.get(key);
  if (before === undefined || before.sequence <= entry.sequence) found.set(key, entry);
}

function noteBatch(found: Map<string, Found>, batch: Buffer): void {
  const cursor = new ByteCursor(batch);
  let sequence = cursor.take(8).readBigUInt64LE(0);
  const count = cursor.take(4).readUInt32LE(0);
  for (let index = 0; index < count; index++, sequence++) {
    const isDeleted = cursor.byte() === DELETED;
    const key = cursor.sized().toString();
    note(found, key, { sequence, value: isDeleted ? null : cursor.sized() });
  }
}
