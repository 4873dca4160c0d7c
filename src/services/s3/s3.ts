import { randomUUID } from 'node:crypto';
import type { Place } from '../../arn.js';
import { OBJECT_PAGE_ITEMS_MAX } from '../../limits/services.js';
import type { RecordStore } from '../../store/ports.js';
import type { Clock, Targets, Timekeeper } from '../ports.js';
import { TargetDeliveries } from '../target-deliveries.js';
import { Bodies } from './bodies.js';
import { Buckets } from './buckets.js';
import { NOBODY_TOLD, type S3Context, type Told } from './context.js';
import { Lifecycle } from './lifecycle.js';
import { type Listing, type ListQuery, listNames } from './listing.js';
import { Locks } from './locks.js';
import { deliveriesOf, type Happening } from './notification.js';
import type { ObjectStore, ObjectSummary, StoredObject } from './object-store.js';
import { Objects, type ReadObject } from './objects.js';
import {
  type Bucket,
  type ObjectRecord,
  S3Records,
  type UploadRecord,
  uploadPlace,
  type VersionRecord,
} from './records.js';
import { Uploads } from './uploads.js';
import { placeOfVersion, scanVersions } from './version-listing.js';
import { Versions } from './versions.js';

export interface S3Options {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Where bodies lie; made at need. */
  readonly folder: string;
  /** Wakes what expires; without it nothing does. */
  readonly timekeeper?: Timekeeper;
  /** Whom buckets tell of changes; without it they tell nobody. */
  readonly notifications?: { readonly targets: Targets; readonly account: string };
  /** Hears of files that no record named. */
  readonly report: (line: string) => void;
}

/** The object store: records in the store, bodies as files, both on the disk before anyone is answered. */
export class S3 implements ObjectStore {
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly lifecycle: Lifecycle | null;
  readonly #context: S3Context;
  #sweeping: Promise<void> = Promise.resolve();
  readonly #deliveries: TargetDeliveries | null;
  #isClosed = false;

  constructor(private readonly options: S3Options) {
    const { records, folder, clock } = options;
    const s3Records = new S3Records(records);
    const bodies = new Bodies(folder);
    const versions: Versions = new Versions({ records: s3Records, clock });
    this.#deliveries =
      options.notifications === undefined
        ? null
        : new TargetDeliveries({
            ...{ records, clock, report: options.report, targets: options.notifications.targets },
            collection: 's3.deliveries',
            sourceAttribute: 'BUCKET_ARN',
          });
    const told: S3Context['told'] = (bucket, happenings) => this.#told(bucket, happenings);
    this.#context = { records: s3Records, bodies, locks: new Locks(), clock, versions, told };
    this.buckets = new Buckets(this.#context);
    this.objects = new Objects(this.#context);
    this.uploads = new Uploads(this.#context, this.objects);
    const { timekeeper, report } = options;
    this.lifecycle =
      timekeeper === undefined
        ? null
        : new Lifecycle({ context: this.#context, objects: this.objects, uploads: this.uploads, timekeeper, report });
  }

  #told(bucket: Bucket, happenings: readonly Happening[]): Told {
    const account = this.options.notifications?.account;
    if (bucket.notifications === undefined || this.#deliveries === null || account === undefined) return NOBODY_TOLD;
    return this.#deliveries.prepare(deliveriesOf(bucket, happenings, { account, newId: randomUUID }));
  }

  /** Delivers what buckets told of before; until then nothing is delivered. */
  async tell(): Promise<void> {
    await this.#deliveries?.start();
    this.lifecycle?.start();
  }

  /** Resolves when everything that can be delivered now has been. */
  async idle(): Promise<void> {
    await this.#deliveries?.idle();
  }

  /** Begins to delete the files that an earlier process left and no record names; requests need not wait for it. */
  start(): void {
    this.#sweeping = this.#sweep().catch((fault: unknown) =>
      this.options.report(`Could not sweep the folder of the objects; the next start tries again. ${fault}`),
    );
  }

  async #sweep(): Promise<void> {
    const { records, bodies } = this.#context;
    const swept = await bodies.sweep(
      (folder) => records.filesIn(folder),
      () => !this.#isClosed,
    );
    if (swept > 0) this.options.report(`Deleted ${swept} unfinished uploads of an earlier process.`);
  }

  /** Resolves when what `start` began is done. */
  swept(): Promise<void> {
    return this.#sweeping;
  }

  /** For a backup: no body is deleted until the answer is called. */
  holdRemovals(): () => void {
    return this.#context.bodies.holdRemovals();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.lifecycle?.close();
    await this.#deliveries?.close();
    await this.#sweeping;
  }

  /** Throws S3Fault NoSuchBucket. */
  async list(bucket: string, query: ListQuery): Promise<Listing<ObjectRecord>> {
    const { records } = this.#context;
    await records.bucketOf(bucket);
    return listNames(query, {
      scan: (after, limit) => records.objects({ bucket, prefix: query.prefix, after, limit }),
      keyOf: ({ key }) => key,
      placeOf: ({ key }) => key,
    });
  }

  /** Throws S3Fault NoSuchBucket. */
  async listUploads(bucket: string, query: ListQuery): Promise<Listing<UploadRecord>> {
    const { records } = this.#context;
    await records.bucketOf(bucket);
    return listNames(query, {
      scan: (after, limit) => records.uploads({ bucket, prefix: query.prefix, after, limit }),
      keyOf: ({ key }) => key,
      placeOf: ({ key, id }) => uploadPlace(key, id),
    });
  }

  /** All versions and delete markers, by key and then newest first. Throws S3Fault NoSuchBucket. */
  async listVersions(bucket: string, query: ListQuery): Promise<Listing<ObjectRecord | VersionRecord>> {
    const { records } = this.#context;
    await records.bucketOf(bucket);
    return listNames(query, {
      scan: (after, limit) => scanVersions(records, { bucket, prefix: query.prefix, after, limit }),
      keyOf: ({ key }) => key,
      placeOf: placeOfVersion,
    });
  }

  async listParts(upload: string, after: number, limit: number) {
    return this.#context.records.parts(upload, after, limit);
  }

  async getObject(_place: Place, { range, ...object }: Parameters<ObjectStore['getObject']>[1]): Promise<StoredObject> {
    const header = range === undefined ? undefined : `bytes=${range.from}-${range.to ?? ''}`;
    const opened = await this.objects.open({ ...object, conditions: {}, range: header });
    return { ...shown(opened), body: opened.body };
  }

  async headObject(
    _place: Place,
    object: Parameters<ObjectStore['headObject']>[1],
  ): Promise<Omit<StoredObject, 'body'>> {
    return shown(await this.objects.look({ ...object, conditions: {} }));
  }

  async putObject(
    _place: Place,
    { bucket, key, body, contentType, metadata }: Parameters<ObjectStore['putObject']>[1],
  ): Promise<{ readonly etag: string; readonly bytes: number }> {
    const { etag, bytes } = await this.objects.put({
      bucket,
      key,
      headers: { contentType: contentType ?? CONTENT_TYPE_DEFAULT, metadata: metadata ?? {}, storageClass: 'STANDARD' },
      body,
      claims: {},
      conditions: {},
    });
    return { etag, bytes };
  }

  async listObjects(
    _place: Place,
    { bucket, prefix = '', startAfter, limit }: Parameters<ObjectStore['listObjects']>[1],
  ): Promise<{ readonly objects: readonly ObjectSummary[]; readonly isTruncated: boolean }> {
    const { items, next } = await this.list(bucket, {
      prefix,
      delimiter: null,
      after: startAfter ?? null,
      limit: Math.min(limit, OBJECT_PAGE_ITEMS_MAX),
    });
    const objects = items.map(({ key, etag, bytes, at, storageClass }) => ({
      key,
      etag,
      bytes,
      lastModified: at,
      storageClass,
    }));
    return { objects, isTruncated: next !== null };
  }
}

/** AWS's, for an object that came without one. */
export const CONTENT_TYPE_DEFAULT = 'binary/octet-stream';

const shown = ({ object: { bytes, etag, contentType, metadata, at } }: ReadObject): Omit<StoredObject, 'body'> => ({
  bytes,
  etag,
  contentType,
  metadata,
  lastModified: at,
});
