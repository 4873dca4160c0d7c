import { putJson } from '../../../store/record-writes.js';
import type { Core } from '../core.js';
import { throughItems } from '../table/backfill.js';
import { dropWrite } from '../table/directory.js';
import { parseItem } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';
import { allBackups, BACKUPS, type Backup, copiesOf } from './backup.js';
import { ABSENT, advance, type Snapshot, type Snapshots } from './snapshots.js';

/** Copies a table as it was when `snapshot` began. */
export async function copyTable(
  core: Core,
  backup: Backup,
  {
    snapshot,
    snapshots,
    isOpen,
  }: { readonly snapshot: Snapshot; readonly snapshots: Snapshots; readonly isOpen: () => boolean },
): Promise<void> {
  const { collection } = snapshot;
  try {
    const isThrough = await throughItems(core, backup.table, {
      isOpen,
      writesOf: async ({ key, value }) => {
        // What was changed meanwhile has been copied by who changed it, if that was written.
        const isCopied = snapshot.kept.has(key) && (await core.records.get(collection, key)) !== null;
        return isCopied ? [] : [{ type: 'put', collection, key, value, expect: 'any' }];
      },
      onSlice: (last) => advance(snapshot, last),
    });
    if (!isThrough) return; // the next start throws it away
  } finally {
    snapshots.end(snapshot);
  }
  const counted = await count(core, collection);
  await core.records.write([putJson(BACKUPS, backup.arn, { ...backup, ...counted, status: 'AVAILABLE' })]);
}

const COUNT_ITEMS = 500;
const COUNT_CHARS = 1_048_576;

async function count(
  { records }: Core,
  collection: string,
): Promise<{ readonly items: number; readonly bytes: number }> {
  let items = 0;
  let bytes = 0;
  for (let after: string | null = null; ; ) {
    const query = { collection, prefix: '', limit: COUNT_ITEMS, charsMax: COUNT_CHARS };
    const rows: Awaited<ReturnType<typeof records.scan>> = await records.scan({ ...query, after });
    for (const { value } of rows) {
      if (value === ABSENT) continue;
      items += 1;
      bytes += itemBytes(parseItem(value));
    }
    after = rows.at(-1)?.key ?? null;
    if (after === null) return { items, bytes };
  }
}

/** Backups that a stop or a crash cut off are no backups: they go, and it is told. */
export async function dropUnfinished(records: Core['records'], report: (line: string) => void): Promise<void> {
  for (const backup of await allBackups(records)) {
    if (backup.status === 'AVAILABLE') continue;
    report(
      `The backup '${backup.name}' of table '${backup.table.name}' was cut off by the end of the server and is removed. Make it again.`,
    );
    await records.write([{ type: 'delete', collection: BACKUPS, key: backup.arn }, dropWrite(copiesOf(backup))]);
  }
}
