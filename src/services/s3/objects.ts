import type { Place } from '../../arn.js';
import { OBJECT_PUT_BYTES_MAX } from '../../limits/services.js';
import type { RecordWrite } from '../../store/ports.js';
import type { BodyReader, FileId, Section } from './bodies.js';
import type { ChecksumAlgorithm } from './checksum.js';
import { type Conditions, checkCopySource, checkRead, checkWrite } from './conditions.js';
import { lockOf, type S3Context } from './context.js';
import { noSuchKey, S3Fault } from './fault.js';
import { type Claims, ingest } from './ingest.js';
import { assertKey } from './names.js';
import { type ByteRange, parseRange } from './range.js';
import {
  deleteObject,
  deletePart,
  forgetFile,
  nameFile,
  type ObjectHeaders,
  type ObjectRecord,
  putObject,
} from './records.js';

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

/**
 * Objects for whoever is in this process: integrations, map runs. Buckets are global names, so the region of `place` finds them all.
 * Everything rejects with S3Fault for what S3 refuses.
 */
export interface ObjectStore {
  /** `to` is inclusive; null = to the end. A range that begins behind the end is InvalidRange. */
  getObject(
    place: Place,
    request: {
      readonly bucket: string;
      readonly key: string;
      readonly range?: { readonly from: number; readonly to: number | null };
    },
  ): Promise<StoredObject>;
  headObject(
    place: Place,
    request: { readonly bucket: string; readonly key: string },
  ): Promise<Omit<StoredObject, 'body'>>;
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

export interface ReadRequest {
  readonly bucket: string;
  readonly key: string;
  readonly conditions: Conditions;
  /** A Range header. */
  readonly range?: string | undefined;
  /** A part of an object that was uploaded in parts; 1 is the whole of any other. */
  readonly part?: number | undefined;
}

/** An object that was found. `range` null: the whole. */
export interface ReadObject {
  readonly object: ObjectRecord;
  readonly isModified: boolean;
  readonly range: ByteRange | null;
  /** Set when a part was asked for. */
  readonly partsCount: number | null;
}

export interface PutRequest {
  readonly bucket: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  readonly claims: Claims;
  readonly conditions: Conditions;
}

export interface CopyRequest {
  readonly bucket: string;
  readonly key: string;
  readonly source: ReadRequest;
  /** Null: those of the source, with this storage class where one is given. */
  readonly headers: ObjectHeaders | null;
  readonly storageClass: string | undefined;
  readonly algorithm: ChecksumAlgorithm | null;
  readonly conditions: Conditions;
}

/** Whole objects. Bodies travel outside of any lock; the record is written when the body is on the disk. */
export class Objects {
  constructor(private readonly context: S3Context) {}

  /** Opens the body; whoever gets it iterates or closes it. Throws S3Fault. */
  async open(request: ReadRequest): Promise<ReadObject & { readonly body: BodyReader }> {
    const { bucket, key } = request;
    return this.context.locks.shared(lockOf.object(bucket, key), async () => {
      const found = await this.look(request);
      const sections = found.isModified ? await this.#sections(found.object, found.range) : [];
      return { ...found, body: this.context.bodies.read(sections) };
    });
  }

  /** As `open`, without the body. */
  async look({ bucket, key, conditions, range, part }: ReadRequest): Promise<ReadObject> {
    assertKey(key);
    const { records } = this.context;
    const object = await records.object(bucket, key);
    if (object === null) {
      await records.bucketOf(bucket);
      throw noSuchKey(key);
    }
    const isModified = checkRead(conditions, object) === 'proceed';
    if (part !== undefined) return { object, isModified, ...(await this.#part(object, part)) };
    const wanted = range === undefined || !isModified ? null : parseRange(range, object.bytes);
    return { object, isModified, range: wanted, partsCount: null };
  }

  async #part({ body, bytes }: ObjectRecord, number: number): Promise<{ range: ByteRange | null; partsCount: number }> {
    if ('file' in body) {
      if (number !== 1) throw new S3Fault('InvalidPartNumber');
      return { range: null, partsCount: 1 };
    }
    let from = 0;
    for (const part of await this.context.records.allParts(body.upload)) {
      if (part.number === number) {
        return { range: bytes === 0 ? null : { from, to: from + part.bytes - 1 }, partsCount: body.parts };
      }
      from += part.bytes;
    }
    throw new S3Fault('InvalidPartNumber');
  }

  async #sections({ body, bytes }: ObjectRecord, range: ByteRange | null): Promise<readonly Section[]> {
    const { from, to } = range ?? { from: 0, to: bytes - 1 };
    if ('file' in body) return [{ file: body.file, from, bytes: to - from + 1 }];
    const sections: Section[] = [];
    let start = 0;
    for (const part of await this.context.records.allParts(body.upload)) {
      const first = Math.max(from, start);
      const last = Math.min(to, start + part.bytes - 1);
      if (first <= last) sections.push({ file: part.file, from: first - start, bytes: last - first + 1 });
      start += part.bytes;
    }
    return sections;
  }

  /** Durable when it resolves. */
  async put({ bucket, key, headers, body, claims, conditions }: PutRequest): Promise<ObjectRecord> {
    assertKey(key);
    const { records, bodies, clock } = this.context;
    await records.bucketOf(bucket);
    const { file, md5, bytes, checksum } = await ingest(bodies, body, claims);
    const object: ObjectRecord = {
      ...headers,
      key,
      etag: md5,
      bytes,
      at: clock.now(),
      checksum: checksum === null ? null : { ...checksum, type: 'FULL_OBJECT' },
      body: { file },
    };
    return this.#store(bucket, object, file, conditions);
  }

  /** Copies the bytes, also where both are one object: only its headers change then. */
  async copy(request: CopyRequest): Promise<ObjectRecord> {
    assertKey(request.key);
    const { records } = this.context;
    await records.bucketOf(request.bucket);
    const { object: source, body } = await this.open({ ...request.source, conditions: {} });
    try {
      checkCopySource(request.source.conditions, source);
      if (source.bytes > OBJECT_PUT_BYTES_MAX) {
        throw new S3Fault(
          'InvalidRequest',
          `The specified copy source is larger than the maximum allowable size for a copy source: ${OBJECT_PUT_BYTES_MAX}`,
        );
      }
      const { storageClass } = request;
      const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires, metadata } =
        source;
      const kept = {
        contentType,
        cacheControl,
        contentDisposition,
        contentEncoding,
        contentLanguage,
        expires,
        metadata,
      };
      const algorithm = request.algorithm ?? source.checksum?.algorithm ?? null;
      return await this.put({
        ...request,
        headers: request.headers ?? { ...kept, storageClass: storageClass ?? 'STANDARD' },
        body,
        claims: { bytes: source.bytes, ...(algorithm !== null && { checksum: { algorithm, claimed: () => null } }) },
      });
    } finally {
      body.close();
    }
  }

  async #store(bucket: string, object: ObjectRecord, file: FileId, conditions: Conditions): Promise<ObjectRecord> {
    const { records, bodies } = this.context;
    try {
      await this.#changing(bucket, object.key, async (current) => {
        checkWrite(conditions, current, () => noSuchKey(object.key));
        const removal = await this.removal(current);
        await records.write([...removal.writes, nameFile(file), putObject(bucket, object)]);
        bodies.named(file);
        await bodies.remove(removal.files);
      });
    } catch (fault) {
      // Where the store does not know whether it wrote, the file has to stay: the next start sees whether a record names it.
      if (fault instanceof S3Fault) await bodies.discard(file);
      throw fault;
    }
    return object;
  }

  /** No such object: nothing to do, as on AWS. */
  async remove(bucket: string, key: string, conditions: Conditions): Promise<void> {
    assertKey(key);
    const { records, bodies } = this.context;
    await this.#changing(bucket, key, async (current) => {
      checkWrite(conditions, current, () => noSuchKey(key));
      if (current === null) return;
      const removal = await this.removal(current);
      await records.write([deleteObject(bucket, key), ...removal.writes]);
      await bodies.remove(removal.files);
    });
  }

  #changing(bucket: string, key: string, change: (current: ObjectRecord | null) => Promise<void>): Promise<void> {
    const { records, locks } = this.context;
    return locks.shared(lockOf.bucket(bucket), () =>
      locks.exclusive(lockOf.object(bucket, key), async () => {
        await records.bucketOf(bucket);
        await change(await records.object(bucket, key));
      }),
    );
  }

  /** What the body of an object leaves when its record goes or names another one. */
  async removal(
    object: ObjectRecord | null,
  ): Promise<{ readonly writes: readonly RecordWrite[]; readonly files: readonly FileId[] }> {
    if (object === null) return { writes: [], files: [] };
    const { body } = object;
    if ('file' in body) return { writes: [forgetFile(body.file)], files: [body.file] };
    const parts = await this.context.records.allParts(body.upload);
    return {
      writes: parts.flatMap(({ number, file }) => [deletePart(body.upload, number), forgetFile(file)]),
      files: parts.map(({ file }) => file),
    };
  }
}
