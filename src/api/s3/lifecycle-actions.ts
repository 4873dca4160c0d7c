import { S3Fault } from '../../services/s3/fault.js';
import type { LifecycleRule } from '../../services/s3/lifecycle-rule.js';
import type { S3 } from '../../services/s3/s3.js';
import type { XmlContent } from '../protocols/rest-xml.js';
import { notImplemented } from './routes.js';
import type { S3Action } from './s3-call.js';
import { readTags } from './tags.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

/** AWS: rules of one bucket. */
const RULES_MAX = 1000;

export function lifecycleActions(s3: S3): Record<string, S3Action> {
  return {
    GetBucketLifecycleConfiguration: async ({ bucket }) => {
      const { lifecycle } = await s3.buckets.get(bucket);
      if (lifecycle === undefined) throw new S3Fault('NoSuchLifecycleConfiguration', undefined, { BucketName: bucket });
      return { xml: ['LifecycleConfiguration', { Rule: lifecycle.map(shownRule) }] };
    },
    PutBucketLifecycleConfiguration: async ({ request, bucket }) => {
      const root = await readXml(request, 'LifecycleConfiguration');
      const rules = childrenOf(root, 'Rule').map((element, index) => readRule(element, index));
      if (rules.length === 0 || rules.length > RULES_MAX) throw new S3Fault('MalformedXML');
      if (new Set(rules.map(({ id }) => id)).size < rules.length) {
        throw new S3Fault('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule');
      }
      await s3.buckets.change(bucket, () => ({ lifecycle: rules }));
      return {};
    },
    DeleteBucketLifecycle: async ({ bucket }) => {
      await s3.buckets.change(bucket, () => ({ lifecycle: undefined }));
      return { status: 204 };
    },
  };
}

function readRule(element: XmlElement, index: number): LifecycleRule {
  for (const name of ['Transition', 'NoncurrentVersionTransition']) {
    if (childrenOf(element, name).length > 0) throw notImplemented(`'${name}' of a lifecycle rule of S3`);
  }
  const status = textOf(element, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Fault('MalformedXML');
  const [filter] = childrenOf(element, 'Filter');
  const [both] = filter === undefined ? [] : childrenOf(filter, 'And');
  const where = both ?? filter ?? element;
  const [noncurrent] = childrenOf(element, 'NoncurrentVersionExpiration');
  const [uploads] = childrenOf(element, 'AbortIncompleteMultipartUpload');
  const rule: LifecycleRule = {
    id: textOf(element, 'ID') || `rule-${index + 1}`,
    isEnabled: status === 'Enabled',
    prefix: textOf(where, 'Prefix') ?? '',
    tags: readTags(where),
    sizeAbove: numberIn(where, 'ObjectSizeGreaterThan', 0),
    sizeBelow: numberIn(where, 'ObjectSizeLessThan', 1),
    expiration: readExpiration(childrenOf(element, 'Expiration')[0]),
    noncurrent:
      noncurrent === undefined
        ? null
        : {
            days: numberIn(noncurrent, 'NoncurrentDays', 1) ?? malformed(),
            newerKept: numberIn(noncurrent, 'NewerNoncurrentVersions', 1) ?? 0,
          },
    abortUploadsDays: uploads === undefined ? null : (numberIn(uploads, 'DaysAfterInitiation', 1) ?? malformed()),
  };
  if (rule.expiration === null && rule.noncurrent === null && rule.abortUploadsDays === null) {
    throw new S3Fault('InvalidRequest', 'At least one action needs to be specified in a rule');
  }
  return rule;
}

function readExpiration(element: XmlElement | undefined): LifecycleRule['expiration'] {
  if (element === undefined) return null;
  if (textOf(element, 'ExpiredObjectDeleteMarker') === 'true') return { loneMarkers: true };
  const date = textOf(element, 'Date');
  if (date === undefined) return { days: numberIn(element, 'Days', 1) ?? malformed() };
  const at = Date.parse(date);
  if (Number.isNaN(at) || at % 86_400_000 !== 0) throw new S3Fault('InvalidArgument', "'Date' must be at midnight GMT");
  return { at };
}

function numberIn(element: XmlElement, name: string, least: number): number | null {
  const text = textOf(element, name);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text) || Number(text) < least) {
    throw new S3Fault('InvalidArgument', `'${name}' for lifecycle must be a positive integer`);
  }
  return Number(text);
}

function malformed(): never {
  throw new S3Fault('MalformedXML');
}

function shownRule(rule: LifecycleRule): XmlContent {
  const tags = Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value }));
  const where = {
    Prefix: rule.prefix === '' ? undefined : rule.prefix,
    Tag: tags.length === 0 ? undefined : tags,
    ObjectSizeGreaterThan: rule.sizeAbove ?? undefined,
    ObjectSizeLessThan: rule.sizeBelow ?? undefined,
  };
  const given = Object.values(where).filter((value) => value !== undefined).length + Math.max(0, tags.length - 1);
  return {
    ID: rule.id,
    Status: rule.isEnabled ? 'Enabled' : 'Disabled',
    Filter: given > 1 ? { And: where } : given === 0 ? { Prefix: '' } : where,
    Expiration: shownExpiration(rule.expiration),
    NoncurrentVersionExpiration:
      rule.noncurrent === null
        ? undefined
        : {
            NoncurrentDays: rule.noncurrent.days,
            NewerNoncurrentVersions: rule.noncurrent.newerKept === 0 ? undefined : rule.noncurrent.newerKept,
          },
    AbortIncompleteMultipartUpload:
      rule.abortUploadsDays === null ? undefined : { DaysAfterInitiation: rule.abortUploadsDays },
  };
}

function shownExpiration(expiration: LifecycleRule['expiration']): XmlContent {
  if (expiration === null) return undefined;
  if ('days' in expiration) return { Days: expiration.days };
  return 'at' in expiration ? { Date: new Date(expiration.at).toISOString() } : { ExpiredObjectDeleteMarker: true };
}
