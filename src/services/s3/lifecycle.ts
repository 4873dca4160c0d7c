import { OBJECT_SCAN_ITEMS } from '../../limits/services.js';
import type { Timekeeper } from '../ports.js';
import type { S3Context } from './context.js';
import { S3Fault } from './fault.js';
import { dueAfterDays, isAbout, isExpired, type LifecycleRule } from './lifecycle-rule.js';
import type { Objects } from './objects.js';
import type { Bucket, ObjectRecord, OldVersion, VersionRecord } from './records.js';
import type { Uploads } from './uploads.js';

export interface LifecycleOptions {
  readonly context: S3Context;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly timekeeper: Timekeeper;
  readonly report: (line: string) => void;
}

const HOUR_MS = 3_600_000;
const BUCKETS_PAGE = 100;

/** Carries out what buckets say of old objects: an hour after midnight (UTC) at the latest, and soon after each start. */
export class Lifecycle {
  #callOff: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(private readonly options: LifecycleOptions) {}

  /** Looks now, and then every hour. */
  start(): void {
    this.#running = this.run()
      .catch((fault: unknown) => this.options.report(`Could not expire objects; trying again in an hour. ${fault}`))
      .finally(() => {
        this.#running = null;
        if (!this.#isClosed) this.#callOff = this.options.timekeeper.after(HOUR_MS, () => this.start());
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff?.();
    await this.#running;
  }

  /** Resolves when what `start` began is done. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Resolves when everything that is due now is done. */
  async run(): Promise<void> {
    const { records } = this.options.context;
    for (let after: string | null = null; !this.#isClosed; ) {
      const page: readonly Bucket[] = await records.buckets({ prefix: '', after, limit: BUCKETS_PAGE });
      for (const bucket of page) {
        const rules = bucket.lifecycle?.filter(({ isEnabled }) => isEnabled) ?? [];
        if (rules.length > 0) await this.#runBucket(bucket, rules);
      }
      after = page.at(-1)?.name ?? null;
      if (page.length < BUCKETS_PAGE) return;
    }
  }

  async #runBucket(bucket: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    if (rules.some(({ expiration }) => expiration !== null)) await this.#expireCurrent(bucket, rules);
    if (bucket.versioning !== undefined) await this.#expireVersions(bucket, rules);
    if (rules.some(({ abortUploadsDays }) => abortUploadsDays !== null)) await this.#abortUploads(bucket, rules);
  }

  async #expireCurrent(bucket: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    const { records, clock } = this.options.context;
    for (let after: string | null = null; !this.#isClosed; ) {
      const query = { bucket: bucket.name, prefix: '', after, limit: OBJECT_SCAN_ITEMS };
      const page: readonly ObjectRecord[] = await records.objects(query);
      const now = clock.now();
      for (const object of page) {
        if (!rules.some((rule) => isExpired(rule, object, now))) continue;
        // What was written since it was read is another object.
        await this.#remove({ bucket: bucket.name, key: object.key, conditions: { ifMatch: object.etag } });
      }
      after = page.at(-1)?.key ?? null;
      if (page.length < OBJECT_SCAN_ITEMS) return;
    }
  }

  async #remove(request: Omit<Parameters<Objects['remove']>[0], 'cause'>): Promise<void> {
    try {
      await this.options.objects.remove({ ...request, cause: 'LifecycleExpiration' });
    } catch (fault) {
      if (!(fault instanceof S3Fault)) throw fault; // it is gone, or locked: it stays until it may go
    }
  }

  async #expireVersions(bucket: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    const { records, clock } = this.options.context;
    let key = '';
    let newer = 0;
    for (let after: string | null = null; !this.#isClosed; ) {
      const query = { bucket: bucket.name, prefix: '', after, limit: OBJECT_SCAN_ITEMS };
      const page: readonly VersionRecord[] = await records.versions(query);
      const now = clock.now();
      for (const version of page) {
        newer = version.key === key ? newer : 0;
        key = version.key;
        const isDue = version.noncurrentAt !== null && rules.some((rule) => isOutdated(rule, version, { now, newer }));
        const isLone =
          version.kind === 'marker' &&
          version.noncurrentAt === null &&
          (await this.#isLone(bucket, version.key, rules));
        if (version.noncurrentAt !== null) newer += 1;
        if (!isDue && !isLone) continue;
        await this.#remove({ bucket: bucket.name, key, conditions: {}, version: version.versionId ?? 'null' });
      }
      const last = page.at(-1);
      after = last === undefined ? null : `${last.key}\u0001${last.place}`;
      if (page.length < OBJECT_SCAN_ITEMS) return;
    }
  }

  /** A marker that hides nothing any more, where a rule wants such ones to go. */
  async #isLone(bucket: Bucket, key: string, rules: readonly LifecycleRule[]): Promise<boolean> {
    const isWanted = rules.some(
      ({ expiration, prefix }) => expiration !== null && !('at' in expiration) && key.startsWith(prefix),
    );
    if (!isWanted) return false;
    const versions = await this.options.context.records.versionsOf(bucket.name, key, 2);
    return versions.length === 1;
  }

  async #abortUploads(bucket: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    const { records, clock } = this.options.context;
    for (let after: string | null = null; !this.#isClosed; ) {
      const page = await records.uploads({ bucket: bucket.name, prefix: '', after, limit: OBJECT_SCAN_ITEMS });
      const now = clock.now();
      for (const { key, id, at } of page) {
        const isDue = rules.some(
          ({ abortUploadsDays: days, prefix }) =>
            days !== null && key.startsWith(prefix) && dueAfterDays(at, days) <= now,
        );
        if (isDue) await this.#abort({ bucket: bucket.name, key, upload: id });
      }
      const last = page.at(-1);
      after = last === undefined ? null : `${last.key}\u0001${last.id}`;
      if (page.length < OBJECT_SCAN_ITEMS) return;
    }
  }

  async #abort(place: Parameters<Uploads['abort']>[0]): Promise<void> {
    try {
      await this.options.uploads.abort(place);
    } catch (fault) {
      if (!(fault instanceof S3Fault)) throw fault; // completed meanwhile
    }
  }
}

/** `newer`: how many noncurrent versions of the key are younger. */
function isOutdated(
  rule: LifecycleRule,
  version: VersionRecord,
  { now, newer }: { readonly now: number; readonly newer: number },
): boolean {
  const { noncurrent } = rule;
  if (noncurrent === null || version.noncurrentAt === null || newer < noncurrent.newerKept) return false;
  const isMeant = version.kind === 'marker' ? version.key.startsWith(rule.prefix) : isAbout(rule, sized(version));
  return isMeant && dueAfterDays(version.noncurrentAt, noncurrent.days) <= now;
}

const sized = ({ key, bytes, tags }: OldVersion) => ({ key, bytes, tags });
