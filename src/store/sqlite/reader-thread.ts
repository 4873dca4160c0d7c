// The storage thread that reads, beside the writing one: lists, history pages and cold loads never hold up a commit.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { describeStorageError } from './errors.js';
import { Reads } from './reads.js';
import { openForReading } from './schema.js';
import type { Database } from './sqlite-module.js';
import type { ReadAnswer, ReadMessage, ReadRequest, ThreadData, ThreadStarted } from './thread-protocol.js';

type Port = NonNullable<typeof parentPort>;

function start(port: Port, data: ThreadData): void {
  try {
    const database = openForReading(join(data.folder, 'treadle.db'));
    const reads = new Reads(database);
    port.on('message', (message: ReadMessage) => {
      if (message !== 'close') {
        port.postMessage(answerAll(message, { database, reads, folder: data.folder }));
        return;
      }
      database.close();
      port.postMessage([]);
      port.close();
    });
    port.postMessage({ type: 'started' } satisfies ThreadStarted);
  } catch (error) {
    port.postMessage({ type: 'failed', error: describeStorageError(error, data.folder) } satisfies ThreadStarted);
    port.close();
  }
}

interface Opened {
  readonly database: Database;
  readonly reads: Reads;
  readonly folder: string;
}

/** All in one read transaction, begun now: it sees what was committed before the requests were sent, and nothing in between. */
function answerAll(requests: readonly ReadRequest[], opened: Opened): ReadAnswer[] {
  try {
    opened.database.exec('BEGIN');
    const answers = requests.map((request) => answer(request, opened));
    opened.database.exec('COMMIT');
    return answers;
  } catch (error) {
    const sent = describeStorageError(error, opened.folder);
    return requests.map(() => ({ error: sent }));
  }
}

function answer(request: ReadRequest, { reads, folder }: Opened): ReadAnswer {
  try {
    return { value: reads.answer(request) };
  } catch (error) {
    return { error: describeStorageError(error, folder) };
  }
}

if (parentPort !== null) start(parentPort, workerData);
