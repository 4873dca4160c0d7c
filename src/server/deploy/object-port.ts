import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../../arn.js';
import { FUNCTION_ZIP_BYTES_MAX, TEMPLATE_BYTES_MAX } from '../../limits.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { ObjectStore } from '../../services/s3/object-store.js';
import { wholeObject } from '../../services/s3/whole-object.js';
import type { ObjectPort, StoredObject } from '../../templates/index.js';

export function objectPort(store: ObjectStore, place: Place): ObjectPort {
  return {
    digest: (object) =>
      orNull(async () => {
        const { etag, bytes } = await store.headObject(place, object);
        return `s3 ${object.bucket}/${object.key} ${object.version ?? ''} ${etag} ${bytes}`;
      }),
    async withFile(object, use) {
      const bytes = await wholeObject(store, place, { ...object, bytesMax: FUNCTION_ZIP_BYTES_MAX });
      const folder = await mkdtemp(join(tmpdir(), 'treadle-code-'));
      try {
        const file = join(folder, 'code.zip');
        await writeFile(file, bytes);
        return await use(file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** An object's text, for definitions; null when there is none. */
export const objectText = (store: ObjectStore, place: Place) => (object: StoredObject) =>
  orNull(async () =>
    Buffer.from(await wholeObject(store, place, { ...object, bytesMax: TEMPLATE_BYTES_MAX })).toString(),
  );

async function orNull<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (fault) {
    if (fault instanceof S3Fault && ['NoSuchBucket', 'NoSuchKey', 'NoSuchVersion'].includes(fault.code)) return null;
    throw fault;
  }
}
