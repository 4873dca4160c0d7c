import { parseArn } from '../../../arn.js';
import { putJson } from '../../../store/record-writes.js';
import type { Core, Operation } from '../core.js';
import { backupInUse, backupNotFound, tableNotFound } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { atLeast, atMost, integer, pattern, required, text, timestamp, word } from '../input/shape.js';
import { dropWrite } from '../table/directory.js';
import {
  allBackups,
  BACKUPS,
  type Backup,
  backupDescription,
  backupDetails,
  backupSummary,
  copiesOf,
  newBackupArn,
} from './backup.js';
import type { Snapshot, Snapshots } from './snapshots.js';

export const backupArn = required(text(atLeast(37), atMost(1024)));
const CREATE_BACKUP = {
  TableName: members.tableName,
  BackupName: required(text(pattern('[a-zA-Z0-9_.-]+'), atLeast(3), atMost(255))),
};
const NAMED = { BackupArn: backupArn };
const LIST_BACKUPS = {
  TableName: members.indexName,
  Limit: integer('Integer', { min: 1, max: 100 }),
  TimeRangeLowerBound: timestamp,
  TimeRangeUpperBound: timestamp,
  ExclusiveStartBackupArn: text(atLeast(37), atMost(1024)),
  BackupType: word('USER', 'SYSTEM', 'AWS_BACKUP', 'ALL'),
};
const LIST_PAGE = 100;

export interface BackupParts {
  readonly snapshots: Snapshots;
  readonly onBegun: (backup: Backup, snapshot: Snapshot) => void;
  readonly onDropped: () => void;
}

/** The table as it is when this is called; it is copied in the background. */
export const createBackup =
  ({ directory, records, clock }: Core, { snapshots, onBegun }: BackupParts): Operation =>
  async ({ input, place }) => {
    const request = readRequest('CreateBackup', CREATE_BACKUP, input);
    const table = directory.find(place.region, request.TableName);
    if (table === null || table.status !== 'ACTIVE') throw tableNotFound(`Table not found: ${request.TableName}`);
    const now = clock.now();
    const arn = newBackupArn(table, now);
    const backup: Backup = {
      arn,
      name: request.BackupName,
      createdAt: now,
      status: 'CREATING',
      table,
      items: 0,
      bytes: 0,
    };
    await records.write([putJson(BACKUPS, arn, backup)]);
    onBegun(backup, snapshots.begin(table, copiesOf(backup)));
    return { BackupDetails: backupDetails(backup) };
  };

export const describeBackup =
  ({ records }: Core): Operation =>
  async ({ input }) => {
    const { BackupArn: arn } = readRequest('DescribeBackup', NAMED, input);
    return { BackupDescription: backupDescription(await findBackup(records, arn)) };
  };

export async function findBackup(records: Pick<Core['records'], 'get'>, arn: string): Promise<Backup> {
  const found = await records.get(BACKUPS, arn);
  if (found === null) throw backupNotFound(`Backup not found: ${arn}`);
  return JSON.parse(found) as Backup; // our own text
}

export const listBackups =
  ({ records }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('ListBackups', LIST_BACKUPS, input);
    const { TableName: name, BackupType: type = 'ALL', ExclusiveStartBackupArn: start = '' } = request;
    const {
      TimeRangeLowerBound: from = 0,
      TimeRangeUpperBound: to = Number.POSITIVE_INFINITY,
      Limit: limit = LIST_PAGE,
    } = request;
    const all = (await allBackups(records)).filter(
      (backup) =>
        parseArn(backup.arn)?.region === place.region &&
        (name === undefined || backup.table.name === name) &&
        (type === 'ALL' || type === 'USER') &&
        backup.createdAt / 1000 >= from &&
        backup.createdAt / 1000 < to,
    );
    const left = all.filter(({ arn }) => arn > start);
    const page = left.slice(0, limit);
    return {
      BackupSummaries: page.map(backupSummary),
      ...(left.length > limit && { LastEvaluatedBackupArn: page.at(-1)?.arn }),
    };
  };

export const deleteBackup =
  ({ records, directory }: Core, { onDropped }: BackupParts): Operation =>
  async ({ input }) => {
    const { BackupArn: arn } = readRequest('DeleteBackup', NAMED, input);
    const backup = await findBackup(records, arn);
    const isRead = directory.all().some(({ restoring }) => restoring?.type === 'backup' && restoring.arn === arn);
    if (backup.status === 'CREATING' || isRead) throw backupInUse(`Backup is being used: ${arn}`);
    await records.write([{ type: 'delete', collection: BACKUPS, key: arn }, dropWrite(copiesOf(backup))]);
    onDropped();
    const shown = backupDescription(backup);
    return { BackupDescription: { ...shown, BackupDetails: { ...backupDetails(backup), BackupStatus: 'DELETED' } } };
  };
