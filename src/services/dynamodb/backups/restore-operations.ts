import { parseArn } from '../../../arn.js';
import type { Core, Operation } from '../core.js';
import {
  backupInUse,
  invalidRestoreTime,
  invalidValues,
  pointInTimeUnavailable,
  tableExists,
  tableNotFound,
  validationFault,
} from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { boolean, type StructureOf, text, timestamp, word } from '../input/shape.js';
import { EMPTY, indexOf, throughputOf } from '../table/create-table.js';
import { describeTable } from '../table/describe.js';
import { newId } from '../table/directory.js';
import { arnOf, type Billing, type RestoreSource, type Table } from '../table/table.js';
import { tableLock } from '../table/table-lock.js';
import { globalIndexes, localIndexes, throughput } from '../table/table-members.js';
import { backupArn, findBackup } from './backup-operations.js';
import { earliestOf } from './continuous-backups.js';

const OVERRIDES = {
  TargetTableName: members.tableName,
  BillingModeOverride: word('PROVISIONED', 'PAY_PER_REQUEST'),
  GlobalSecondaryIndexOverride: globalIndexes,
  LocalSecondaryIndexOverride: localIndexes,
  ProvisionedThroughputOverride: throughput,
};
const FROM_BACKUP = { BackupArn: backupArn, ...OVERRIDES };
const TO_POINT_IN_TIME = {
  SourceTableArn: text(),
  SourceTableName: members.indexName,
  UseLatestRestorableTime: boolean,
  RestoreDateTime: timestamp,
  ...OVERRIDES,
};
type Overrides = StructureOf<typeof OVERRIDES>;

export const restoreFromBackup =
  (core: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('RestoreTableFromBackup', FROM_BACKUP, input);
    const backup = await findBackup(core.records, request.BackupArn);
    if (backup.status === 'CREATING') throw backupInUse(`Backup is being created: ${backup.arn}`);
    return makeTable(core, request, {
      source: backup.table,
      place,
      restoring: { type: 'backup', arn: backup.arn },
      backupArn: backup.arn,
    });
  };

export const restoreToPointInTime =
  (core: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('RestoreTableToPointInTime', TO_POINT_IN_TIME, input);
    const name = request.SourceTableName ?? parseArn(request.SourceTableArn ?? '')?.resource.slice('table/'.length);
    if (name === undefined) throw validationFault('One of SourceTableName or SourceTableArn must be specified');
    const source = core.directory.find(place.region, name);
    if (source === null) throw tableNotFound(`Table not found: ${name}`);
    if (source.pointInTime === null) {
      throw pointInTimeUnavailable(`Point in time recovery is not enabled for table '${name}'`);
    }
    const { UseLatestRestorableTime: isLatest, RestoreDateTime: asked } = request;
    if ((isLatest === true) === (asked !== undefined)) {
      throw validationFault('Exactly one of RestoreDateTime and UseLatestRestorableTime must be specified');
    }
    const now = core.clock.now();
    const at = asked === undefined ? now : Math.round(asked * 1000);
    if (at > now || at < earliestOf(source.pointInTime, now)) {
      throw invalidRestoreTime(
        'RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime.',
      );
    }
    const restoring = { type: 'pointInTime', tableId: source.id, logId: source.pointInTime.id, at } as const;
    return makeTable(core, request, { source, place, restoring, backupArn: null });
  };

interface Restore {
  readonly source: Table;
  readonly place: { readonly region: string; readonly account: string };
  readonly restoring: RestoreSource;
  readonly backupArn: string | null;
}

/** The new table is CREATING until its items are there. Tags, streams, expiry and protection are not restored, as on AWS. */
function makeTable({ directory, locks, clock }: Core, request: Overrides, restore: Restore): Promise<object> {
  const { TargetTableName: name } = request;
  const { place, source, restoring } = restore;
  return locks.hold([tableLock(place.region, name)], async () => {
    if (directory.find(place.region, name) !== null) throw tableExists(`Table already exists: ${name}`);
    const now = clock.now();
    const table: Table = {
      ...source,
      ...place,
      ...indexesAsked(source, request),
      id: newId(),
      name,
      createdAt: now,
      status: 'CREATING',
      billing: billingAsked(source.billing, request, now),
      tags: [],
      isProtected: false,
      ttl: null,
      stream: null,
      pointInTime: null,
      restored: { sourceTableArn: arnOf(source), sourceBackupArn: restore.backupArn, at: now },
      restoring,
    };
    await directory.put(table);
    return { TableDescription: describeTable(table, EMPTY) };
  });
}

/** Indexes may be left out, none may be added. */
function indexesAsked(source: Table, request: Overrides): Pick<Table, 'globalIndexes' | 'localIndexes'> {
  const chosen = (asked: readonly Parameters<typeof indexOf>[0][] | undefined, all: Table['globalIndexes']) => {
    const indexes = asked === undefined ? all : asked.map((index) => indexOf(index, 'ACTIVE'));
    return indexes.map((index) => {
      const known = all.find(({ name }) => name === index.name);
      if (known === undefined) {
        throw invalidValues(`Index ${index.name} is not an index of the source: indexes can be left out, not added`);
      }
      return { ...known, id: newId(), throughput: index.throughput ?? known.throughput, status: 'ACTIVE' as const };
    });
  };
  return {
    globalIndexes: chosen(request.GlobalSecondaryIndexOverride, source.globalIndexes),
    localIndexes: chosen(request.LocalSecondaryIndexOverride, source.localIndexes),
  };
}

function billingAsked(billing: Billing, request: Overrides, now: number): Billing {
  const { BillingModeOverride: mode = billing.mode, ProvisionedThroughputOverride: given } = request;
  if (mode === 'PAY_PER_REQUEST') {
    return { ...billing, mode, throughput: { readUnits: 0, writeUnits: 0 }, byRequestSince: now };
  }
  return { ...billing, mode, throughput: given === undefined ? billing.throughput : throughputOf(given) };
}
