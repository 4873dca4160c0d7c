import { TABLE_LOG_DAYS_MAX } from '../../../limits/services.js';
import type { Core, Operation } from '../core.js';
import { continuousBackupsUnavailable, tableNotFound } from '../fault.js';
import { field } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { boolean, integer, required } from '../input/shape.js';
import { sequenceAt } from '../streams/sequences.js';
import { newId } from '../table/directory.js';
import { logOf, type PointInTime, type Table } from '../table/table.js';
import { tableLock } from '../table/table-lock.js';

const UPDATE = {
  TableName: members.tableName,
  PointInTimeRecoverySpecification: required(
    field('PointInTimeRecoverySpecification', {
      PointInTimeRecoveryEnabled: required(boolean),
      RecoveryPeriodInDays: integer('Integer', { min: 1, max: TABLE_LOG_DAYS_MAX }),
    }),
  ),
};
const DESCRIBE = { TableName: members.tableName };
const DAY_MS = 24 * 60 * 60_000;
const SWEEP_ROWS = 500;
const SWEEP_CHARS = 1_048_576;

export const earliestOf = ({ since, days }: PointInTime, now: number): number => Math.max(since, now - days * DAY_MS);

export const updateContinuousBackups =
  ({ directory, locks, clock }: Core): Operation =>
  ({ input, place }) => {
    const { TableName: name, PointInTimeRecoverySpecification: asked } = readRequest(
      'UpdateContinuousBackups',
      UPDATE,
      input,
    );
    return locks.hold([tableLock(place.region, name)], async () => {
      const table = directory.find(place.region, name);
      if (table === null) throw tableNotFound(`Table not found: ${name}`);
      if (table.status !== 'ACTIVE') {
        throw continuousBackupsUnavailable('Backups are being enabled for the table. Please retry later');
      }
      const { pointInTime: before } = table;
      const { PointInTimeRecoveryEnabled: isEnabled, RecoveryPeriodInDays: days } = asked;
      const isRead = directory
        .all()
        .some(({ restoring }) => restoring?.type === 'pointInTime' && restoring.tableId === table.id);
      if (!isEnabled && isRead) {
        throw continuousBackupsUnavailable(`A table is being restored from '${name}'. Retry when it is ACTIVE.`);
      }
      const next = isEnabled ? enabled(before, days, clock.now()) : null;
      await directory.put({ ...table, pointInTime: next }, before !== null && next === null ? [logOf(before)] : []);
      return { ContinuousBackupsDescription: shown(next, clock.now()) };
    });
  };

const enabled = (before: PointInTime | null, days: number | undefined, now: number): PointInTime =>
  before === null
    ? { id: newId(), since: now, days: days ?? TABLE_LOG_DAYS_MAX }
    : { ...before, days: days ?? before.days };

export const describeContinuousBackups =
  ({ directory, clock }: Core): Operation =>
  ({ input, place }) => {
    const { TableName: name } = readRequest('DescribeContinuousBackups', DESCRIBE, input);
    const table = directory.find(place.region, name);
    if (table === null) throw tableNotFound(`Table not found: ${name}`);
    return { ContinuousBackupsDescription: shown(table.pointInTime, clock.now()) };
  };

function shown(pointInTime: PointInTime | null, now: number): object {
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription:
      pointInTime === null
        ? { PointInTimeRecoveryStatus: 'DISABLED' }
        : {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: pointInTime.days,
            EarliestRestorableDateTime: earliestOf(pointInTime, now) / 1000,
            LatestRestorableDateTime: now / 1000,
          },
  };
}

/** Deletes changes that nobody can go back before any more. */
export async function sweepLog({ records, clock }: Core, { pointInTime }: Table, isOpen: () => boolean): Promise<void> {
  if (pointInTime === null) return;
  const collection = logOf(pointInTime);
  const before = sequenceAt(clock.now() - pointInTime.days * DAY_MS);
  while (isOpen()) {
    const query = { collection, prefix: '', after: null, before, limit: SWEEP_ROWS, charsMax: SWEEP_CHARS };
    const rows = await records.scan(query);
    if (rows.length === 0) return;
    await records.write(rows.map(({ key }) => ({ type: 'delete', collection, key })));
  }
}
