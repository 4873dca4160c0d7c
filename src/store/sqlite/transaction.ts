import {
  ALL_COMMITTED,
  ENTRY_COMMITTED,
  ENTRY_CONFLICT,
  ENTRY_NAME_TAKEN,
  FAILED,
  type Flat,
  FlatCursor,
  MIXED,
  RECORD_CONFLICT,
} from './batch.js';
import { EntryWriter } from './entry-writer.js';
import { describeStorageError, isFaultOfCommit } from './errors.js';
import { RecordWriter } from './record-writer.js';
import type { Database, Statement } from './sqlite-module.js';

/** Writes batches of commits, each batch as one durable transaction. */
export class TransactionWriter {
  readonly #database: Database;
  readonly #folder: string;
  readonly #begin: Statement<never>;
  readonly #commit: Statement<never>;
  readonly #savepoint: Statement<never>;
  readonly #undoing: Statement<never>;
  readonly #release: Statement<never>;
  readonly #entries: EntryWriter;
  readonly #records: RecordWriter;

  constructor(database: Database, folder: string) {
    this.#database = database;
    this.#folder = folder;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#savepoint = database.prepare('SAVEPOINT one');
    this.#undoing = database.prepare('ROLLBACK TO one');
    this.#release = database.prepare('RELEASE one');
    this.#entries = new EntryWriter(database);
    this.#records = new RecordWriter(database);
  }

  /**
   * The batch's answers. When one commit's values are refused, the others are written one by one; when storage fails, all are
   * rejected and the database is as before.
   */
  write(cursor: FlatCursor, batch: Flat): Flat {
    const count = cursor.number();
    const start = cursor.at;
    try {
      return this.#transaction(() => this.#writeCommits(new FlatCursor(batch, start), count));
    } catch (error) {
      if (count === 1 || !isFaultOfCommit(error))
        return Array.from({ length: count }, () => this.#failed(error)).flat();
    }
    const answers: Flat = [];
    for (let index = 0, at = start; index < count; index++) {
      const length = new FlatCursor(batch, at).number();
      answers.push(...this.#writeAlone(new FlatCursor(batch, at)));
      at += length + 1;
    }
    return answers;
  }

  #writeAlone(cursor: FlatCursor): Flat {
    try {
      return this.#transaction(() => this.#writeCommits(cursor, 1));
    } catch (error) {
      return this.#failed(error);
    }
  }

  #writeCommits(cursor: FlatCursor, count: number): Flat {
    const answers: Flat = [];
    for (let index = 0; index < count; index++) this.#writeCommit(cursor, answers);
    return answers;
  }

  /** Its entries, and its documents where all of them are written; a document that stands already undoes the whole commit. */
  #writeCommit(cursor: FlatCursor, answers: Flat): void {
    const end = cursor.number() + cursor.at;
    const isUndoable = cursor.number() === 1;
    if (isUndoable) this.#savepoint.run();
    const outcomes = this.#writeEntries(cursor);
    const conflict = outcomes.isAllCommitted ? this.#records.write(cursor) : null;
    cursor.skipTo(end);
    if (conflict !== null) {
      if (isUndoable) this.#undo();
      answers.push(RECORD_CONFLICT, conflict.collection, conflict.key);
    } else if (outcomes.isAllCommitted) answers.push(ALL_COMMITTED);
    else answers.push(MIXED, ...outcomes.codes);
    if (isUndoable) this.#release.run();
  }

  #writeEntries(cursor: FlatCursor): { readonly codes: Flat; readonly isAllCommitted: boolean } {
    const codes: Flat = [];
    let isAllCommitted = true;
    for (let count = cursor.number(); count > 0; count--) {
      const outcome = this.#entries.write(cursor);
      isAllCommitted &&= outcome.type === 'committed';
      if (outcome.type === 'nameTaken') codes.push(ENTRY_NAME_TAKEN, outcome.execution);
      else codes.push(outcome.type === 'committed' ? ENTRY_COMMITTED : ENTRY_CONFLICT);
    }
    return { codes, isAllCommitted };
  }

  #undo(): void {
    this.#undoing.run();
    this.#entries.forgetInterned();
  }

  #transaction(write: () => Flat): Flat {
    this.#begin.run();
    try {
      const answers = write();
      this.#commit.run();
      return answers;
    } catch (error) {
      this.#entries.forgetInterned();
      rollBack(this.#database);
      throw error;
    }
  }

  #failed(error: unknown): Flat {
    const sent = describeStorageError(error, this.#folder);
    return [FAILED, sent.name, sent.message];
  }
}

/** Undoes the open transaction, if SQLite has not done so by itself (it does when the disk is full). */
export function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // No transaction is open.
  }
}
