import { randomBytes } from 'node:crypto';
import type { RecordStore } from '../../../store/ports.js';
import { everyRecord } from '../../../store/record-pages.js';
import { keySchemaOf, projectionOf, unitsOf } from '../table/describe.js';
import { arnOf, type Index, type Table } from '../table/table.js';

/** A copy of a table; it outlives the table. */
export interface Backup {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly status: 'CREATING' | 'AVAILABLE';
  /** As it was. */
  readonly table: Table;
  readonly items: number;
  readonly bytes: number;
}

export const BACKUPS = 'dynamodb.backup';
const PAGE = 200;

export const copiesOf = ({ arn }: Pick<Backup, 'arn'>): string => `dynamodb.copy/${arn}`;

export function newBackupArn(table: Table, now: number): string {
  return `${arnOf(table)}/backup/${String(now).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
}

export async function allBackups(records: Pick<RecordStore, 'scan'>): Promise<readonly Backup[]> {
  const backups: Backup[] = [];
  for await (const { value } of everyRecord(records, { collection: BACKUPS, limit: PAGE }))
    backups.push(JSON.parse(value) as Backup); // our own text
  return backups;
}

export const backupDetails = (backup: Backup): object => ({
  BackupArn: backup.arn,
  BackupName: backup.name,
  BackupSizeBytes: backup.bytes,
  BackupStatus: backup.status,
  BackupType: 'USER',
  BackupCreationDateTime: backup.createdAt / 1000,
});

export function backupDescription(backup: Backup): object {
  const { table } = backup;
  const { stream, ttl } = table;
  return {
    BackupDetails: backupDetails(backup),
    SourceTableDetails: {
      TableName: table.name,
      TableId: table.id,
      TableArn: arnOf(table),
      TableSizeBytes: backup.bytes,
      KeySchema: keySchemaOf(table.keys),
      TableCreationDateTime: table.createdAt / 1000,
      ProvisionedThroughput: unitsOf(table.billing.throughput),
      ItemCount: backup.items,
      BillingMode: table.billing.mode,
    },
    SourceTableFeatureDetails: {
      ...(table.localIndexes.length > 0 && { LocalSecondaryIndexes: table.localIndexes.map(indexDetails) }),
      ...(table.globalIndexes.length > 0 && {
        GlobalSecondaryIndexes: table.globalIndexes.map((index) => ({
          ...indexDetails(index),
          ...(index.throughput !== null && { ProvisionedThroughput: unitsOf(index.throughput) }),
        })),
      }),
      ...(stream?.isEnabled === true && {
        StreamDescription: { StreamEnabled: true, StreamViewType: stream.view },
      }),
      TimeToLiveDescription:
        ttl === null
          ? { TimeToLiveStatus: 'DISABLED' }
          : { AttributeName: ttl.attribute, TimeToLiveStatus: ttl.isComplete ? 'ENABLED' : 'ENABLING' },
    },
  };
}

export const backupSummary = (backup: Backup): object => ({
  TableName: backup.table.name,
  TableId: backup.table.id,
  TableArn: arnOf(backup.table),
  ...backupDetails(backup),
});

const indexDetails = (index: Index): object => ({
  IndexName: index.name,
  KeySchema: keySchemaOf(index.keys),
  Projection: projectionOf(index),
});
