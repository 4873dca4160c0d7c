import { STATE_MACHINE_VERSIONS_MAX } from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';

/** An immutable snapshot of a state machine: a number that stands for one of its revisions. */
export interface Version {
  readonly arn: string;
  /** Counts from 1; a number is never given twice. */
  readonly number: number;
  readonly revision: string;
  /** What DescribeStateMachine shows as its revisionId; null for the revision that the machine was created with. */
  readonly shownRevision: string | null;
  readonly description: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

const VERSIONS = 'state-machine-version';
/** So that keys sort as numbers do, the newest first. */
const NUMBER_MAX = 999_999_999;

/** The versions of all state machines. */
export class Versions {
  constructor(private readonly records: RecordStore) {}

  async find(machineArn: string, number: number): Promise<Version | null> {
    const text = await this.records.get(VERSIONS, keyOf(machineArn, number));
    return text === null ? null : (JSON.parse(text) as Version);
  }

  /** Newest first; numbers below `after`. */
  async list(machineArn: string, after: number | null, limit: number): Promise<readonly Version[]> {
    const rows = await this.records.scan({
      collection: VERSIONS,
      prefix: `${machineArn}:`,
      after: after === null ? null : keyOf(machineArn, after),
      limit,
    });
    return rows.map((row) => JSON.parse(row.value) as Version);
  }

  /** The write that makes a version; to be committed with whatever it is published by. */
  writeOf(machineArn: string, version: Version): RecordWrite {
    return putJson(VERSIONS, keyOf(machineArn, version.number), version, 'absent');
  }

  /** Throws ServiceQuotaExceededException when the machine has as many versions as AWS allows. */
  async checkRoom(machineArn: string): Promise<void> {
    const all = await this.list(machineArn, null, STATE_MACHINE_VERSIONS_MAX);
    if (all.length < STATE_MACHINE_VERSIONS_MAX) return;
    throw new ApiError(
      'ServiceQuotaExceededException',
      `Expected fewer than ${STATE_MACHINE_VERSIONS_MAX} versions of ${machineArn}, but it has as many. Delete versions that are not used any more.`,
    );
  }

  async remove(machineArn: string, number: number): Promise<void> {
    await this.records.write([{ type: 'delete', collection: VERSIONS, key: keyOf(machineArn, number) }]);
  }

  /** What deletes every version of a machine. */
  async removal(machineArn: string): Promise<readonly RecordWrite[]> {
    const all = await this.list(machineArn, null, STATE_MACHINE_VERSIONS_MAX);
    return all.map(({ number }) => ({ type: 'delete', collection: VERSIONS, key: keyOf(machineArn, number) }));
  }
}

const keyOf = (machineArn: string, number: number): string =>
  `${machineArn}:${String(NUMBER_MAX - number).padStart(9, '0')}`;
