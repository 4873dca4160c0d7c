import { type BackupPorts, backupRefused } from '../../api/treadle/index.js';
import type { S3 } from '../../services/s3/s3.js';
import { backupRow } from './backup-row.js';
import type { Backups } from './backups.js';
import { BackupRefused } from './refused.js';
import { restoreObject } from './restore-one.js';

/** What the API asks of a running server's backups. */
export function backupPorts({ backups, s3 }: { readonly backups: Backups; readonly s3: S3 }): BackupPorts {
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
        if ('table' in request)
          throw new BackupRefused("Expected 'bucket' and 'key', but rows of tables cannot be restored one by one yet.");
        await restoreObject(backup, { ...request, s3 });
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
