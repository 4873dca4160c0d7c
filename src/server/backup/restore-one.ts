import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../../arn.js';
import { systemClock } from '../../host/index.js';
import { Tables } from '../../services/dynamodb/tables.js';
import { S3Fault } from '../../services/s3/fault.js';
import { S3 } from '../../services/s3/s3.js';
import { openRecordsForReading } from '../../store/sqlite/read-only.js';
import type { Backup } from './manifest.js';
import { BackupRefused } from './refused.js';

interface ObjectToRestore {
  readonly bucket: string;
  readonly key: string;
  /** The server's own, where it goes back. */
  readonly s3: S3;
}

/** Puts an object back as it was: a second object store on the backup is read, and the server's own is written as by any client. */
export async function restoreObject({ path, id }: Backup, { bucket, key, s3 }: ObjectToRestore): Promise<void> {
  const { records, close } = await openRecordsForReading(path);
  try {
    const past = new S3({ records, clock: systemClock, folder: join(path, 'objects'), report: () => undefined });
    const { object, body } = await past.objects.open({ bucket, key, conditions: {} }).catch((fault: unknown) => {
      if (!(fault instanceof S3Fault)) throw fault;
      throw new BackupRefused(
        `Expected an object '${key}' in bucket '${bucket}' of the backup ${id}, but ${fault.message}`,
      );
    });
    try {
      const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires } = object;
      const { metadata, storageClass, bytes } = object;
      const kept = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires };
      const headers = { ...kept, metadata, storageClass };
      await s3.objects.put({ bucket, key, headers, body, claims: { bytes }, conditions: {} });
    } finally {
      body.close();
    }
  } finally {
    await close();
  }
}

interface RowToRestore {
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly place: Place;
  /** The server's own, where it goes back. */
  readonly tables: TableCalls;
}

/** What is asked of the table service, then and now. */
type TableCalls = Pick<Tables, 'call'>;

/** Puts a row back as it was, as a client's PutItem does. A row that was not there then is refused: deleting is for who asks for it. */
export async function restoreRow(backup: Backup, { table, key, place, tables }: RowToRestore): Promise<void> {
  const row = await withPastTables(backup, async (past) => {
    const { status, body } = await past.call('GetItem', { TableName: table, Key: key, ConsistentRead: true }, place);
    if (status !== 200)
      throw new BackupRefused(`Expected to read '${table}' in the backup ${backup.id}, but ${said(body)}`);
    return body.Item;
  });
  if (row === undefined)
    throw new BackupRefused(
      `Expected a row ${JSON.stringify(key)} in table '${table}' of the backup ${backup.id}, but there is none. ` +
        'Choose another time with --at, or delete the row yourself.',
    );
  const { status, body } = await tables.call('PutItem', { TableName: table, Item: row }, place);
  if (status !== 200) throw new BackupRefused(`Expected table '${table}' to take the row, but ${said(body)}`);
}

/** The tables of a backup, read only. Those of releases that kept them beside the database are read by restoring all of it. */
async function withPastTables<Answer>(
  { path, id }: Backup,
  work: (past: TableCalls) => Promise<Answer>,
): Promise<Answer> {
  const older = await readdir(join(path, 'dynamodb')).catch(() => []);
  if (older.length > 0) {
    throw new BackupRefused(
      `Expected the tables of the backup ${id} to be in its database, but an older release made it. Restore the whole backup into an empty data folder.`,
    );
  }
  const { records, close } = await openRecordsForReading(path);
  try {
    const untouched = { ...records, write: nothing }; // what opening them would tidy up stays as it is
    const past = await Tables.open({ records: untouched, clock: systemClock, report: nothing, endpointUrl: () => '' });
    return await work(past);
  } finally {
    await close();
  }
}

const nothing = async (): Promise<void> => undefined;

const said = (body: Readonly<Record<string, unknown>>): string => String(body.message ?? body.Message ?? body.__type);
