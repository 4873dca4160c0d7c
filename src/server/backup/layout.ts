import { STORE_FILES } from '../../store/sqlite/copy.js';

/** Names in a backup. `backup.json` comes last: a folder without it is no backup. */
export const MANIFEST = 'backup.json';
export const FILE_LIST = 'files.jsonl';
export const DATABASE = STORE_FILES[0];

/** Names in a data folder. */
export const BACKUPS = 'backups';
/** A backup being made, a folder being restored, and what a restore put aside. */
export const PARTIAL = 'partial-';
export const RESTORING = 'restoring-';
export const ASIDE = 'before-restore-';
/** Says that a restore is decided and has only to be carried out. */
export const RESTORE_PLAN = 'restore.json';

/** The running server's own. */
const LOCKS = ['treadle.lock', 'treadle.lock-journal', 'treadle.pid'];

/** LevelDB files of an older release, whose tables were taken over. */
export const TABLES_BEFORE = 'dynamodb-before';

/** What belongs to the place and not to the data: neither copied nor put aside. */
export const isOfThePlace = (name: string): boolean =>
  LOCKS.includes(name) ||
  name === BACKUPS ||
  name === RESTORE_PLAN ||
  name.startsWith(RESTORING) ||
  name.startsWith(ASIDE);

export type Treatment = 'leave' | 'copy' | 'link';

/**
 * How a file or folder of the data folder goes into a backup, by its path with `/`. Files that are written once and never changed
 * are linked where the disk can. What can be made again is left, and the database goes its own way.
 */
export function treatmentOf(path: string): Treatment {
  const [top = '', second] = path.split('/');
  if (isOfThePlace(top) || STORE_FILES.some((name) => name === top)) return 'leave';
  if (path.endsWith('.part')) return 'leave'; // being written
  if (top === TABLES_BEFORE) return 'leave'; // they are in the database now
  if (top !== 'functions') return top === 'objects' || top === 'mail' ? 'link' : 'copy';
  if (second === undefined || path === 'functions/code') return 'copy';
  return second === 'code' && path.endsWith('.zip') ? 'link' : 'leave';
}

/** `2026-11-27T02-30-00Z`: sorts by time, and is a file's name everywhere. */
export const timeName = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
