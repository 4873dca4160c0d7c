import { PART_TARGET, policyPartName } from '../services/s3/bucket-part.js';
import { isToldEvent, type NotificationSettings, type NotificationTarget } from '../services/s3/notification.js';
import type { BucketLock } from '../services/s3/object-lock.js';
import { denialsOf, PolicyFault } from '../services/s3/policy.js';
import { readLifecycle } from './bucket-lifecycle.js';
import { textList } from './http-members.js';
import { jsonText } from './json-text.js';
import type { BucketSettings, PlannedBucket, PlannedBucketPart } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import {
  allowOnly,
  flag,
  integer,
  member,
  requiredText,
  type Section,
  section,
  sections,
  text,
  word,
} from './properties.js';
import type { StartEvent } from './start-events.js';

export function planBucket({ own, common, name }: Planning): readonly [PlannedBucket] {
  const versioning = section(own, 'VersioningConfiguration');
  const lock = readLock(own);
  const settings: BucketSettings = {
    name,
    versioning:
      lock !== null ? 'Enabled' : versioning === null ? null : word(versioning, 'Status', ['Enabled', 'Suspended']),
    lock,
    tags: Object.fromEntries(sections(own, 'Tags').map((tag) => [requiredText(tag, 'Key'), text(tag, 'Value') ?? ''])),
    lifecycle: readLifecycle(own),
    notifications: readNotifications(own),
  };
  return [{ ...common, kind: 'bucket', settings }];
}

function readLock(own: Section): BucketLock | null {
  const given = section(own, 'ObjectLockConfiguration');
  if (flag(own, 'ObjectLockEnabled') !== true) {
    if (given !== null)
      refuse(own.findings, given.at, 'Expected ObjectLockEnabled: true beside ObjectLockConfiguration, but it is not.');
    return null;
  }
  const rule = given === null ? null : section(given, 'Rule');
  const retention = rule === null ? null : section(rule, 'DefaultRetention');
  if (retention === null) return {};
  const mode = word(retention, 'Mode', ['GOVERNANCE', 'COMPLIANCE']) ?? 'GOVERNANCE';
  const days = integer(retention, 'Days', { min: 1, max: 36_500 });
  const years = integer(retention, 'Years', { min: 1, max: 100 });
  if ((days === null) === (years === null)) {
    refuse(own.findings, retention.at, 'Expected Days or Years of a DefaultRetention, but there are both or neither.');
  }
  return { default: days === null ? { mode, unit: 'Years', count: years ?? 1 } : { mode, unit: 'Days', count: days } };
}

/** CloudFormation's lists of each kind, and their members. */
const KINDS = [
  { kind: 'function', list: 'LambdaConfigurations', arn: 'Function' },
  { kind: 'queue', list: 'QueueConfigurations', arn: 'Queue' },
  { kind: 'topic', list: 'TopicConfigurations', arn: 'Topic' },
] as const;

function readNotifications(own: Section): NotificationSettings | null {
  const given = section(own, 'NotificationConfiguration');
  if (given === null) return null;
  allowOnly(given, [...KINDS.map(({ list }) => list), 'EventBridgeConfiguration']);
  const targets = KINDS.flatMap(({ kind, list, arn }) =>
    sections(given, list).map((from, index): NotificationTarget => {
      allowOnly(from, ['Event', 'Filter', arn]);
      return { ...readWanted(from, 'Event'), id: `${kind}-${index + 1}`, kind, arn: requiredText(from, arn) };
    }),
  );
  const bridge = section(given, 'EventBridgeConfiguration');
  const eventBridge = bridge !== null && (flag(bridge, 'EventBridgeEnabled') ?? true);
  return targets.length === 0 && !eventBridge ? null : { targets, eventBridge };
}

/** Of which changes, and of which keys. */
function readWanted(from: Section, eventMember: string): Pick<NotificationTarget, 'events' | 'prefix' | 'suffix'> {
  const events = textList(from, eventMember);
  if (events.length === 0) refuse(from.findings, from.at, `Expected ${eventMember}, but it is missing.`);
  const foreign = events.find((event) => !isToldEvent(event));
  if (foreign !== undefined) {
    const at = member(from, eventMember)?.at ?? from.at;
    refuse(
      from.findings,
      at,
      `Expected an event that buckets tell of here (s3:ObjectCreated:*, …), but it is '${foreign}'.`,
      'unsupported',
    );
  }
  const filter = section(from, 'Filter');
  const keys = filter === null ? null : section(filter, 'S3Key');
  const found = { prefix: '', suffix: '' };
  for (const rule of keys === null ? [] : sections(keys, 'Rules')) {
    const name = text(rule, 'Name')?.toLowerCase();
    if (name === 'prefix' || name === 'suffix') found[name] = text(rule, 'Value') ?? '';
    else
      refuse(
        rule.findings,
        rule.at,
        `Expected the Name of a filter's rule to be prefix or suffix, but it is '${name ?? ''}'.`,
      );
  }
  return { events, ...found };
}

/** `AWS::S3::BucketPolicy`. */
export function planBucketPolicy({ own, common, stack }: Planning): readonly [PlannedBucketPart] | null {
  const bucket = requiredText(own, 'Bucket');
  const document = member(own, 'PolicyDocument');
  if (document === null) {
    if (!own.faulty?.has('PolicyDocument')) refuse(own.findings, own.at, 'Expected PolicyDocument, but it is missing.');
    return null;
  }
  const policy = jsonText(document);
  try {
    denialsOf(policy, stack.place.account);
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault;
    refuse(own.findings, document.at, fault.message, fault.kind === 'malformed' ? 'invalid' : 'unsupported');
    return null;
  }
  const name = policyPartName(bucket);
  return [{ ...common, kind: 'bucketPart', arn: name, settings: { part: 'policy', name, bucket, policy } }];
}

/** SAM's event `S3` of a function. */
export function planBucketEvent(
  { common, own }: Planning,
  { key, keyAt, event }: StartEvent,
  called: string,
): readonly PlannedBucketPart[] {
  const properties = section(event, 'Properties');
  if (properties === null) {
    refuse(own.findings, keyAt, `Expected Events.${key}.Properties with Bucket and Events, but it is missing.`);
    return [];
  }
  allowOnly(properties, ['Bucket', 'Events', 'Filter']);
  const bucket = requiredText(properties, 'Bucket');
  const name = `${PART_TARGET}${bucket} ${common.logicalId}.${key}`;
  const target: NotificationTarget = { ...readWanted(properties, 'Events'), id: name, kind: 'function', arn: called };
  const logicalId = `${common.logicalId}.${key}`;
  const settings = { part: 'notification', name, bucket, target } as const;
  return [
    {
      ...common,
      logicalId,
      at: keyAt,
      resourceType: 'AWS::S3::BucketNotification',
      kind: 'bucketPart',
      arn: name,
      settings,
    },
  ];
}
