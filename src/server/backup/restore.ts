import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { lockFolder } from '../../store/sqlite/folder-lock.js';
import { STORE_FORMAT } from '../../store/sqlite/schema.js';
import {
  assertRoom,
  check,
  codeOf,
  copy,
  freeName,
  linesOf,
  linkOrCopy,
  makeFolder,
  removeAll,
  syncFile,
  syncFolders,
  writeDurably,
} from './files.js';
import { ASIDE, DATABASE, FILE_LIST, isOfThePlace, RESTORE_PLAN, RESTORING, timeName, treatmentOf } from './layout.js';
import { type Backup, namesIn, readFileLine } from './manifest.js';
import { BackupRefused } from './refused.js';

export interface RestoreRequest {
  readonly backup: Backup;
  /** Absolute path. No server may have it open. */
  readonly dataFolder: string;
  /** What is in the data folder is put aside, in a folder within; without it only an empty one is taken. */
  readonly replaces: boolean;
  readonly now: number;
}

export interface Restored {
  /** Where the earlier contents lie now; null when there were none. */
  readonly aside: string | null;
}

/**
 * Puts a whole backup into a data folder, after its checksums were compared. Everything is written beside what is there; then one file
 * decides, and only names change after it. A process that is killed before leaves the data as it was; after it, the next start of a
 * server, or the next restore, carries on. Throws BackupRefused, StoreInUse.
 */
export function restoreBackup({ backup, dataFolder, replaces, now }: RestoreRequest): Restored {
  verifyBackup(backup);
  makeFolder(dataFolder);
  const lock = lockFolder(dataFolder);
  try {
    tidy(dataFolder);
    const old = namesIn(dataFolder).filter((name) => !isOfThePlace(name));
    if (old.length > 0 && !replaces)
      throw new BackupRefused(
        `Expected an empty data folder, but '${dataFolder}' has ${old.slice(0, 3).join(', ')}${old.length > 3 ? ', …' : ''}. ` +
          'Choose another with --data, or put what is there aside with --replace.',
      );
    const restoring = `${RESTORING}${timeName(now)}`;
    fill(join(dataFolder, restoring), backup);
    const plan: RestorePlan = { restoring, aside: freeName(dataFolder, `${ASIDE}${timeName(now)}`), old };
    decide(dataFolder, plan);
    carryOut(dataFolder, plan);
    return { aside: old.length === 0 ? null : join(dataFolder, plan.aside) };
  } finally {
    lock.release();
  }
}

/** Reads all of a backup. Throws BackupRefused for the first file that is not as it was written. */
export function verifyBackup({ path, manifest }: Backup): void {
  if (manifest.storeFormat > STORE_FORMAT)
    throw new BackupRefused(
      `Expected a backup of store format ${STORE_FORMAT} or before, but '${path}' has ${manifest.storeFormat}: ` +
        `Treadle ${manifest.version} made it. Restore it with that version.`,
    );
  assertWhole(path, { path: DATABASE, ...manifest.database });
  assertWhole(path, { path: FILE_LIST, ...manifest.list });
  const list = join(path, FILE_LIST);
  for (const line of linesOf(list)) assertWhole(path, readFileLine(line, list));
}

function assertWhole(
  folder: string,
  file: { readonly path: string; readonly bytes: number; readonly sha256: string },
): void {
  const found = checkIfThere(join(folder, file.path));
  if (found?.bytes === file.bytes && found.sha256 === file.sha256) return;
  throw new BackupRefused(
    `Expected '${file.path}' in the backup '${folder}' to be as it was written, but it is ${found === null ? 'gone' : 'damaged'}. ` +
      'Nothing was restored. Choose another backup: treadle backup list',
  );
}

function checkIfThere(path: string): { readonly bytes: number; readonly sha256: string } | null {
  try {
    return check(path);
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return null;
    throw fault;
  }
}

/** Everything of the backup, on the disk, in a folder that nobody looks at. */
function fill(restoring: string, { path, manifest }: Backup): void {
  const isLinkable = statSync(path).dev === statSync(dirname(restoring)).dev;
  assertRoom(dirname(restoring), manifest.database.bytes + (isLinkable ? 0 : manifest.list.filesBytes));
  makeFolder(restoring);
  copy(join(path, DATABASE), join(restoring, DATABASE));
  syncFile(join(restoring, DATABASE));
  const list = join(path, FILE_LIST);
  for (const line of linesOf(list)) {
    const file = readFileLine(line, list).path;
    const to = join(restoring, file);
    makeFolder(dirname(to));
    if (treatmentOf(file) === 'link' && linkOrCopy(join(path, file), to) === 'linked') continue;
    if (!existsSync(to)) copy(join(path, file), to);
    syncFile(to);
  }
  syncFolders(restoring);
}

const restorePlan = z.object({
  /** Names in the data folder: what comes, where the earlier contents go, and which they are. */
  restoring: z.string().startsWith(RESTORING),
  aside: z.string().startsWith(ASIDE),
  old: z.array(z.string()),
});

type RestorePlan = z.output<typeof restorePlan>;

function decide(dataFolder: string, plan: RestorePlan): void {
  const draft = join(dataFolder, `${RESTORING}plan`);
  writeDurably(draft, JSON.stringify(plan));
  renameSync(draft, join(dataFolder, RESTORE_PLAN));
  syncFile(dataFolder);
}

/** Can be begun again after any part of it. */
function carryOut(dataFolder: string, { restoring, aside, old }: RestorePlan): void {
  if (old.length > 0) makeFolder(join(dataFolder, aside));
  for (const name of old) {
    const [from, to] = [join(dataFolder, name), join(dataFolder, aside, name)];
    if (existsSync(from) && !existsSync(to)) renameSync(from, to);
  }
  for (const name of namesIn(join(dataFolder, restoring)))
    renameSync(join(dataFolder, restoring, name), join(dataFolder, name));
  if (old.length > 0) syncFile(join(dataFolder, aside));
  syncFile(dataFolder);
  rmSync(join(dataFolder, RESTORE_PLAN));
  tidy(dataFolder);
}

/** Carries on with a decided restore, and removes what an undecided one left. To be called with the folder locked. */
function tidy(dataFolder: string): void {
  const plan = planIn(dataFolder);
  if (plan !== null) {
    carryOut(dataFolder, plan);
    return;
  }
  for (const name of namesIn(dataFolder)) if (name.startsWith(RESTORING)) removeAll(join(dataFolder, name));
  syncFile(dataFolder);
}

function planIn(dataFolder: string): RestorePlan | null {
  const path = join(dataFolder, RESTORE_PLAN);
  if (!existsSync(path)) return null;
  return restorePlan.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/**
 * For a server that starts: what a killed restore decided is carried on with, what it did not decide is removed. True when data was
 * put in place. Throws StoreInUse while a restore is at work.
 */
export function finishRestore(dataFolder: string): boolean {
  if (!isFolder(dataFolder)) return false; // whoever opens the store says what is wrong
  const names = namesIn(dataFolder);
  const isDecided = names.includes(RESTORE_PLAN);
  if (!isDecided && !names.some((name) => name.startsWith(RESTORING))) return false;
  const lock = lockFolder(dataFolder);
  try {
    tidy(dataFolder);
  } finally {
    lock.release();
  }
  return isDecided;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
