import { STORE_LOG_BYTES_KEPT, STORE_READ_CACHE_KIB, STORE_WRITE_CACHE_KIB } from '../../limits.js';
import type { ExecutionStatus } from '../ports.js';
import { APPLICATION_ID, checkFile } from './check-file.js';
import { type Database, openDatabase } from './sqlite-module.js';

/** Version of the tables below. A newer one is refused; an older one is migrated from release 0.1 on. */
export const STORE_FORMAT = 3;

export const PAGE_BYTES = 4096;

/** Statuses as the database numbers them: the position never changes. */
export const STATUSES: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** An outbox row is one integer: execution * 2^21 + seq, computed by SQLite because it outgrows a JavaScript number. */
export const SEQ_MAX = 2_097_151;

/**
 * Segments lie in order of arrival: clustering them by execution would dirty one page per running execution at each commit.
 * `segment_of` is the fence. No rows over a page in WITHOUT ROWID tables: their overflow pages waste most of the file.
 */
const TABLES = `
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE machine(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE revision(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE segment(key INTEGER PRIMARY KEY, execution INTEGER NOT NULL, seq INTEGER NOT NULL, data TEXT NOT NULL);
CREATE UNIQUE INDEX segment_of ON segment(execution, seq);
CREATE TABLE execution(id INTEGER PRIMARY KEY, machine INTEGER NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL,
  start INTEGER NOT NULL, stop INTEGER, revision INTEGER NOT NULL, version INTEGER, alias TEXT,
  redrives INTEGER NOT NULL DEFAULT 0, redriven INTEGER);
CREATE INDEX execution_start ON execution(machine, start);
CREATE INDEX execution_status ON execution(machine, status, start);
CREATE UNIQUE INDEX execution_name ON execution(machine, name);
CREATE INDEX execution_version ON execution(machine, version, start) WHERE version IS NOT NULL;
CREATE INDEX execution_alias ON execution(machine, alias, start) WHERE alias IS NOT NULL;
CREATE INDEX execution_stop ON execution(stop) WHERE stop IS NOT NULL;
CREATE INDEX execution_all_start ON execution(start);
CREATE INDEX execution_all_status ON execution(status, start);
CREATE TABLE outbox(key INTEGER PRIMARY KEY);
CREATE TABLE timer(due INTEGER NOT NULL, execution INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(due, execution, seq)) WITHOUT ROWID;
CREATE TABLE snapshot(execution INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE record(id INTEGER PRIMARY KEY, collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL);
CREATE UNIQUE INDEX record_of ON record(collection, key);
PRAGMA application_id=${APPLICATION_ID};
PRAGMA user_version=${STORE_FORMAT};
INSERT INTO meta VALUES('format', ${STORE_FORMAT}), ('highestExecution', 0);
`;

/** The one connection that writes. Creates the tables in a new file; throws StoreUnavailable for a file that is not ours or is newer. */
export function openForWriting(path: string, options: { readonly pagesMax: number | null }): Database {
  checkFile(path, STORE_FORMAT);
  const database = openDatabase(path, { readOnly: false, timeout: 5000 });
  try {
    // Both have to come before the first table; neither changes an existing file.
    database.exec(`PRAGMA page_size=${PAGE_BYTES}; PRAGMA auto_vacuum=INCREMENTAL;`);
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;');
    database.exec(`PRAGMA cache_size=-${STORE_WRITE_CACHE_KIB}; PRAGMA journal_size_limit=${STORE_LOG_BYTES_KEPT};`);
    if (options.pagesMax !== null) database.exec(`PRAGMA max_page_count=${options.pagesMax};`);
    createTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A connection for reads beside the writing one, which has to be open already. */
export function openForReading(path: string): Database {
  const database = openDatabase(path, { readOnly: true, timeout: 5000 });
  database.exec(`PRAGMA synchronous=FULL; PRAGMA cache_size=-${STORE_READ_CACHE_KIB};`);
  return database;
}

function createTables(database: Database): void {
  if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined) {
    database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
  }
}
