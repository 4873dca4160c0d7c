import type { RecordWrite } from '../../../store/ports.js';
import { putJson } from '../../../store/record-writes.js';
import type { Snapshots } from '../backups/snapshots.js';
import type { Sequences } from '../streams/sequences.js';
import { recordsOf } from '../streams/stream-directory.js';
import { streamRecord } from '../streams/stream-record.js';
import { logOf, type Table } from '../table/table.js';
import { expiryWrites } from '../ttl/expiry.js';
import type { Item } from '../values/attribute-value.js';
import type { Change } from './change.js';
import type { Journal, Origin } from './item-writer.js';

/** How an item was before a change. */
export interface LogEntry {
  readonly key: string;
  readonly old: Item | null;
}

/** What a change leaves besides the item and its index entries: in the list of what expires, in streams, logs and backups. */
export class ChangeJournal implements Journal {
  constructor(
    private readonly sequences: Sequences,
    private readonly snapshots: Snapshots,
  ) {}

  needsOld(table: Table): boolean {
    const { ttl, stream, pointInTime } = table;
    return ttl !== null || stream?.isEnabled === true || pointInTime !== null || this.snapshots.isTaken(table);
  }

  writes(change: Change, origin: Origin): readonly RecordWrite[] {
    const { table, key, old } = change;
    if (!this.needsOld(table)) return [];
    const writes = [...expiryWrites(change), ...this.snapshots.writes(change)];
    const { stream, pointInTime } = table;
    if (stream?.isEnabled !== true && pointInTime === null) return writes;
    const sequence = this.sequences.next();
    if (stream?.isEnabled === true) {
      const record = streamRecord(change, { view: stream.view, sequence, origin });
      const collection = recordsOf({ tableId: table.id, label: stream.label });
      if (record !== null) writes.push(putJson(collection, sequence, record));
    }
    if (pointInTime !== null && old !== 'unknown') {
      writes.push(putJson(logOf(pointInTime), sequence, { key, old } satisfies LogEntry));
    }
    return writes;
  }
}
