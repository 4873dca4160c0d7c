import type { Place } from '../../arn.js';
import { BUCKET_POLICIES_CACHED_MAX } from '../../limits/services.js';
import { RecordConflict } from '../../store/ports.js';
import { lockOf, type S3Context } from './context.js';
import { S3Fault } from './fault.js';
import { assertBucketName } from './names.js';
import { type Denial, denialsOf } from './policy.js';
import {
  type Bucket,
  type BucketSettings,
  deleteBucket,
  deletePart,
  deleteUpload,
  forgetFile,
  putBucket,
  replaceBucket,
} from './records.js';

/** Uploads that a bucket's deletion aborts in one transaction. */
const UPLOADS_AT_ONCE = 100;

/** Buckets: one namespace for all regions, as on AWS. Throws S3Fault for what AWS refuses. */
export class Buckets {
  /** Read policies, by bucket: forgotten when the bucket changes. */
  readonly #denials = new Map<string, Promise<readonly Denial[]>>();

  constructor(private readonly context: S3Context) {}

  /** What the bucket's policy refuses; nothing where there is no bucket. */
  denials(name: string, account: string): Promise<readonly Denial[]> {
    const known = this.#denials.get(name);
    if (known !== undefined) return known;
    const read = this.context.records
      .bucket(name)
      .then((bucket) => (bucket?.policy === undefined ? [] : denialsOf(bucket.policy, account)));
    if (this.#denials.size >= BUCKET_POLICIES_CACHED_MAX) this.#denials.clear();
    this.#denials.set(name, read);
    read.catch(() => this.#denials.delete(name));
    return read;
  }

  /** In us-east-1 a bucket of one's own may be created again, as on AWS. */
  async create(place: Place, name: string, settings: BucketSettings = {}): Promise<Bucket> {
    assertBucketName(name);
    const { records, clock } = this.context;
    const bucket: Bucket = { ...settings, name, region: place.region, at: clock.now() };
    try {
      await records.write([putBucket(bucket)]);
      this.#denials.delete(name);
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

  /** Brings the bucket's settings to what `change` gives. Throws S3Fault NoSuchBucket. */
  async change(name: string, change: (bucket: Bucket) => Partial<BucketSettings>): Promise<Bucket> {
    const { records, locks } = this.context;
    let changed: Bucket | null = null;
    await locks.exclusive(lockOf.bucket(name), async () => {
      const bucket = await records.bucketOf(name);
      changed = { ...bucket, ...change(bucket) };
      await records.write([replaceBucket(changed)]);
      this.#denials.delete(name);
    });
    return changed ?? records.bucketOf(name);
  }

  /** Uploads that were never finished go with it. */
  async remove(name: string): Promise<void> {
    const { records, locks } = this.context;
    await locks.exclusive(lockOf.bucket(name), async () => {
      await records.bucketOf(name);
      const objects = await records.objects({ bucket: name, prefix: '', after: null, limit: 1 });
      const versions = await records.versions({ bucket: name, prefix: '', after: null, limit: 1 });
      if (objects.length + versions.length > 0) throw new S3Fault('BucketNotEmpty', undefined, { BucketName: name });
      await this.#abortUploads(name);
      await records.write([deleteBucket(name)]);
      this.#denials.delete(name);
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
