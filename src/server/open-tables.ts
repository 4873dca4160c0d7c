import { join } from 'node:path';
import type { Place } from '../arn.js';
import { systemClock } from '../host/index.js';
import { dropUnfinished } from '../services/dynamodb/backups/backup-jobs.js';
import { migrateTables } from '../services/dynamodb/migration/migrate.js';
import { Tables } from '../services/dynamodb/tables.js';
import type { RecordStore } from '../store/ports.js';
import { TABLES_BEFORE } from './backup/layout.js';

export interface TablesBase {
  readonly records: RecordStore;
  readonly dataFolder: string;
  readonly place: Place;
  readonly report: (line: string) => void;
  readonly endpointUrl: () => string;
}

/** The tables of a data folder; those of releases that kept them in LevelDB are taken over first. */
export async function openTables({ records, dataFolder, place, report, endpointUrl }: TablesBase): Promise<Tables> {
  const folder = join(dataFolder, 'dynamodb');
  const doneFolder = join(dataFolder, TABLES_BEFORE);
  await migrateTables({ records, folder, doneFolder, account: place.account, report });
  await dropUnfinished(records, report);
  return Tables.open({ records, clock: systemClock, report, endpointUrl });
}
