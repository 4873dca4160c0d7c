import { randomBytes } from 'node:crypto';
import type { RecordWrite } from '../../store/ports.js';
import type { S3Context } from './context.js';
import { S3Fault } from './fault.js';
import {
  type Bucket,
  type DeleteMarker,
  deleteObject,
  deleteVersion,
  type ObjectRecord,
  type OldVersion,
  putObject,
  putVersion,
  type VersionRecord,
} from './records.js';

/** What a change writes, and whose bodies go with it. */
export interface VersionChange {
  readonly writes: readonly RecordWrite[];
  /** Versions that are gone for good. */
  readonly gone: readonly ObjectRecord[];
}

/** Which version: its id, or undefined for the current one. */
export type WantedVersion = string | undefined;

const NULL = 'null';
const PLACE = /^[0-9a-f]{32}$/;
const SCAN = 100;
const TIME_MAX = 2 ** 48 - 1;

/** Versions of objects: what stands in `s3.objects` is the current one, and all others stand in `s3.versions`, newest first. */
export class Versions {
  #order = 0;

  constructor(private readonly context: Pick<S3Context, 'records' | 'clock'>) {}

  /** Where a new version stands: later ones sort first. It is the version's id as well. */
  newPlace(at: number): string {
    this.#order = (this.#order + 1) % 0x10000;
    const time = (TIME_MAX - at).toString(16).padStart(12, '0');
    return time + (0xffff - this.#order).toString(16).padStart(4, '0') + randomBytes(8).toString('hex');
  }

  /** A new object as the bucket wants it: with a version id where versions are kept. */
  stamped(bucket: Bucket, object: ObjectRecord): ObjectRecord {
    if (bucket.versioning === undefined) return object;
    const place = this.newPlace(object.at);
    return bucket.versioning === 'Enabled' ? { ...object, place, versionId: place } : { ...object, place };
  }

  /** What becomes of the current object and of the `null` version when a new object, or a marker, takes the place. */
  async displace(bucket: Bucket, key: string, current: ObjectRecord | null): Promise<VersionChange> {
    const now = this.context.clock.now();
    if (bucket.versioning === undefined) return { writes: [], gone: current === null ? [] : [current] };
    const marker = current === null ? await this.latestMarker(bucket.name, key) : null;
    const aged = marker === null ? [] : [putVersion(bucket.name, { ...marker, noncurrentAt: now })];
    if (bucket.versioning === 'Enabled') {
      return { writes: [...aged, ...(current === null ? [] : [this.#kept(bucket.name, current, now)])], gone: [] };
    }
    // Suspended: there is one `null` version, and the new one is it.
    if (current !== null && current.versionId === undefined) return { writes: [], gone: [current] };
    const older = await this.#nullVersion(bucket.name, key);
    const dropped = older === null ? [] : [deleteVersion(bucket.name, older)];
    const kept = current === null ? [] : [this.#kept(bucket.name, current, now)];
    const isMarker = older !== null && marker?.place === older.place;
    return { writes: [...(isMarker ? [] : aged), ...kept, ...dropped], gone: older?.kind === 'version' ? [older] : [] };
  }

  #kept(bucket: string, current: ObjectRecord, now: number): RecordWrite {
    const place = current.place ?? this.newPlace(current.at);
    return putVersion(bucket, { ...current, kind: 'version', place, noncurrentAt: now });
  }

  /** A delete without a version id, where versions are kept. */
  async mark(
    bucket: Bucket,
    key: string,
    current: ObjectRecord | null,
  ): Promise<VersionChange & { readonly marker: DeleteMarker }> {
    const at = this.context.clock.now();
    const place = this.newPlace(at);
    const versionId = bucket.versioning === 'Enabled' ? place : undefined;
    const marker: DeleteMarker = { kind: 'marker', key, place, versionId, at, noncurrentAt: null };
    const { writes, gone } = await this.displace(bucket, key, current);
    const emptied = current === null ? [] : [deleteObject(bucket.name, key)];
    return { writes: [...writes, ...emptied, putVersion(bucket.name, marker)], gone, marker };
  }

  /** The version with this id; null: there is none. Throws S3Fault for what is no id. */
  async find(
    bucket: string,
    key: string,
    current: ObjectRecord | null,
    id: string,
  ): Promise<ObjectRecord | VersionRecord | null> {
    if (current !== null && (current.versionId ?? NULL) === id) return current;
    if (id === NULL) return this.#nullVersion(bucket, key);
    if (!PLACE.test(id)) {
      throw new S3Fault('InvalidArgument', 'Invalid version id specified', {
        ArgumentName: 'versionId',
        ArgumentValue: id,
      });
    }
    return this.context.records.versionAt(bucket, key, id);
  }

  /** A version goes for good; of the current one's rest the newest becomes current, unless it is a marker. */
  async drop(
    bucket: string,
    key: string,
    { current, version }: { readonly current: ObjectRecord | null; readonly version: ObjectRecord | VersionRecord },
  ): Promise<VersionChange> {
    const gone = isMarker(version) ? [] : [version];
    if (!('kind' in version)) {
      const next = await this.#newest(bucket, key, null);
      const heir = next === null ? [deleteObject(bucket, key)] : this.#promoted(bucket, next);
      return { writes: next?.kind === 'marker' ? [deleteObject(bucket, key), ...heir] : heir, gone };
    }
    const removed = deleteVersion(bucket, version);
    const isLatest = current === null && (await this.#newest(bucket, key, null))?.place === version.place;
    const next = isLatest ? await this.#newest(bucket, key, version.place) : null;
    return { writes: [removed, ...(next === null ? [] : this.#promoted(bucket, next))], gone };
  }

  #promoted(bucket: string, next: VersionRecord): readonly RecordWrite[] {
    if (next.kind === 'marker') return [putVersion(bucket, { ...next, noncurrentAt: null })];
    return [deleteVersion(bucket, next), putObject(bucket, objectOf(next))];
  }

  /** The marker that makes an object look deleted; null: nothing was deleted. */
  async latestMarker(bucket: string, key: string): Promise<DeleteMarker | null> {
    const newest = await this.#newest(bucket, key, null);
    return newest?.kind === 'marker' ? newest : null;
  }

  async #newest(bucket: string, key: string, after: string | null): Promise<VersionRecord | null> {
    const [newest] = await this.context.records.versionsOf(bucket, key, 1, after);
    return newest ?? null;
  }

  async #nullVersion(bucket: string, key: string): Promise<VersionRecord | null> {
    for (let after: string | null = null; ; ) {
      const page: readonly VersionRecord[] = await this.context.records.versionsOf(bucket, key, SCAN, after);
      const found = page.find(({ versionId }) => versionId === undefined);
      if (found !== undefined) return found;
      after = page.at(-1)?.place ?? null;
      if (page.length < SCAN || after === null) return null;
    }
  }
}

export const isMarker = (version: ObjectRecord | VersionRecord): version is DeleteMarker =>
  'kind' in version && version.kind === 'marker';

/** As it stood when it was the current one. */
function objectOf({ kind: _, noncurrentAt: __, ...object }: OldVersion): ObjectRecord {
  return object;
}
