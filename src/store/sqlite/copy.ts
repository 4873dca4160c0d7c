import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BACKUP_CACHE_KIB } from '../../limits/services.js';
import { StoreUnavailable } from '../ports.js';
import { describeStorageError, receivedError } from './errors.js';
import { openForWriting, STORE_FORMAT } from './schema.js';
import { type Database, openDatabase } from './sqlite-module.js';

/** What the copy of a store holds. */
export interface CopiedStore {
  readonly storeFormat: number;
  readonly executions: number;
  readonly running: number;
  readonly records: number;
}

/** The store's files in a data folder; the last two come and go. */
export const STORE_FILES = ['treadle.db', 'treadle.db-wal', 'treadle.db-shm'] as const;

/**
 * Writes everything that is committed now into a new file, as of one moment. Commits of others go on meanwhile: the copy reads beside
 * them. Blocks the calling thread, so it belongs on one of its own. The file is whole when this returns, and not yet synced.
 */
export function copySqliteStore({ folder, file }: { readonly folder: string; readonly file: string }): CopiedStore {
  const source = join(folder, STORE_FILES[0]);
  if (!existsSync(source)) throw new StoreUnavailable(`Expected a Treadle store in '${folder}', but there is none.`);
  try {
    const database = openForWriting(source, { pagesMax: null });
    try {
      database.exec(`PRAGMA cache_size=-${BACKUP_CACHE_KIB}`);
      database.prepare('VACUUM INTO ?').run(file);
      // What was committed meanwhile had to stay in the log. Moved here, the writing thread is not held up by all of it at once.
      database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    } finally {
      database.close();
    }
    return described(file);
  } catch (fault) {
    throw receivedError(describeStorageError(fault, folder));
  }
}

/** Reads a copy to its end: what cannot be read is no backup. */
function described(file: string): CopiedStore {
  const database = openDatabase(file, { readOnly: true, timeout: 0 });
  try {
    return {
      storeFormat: STORE_FORMAT,
      executions: count(database, 'execution'),
      running: count(database, 'execution WHERE status = 0'),
      records: count(database, 'record'),
    };
  } finally {
    database.close();
  }
}

const count = (database: Database, what: string): number =>
  database.prepare<{ rows: number }>(`SELECT count(*) AS rows FROM ${what}`).get()?.rows ?? 0;
