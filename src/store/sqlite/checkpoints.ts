import { STORE_CHECKPOINT_PAGES } from '../../limits.js';
import { PAGE_BYTES } from './schema.js';
import type { Database, Statement } from './sqlite-module.js';

/**
 * Moves the write-ahead log into the file about every thousand pages, between commits and after their answers. SQLite tells the length
 * of the log only when it checkpoints, so it is estimated meanwhile and the estimate corrected by each checkpoint.
 */
export class Checkpoints {
  readonly #checkpoint: Statement<{ busy: number; log: number; checkpointed: number }>;
  #pages = 0;
  #correction = 1;

  constructor(database: Database) {
    this.#checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** To be told after each transaction: rows it touched, text it brought. */
  wrote(transaction: { readonly rows: number; readonly chars: number }): void {
    this.#pages += PAGES_PER_TRANSACTION + transaction.rows * PAGES_PER_ROW + transaction.chars / PAGE_BYTES;
  }

  /** Does a checkpoint when one is due. Waits for nobody: what a reader still needs stays for the next time. */
  checkpointIfDue(): void {
    const expected = this.#pages * this.#correction;
    if (expected < STORE_CHECKPOINT_PAGES) return;
    const answer = this.#checkpoint.get();
    if (answer === undefined || answer.busy !== 0 || answer.checkpointed < answer.log) {
      this.#pages /= 2; // a reader was in the way: try again soon
      return;
    }
    const measured = answer.log / this.#pages;
    this.#correction = Math.min(CORRECTION_MAX, Math.max(1 / CORRECTION_MAX, (this.#correction + measured) / 2));
    this.#pages = 0;
  }
}

/** First guesses, from the measurements of the layout: a lone segment dirties about ten pages, one among forty about half of one. */
const PAGES_PER_TRANSACTION = 8;
const PAGES_PER_ROW = 0.3;
const CORRECTION_MAX = 8;
