import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import type { FileId } from './bodies.js';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksum.js';
import { noSuchBucket } from './fault.js';
import type { LifecycleRule } from './lifecycle-rule.js';
import type { NotificationSettings } from './notification.js';
import type { BucketLock, Retention } from './object-lock.js';

const BUCKETS = 's3.buckets';
const OBJECTS = 's3.objects';
/** Versions that are not the current one, and delete markers. */
const VERSIONS = 's3.versions';
const UPLOADS = 's3.uploads';
const PARTS = 's3.parts';
/** Every file that is part of an object or of an upload, so that the sweep looks at one folder at a time. */
const FILES = 's3.files';
/** Documents of one scan. */
const SCAN = 1000;

export interface Bucket extends BucketSettings {
  readonly name: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What is said of a bucket after it was made. */
export interface BucketSettings {
  /** Missing: it never had versions. */
  readonly versioning?: 'Enabled' | 'Suspended' | undefined;
  readonly tags?: Tags | undefined;
  readonly lock?: BucketLock | undefined;
  /** JSON text, as it came. */
  readonly policy?: string | undefined;
  readonly lifecycle?: readonly LifecycleRule[] | undefined;
  readonly notifications?: NotificationSettings | undefined;
}

export type Tags = Readonly<Record<string, string>>;

/** What the client says of an object beside its bytes; kept as it came. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly expires?: string | undefined;
  /** Without `x-amz-meta-`, lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly tags?: Tags | undefined;
  readonly retention?: Retention | undefined;
  readonly legalHold?: boolean | undefined;
}

export interface ObjectRecord extends ObjectHeaders {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly checksum: Checksum | null;
  /** One file, or the parts of a finished upload, which stay where they are. */
  readonly body: { readonly file: FileId } | { readonly upload: string; readonly parts: number };
  /** Where it stands among its key's versions, newest first; objects of buckets without versions have none. */
  readonly place?: string | undefined;
  /** Missing: `null`, as in buckets without versions. */
  readonly versionId?: string | undefined;
}

/** A version that is not the current one, or a delete marker. */
export type VersionRecord = OldVersion | DeleteMarker;

export interface OldVersion extends ObjectRecord {
  readonly kind: 'version';
  readonly place: string;
  /** When another took its place; epoch milliseconds. */
  readonly noncurrentAt: number;
}

export interface DeleteMarker {
  readonly kind: 'marker';
  readonly key: string;
  readonly place: string;
  readonly versionId?: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Null: it is the current one. */
  readonly noncurrentAt: number | null;
}

export interface UploadRecord extends ObjectHeaders {
  readonly id: string;
  readonly key: string;
  readonly at: number;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | null;
}

export interface PartRecord {
  readonly number: number;
  readonly file: FileId;
  readonly etag: string;
  readonly bytes: number;
  readonly at: number;
  readonly checksum: Checksum | null;
}

/** The documents of the object store, by what they are. All that belongs together is written at once. */
export class S3Records {
  constructor(readonly store: RecordStore) {}

  async bucket(name: string): Promise<Bucket | null> {
    return read<Bucket>(await this.store.get(BUCKETS, name));
  }

  /** Throws S3Fault NoSuchBucket. */
  async bucketOf(name: string): Promise<Bucket> {
    const bucket = await this.bucket(name);
    if (bucket === null) throw noSuchBucket(name);
    return bucket;
  }

  async buckets(query: { prefix: string; after: string | null; limit: number }): Promise<readonly Bucket[]> {
    return values(await this.store.scan({ collection: BUCKETS, ...query }));
  }

  async object(bucket: string, key: string): Promise<ObjectRecord | null> {
    return read<ObjectRecord>(await this.store.get(OBJECTS, objectKey(bucket, key)));
  }

  /** In the order of the keys' UTF-8 bytes. */
  async objects(query: { bucket: string; prefix: string; after: string | null; limit: number }) {
    const { bucket, prefix, after, limit } = query;
    return values<ObjectRecord>(
      await this.store.scan({
        collection: OBJECTS,
        prefix: objectKey(bucket, prefix),
        after: after === null ? null : objectKey(bucket, after),
        limit,
      }),
    );
  }

  /** By key, then newest first; `after` is a place that `versionPlace` gave. */
  async versions(query: { bucket: string; prefix: string; after: string | null; limit: number }) {
    const { bucket, prefix, after, limit } = query;
    return values<VersionRecord>(
      await this.store.scan({
        collection: VERSIONS,
        prefix: objectKey(bucket, prefix),
        after: after === null ? null : objectKey(bucket, after),
        limit,
      }),
    );
  }

  /** Of one key, newest first. */
  versionsOf(bucket: string, key: string, limit: number, after: string | null = null) {
    return this.versions({
      bucket,
      prefix: versionPlace(key, ''),
      after: after === null ? null : versionPlace(key, after),
      limit,
    });
  }

  async versionAt(bucket: string, key: string, place: string): Promise<VersionRecord | null> {
    return read<VersionRecord>(await this.store.get(VERSIONS, objectKey(bucket, versionPlace(key, place))));
  }

  async upload(bucket: string, key: string, id: string): Promise<UploadRecord | null> {
    return read<UploadRecord>(await this.store.get(UPLOADS, uploadKey(bucket, key, id)));
  }

  /** By key, then in the order they were begun. `after` is a place that `uploadPlace` gave. */
  async uploads(query: { bucket: string; prefix: string; after: string | null; limit: number }) {
    const { bucket, prefix, after, limit } = query;
    return values<UploadRecord>(
      await this.store.scan({
        collection: UPLOADS,
        prefix: objectKey(bucket, prefix),
        after: after === null ? null : objectKey(bucket, after),
        limit,
      }),
    );
  }

  async part(upload: string, number: number): Promise<PartRecord | null> {
    return read<PartRecord>(await this.store.get(PARTS, partKey(upload, number)));
  }

  async parts(upload: string, after: number, limit: number): Promise<readonly PartRecord[]> {
    const query = { collection: PARTS, prefix: `${upload}/`, after: partKey(upload, after), limit };
    return values(await this.store.scan(query));
  }

  /** All of one upload, at most OBJECT_PARTS_MAX. */
  async allParts(upload: string): Promise<readonly PartRecord[]> {
    const parts: PartRecord[] = [];
    for (;;) {
      const page = await this.parts(upload, parts.at(-1)?.number ?? 0, SCAN);
      parts.push(...page);
      if (page.length < SCAN) return parts;
    }
  }

  /** The files in one folder of the bodies that a record names. */
  async filesIn(folder: string): Promise<ReadonlySet<FileId>> {
    const files = new Set<FileId>();
    for (let after: string | null = null; ; ) {
      const page = await this.store.scan({ collection: FILES, prefix: folder, after, limit: SCAN });
      for (const { key } of page) files.add(key);
      after = page.at(-1)?.key ?? null;
      if (page.length < SCAN) return files;
    }
  }

  write(writes: readonly RecordWrite[]): Promise<void> {
    return this.store.write(writes);
  }
}

export const putBucket = (bucket: Bucket): RecordWrite => putJson(BUCKETS, bucket.name, bucket, 'absent');
/** Its settings have changed. */
export const replaceBucket = (bucket: Bucket): RecordWrite => putJson(BUCKETS, bucket.name, bucket);
export const deleteBucket = (name: string): RecordWrite => ({ type: 'delete', collection: BUCKETS, key: name });
export const putObject = (bucket: string, object: ObjectRecord): RecordWrite =>
  putJson(OBJECTS, objectKey(bucket, object.key), object);
export const deleteObject = (bucket: string, key: string): RecordWrite => ({
  type: 'delete',
  collection: OBJECTS,
  key: objectKey(bucket, key),
});
export const putVersion = (bucket: string, version: VersionRecord): RecordWrite =>
  putJson(VERSIONS, objectKey(bucket, versionPlace(version.key, version.place)), version);
export const deleteVersion = (bucket: string, { key, place }: Pick<VersionRecord, 'key' | 'place'>): RecordWrite => ({
  type: 'delete',
  collection: VERSIONS,
  key: objectKey(bucket, versionPlace(key, place)),
});
export const putUpload = (bucket: string, upload: UploadRecord): RecordWrite =>
  putJson(UPLOADS, uploadKey(bucket, upload.key, upload.id), upload);
export const deleteUpload = (bucket: string, { key, id }: Pick<UploadRecord, 'key' | 'id'>): RecordWrite => ({
  type: 'delete',
  collection: UPLOADS,
  key: uploadKey(bucket, key, id),
});
export const putPart = (upload: string, part: PartRecord): RecordWrite =>
  putJson(PARTS, partKey(upload, part.number), part);
export const deletePart = (upload: string, number: number): RecordWrite => ({
  type: 'delete',
  collection: PARTS,
  key: partKey(upload, number),
});
export const nameFile = (file: FileId): RecordWrite => ({
  type: 'put',
  collection: FILES,
  key: file,
  value: '',
  expect: 'any',
});
export const forgetFile = (file: FileId): RecordWrite => ({ type: 'delete', collection: FILES, key: file });

/** Where an upload stands in the list of its bucket. */
export const uploadPlace = (key: string, id: string): string => `${key}${BEFORE_KEYS}${id}`;

/** Where a version stands in the list of its bucket. */
export const versionPlace = (key: string, place: string): string => `${key}${BEFORE_KEYS}${place}`;

/** Sorts before whatever a longer key has here, but for control characters; and a bucket's name has no slash. */
const BEFORE_KEYS = '\u0001';
const objectKey = (bucket: string, key: string): string => `${bucket}/${key}`;
const uploadKey = (bucket: string, key: string, id: string): string => objectKey(bucket, uploadPlace(key, id));
const partKey = (upload: string, number: number): string => `${upload}/${String(number).padStart(5, '0')}`;

/** Our own texts. */
const read = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));
const values = <T>(rows: readonly { readonly value: string }[]): readonly T[] =>
  rows.map(({ value }) => JSON.parse(value) as T);
