import type { BackupRow } from '../../api/treadle/backup-ports.js';
import type { Backup } from './manifest.js';

/** A backup as lists show it. */
export function backupRow({ id, path, manifest }: Backup): BackupRow {
  const { kind, at, endedAt, version, source, counts, list, database } = manifest;
  const { executions, running } = counts;
  const size = { files: list.files + 1, bytes: list.filesBytes + database.bytes };
  return { id, path, kind, at, endedAt, version, source, executions, running, ...size };
}
