import { type BackupPorts, backupRefused } from '../../api/treadle/index.js';
import type { Place } from '../../arn.js';
import type { Tables } from '../../services/dynamodb/tables.js';
import type { S3 } from '../../services/s3/s3.js';
import { backupRow } from './backup-row.js';
import type { Backups } from './backups.js';
import { BackupRefused } from './refused.js';
import { restoreObject, restoreRow } from './restore-one.js';

interface BackupParts {
  readonly backups: Backups;
  readonly s3: S3;
  readonly tables: Tables;
  /** Of rows whose region is not named. */
  readonly place: Place;
}

/** What the API asks of a running server's backups. */
export function backupPorts({ backups, s3, tables, place }: BackupParts): BackupPorts {
  const of = (folder: string | null): string => folder ?? backups.folder;
  return {
    backups: async (folder) => ({
      folder: of(folder),
      isMaking: backups.isMaking,
      failure: backups.failure,
      backups: backups.list(of(folder)).map(backupRow),
    }),
    backUp: (folder) => refusing(async () => ({ at: backups.begin(of(folder)) })),
    restoreOne: (request) =>
      refusing(async () => {
        const backup = backups.at(request.at, of(request.folder));
        if ('table' in request) {
          const { table, key, region } = request;
          const where = { ...place, ...(region !== null && { region }) };
          await restoreRow(backup, { table, key, place: where, tables });
        } else await restoreObject(backup, { ...request, s3 });
        return { backup: backup.id, at: backup.manifest.at };
      }),
  };
}

async function refusing<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (fault) {
    throw fault instanceof BackupRefused ? backupRefused(fault.message) : fault;
  }
}
