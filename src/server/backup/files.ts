import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { BACKUP_CHUNK_BYTES, BACKUP_LINE_BYTES_MAX, BACKUP_SPARE_BYTES } from '../../limits/services.js';
import { BackupRefused } from './refused.js';

// Everything here blocks: it runs on a thread of its own, or in a process that does nothing else.

/** Paths with `/` of every file below `folder` that `isWanted`, in a fixed order: name by name, folders in their place. */
export function* filesBelow(folder: string, isWanted: (path: string) => boolean, path = ''): Generator<string> {
  for (const entry of entriesOf(folder)) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (!isWanted(below)) continue;
    if (entry.isDirectory()) yield* filesBelow(`${folder}/${entry.name}`, isWanted, below);
    else if (entry.isFile()) yield below;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return []; // deleted meanwhile
    throw fault;
  }
}

/** The order of `filesBelow`. */
export function comparePaths(left: string, right: string): number {
  const lefts = left.split('/');
  const rights = right.split('/');
  for (let index = 0; ; index++) {
    const [a, b] = [lefts[index], rights[index]];
    if (a === b) {
      if (a === undefined) return 0;
      continue;
    }
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    return a < b ? -1 : 1;
  }
}

export interface Checked {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size and checksum of a file's contents; `sync` also waits until they are on the disk. */
export function check(path: string, options: { readonly sync: boolean } = { sync: false }): Checked {
  const handle = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(BACKUP_CHUNK_BYTES);
    let bytes = 0;
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
    if (options.sync) fsyncSync(handle);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(handle);
  }
}

/** Whether a link was made; a copy where the disk has none. Throws when the source is gone. */
export function linkOrCopy(from: string, to: string): 'linked' | 'copied' {
  try {
    linkSync(from, to);
    return 'linked';
  } catch (fault) {
    if (!NO_LINKS.has(codeOf(fault))) throw fault;
    copy(from, to);
    return 'copied';
  }
}

const NO_LINKS = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EACCES']);

/** Shares the blocks where the file system can. */
export function copy(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
}

export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Names of new files are on the disk only when their folders are. */
export function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(`${folder}/${entry.name}`);
  }
  syncFile(folder);
}

/** A file that is on the disk when this returns. */
export function writeDurably(path: string, text: string): void {
  const handle = openSync(path, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function* linesOf(path: string): Generator<string> {
  const handle = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(BACKUP_CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield rest.toString('utf8', start, end);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > BACKUP_LINE_BYTES_MAX)
        throw new BackupRefused(`Expected lines in '${path}', but one is longer than ${BACKUP_LINE_BYTES_MAX} bytes.`);
    }
  } finally {
    closeSync(handle);
  }
}

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** `name`, or with a number where two things of one second have the same. */
export function freeName(folder: string, name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(`${folder}/${free}`)) return free;
  }
}

export function removeAll(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Throws BackupRefused when the disk has no room for `bytes` more. */
export function assertRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes + BACKUP_SPARE_BYTES) return;
  throw new BackupRefused(
    `Expected ${megabytes(bytes + BACKUP_SPARE_BYTES)} to be free on the disk of '${folder}', but ${megabytes(free)} are. ` +
      'Make room, or choose a folder on another disk with --folder (treadle up --backup-folder).',
  );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

export const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

export const codeOf = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : '';
