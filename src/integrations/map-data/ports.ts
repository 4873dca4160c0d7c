/**
 * What reading items and writing results needs of an object store. Every method rejects with an `ObjectFault` where S3
 * would answer with an error; any other rejection is taken for a fault of the machine and passes through unchanged.
 */
export interface ObjectReader {
  /** The body may be left before its end: its iterator is closed then. */
  getObject(request: { readonly bucket: string; readonly key: string }): Promise<StoredObject>;
  /** One page, sorted by key as S3 does; it goes on with `startAfter`, the last key of the page before. */
  listObjects(request: {
    readonly bucket: string;
    readonly prefix?: string;
    readonly startAfter?: string;
    readonly limit: number;
  }): Promise<ObjectPage>;
  /** Bytes `start` to `end` (exclusive) of an object, for Parquet. A store without it gives Parquet files whole. */
  getRange?(request: {
    readonly bucket: string;
    readonly key: string;
    readonly start: number;
    readonly end: number;
  }): Promise<Uint8Array>;
}

export interface StoredObject {
  readonly bytes: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly isTruncated: boolean;
}

export interface ListedObject {
  readonly key: string;
  /** With or without the quotes that S3 puts around it. */
  readonly etag: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly storageClass: string;
}

export interface ObjectWriter {
  /** The object appears when the promise resolves. A body that throws means that nothing must appear. */
  putObject(request: {
    readonly bucket: string;
    readonly key: string;
    readonly body: AsyncIterable<Uint8Array> | string;
    readonly contentType: string;
  }): Promise<void>;
}

/** An answer of S3 that is an error: `NoSuchKey`, its message, 404. */
export interface ObjectFault {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly requestId?: string;
  readonly extendedRequestId?: string;
}
