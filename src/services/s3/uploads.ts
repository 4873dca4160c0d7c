import { createHash, randomBytes } from 'node:crypto';
import { OBJECT_BYTES_MAX, OBJECT_PART_BYTES_MIN, OBJECT_PARTS_MAX } from '../../limits/services.js';
import { badChecksum, type Checksum, type ChecksumAlgorithm, combinedChecksum } from './checksum.js';
import { type Conditions, checkCopySource, checkWrite } from './conditions.js';
import { lockOf, type S3Context } from './context.js';
import { noSuchKey, noSuchUpload, S3Fault } from './fault.js';
import { type Claims, ingest, tooLarge } from './ingest.js';
import { assertKey } from './names.js';
import type { Objects, ReadRequest } from './objects.js';
import { parseCopyRange } from './range.js';
import {
  deletePart,
  deleteUpload,
  forgetFile,
  nameFile,
  type ObjectRecord,
  type PartRecord,
  putPart,
  putUpload,
  type UploadRecord,
} from './records.js';

export interface UploadPlace {
  readonly bucket: string;
  readonly key: string;
  readonly upload: string;
}

/** A part as the client names it at the end. */
export interface NamedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

export interface Completion {
  readonly parts: readonly NamedPart[];
  readonly conditions: Conditions;
  /** What the client says of the whole object. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | null;
  readonly bytes: number | null;
}

const UPLOAD_ID = /^[0-9a-f]{44}$/;

/** Uploads in parts. A finished object keeps its parts' files as they are: completing one writes records only. */
export class Uploads {
  constructor(
    private readonly context: S3Context,
    private readonly objects: Objects,
  ) {}

  async create(bucket: string, wanted: Omit<UploadRecord, 'id' | 'at'>): Promise<UploadRecord> {
    assertKey(wanted.key);
    const { records, locks, clock } = this.context;
    const at = clock.now();
    // Ids sort by time: uploads of one key are listed in the order they were begun.
    const id = at.toString(16).padStart(12, '0') + randomBytes(16).toString('hex');
    const upload: UploadRecord = { ...wanted, id, at };
    return locks.shared(lockOf.bucket(bucket), async () => {
      await records.bucketOf(bucket);
      await records.write([putUpload(bucket, upload)]);
      return upload;
    });
  }

  /** Throws S3Fault NoSuchUpload. */
  async get({ bucket, key, upload: id }: UploadPlace): Promise<UploadRecord> {
    const { records } = this.context;
    const found = UPLOAD_ID.test(id) ? await records.upload(bucket, key, id) : null;
    if (found !== null) return found;
    await records.bucketOf(bucket);
    throw noSuchUpload(id);
  }

  /** Durable when it resolves. A part of the same number is replaced. */
  async putPart(
    place: UploadPlace,
    { number, body, claims }: { number: number; body: AsyncIterable<Uint8Array>; claims: Claims },
  ): Promise<PartRecord> {
    const upload = await this.get(place);
    const { bodies, clock } = this.context;
    const { file, md5, bytes, checksum } = await ingest(bodies, body, claimsOf(upload, claims));
    const part: PartRecord = {
      number,
      file,
      etag: md5,
      bytes,
      at: clock.now(),
      checksum: checksum === null ? null : { ...checksum, type: 'FULL_OBJECT' },
    };
    try {
      await this.#storePart(place, part);
    } catch (fault) {
      if (fault instanceof S3Fault) await bodies.discard(file); // else it is not known whether a record names it
      throw fault;
    }
    return part;
  }

  async #storePart(place: UploadPlace, part: PartRecord): Promise<void> {
    const { records, bodies } = this.context;
    await this.#changing(place, async (upload) => {
      const before = await records.part(upload.id, part.number);
      const forgotten = before === null ? [] : [forgetFile(before.file)];
      await records.write([...forgotten, nameFile(part.file), putPart(upload.id, part)]);
      bodies.named(part.file);
      if (before !== null) await bodies.remove([before.file]);
    });
  }

  /** Neither its bucket nor the upload goes while `change` is at work. */
  #changing(place: UploadPlace, change: (upload: UploadRecord) => Promise<void>): Promise<void> {
    const { locks } = this.context;
    return locks.shared(lockOf.bucket(place.bucket), () =>
      locks.exclusive(lockOf.upload(place.upload), async () => change(await this.get(place))),
    );
  }

  /** `range` is an `x-amz-copy-source-range` header; undefined = all of the source. */
  async copyPart(
    place: UploadPlace,
    { number, source, range }: { number: number; source: ReadRequest; range: string | undefined },
  ): Promise<PartRecord> {
    await this.get(place);
    const { object } = await this.objects.look({ ...source, conditions: {}, range: undefined });
    const { from, to } = range === undefined ? { from: 0, to: object.bytes - 1 } : parseCopyRange(range, object.bytes);
    const wanted = { ...source, range: object.bytes === 0 ? undefined : `bytes=${from}-${to}` };
    const opened = await this.objects.open({ ...wanted, conditions: {} });
    try {
      checkCopySource(source.conditions, opened.object);
      return await this.putPart(place, { number, body: opened.body, claims: {} });
    } finally {
      opened.body.close();
    }
  }

  async abort(place: UploadPlace): Promise<void> {
    const { records, bodies } = this.context;
    await this.#changing(place, async (upload) => {
      const parts = await records.allParts(upload.id);
      await records.write([deleteUpload(place.bucket, upload), ...parts.flatMap((part) => forgetting(upload, part))]);
      await bodies.remove(parts.map(({ file }) => file));
    });
  }

  /** Makes the object of its parts. The same completion again gives the same answer while the object is there. */
  complete(place: UploadPlace, completion: Completion): Promise<ObjectRecord> {
    const { bucket, key } = place;
    const { locks } = this.context;
    return locks.shared(lockOf.bucket(bucket), () =>
      locks.exclusive(lockOf.upload(place.upload), () =>
        locks.exclusive(lockOf.object(bucket, key), () => this.#complete(place, completion)),
      ),
    );
  }

  async #complete(place: UploadPlace, completion: Completion): Promise<ObjectRecord> {
    const { records, bodies, clock } = this.context;
    const bucket = await records.bucketOf(place.bucket);
    const current = await records.object(place.bucket, place.key);
    if (current !== null && 'upload' in current.body && current.body.upload === place.upload) return current;
    const upload = await this.get(place);
    checkWrite(completion.conditions, current, () => noSuchKey(place.key));
    const stored = await records.allParts(upload.id);
    const parts = chosenParts(completion.parts, stored);
    const { id, checksum: _, ...headers } = upload;
    const object: ObjectRecord = {
      ...headers,
      etag: multipartEtag(parts),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      at: clock.now(),
      checksum: checksumOf(upload, parts),
      body: { upload: id, parts: parts.length },
    };
    checkWhole(object, completion);
    const unused = stored.filter((part) => !parts.includes(part));
    const writes = [...unused.flatMap((part) => forgetting(upload, part)), deleteUpload(place.bucket, upload)];
    const event = 'ObjectCreated:CompleteMultipartUpload';
    const completed = await this.objects.replace(bucket, { object, current, event, writes });
    await bodies.remove(unused.map(({ file }) => file));
    return completed;
  }
}

const forgetting = (upload: UploadRecord, part: PartRecord) => [
  deletePart(upload.id, part.number),
  forgetFile(part.file),
];

/** Parts are summed with the upload's algorithm, also where the client says no checksum of a part. */
function claimsOf({ checksum }: UploadRecord, claims: Claims): Claims {
  if (checksum === null) return claims;
  const claimed = claims.checksum;
  if (claimed !== undefined && claimed.algorithm !== checksum.algorithm) {
    const [expected, actual] = [checksum.algorithm.toLowerCase(), claimed.algorithm.toLowerCase()];
    throw new S3Fault(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
    );
  }
  return { ...claims, checksum: claimed ?? { algorithm: checksum.algorithm, claimed: () => null } };
}

function chosenParts(named: readonly NamedPart[], stored: readonly PartRecord[]): readonly PartRecord[] {
  if (named.length === 0 || named.length > OBJECT_PARTS_MAX) throw new S3Fault('MalformedXML');
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  for (const [index, { number }] of named.entries()) {
    if (index > 0 && number <= (named[index - 1]?.number ?? 0)) throw new S3Fault('InvalidPartOrder');
  }
  const parts = named.map(({ number, etag, checksums }) => {
    const part = byNumber.get(number);
    const isOther = Object.entries(checksums).some(
      ([algorithm, value]) => part?.checksum?.algorithm === algorithm && part.checksum.value !== value,
    );
    if (part === undefined || part.etag !== etag || isOther) {
      throw new S3Fault('InvalidPart', undefined, { PartNumber: number, ETag: etag });
    }
    return part;
  });
  for (const { bytes, number, etag } of parts.slice(0, -1)) {
    if (bytes >= OBJECT_PART_BYTES_MIN) continue;
    throw new S3Fault('EntityTooSmall', undefined, {
      ProposedSize: bytes,
      MinSizeAllowed: OBJECT_PART_BYTES_MIN,
      PartNumber: number,
      ETag: etag,
    });
  }
  return parts;
}

/** AWS: the MD5 of the parts' MD5s, and their number. */
export function multipartEtag(parts: readonly Pick<PartRecord, 'etag'>[]): string {
  const whole = createHash('md5');
  for (const { etag } of parts) whole.update(Buffer.from(etag, 'hex'));
  return `${whole.digest('hex')}-${parts.length}`;
}

function checksumOf(upload: UploadRecord, parts: readonly PartRecord[]): Checksum | null {
  if (upload.checksum === null) return null;
  const sums = parts.map(({ checksum, bytes }) => ({ value: checksum?.value ?? '', bytes }));
  return combinedChecksum(upload.checksum.algorithm, upload.checksum.type, sums);
}

function checkWhole(object: ObjectRecord, { checksum, bytes }: Completion): void {
  if (object.bytes > OBJECT_BYTES_MAX) throw tooLarge(object.bytes);
  if (bytes !== null && bytes !== object.bytes) {
    throw new S3Fault(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${bytes} does not match what was computed: ${object.bytes}`,
    );
  }
  if (checksum === null || object.checksum?.algorithm !== checksum.algorithm) return;
  // A client may leave the number of parts out.
  if (![object.checksum.value, object.checksum.value.split('-')[0]].includes(checksum.value)) {
    throw badChecksum(checksum.algorithm);
  }
}
