import { parseArn } from '../../arn.js';
import type { TargetDelivery } from '../target-deliveries.js';
import type { Bucket, ObjectRecord } from './records.js';

/** Whom a bucket tells of its changes. */
export interface NotificationSettings {
  readonly targets: readonly NotificationTarget[];
  /** All changes go to the default event bus of the bucket's region. */
  readonly eventBridge: boolean;
}

export interface NotificationTarget {
  readonly id: string;
  readonly kind: 'function' | 'queue' | 'topic';
  readonly arn: string;
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`. */
  readonly events: readonly string[];
  /** Of the key; empty texts fit all. */
  readonly prefix: string;
  readonly suffix: string;
}

/** Something that became of an object. */
export interface Happening {
  readonly event: HappeningName;
  readonly key: string;
  /** Of what was written; null where nothing is left. */
  readonly object: Pick<ObjectRecord, 'bytes' | 'etag'> | null;
  readonly versionId: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type HappeningName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete';

const FAMILIES = ['ObjectCreated', 'ObjectRemoved', 'LifecycleExpiration', 'ObjectTagging'];
const NAMES: ReadonlySet<string> = new Set([
  ...['Put', 'Post', 'Copy', 'CompleteMultipartUpload'].map((name) => `s3:ObjectCreated:${name}`),
  ...['Delete', 'DeleteMarkerCreated'].flatMap((name) => [
    `s3:ObjectRemoved:${name}`,
    `s3:LifecycleExpiration:${name}`,
  ]),
  ...['Put', 'Delete'].map((name) => `s3:ObjectTagging:${name}`),
  ...FAMILIES.map((family) => `s3:${family}:*`),
]);

/** Whether buckets tell of this event here. */
export const isToldEvent = (name: string): boolean => NAMES.has(name);

/** AWS tries for hours; a target that is not there is given up at once. */
const POLICY = { retriesMax: 185, ageSecondsMax: 86_400, deadLetterArn: null } as const;

export interface Telling {
  readonly account: string;
  /** A UUID for each happening: what targets do with it happens once. */
  readonly newId: () => string;
}

/** One delivery for each target that wants to hear of it. */
export function deliveriesOf(
  bucket: Bucket,
  happenings: readonly Happening[],
  telling: Telling,
): readonly TargetDelivery[] {
  const { notifications } = bucket;
  if (notifications === undefined) return [];
  return happenings.flatMap((happening) => {
    const id = telling.newId();
    const targets = notifications.targets.filter((target) => wants(target, happening));
    const bus = `arn:aws:events:${bucket.region}:${telling.account}:event-bus/default`;
    const event = notifications.eventBridge ? busEvent(bucket, happening, { id, ...telling }) : null;
    return [
      ...targets.map((target, index) =>
        delivery(
          {
            arn: target.arn,
            input: s3Event(bucket, happening, { id, target }),
            key: `${id.slice(0, -2)}${hex(index)}`,
          },
          bucket,
          happening,
        ),
      ),
      ...(event === null ? [] : [delivery({ arn: bus, input: event, key: id }, bucket, happening)]),
    ];
  });
}

const hex = (index: number): string => index.toString(16).padStart(2, '0').slice(-2);

function wants({ events, prefix, suffix }: NotificationTarget, { event, key }: Happening): boolean {
  const [family = ''] = event.split(':');
  const isNamed = events.includes(`s3:${event}`) || events.includes(`s3:${family}:*`);
  return isNamed && key.startsWith(prefix) && key.endsWith(suffix);
}

const delivery = (
  call: { readonly arn: string; readonly input: string; readonly key: string },
  bucket: Bucket,
  { at }: Happening,
): TargetDelivery => ({
  call: { ...call, messageGroupId: null, event: null },
  policy: POLICY,
  sourceArn: `arn:aws:s3:::${bucket.name}`,
  at,
});

/** As form fields are written: a blank is `+`. */
const encodedKey = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

/** Sorts the events of one key. */
const sequencer = (at: number): string => at.toString(16).toUpperCase().padStart(16, '0');

/** The event of functions, queues and topics. */
function s3Event(
  bucket: Bucket,
  { event, key, object, versionId, at }: Happening,
  { id, target }: { readonly id: string; readonly target: NotificationTarget },
): string {
  const owner = { principalId: parseArn(target.arn)?.account ?? '' };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(at).toISOString(),
    eventName: event,
    userIdentity: owner,
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': id, 'x-amz-id-2': id },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: target.id,
      bucket: { name: bucket.name, ownerIdentity: owner, arn: `arn:aws:s3:::${bucket.name}` },
      object: {
        key: encodedKey(key),
        ...(object !== null && { size: object.bytes, eTag: object.etag }),
        ...(versionId !== undefined && { versionId }),
        sequencer: sequencer(at),
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** What the event bus gets; null for what it is not told. */
function busEvent(
  bucket: Bucket,
  { event, key, object, versionId, at }: Happening,
  { id, account }: { readonly id: string; readonly account: string },
): string | null {
  const [family = '', name = ''] = event.split(':');
  const isMarker = name === 'DeleteMarkerCreated';
  const detailType = DETAIL_TYPES[family === 'ObjectTagging' ? event : family];
  if (detailType === undefined) return null;
  const isRemoval = detailType === 'Object Deleted';
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': detailType,
    source: 'aws.s3',
    account,
    time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: bucket.region,
    resources: [`arn:aws:s3:::${bucket.name}`],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key,
        ...(object !== null && { size: object.bytes, etag: object.etag }),
        ...(versionId !== undefined && { 'version-id': versionId }),
        sequencer: sequencer(at),
      },
      'request-id': id,
      requester: family === 'LifecycleExpiration' ? 's3.amazonaws.com' : account,
      ...(family !== 'LifecycleExpiration' && { 'source-ip-address': '127.0.0.1' }),
      ...(family === 'ObjectCreated' && { reason: REASONS[name] }),
      ...(isRemoval && {
        reason: family === 'LifecycleExpiration' ? 'Lifecycle Expiration' : 'DeleteObject',
        'deletion-type': isMarker ? 'Delete Marker Created' : 'Permanently Deleted',
      }),
    },
  });
}

const DETAIL_TYPES: Readonly<Record<string, string>> = {
  ObjectCreated: 'Object Created',
  ObjectRemoved: 'Object Deleted',
  LifecycleExpiration: 'Object Deleted',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
};

const REASONS: Readonly<Record<string, string>> = {
  Put: 'PutObject',
  Copy: 'CopyObject',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
};
