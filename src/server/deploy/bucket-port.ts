import type { Place } from '../../arn.js';
import { type BucketPart, PART_TARGET, policyPartName } from '../../services/s3/bucket-part.js';
import type { Buckets } from '../../services/s3/buckets.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { NotificationSettings, NotificationTarget } from '../../services/s3/notification.js';
import type { Bucket } from '../../services/s3/records.js';
import { type BucketPort, type BucketSettings, differences, type SettingsPort } from '../../templates/index.js';

async function found(buckets: Buckets, name: string): Promise<Bucket | null> {
  try {
    return await buckets.get(name);
  } catch (fault) {
    if (fault instanceof S3Fault) return null;
    throw fault;
  }
}

export function bucketPort(buckets: Buckets, place: Place): BucketPort {
  return {
    async find(name) {
      const bucket = await found(buckets, name);
      return bucket === null ? null : settingsOf(bucket);
    },
    async create({ name, ...settings }) {
      await buckets.create(place, name);
      await buckets.change(name, (bucket) => changed(bucket, settings));
    },
    async update({ name, ...settings }) {
      await buckets.change(name, (bucket) => changed(bucket, settings));
    },
    async remove(name) {
      if ((await found(buckets, name)) === null) return;
      try {
        await buckets.remove(name);
      } catch (fault) {
        if (!(fault instanceof S3Fault) || fault.code !== 'BucketNotEmpty') throw fault;
        throw new Error(
          `no longer in the template, but bucket '${name}' is not empty. Delete its objects (aws s3 rm s3://${name} --recursive) and deploy again, or set DeletionPolicy: Retain`,
        );
      }
    },
  };
}

/** As a template would say it: without what functions ask for by themselves. A suspended bucket has no versions. */
function settingsOf({ name, versioning, lock, tags, lifecycle, notifications }: Bucket): BucketSettings {
  return {
    name,
    versioning: versioning === 'Suspended' ? null : (versioning ?? null),
    lock: lock ?? null,
    tags: tags ?? {},
    lifecycle: lifecycle ?? null,
    notifications: withTargets(notifications, (targets) => targets.filter(({ id }) => !id.startsWith(PART_TARGET))),
  };
}

/** Null where nobody is told anything. */
function withTargets(
  settings: NotificationSettings | undefined,
  change: (targets: readonly NotificationTarget[]) => readonly NotificationTarget[],
): NotificationSettings | null {
  const targets = change(settings?.targets ?? []);
  const eventBridge = settings?.eventBridge ?? false;
  return targets.length === 0 && !eventBridge ? null : { targets, eventBridge };
}

/** Versions cannot be taken back, only suspended; and locks stay. */
function changed(before: Bucket, wanted: Omit<BucketSettings, 'name'>): Partial<Bucket> {
  const parts = before.notifications?.targets.filter(({ id }) => id.startsWith(PART_TARGET)) ?? [];
  const notifications = withTargets(wanted.notifications ?? undefined, (own) => [...own, ...parts]);
  const lock = wanted.lock ?? before.lock;
  const isSuspended =
    wanted.versioning === 'Suspended' || (wanted.versioning === null && before.versioning !== undefined);
  return {
    versioning: lock !== undefined ? 'Enabled' : isSuspended ? 'Suspended' : (wanted.versioning ?? undefined),
    lock,
    tags: Object.keys(wanted.tags).length === 0 ? undefined : wanted.tags,
    lifecycle: wanted.lifecycle ?? undefined,
    notifications: notifications ?? undefined,
  };
}

export function bucketPartPort(buckets: Buckets): SettingsPort<BucketPart> {
  const targetOf = (bucket: Bucket, name: string) => bucket.notifications?.targets.find(({ id }) => id === name);
  return {
    async compare(desired) {
      const bucket = await found(buckets, desired.bucket);
      if (bucket === null) return null;
      if (desired.part === 'policy') {
        return bucket.policy === undefined ? null : differences({ policy: bucket.policy }, { policy: desired.policy });
      }
      const target = targetOf(bucket, desired.name);
      return target === undefined ? null : differences({ ...target }, { ...desired.target });
    },
    async put(desired) {
      await buckets.change(desired.bucket, ({ notifications }) => {
        if (desired.part === 'policy') return { policy: desired.policy };
        const settings = withTargets(notifications, (targets) => [
          ...targets.filter(({ id }) => id !== desired.name),
          desired.target,
        ]);
        return { notifications: settings ?? undefined };
      });
    },
    async remove(name) {
      const isPolicy = name.startsWith(policyPartName(''));
      const [, bucket = ''] = name.split(' ');
      if ((await found(buckets, bucket)) === null) return;
      await buckets.change(bucket, ({ notifications }) => {
        if (isPolicy) return { policy: undefined };
        const settings = withTargets(notifications, (targets) => targets.filter(({ id }) => id !== name));
        return { notifications: settings ?? undefined };
      });
    },
  };
}
