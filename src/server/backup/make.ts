import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copySqliteStore, STORE_FILES } from '../../store/sqlite/copy.js';
import {
  assertRoom,
  bytesOf,
  type Checked,
  check,
  codeOf,
  comparePaths,
  copy,
  filesBelow,
  freeName,
  linesOf,
  linkOrCopy,
  makeFolder,
  removeAll,
  syncFile,
  syncFolders,
  writeDurably,
} from './files.js';
import { DATABASE, FILE_LIST, MANIFEST, PARTIAL, timeName, treatmentOf } from './layout.js';
import {
  BACKUP_FORMAT,
  type Backup,
  backupsIn,
  fileLineOf,
  type ListedFile,
  namesIn,
  readFileLine,
} from './manifest.js';

export interface BackupRequest {
  /** Absolute paths. */
  readonly dataFolder: string;
  readonly backupFolder: string;
  readonly kind: 'manual' | 'scheduled';
  readonly version: string;
  readonly at: number;
}

/**
 * Copies a data folder while a server works in it, or a stopped one. First the database as of one moment, then the files that it
 * names: these are written before they are named, and whoever calls sees to it that none is deleted meanwhile. The manifest comes last
 * and the folder gets its name after that, so a backup that was not finished is never taken for one. Blocks until it is on the disk.
 */
export function makeBackup(request: BackupRequest): Backup {
  const { dataFolder, backupFolder, at } = request;
  makeFolder(backupFolder);
  const mine = `${PARTIAL}${createHash('sha256').update(dataFolder).digest('hex').slice(0, 8)}-`;
  for (const name of namesIn(backupFolder)) if (name.startsWith(mine)) removeAll(join(backupFolder, name));
  assertRoom(
    backupFolder,
    STORE_FILES.reduce((sum, name) => sum + bytesOf(join(dataFolder, name)), 0),
  );
  const partial = join(backupFolder, `${mine}${timeName(at)}`);
  makeFolder(partial);
  try {
    fill(partial, request);
    const path = join(backupFolder, freeName(backupFolder, timeName(at)));
    renameSync(partial, path);
    syncFile(backupFolder);
    syncFile(dirname(backupFolder));
    const made = backupsIn(backupFolder).find((backup) => backup.path === path);
    if (made === undefined) throw new Error(`Expected the new backup in '${path}', but it is not there.`);
    return made;
  } catch (fault) {
    removeAll(partial);
    throw fault;
  }
}

function fill(partial: string, { dataFolder, backupFolder, kind, version, at }: BackupRequest): void {
  const { storeFormat, ...counts } = copySqliteStore({ folder: dataFolder, file: join(partial, DATABASE) });
  const database = check(join(partial, DATABASE), { sync: true });
  const before = backupsIn(backupFolder).find(({ manifest }) => manifest.source === dataFolder);
  const list = copyFiles({ dataFolder, partial, before: before ?? null });
  syncFolders(partial);
  const manifest = {
    ...{ format: BACKUP_FORMAT, version, storeFormat, kind, source: dataFolder, at, endedAt: Date.now() },
    ...{ database, list, counts },
  };
  writeDurably(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  syncFile(partial);
}

interface Copying {
  readonly dataFolder: string;
  readonly partial: string;
  /** Where checksums of files that never change are known from. */
  readonly before: Backup | null;
}

/** Copies or links every file, and writes the list of them. */
function copyFiles({ dataFolder, partial, before }: Copying): Checked & { files: number; filesBytes: number } {
  const known = new KnownFiles(before);
  const path = join(partial, FILE_LIST);
  const handle = openSync(path, 'wx', 0o600);
  let files = 0;
  let filesBytes = 0;
  try {
    for (const file of filesBelow(dataFolder, (name) => treatmentOf(name) !== 'leave')) {
      const copied = copyOne(file, { dataFolder, partial, known });
      if (copied === null) continue;
      writeSync(handle, fileLineOf(copied));
      files += 1;
      filesBytes += copied.bytes;
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
    known.close();
  }
  return { ...check(path), files, filesBytes };
}

/** Null when the file was deleted meanwhile. */
function copyOne(
  path: string,
  { dataFolder, partial, known }: { dataFolder: string; partial: string; known: KnownFiles },
): ListedFile | null {
  const [from, to] = [join(dataFolder, path), join(partial, path)];
  const isFixed = treatmentOf(path) === 'link';
  const isKnownByName = isFixed && !path.startsWith('mail/');
  makeFolder(dirname(to));
  try {
    const isLinked = isFixed && linkOrCopy(from, to) === 'linked';
    if (!isFixed) copy(from, to);
    const seen = isKnownByName ? known.find(path) : null;
    if (seen !== null && seen.bytes === bytesOf(to)) {
      if (!isLinked) syncFile(to);
      return seen;
    }
    return { path, ...check(to, { sync: !isLinked }) };
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT' && !existsSync(from)) return null;
    throw fault;
  }
}

/** The list of the backup before, read along in the same order: a million files cost no memory. */
class KnownFiles {
  readonly #lines: Generator<string> | null;
  readonly #list: string;
  #current: ListedFile | null = null;

  constructor(before: Backup | null) {
    this.#list = before === null ? '' : join(before.path, FILE_LIST);
    this.#lines = existsSync(this.#list) ? linesOf(this.#list) : null;
    this.#next();
  }

  /** To be asked in the order of the paths. */
  find(path: string): ListedFile | null {
    while (this.#current !== null && comparePaths(this.#current.path, path) < 0) this.#next();
    return this.#current?.path === path ? this.#current : null;
  }

  close(): void {
    this.#lines?.return(undefined);
  }

  #next(): void {
    const line = this.#lines?.next();
    this.#current = line === undefined || line.done === true ? null : readFileLine(line.value, this.#list);
  }
}
