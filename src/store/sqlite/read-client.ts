import { STORE_READS_PER_MESSAGE_MAX } from '../../limits.js';
import { StoreUnavailable } from '../ports.js';
import { BatchQueue } from './batch-queue.js';
import { receivedError } from './errors.js';
import type { StorageThread } from './storage-thread.js';
import type { ReadAnswer, ReadMessage, ReadRequest, ReadResult, ReadResults } from './thread-protocol.js';

/** Sends reads to the reading thread, those of the same moment together. */
export class ReadClient {
  readonly #thread: StorageThread<ReadMessage, readonly ReadAnswer[]>;
  readonly #queue: BatchQueue<ReadRequest, ReadResult>;
  #isClosed = false;

  constructor(thread: StorageThread<ReadMessage, readonly ReadAnswer[]>) {
    this.#thread = thread;
    this.#queue = new BatchQueue((requests) => this.#read(requests), { sizeMax: STORE_READS_PER_MESSAGE_MAX });
  }

  async ask<Type extends ReadRequest['type']>(
    request: ReadRequest & { readonly type: Type },
  ): Promise<ReadResults[Type]> {
    if (this.#isClosed) throw new StoreUnavailable('Expected an open store, but it has been closed.');
    const result = await this.#queue.push(request, { size: 1 });
    return result as ReadResults[Type]; // the reading thread answers each request with the result of its type
  }

  /** Waits for the reads under way, then ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#queue.idle();
    await this.#thread.end('close');
  }

  async #read(requests: readonly ReadRequest[]): Promise<readonly (ReadResult | Error)[]> {
    const answers = await this.#thread.ask(requests);
    return answers.map((answer) => ('error' in answer ? receivedError(answer.error) : answer.value));
  }
}
