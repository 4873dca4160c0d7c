import { createRequire } from 'node:module';

export type SqlValue = number | string | null;

/** A prepared statement; `Row` is what its SELECT names, by the author's word. */
export interface Statement<Row> {
  run(...values: SqlValue[]): { readonly changes: number };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
  iterate(...values: SqlValue[]): Iterable<Row>;
}

export interface Database {
  exec(sql: string): void;
  prepare<Row = never>(sql: string): Statement<Row>;
  close(): void;
}

export interface OpenOptions {
  readonly readOnly: boolean;
  /** How long a lock of another connection is waited for, in milliseconds. */
  readonly timeout: number;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options: OpenOptions) => Database;
}

/**
 * Opens a database with Node's own SQLite where Node has it without a flag (22.13 and later), else with `@photostructure/sqlite`,
 * which has the same interface.
 */
export function openDatabase(path: string, options: OpenOptions): Database {
  sqlite ??= loadSqlite();
  return new sqlite.DatabaseSync(path, options);
}

/** Loaded at first need: the main thread imports this file's neighbours and never SQLite. */
let sqlite: SqliteModule | null = null;

function loadSqlite(): SqliteModule {
  const loaded: unknown =
    process.getBuiltinModule?.('node:sqlite') ?? createRequire(import.meta.url)('@photostructure/sqlite');
  if (!isSqliteModule(loaded)) {
    throw new Error('Expected node:sqlite or @photostructure/sqlite to export DatabaseSync, but neither does.');
  }
  return loaded;
}

function isSqliteModule(value: unknown): value is SqliteModule {
  return (
    typeof value === 'object' && value !== null && 'DatabaseSync' in value && typeof value.DatabaseSync === 'function'
  );
}
