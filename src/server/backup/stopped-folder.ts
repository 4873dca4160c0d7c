import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../store/sqlite/folder-lock.js';
import { VERSION } from '../version.js';
import { BACKUPS, DATABASE } from './layout.js';
import { makeBackup } from './make.js';
import { type Backup, backupAt, backupsIn, openBackup } from './manifest.js';
import { BackupRefused } from './refused.js';
import { finishRestore } from './restore.js';

/** What can be done with backups where no server runs; blocks while it works. Paths are absolute, `folder` null is `backups` in the data folder. */
export interface Place {
  readonly dataFolder: string;
  readonly folder: string | null;
}

export const isDataFolder = (folder: string): boolean => existsSync(join(folder, DATABASE));

const backupFolderOf = ({ dataFolder, folder }: Place): string => folder ?? join(dataFolder, BACKUPS);

/** Throws StoreInUse while a server has the folder open, BackupRefused. */
export function backUpStopped(place: Place, now: number): Backup {
  const { dataFolder } = place;
  if (!isDataFolder(dataFolder))
    throw new BackupRefused(
      `Expected a data folder in '${dataFolder}', but there is no ${DATABASE}. Name one with --data, or start a server.`,
    );
  finishRestore(dataFolder);
  const lock = lockFolder(dataFolder);
  try {
    return makeBackup({ dataFolder, backupFolder: backupFolderOf(place), kind: 'manual', version: VERSION, at: now });
  } finally {
    lock.release();
  }
}

export const listBackups = (place: Place): readonly Backup[] => backupsIn(backupFolderOf(place));

/** The backup of that name or path, or the newest that was made at `at` or before. Throws BackupRefused. */
export function chooseBackup(
  place: Place,
  { name, at }: { readonly name: string | null; readonly at: number },
): Backup {
  const folder = backupFolderOf(place);
  if (name === null) return backupAt(folder, at);
  return openBackup(/[\\/]/.test(name) ? name : join(folder, name));
}
