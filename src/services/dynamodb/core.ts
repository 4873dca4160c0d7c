import type { Place } from '../../arn.js';
import type { RecordStore } from '../../store/ports.js';
import type { Clock } from '../ports.js';
import type { ItemWriter } from './items/item-writer.js';
import type { Locks } from './items/locks.js';
import type { TableDirectory } from './table/directory.js';

/** What the operations work with. */
export interface Core {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly directory: TableDirectory;
  readonly writer: ItemWriter;
  readonly locks: Locks;
}

export interface OperationCall {
  readonly input: object;
  readonly place: Place;
  /** Of a Task's call: the same at every performance. */
  readonly taskKey: string | undefined;
}

/** Gives the members of the answer. Throws TableFault. */
export type Operation = (call: OperationCall) => Promise<object> | object;
