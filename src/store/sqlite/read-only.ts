import { resolve } from 'node:path';
import type { RecordStore } from '../ports.js';
import { StoreUnavailable } from '../ports.js';
import { ReadClient } from './read-client.js';
import { StorageThread } from './storage-thread.js';
import type { ReadAnswer, ReadMessage } from './thread-protocol.js';

/** The documents of a store that nobody writes, such as a backup's. Nothing in the folder is changed. */
export interface ReadOnlyRecords {
  readonly records: RecordStore;
  close(): Promise<void>;
}

export async function openRecordsForReading(folder: string): Promise<ReadOnlyRecords> {
  const data = { folder: resolve(folder), pagesMax: null };
  const reads = new ReadClient(await StorageThread.start<ReadMessage, readonly ReadAnswer[]>('reader-thread', data));
  const records: RecordStore = {
    get: (collection, key) => reads.ask({ type: 'get', collection, key }),
    scan: (query) => reads.ask({ type: 'scan', query }),
    write: () => Promise.reject(new StoreUnavailable(`Expected nobody to write in '${folder}': it is a backup.`)),
  };
  return { records, close: () => reads.close() };
}
