import { TABLE_EXPIRY_ITEMS } from '../../../limits/services.js';
import type { Core } from '../core.js';
import { TableFault } from '../fault.js';
import { known } from '../items/guard.js';
import { throughItems } from '../table/backfill.js';
import { expiriesOf, type Table, type TimeToLive } from '../table/table.js';
import { tableLock } from '../table/table-lock.js';
import { parseItem } from '../values/attribute-value.js';
import { dueRange, expiryOf, expiryWrite, isDue, keyOfExpiry } from './expiry.js';

/** Lists what expires of the items that were there before. */
export async function backfillExpiries(
  core: Core,
  table: Table,
  ttl: TimeToLive,
  isOpen: () => boolean,
): Promise<void> {
  const isThrough = await throughItems(core, table, {
    isOpen,
    writesOf: ({ key, value }) => {
      const seconds = expiryOf(ttl, parseItem(value));
      return seconds === null ? [] : [expiryWrite(ttl, seconds, key)];
    },
  });
  if (!isThrough) return;
  await core.locks.hold([tableLock(table.region, table.name)], async () => {
    const current = core.directory.current(table);
    if (current?.ttl?.id !== ttl.id) return;
    await core.directory.put({ ...current, ttl: { ...current.ttl, isComplete: true } });
  });
}

/** Deletes what has expired, of all tables. */
export async function expireItems(core: Core, isOpen: () => boolean): Promise<void> {
  for (const table of core.directory.all()) {
    if (table.ttl !== null) await expireTable(core, table, isOpen);
  }
}

async function expireTable(core: Core, table: Table, isOpen: () => boolean): Promise<void> {
  const { ttl } = table;
  if (ttl === null) return;
  const { after, before } = dueRange(core.clock.now());
  for (let from = after; isOpen(); ) {
    const rows = await core.records.scan({
      collection: expiriesOf(ttl),
      prefix: '',
      after: from,
      before,
      limit: TABLE_EXPIRY_ITEMS,
    });
    await Promise.all(rows.map((row) => expireItem(core, { table, ttl, key: keyOfExpiry(row.key) })));
    const last = rows.at(-1);
    if (last === undefined || rows.length < TABLE_EXPIRY_ITEMS) return;
    from = last.key;
  }
}

interface Expired {
  readonly table: Table;
  readonly ttl: TimeToLive;
  readonly key: string;
}

/** The item may have been changed since it was listed: only what is due now goes. */
async function expireItem({ writer, clock }: Core, { table, ttl, key }: Expired): Promise<void> {
  try {
    await writer.write({
      targets: [{ table, key }],
      reads: true,
      taskKey: undefined,
      origin: 'expiry',
      decide: ([found = null]) => {
        const old = known(found);
        const seconds = old === null ? null : expiryOf(ttl, old);
        return { items: [seconds !== null && isDue(seconds, clock.now()) ? null : 'keep'], body: {} };
      },
    });
  } catch (fault) {
    if (!(fault instanceof TableFault)) throw fault; // the table has been deleted meanwhile
  }
}
