import { join } from 'node:path';
import { systemClock } from '../../host/index.js';
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
