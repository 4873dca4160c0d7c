import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { putJson } from '../../../store/record-writes.js';
import { entryWrites } from '../backups/restore.js';
import { itemKey } from '../keys/item-key.js';
import { itemsOf, TABLES, type Table, tableKey } from '../table/table.js';
import { copyOf, parseItem } from '../values/attribute-value.js';
import { readLevelDb } from './leveldb.js';
import { tableOf } from './older-table.js';

const MIGRATED = 'dynamodb.migrated';
/** Items of one transaction. */
const SLICE = 200;

export interface Migration {
  readonly records: RecordStore;
  /** Of older releases: one LevelDB for each region. */
  readonly folder: string;
  /** Where those go that have been taken over. */
  readonly doneFolder: string;
  readonly account: string;
  readonly report: (line: string) => void;
}

/**
 * Takes over the tables of releases that kept them in LevelDB, region by region. Cut off at any point, it begins the region again:
 * tables are there only when all their items are. Rejects, and nothing is changed, where a folder cannot be read.
 */
export async function migrateTables(migration: Migration): Promise<void> {
  for (const region of await regionsIn(migration.folder)) {
    const folder = join(migration.folder, region);
    if ((await migration.records.get(MIGRATED, region)) === null) {
      try {
        await migrateRegion(migration, region, folder);
      } catch (fault) {
        const reason = fault instanceof Error ? fault.message : String(fault);
        throw new Error(
          `Expected to take over the tables in '${folder}', which an older release of Treadle wrote, but it is not possible: ${reason} ` +
            'Nothing was changed. Start the older release to use these tables, or move the folder away to start without them.',
        );
      }
    }
    await mkdir(migration.doneFolder, { recursive: true });
    await rename(folder, join(migration.doneFolder, region));
  }
  await rmdir(migration.folder).catch(() => undefined); // it is empty, or was never there; whatever else is in it stays
}

async function regionsIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return [];
    throw fault;
  }
}

async function migrateRegion({ records, account, report }: Migration, region: string, folder: string): Promise<void> {
  const all = await readLevelDb(folder);
  const tables: Table[] = [];
  for (const [key, value] of all) {
    if (key.startsWith('table~')) tables.push(tableOf(JSON.parse(value), { region, account, tags: tagsOf(all, key) }));
  }
  for (const table of tables) {
    if ((await records.get(TABLES, tableKey(region, table.name))) !== null) {
      throw new Error(`there is a table '${table.name}' already.`);
    }
  }
  let items = 0;
  for (const table of tables) items += await migrateItems(records, table, all);
  await records.write([
    ...tables.map((table) => putJson(TABLES, tableKey(region, table.name), table)),
    putJson(MIGRATED, region, true),
  ]);
  if (tables.length > 0)
    report(`Tables of ${region} were taken over from LevelDB: ${tables.length}, with ${items} items.`);
}

function tagsOf(all: ReadonlyMap<string, string>, tableEntry: string): Table['tags'] {
  const prefix = `tag-${tableEntry.slice('table~'.length)}~`;
  return [...all]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => ({ Key: key.slice(prefix.length), Value: String(JSON.parse(value)) }));
}

async function migrateItems(records: RecordStore, table: Table, all: ReadonlyMap<string, string>): Promise<number> {
  const prefix = `item-${table.name}~`;
  let writes: RecordWrite[] = [];
  let items = 0;
  for (const [key, value] of all) {
    if (!key.startsWith(prefix)) continue;
    const item = copyOf(parseItem(value));
    const place = { collection: itemsOf(table), key: itemKey(table, item) };
    writes.push({ type: 'put', ...place, value: JSON.stringify(item), expect: 'any' }, ...entryWrites(table, item));
    items += 1;
    if (items % SLICE === 0) {
      await records.write(writes);
      writes = [];
    }
  }
  if (writes.length > 0) await records.write(writes);
  return items;
}
