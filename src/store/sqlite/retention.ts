import { STORE_DELETE_ROWS_MAX, STORE_VACUUM_PAGES } from '../../limits.js';
import type { Database, Statement } from './sqlite-module.js';
import { rollBack } from './transaction.js';

/** Deletes old executions and shrinks the file, in slices short enough for commits to wait for. */
export class Retention {
  readonly #database: Database;
  readonly #stopped: Statement<{ id: number }>;
  readonly #keepHighest: Statement<never>;
  readonly #freePages: Statement<{ freelist_count: number }>;
  readonly #deletions: readonly Statement<never>[];

  constructor(database: Database) {
    this.#database = database;
    this.#stopped = database.prepare('SELECT id FROM execution WHERE stop < ? ORDER BY stop LIMIT ?');
    this.#keepHighest = database.prepare(
      "UPDATE meta SET value = max(value, (SELECT max(id) FROM execution)) WHERE name = 'highestExecution'",
    );
    this.#freePages = database.prepare('PRAGMA freelist_count');
    // Timers of a deleted execution are not found by it (they are ordered by time): reading leaves them out.
    this.#deletions = [
      database.prepare('DELETE FROM segment WHERE execution = ?'),
      database.prepare('DELETE FROM snapshot WHERE execution = ?'),
      database.prepare(
        'DELETE FROM outbox WHERE key >> 21 = ?1 AND key BETWEEN ?1 * 2097152 AND ?1 * 2097152 + 2097151',
      ),
      database.prepare('DELETE FROM execution WHERE id = ?'),
    ];
  }

  /** One transaction: deletes at most `limit` executions that stopped before; fewer when they are long. */
  deleteSlice(before: number, limit: number): { readonly executions: number; readonly rows: number } {
    const stopped = this.#stopped.all(before, limit);
    if (stopped.length === 0) return { executions: 0, rows: 0 };
    let executions = 0;
    let rows = 0;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#keepHighest.run();
      for (const { id } of stopped) {
        for (const deletion of this.#deletions) rows += deletion.run(id).changes;
        executions++;
        if (rows >= STORE_DELETE_ROWS_MAX) break;
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      rollBack(this.#database);
      throw error;
    }
    return { executions, rows };
  }

  /** Gives some free pages back to the disk; says how many free ones are left. */
  vacuumSlice(): number {
    this.#database.exec(`PRAGMA incremental_vacuum(${STORE_VACUUM_PAGES})`);
    return this.#freePages.get()?.freelist_count ?? 0;
  }
}
