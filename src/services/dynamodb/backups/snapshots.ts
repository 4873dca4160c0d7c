import type { RecordWrite } from '../../../store/ports.js';
import type { Change } from '../items/change.js';
import type { Table } from '../table/table.js';

/** Value of an item that was not there when the backup began. */
export const ABSENT = 'null';

/** A copy of a table under way: everything up to the cursor has been copied. */
export interface Snapshot {
  readonly table: Table;
  readonly collection: string;
  cursor: string;
  /** Items that were changed before the copy came to them, and were copied as they had been. */
  readonly kept: Set<string>;
}

/**
 * A backup is the table at one moment, although it is copied slice by slice while it is written to: whoever changes an item that
 * has not been copied yet copies it first, in the same transaction.
 */
export class Snapshots {
  readonly #taken = new Map<string, Set<Snapshot>>();

  isTaken({ id }: Pick<Table, 'id'>): boolean {
    return this.#taken.has(id);
  }

  begin(table: Table, collection: string): Snapshot {
    const snapshot: Snapshot = { table, collection, cursor: '', kept: new Set() };
    const all = this.#taken.get(table.id) ?? new Set();
    this.#taken.set(table.id, all.add(snapshot));
    return snapshot;
  }

  end(snapshot: Snapshot): void {
    const all = this.#taken.get(snapshot.table.id);
    all?.delete(snapshot);
    if (all?.size === 0) this.#taken.delete(snapshot.table.id);
  }

  writes({ table, key, old }: Change): RecordWrite[] {
    const writes: RecordWrite[] = [];
    for (const snapshot of this.#taken.get(table.id) ?? []) {
      if (isCopied(snapshot, key) || snapshot.kept.has(key) || old === 'unknown') continue;
      snapshot.kept.add(key);
      const value = old === null ? ABSENT : JSON.stringify(old);
      writes.push({ type: 'put', collection: snapshot.collection, key, value, expect: 'any' });
    }
    return writes;
  }
}

/** Everything up to `cursor` has been copied; what was kept of it need not be remembered. */
export function advance(snapshot: Snapshot, cursor: string): void {
  snapshot.cursor = cursor;
  for (const key of snapshot.kept) if (isCopied(snapshot, key)) snapshot.kept.delete(key);
}

const isCopied = ({ cursor }: Snapshot, key: string): boolean =>
  Buffer.compare(Buffer.from(key), Buffer.from(cursor)) <= 0;
