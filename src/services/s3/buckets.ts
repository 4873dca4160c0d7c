import type { Place } from '../../arn.js';
import { RecordConflict } from '../../store/ports.js';
import { lockOf, type S3Context } from './context.js';
import { S3Fault } from './fault.js';
import { assertBucketName } from './names.js';
import { type Bucket, deleteBucket, deletePart, deleteUpload, forgetFile, putBucket } from './records.js';

/** Uploads that a bucket's deletion aborts in one transaction. */
const UPLOADS_AT_ONCE = 100;

/** Buckets: one namespace for all regions, as on AWS. Throws S3Fault for what AWS refuses. */
export class Buckets {
  constructor(private readonly context: S3Context) {}

  /** In us-east-1 a bucket of one's own may be created again, as on AWS. */
  async create(place: Place, name: string): Promise<Bucket> {
    assertBucketName(name);
    const { records, clock } = this.context;
    const bucket: Bucket = { name, region: place.region, at: clock.now() };
    try {
      await records.write([putBucket(bucket)]);
      return bucket;
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      const before = await records.bucketOf(name);
      if (place.region === 'us-east-1' && before.region === place.region) return before;
      throw new S3Fault('BucketAlreadyOwnedByYou', undefined, { BucketName: name });
    }
  }

  /** Throws S3Fault NoSuchBucket. */
  get(name: string): Promise<Bucket> {
    return this.context.records.bucketOf(name);
  }

  list(query: { prefix: string; after: string | null; limit: number }): Promise<readonly Bucket[]> {
    return this.context.records.buckets(query);
  }

  /** Uploads that were never finished go with it. */
  async remove(name: string): Promise<void> {
    const { records, locks } = this.context;
    await locks.exclusive(lockOf.bucket(name), async () => {
      await records.bucketOf(name);
      const objects = await records.objects({ bucket: name, prefix: '', after: null, limit: 1 });
      if (objects.length > 0) throw new S3Fault('BucketNotEmpty', undefined, { BucketName: name });
      await this.#abortUploads(name);
      await records.write([deleteBucket(name)]);
    });
  }

  async #abortUploads(bucket: string): Promise<void> {
    const { records, bodies } = this.context;
    for (;;) {
      const uploads = await records.uploads({ bucket, prefix: '', after: null, limit: UPLOADS_AT_ONCE });
      for (const upload of uploads) {
        const parts = await records.allParts(upload.id);
        await records.write([
          deleteUpload(bucket, upload),
          ...parts.flatMap(({ number, file }) => [deletePart(upload.id, number), forgetFile(file)]),
        ]);
        await bodies.remove(parts.map(({ file }) => file));
      }
      if (uploads.length < UPLOADS_AT_ONCE) return;
    }
  }
}
