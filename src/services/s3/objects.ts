import { OBJECT_PUT_BYTES_MAX } from '../../limits/services.js';
import type { RecordWrite } from '../../store/ports.js';
import type { BodyReader, FileId, Section } from './bodies.js';
import type { ChecksumAlgorithm } from './checksum.js';
import { type Conditions, checkCopySource, checkRead, checkWrite } from './conditions.js';
import { lockOf, NOBODY_TOLD, type S3Context } from './context.js';
import { deletedKey, noSuchKey, noSuchVersion, S3Fault } from './fault.js';
import { type Claims, ingest } from './ingest.js';
import { assertKey } from './names.js';
import type { Happening, HappeningName } from './notification.js';
import { checkRemoval, checkRetention, lockOfNew, type Retention } from './object-lock.js';
import { type ByteRange, parseRange } from './range.js';
import {
  type Bucket,
  deleteObject,
  deletePart,
  forgetFile,
  nameFile,
  type ObjectHeaders,
  type ObjectRecord,
  type OldVersion,
  putObject,
  putVersion,
  type Tags,
} from './records.js';
import { isMarker, type VersionChange } from './versions.js';

export interface ReadRequest {
  readonly bucket: string;
  readonly key: string;
  readonly conditions: Conditions;
  /** A Range header. */
  readonly range?: string | undefined;
  /** A part of an object that was uploaded in parts; 1 is the whole of any other. */
  readonly part?: number | undefined;
  /** Undefined: the current one. */
  readonly version?: string | undefined;
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
  readonly event?: HappeningName;
}

export interface RemoveRequest {
  readonly bucket: string;
  readonly key: string;
  readonly conditions: Conditions;
  /** Undefined: the current one, of which a marker stays where versions are kept. */
  readonly version?: string | undefined;
  readonly bypassesGovernance?: boolean;
  /** It is not a client's wish, but a rule's. */
  readonly cause?: 'ObjectRemoved' | 'LifecycleExpiration';
}

/** What a removal did; `versionId` is the marker's, or that of the version that went. */
export interface Removed {
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
}

export interface CopyRequest {
  readonly bucket: string;
  readonly key: string;
  readonly source: ReadRequest;
  /** Null: those of the source, with this storage class where one is given. */
  readonly headers: ObjectHeaders | null;
  readonly storageClass: string | undefined;
  /** Null: those of the source. */
  readonly tags: Tags | undefined | null;
  readonly lock: Pick<ObjectRecord, 'retention' | 'legalHold'>;
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
  async look({ bucket, key, conditions, range, part, version }: ReadRequest): Promise<ReadObject> {
    const object = await this.find(bucket, key, version);
    const isModified = checkRead(conditions, object) === 'proceed';
    if (part !== undefined) return { object, isModified, ...(await this.#part(object, part)) };
    const wanted = range === undefined || !isModified ? null : parseRange(range, object.bytes);
    return { object, isModified, range: wanted, partsCount: null };
  }

  /** The object, or a version of it. Throws S3Fault where there is none, and for a delete marker. */
  async find(bucket: string, key: string, version?: string): Promise<ObjectRecord> {
    assertKey(key);
    const { records, versions } = this.context;
    const current = await records.object(bucket, key);
    if (version === undefined) {
      if (current !== null) return current;
      const { versioning } = await records.bucketOf(bucket);
      const marker = versioning === undefined ? null : await versions.latestMarker(bucket, key);
      throw marker === null ? noSuchKey(key) : deletedKey(key, marker.versionId);
    }
    await records.bucketOf(bucket);
    const found = await versions.find(bucket, key, current, version);
    if (found === null) throw noSuchVersion(key, version);
    if (!isMarker(found)) return found;
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version, allow: 'DELETE' };
    throw new S3Fault('MethodNotAllowed', undefined, { Method: 'GET', ResourceType: 'DeleteMarker' }, headers);
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
  async put({
    bucket,
    key,
    headers,
    body,
    claims,
    conditions,
    event = 'ObjectCreated:Put',
  }: PutRequest): Promise<ObjectRecord> {
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
    return this.#store(bucket, object, { file, conditions, event });
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
      const own = { tags: request.tags === null ? source.tags : request.tags, ...request.lock };
      const algorithm = request.algorithm ?? source.checksum?.algorithm ?? null;
      return await this.put({
        ...request,
        headers: { ...(request.headers ?? { ...kept, storageClass: storageClass ?? 'STANDARD' }), ...own },
        event: 'ObjectCreated:Copy',
        body,
        claims: { bytes: source.bytes, ...(algorithm !== null && { checksum: { algorithm, claimed: () => null } }) },
      });
    } finally {
      body.close();
    }
  }

  async #store(
    bucket: string,
    object: ObjectRecord,
    { file, conditions, event }: { file: FileId; conditions: Conditions; event: HappeningName },
  ): Promise<ObjectRecord> {
    const { bodies } = this.context;
    let stored = object;
    try {
      await this.#changing(bucket, object.key, async (found, current) => {
        checkWrite(conditions, current, () => noSuchKey(object.key));
        stored = await this.replace(found, { object, current, event, writes: [nameFile(file)] });
        bodies.named(file);
      });
    } catch (fault) {
      // Where the store does not know whether it wrote, the file has to stay: the next start sees whether a record names it.
      if (fault instanceof S3Fault) await bodies.discard(file);
      throw fault;
    }
    return stored;
  }

  /** Writes the object as the bucket wants it, with its version and lock. The locks of bucket and object are held. */
  async replace(
    bucket: Bucket,
    {
      object,
      current,
      event,
      writes,
    }: { object: ObjectRecord; current: ObjectRecord | null; event: HappeningName; writes: readonly RecordWrite[] },
  ): Promise<ObjectRecord> {
    const { records, bodies, versions, told } = this.context;
    const { key, at, bytes, etag } = object;
    const lock = lockOfNew(object, bucket.lock, at);
    const stored = versions.stamped(bucket, { ...object, ...lock });
    const displaced = await versions.displace(bucket, key, current);
    const removal = await this.removal(displaced.gone);
    const tell = told(bucket, [{ event, key, object: { bytes, etag }, versionId: stored.versionId, at }]);
    await records.write([
      ...displaced.writes,
      ...removal.writes,
      ...writes,
      putObject(bucket.name, stored),
      ...tell.writes,
    ]);
    tell.accept();
    await bodies.remove(removal.files);
    return stored;
  }

  /** No such object: nothing to do, as on AWS. */
  async remove(request: RemoveRequest): Promise<Removed> {
    const { bucket, key, conditions, version } = request;
    assertKey(key);
    let removed: Removed = { versionId: undefined, isMarker: false };
    await this.#changing(bucket, key, async (found, current) => {
      checkWrite(conditions, current, () => noSuchKey(key));
      if (version !== undefined) removed = await this.#dropVersion(found, current, { ...request, version });
      else if (found.versioning !== undefined) removed = await this.#mark(found, current, request);
      else if (current !== null) await this.#removeWhole(found, current, request);
    });
    return removed;
  }

  async #removeWhole(bucket: Bucket, current: ObjectRecord, { cause }: RemoveRequest): Promise<void> {
    const change = { writes: [deleteObject(bucket.name, current.key)], gone: [current] };
    await this.#commit(bucket, change, this.#gone(cause, current.key, 'Delete', undefined));
  }

  async #mark(bucket: Bucket, current: ObjectRecord | null, { key, cause }: RemoveRequest): Promise<Removed> {
    const { marker, ...change } = await this.context.versions.mark(bucket, key, current);
    await this.#commit(bucket, change, this.#gone(cause, key, 'DeleteMarkerCreated', marker.versionId));
    return { versionId: marker.versionId ?? 'null', isMarker: true };
  }

  async #dropVersion(
    bucket: Bucket,
    current: ObjectRecord | null,
    { key, version: id, cause, bypassesGovernance = false }: RemoveRequest & { readonly version: string },
  ): Promise<Removed> {
    const { versions, clock } = this.context;
    const version = await versions.find(bucket.name, key, current, id);
    if (version === null) return { versionId: id, isMarker: false };
    if (!isMarker(version)) checkRemoval(version, { now: clock.now(), bypassesGovernance });
    const change = await versions.drop(bucket.name, key, { current, version });
    await this.#commit(bucket, change, this.#gone(cause, key, 'Delete', version.versionId));
    return { versionId: id, isMarker: isMarker(version) };
  }

  #gone(
    cause: RemoveRequest['cause'] = 'ObjectRemoved',
    key: string,
    what: 'Delete' | 'DeleteMarkerCreated',
    versionId: string | undefined,
  ): Happening {
    return { event: `${cause}:${what}`, key, object: null, versionId, at: this.context.clock.now() };
  }

  async #commit(bucket: Bucket, change: VersionChange, happening: Happening): Promise<void> {
    const { records, bodies, told } = this.context;
    const removal = await this.removal(change.gone);
    const tell = told(bucket, [happening]);
    await records.write([...change.writes, ...removal.writes, ...tell.writes]);
    tell.accept();
    await bodies.remove(removal.files);
  }

  /** Changes what is said of an object, or of a version of it: tags, locks. Throws S3Fault. */
  async amend(
    { bucket, key, version }: { readonly bucket: string; readonly key: string; readonly version: string | undefined },
    change: (object: ObjectRecord, bucket: Bucket) => Pick<ObjectRecord, 'tags' | 'retention' | 'legalHold'>,
    event: HappeningName | null = null,
  ): Promise<ObjectRecord> {
    let amended: ObjectRecord | null = null;
    await this.#changing(bucket, key, async (found) => {
      const object = await this.find(bucket, key, version);
      amended = { ...object, ...change(object, found) };
      const isOld = 'kind' in object; // as it stands in the store
      const at = this.context.clock.now();
      const happening = { key, object: null, versionId: object.versionId, at };
      const tell = event === null ? NOBODY_TOLD : this.context.told(found, [{ ...happening, event }]);
      const write = isOld ? putVersion(bucket, amended as OldVersion) : putObject(bucket, amended); // told apart by `kind`
      await this.context.records.write([write, ...tell.writes]);
      tell.accept();
    });
    return amended ?? (await this.find(bucket, key, version));
  }

  /** Throws S3Fault where the retention may not become this one. */
  retain(
    which: { readonly bucket: string; readonly key: string; readonly version: string | undefined },
    retention: Retention | undefined,
    bypassesGovernance: boolean,
  ): Promise<ObjectRecord> {
    return this.amend(which, (object, { lock }) => {
      if (lock === undefined) throw new S3Fault('InvalidRequest', 'Bucket is missing Object Lock Configuration');
      checkRetention(object.retention, retention, { now: this.context.clock.now(), bypassesGovernance });
      return { retention };
    });
  }

  #changing(
    bucket: string,
    key: string,
    change: (bucket: Bucket, current: ObjectRecord | null) => Promise<void>,
  ): Promise<void> {
    const { records, locks } = this.context;
    return locks.shared(lockOf.bucket(bucket), () =>
      locks.exclusive(lockOf.object(bucket, key), async () => {
        const found = await records.bucketOf(bucket);
        await change(found, await records.object(bucket, key));
      }),
    );
  }

  /** What the bodies of objects leave when their records go. */
  async removal(
    objects: readonly ObjectRecord[],
  ): Promise<{ readonly writes: readonly RecordWrite[]; readonly files: readonly FileId[] }> {
    const all = await Promise.all(objects.map((object) => this.#removalOf(object)));
    return { writes: all.flatMap(({ writes }) => writes), files: all.flatMap(({ files }) => files) };
  }

  async #removalOf({
    body,
  }: ObjectRecord): Promise<{ readonly writes: readonly RecordWrite[]; readonly files: readonly FileId[] }> {
    if ('file' in body) return { writes: [forgetFile(body.file)], files: [body.file] };
    const parts = await this.context.records.allParts(body.upload);
    return {
      writes: parts.flatMap(({ number, file }) => [deletePart(body.upload, number), forgetFile(file)]),
      files: parts.map(({ file }) => file),
    };
  }
}
