import { assertStorable } from '../stored-text.js';
import { type FlatCursor, WRITE_DELETE, WRITE_PUT_ABSENT } from './batch.js';
import type { Database, Statement } from './sqlite-module.js';

/** Writes the documents of one commit inside the batch's transaction. */
export class RecordWriter {
  readonly #put: Statement<never>;
  readonly #putAbsent: Statement<never>;
  readonly #delete: Statement<never>;

  constructor(database: Database) {
    this.#put = database.prepare(
      'INSERT INTO record(collection, key, value) VALUES(?, ?, ?) ' +
        'ON CONFLICT(collection, key) DO UPDATE SET value = excluded.value',
    );
    this.#putAbsent = database.prepare(
      'INSERT INTO record(collection, key, value) VALUES(?, ?, ?) ON CONFLICT(collection, key) DO NOTHING',
    );
    this.#delete = database.prepare('DELETE FROM record WHERE collection = ? AND key = ?');
  }

  /** The record that stood where none was expected: what was written before it is for the caller to undo. Null = all are written. */
  write(cursor: FlatCursor): { readonly collection: string; readonly key: string } | null {
    for (let count = cursor.number(); count > 0; count--) {
      const conflict = this.#writeOne(cursor);
      if (conflict !== null) return conflict;
    }
    return null;
  }

  #writeOne(cursor: FlatCursor): { readonly collection: string; readonly key: string } | null {
    const type = cursor.number();
    const collection = cursor.text();
    const key = cursor.text();
    assertStorable(collection);
    assertStorable(key);
    if (type === WRITE_DELETE) {
      this.#delete.run(collection, key);
      return null;
    }
    const value = cursor.text();
    assertStorable(value);
    if (type !== WRITE_PUT_ABSENT) {
      this.#put.run(collection, key, value);
      return null;
    }
    return this.#putAbsent.run(collection, key, value).changes === 0 ? { collection, key } : null;
  }
}
