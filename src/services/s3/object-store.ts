import type { Place } from '../../arn.js';

export interface StoredObject {
  /** Of the whole object, whatever range is read. */
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  /** The range's bytes. Iterate it, once: the object's files are held until then. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ObjectSummary {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly storageClass: string;
}

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  /** Missing: the current one. */
  readonly version?: string | undefined;
}

/**
 * Objects for whoever is in this process: integrations, map runs. Buckets are global names, so the region of `place` finds them all.
 * Everything rejects with S3Fault for what S3 refuses.
 */
export interface ObjectStore {
  /** `to` is inclusive; null = to the end. A range that begins behind the end is InvalidRange. */
  getObject(
    place: Place,
    request: ObjectName & { readonly range?: { readonly from: number; readonly to: number | null } },
  ): Promise<StoredObject>;
  headObject(place: Place, request: ObjectName): Promise<Omit<StoredObject, 'body'>>;
  /** Durable when it resolves; nothing stays when `body` fails. */
  putObject(
    place: Place,
    request: {
      readonly bucket: string;
      readonly key: string;
      readonly body: AsyncIterable<Uint8Array>;
      readonly contentType?: string;
      readonly metadata?: Readonly<Record<string, string>>;
    },
  ): Promise<{ readonly etag: string; readonly bytes: number }>;
  /** In the order of the keys' UTF-8 bytes, those after `startAfter`. */
  listObjects(
    place: Place,
    request: {
      readonly bucket: string;
      readonly prefix?: string;
      readonly startAfter?: string;
      readonly limit: number;
    },
  ): Promise<{ readonly objects: readonly ObjectSummary[]; readonly isTruncated: boolean }>;
}
