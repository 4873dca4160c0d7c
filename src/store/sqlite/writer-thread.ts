// The storage thread that writes: the only place of the process with a writing connection.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { STORE_VACUUM_PAGES } from '../../limits.js';
import { type Flat, FlatCursor } from './batch.js';
import { Checkpoints } from './checkpoints.js';
import { describeStorageError } from './errors.js';
import { lockFolder } from './folder-lock.js';
import { Retention } from './retention.js';
import { openForWriting, PAGE_BYTES } from './schema.js';
import type { Database } from './sqlite-module.js';
import type { ThreadData, ThreadStarted, WriteAnswer, WriteRequest } from './thread-protocol.js';
import { TransactionWriter } from './transaction.js';

type Port = NonNullable<typeof parentPort>;

function start(port: Port, data: ThreadData): void {
  try {
    const lock = lockFolder(data.folder);
    const writer = openWriter(data, lock);
    port.on('message', (request: WriteRequest) => {
      port.postMessage(writer.answer(request));
      writer.tidyUp();
      if (!Array.isArray(request) && request.type === 'close') port.close();
    });
    port.postMessage({ type: 'started' } satisfies ThreadStarted);
  } catch (error) {
    port.postMessage({ type: 'failed', error: describeStorageError(error, data.folder) } satisfies ThreadStarted);
    port.close();
  }
}

function openWriter(data: ThreadData, lock: { release(): void }): Writer {
  try {
    const database = openForWriting(join(data.folder, 'treadle.db'), { pagesMax: data.pagesMax });
    return new Writer(data.folder, database, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class Writer {
  readonly #folder: string;
  readonly #database: Database;
  readonly #lock: { release(): void };
  readonly #transactions: TransactionWriter;
  readonly #retention: Retention;
  readonly #checkpoints: Checkpoints;
  #isOpen = true;

  constructor(folder: string, database: Database, lock: { release(): void }) {
    this.#folder = folder;
    this.#database = database;
    this.#lock = lock;
    this.#transactions = new TransactionWriter(database, folder);
    this.#retention = new Retention(database);
    this.#checkpoints = new Checkpoints(database);
  }

  answer(request: WriteRequest): WriteAnswer {
    try {
      if (Array.isArray(request)) return this.#commit(request);
      switch (request.type) {
        case 'delete':
          return this.#delete(request.before, request.limit);
        case 'vacuum':
          return this.#vacuum();
        case 'close':
          return this.#close();
        default:
          return request satisfies never;
      }
    } catch (error) {
      return { error: describeStorageError(error, this.#folder) };
    }
  }

  /** What may wait until the answer is on its way. */
  tidyUp(): void {
    if (!this.#isOpen) return;
    try {
      this.#checkpoints.checkpointIfDue();
    } catch {
      // The log stays, nothing is lost; a disk that is really broken shows in the next commit.
    }
  }

  #commit(batch: Flat): Flat {
    const cursor = new FlatCursor(batch, 0);
    const chars = cursor.number();
    const rows = cursor.number();
    const answers = this.#transactions.write(cursor, batch);
    this.#checkpoints.wrote({ rows, chars });
    return answers;
  }

  #delete(before: number, limit: number): number {
    const { executions, rows } = this.#retention.deleteSlice(before, limit);
    this.#checkpoints.wrote({ rows, chars: 0 });
    return executions;
  }

  #vacuum(): number {
    const left = this.#retention.vacuumSlice();
    this.#checkpoints.wrote({ rows: 0, chars: STORE_VACUUM_PAGES * PAGE_BYTES });
    return left;
  }

  #close(): number {
    this.#isOpen = false;
    try {
      this.#database.close(); // moves the log into the file and removes it
    } finally {
      this.#lock.release();
    }
    return 0;
  }
}

if (parentPort !== null) start(parentPort, workerData);
