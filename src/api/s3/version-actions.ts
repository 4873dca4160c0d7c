import { OBJECT_PAGE_ITEMS_MAX } from '../../limits/services.js';
import { S3Fault } from '../../services/s3/fault.js';
import { type Bucket, type ObjectRecord, type Tags, versionPlace } from '../../services/s3/records.js';
import type { S3 } from '../../services/s3/s3.js';
import type { RestXmlAnswer } from '../protocols/rest-xml.js';
import { bypassesGovernance, readRetention } from './lock-headers.js';
import { countOf, nameEncoder, ownerOf, quoted, type S3Action, type S3Call } from './s3-call.js';
import { BUCKET_TAGS_MAX, readTagging, tagSet } from './tags.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

/** Versions, tags and locks, of buckets and of objects. */
export function versionActions(s3: S3): Record<string, S3Action> {
  return { ...versioningActions(s3), ...taggingActions(s3), ...lockActions(s3) };
}

function versioningActions(s3: S3): Record<string, S3Action> {
  return {
    GetBucketVersioning: async ({ bucket }) => {
      const { versioning } = await s3.buckets.get(bucket);
      return { xml: ['VersioningConfiguration', { Status: versioning }] };
    },
    PutBucketVersioning: async ({ request, bucket }) => {
      const root = await readXml(request, 'VersioningConfiguration');
      const status = root === null ? undefined : textOf(root, 'Status');
      if (root === null || (status !== 'Enabled' && status !== 'Suspended')) throw new S3Fault('MalformedXML');
      if (textOf(root, 'MfaDelete') === 'Enabled') {
        throw new S3Fault('NotImplemented', "Treadle's object store does not do 'MfaDelete' yet. Leave it out.");
      }
      await s3.buckets.change(bucket, ({ lock }) => {
        if (lock === undefined || status === 'Enabled') return { versioning: status };
        throw new S3Fault(
          'InvalidBucketState',
          'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
        );
      });
      return {};
    },
    ListObjectVersions: (call) => listVersions(s3, call),
  };
}

async function listVersions(s3: S3, { request: { query }, bucket, place }: S3Call): Promise<RestXmlAnswer> {
  const encode = nameEncoder(query);
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('version-id-marker') ?? ''];
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') || null;
  const limit = countOf(query, 'max-keys', OBJECT_PAGE_ITEMS_MAX);
  // Without an id, all versions of the marker's key are behind: places are hexadecimal.
  const marked = versionPlace(keyMarker, idMarker === '' ? 'g' : idMarker === 'null' ? '' : idMarker);
  const after = keyMarker === '' ? null : marked;
  const { items, commonPrefixes, next } = await s3.listVersions(bucket, { prefix, delimiter, after, limit });
  const last = next === null ? undefined : items.at(-1);
  const owner = ownerOf(place);
  const shown = items.map((item) => {
    const common = {
      Key: encode(item.key),
      VersionId: item.versionId ?? 'null',
      IsLatest: !('kind' in item) || item.noncurrentAt === null,
      LastModified: new Date(item.at).toISOString(),
    };
    if ('kind' in item && item.kind === 'marker') return { DeleteMarker: { ...common, Owner: owner } };
    const { etag, bytes, storageClass } = item;
    return { Version: { ...common, ETag: quoted(etag), Size: bytes, StorageClass: storageClass, Owner: owner } };
  });
  return {
    xml: [
      'ListVersionsResult',
      {
        Name: bucket,
        Prefix: encode(prefix),
        KeyMarker: encode(keyMarker),
        VersionIdMarker: idMarker,
        NextKeyMarker: next === null ? undefined : encode(last?.key ?? next),
        NextVersionIdMarker: last === undefined ? undefined : (last.versionId ?? last.place ?? 'null'),
        MaxKeys: limit,
        Delimiter: delimiter === null ? undefined : encode(delimiter),
        EncodingType: query.get('encoding-type') ?? undefined,
        IsTruncated: next !== null,
        Version: shown.flatMap(({ Version }) => Version ?? []),
        DeleteMarker: shown.flatMap(({ DeleteMarker }) => DeleteMarker ?? []),
        CommonPrefixes: commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
      },
    ],
  };
}

const versionOf = ({ request, bucket, key }: S3Call) => ({
  bucket,
  key,
  version: request.query.get('versionId') ?? undefined,
});

const versionHeader = ({ versionId }: ObjectRecord) => ({ 'x-amz-version-id': versionId });

function taggingActions(s3: S3): Record<string, S3Action> {
  const tag = async (call: S3Call, tags: Tags | undefined): Promise<ObjectRecord> =>
    s3.objects.amend(
      versionOf(call),
      () => ({ tags }),
      tags === undefined ? 'ObjectTagging:Delete' : 'ObjectTagging:Put',
    );
  return {
    GetObjectTagging: async (call) => {
      const { bucket, key, version } = versionOf(call);
      const object = await s3.objects.find(bucket, key, version);
      return { headers: versionHeader(object), xml: ['Tagging', tagSet(object.tags ?? {})] };
    },
    PutObjectTagging: async (call) => ({ headers: versionHeader(await tag(call, await readTagging(call.request))) }),
    DeleteObjectTagging: async (call) => ({ status: 204, headers: versionHeader(await tag(call, undefined)) }),
    GetBucketTagging: async ({ bucket }) => {
      const { tags } = await s3.buckets.get(bucket);
      if (tags === undefined) throw new S3Fault('NoSuchTagSet', undefined, { BucketName: bucket });
      return { xml: ['Tagging', tagSet(tags)] };
    },
    PutBucketTagging: async ({ request, bucket }) => {
      const tags = await readTagging(request, BUCKET_TAGS_MAX);
      await s3.buckets.change(bucket, () => ({ tags }));
      return { status: 204 };
    },
    DeleteBucketTagging: async ({ bucket }) => {
      await s3.buckets.change(bucket, () => ({ tags: undefined }));
      return { status: 204 };
    },
  };
}

function lockActions(s3: S3): Record<string, S3Action> {
  return {
    GetObjectLockConfiguration: async ({ bucket }) => {
      const { lock } = await s3.buckets.get(bucket);
      if (lock === undefined)
        throw new S3Fault('ObjectLockConfigurationNotFoundError', undefined, { BucketName: bucket });
      const { default: given } = lock;
      const retention = given === undefined ? undefined : { Mode: given.mode, [given.unit]: given.count };
      const Rule = retention === undefined ? undefined : { DefaultRetention: retention };
      return { xml: ['ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled', Rule }] };
    },
    PutObjectLockConfiguration: async ({ request, bucket }) => {
      const lock = readLock(await readXml(request, 'ObjectLockConfiguration'));
      await s3.buckets.change(bucket, ({ versioning }) => {
        if (versioning === 'Enabled') return { lock };
        throw new S3Fault(
          'InvalidBucketState',
          "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        );
      });
      return {};
    },
    GetObjectRetention: async (call) => {
      const { retention } = await lockable(s3, call);
      if (retention === undefined) throw new S3Fault('NoSuchObjectLockConfiguration');
      return { xml: ['Retention', { Mode: retention.mode, RetainUntilDate: new Date(retention.until).toISOString() }] };
    },
    PutObjectRetention: async (call) => {
      const root = await readXml(call.request, 'Retention');
      const isEmpty = root === null || typeof root === 'string';
      const retention = isEmpty ? undefined : readRetention(textOf(root, 'Mode'), textOf(root, 'RetainUntilDate'));
      await s3.objects.retain(versionOf(call), retention, bypassesGovernance(call.request));
      return {};
    },
    GetObjectLegalHold: async (call) => {
      const { legalHold } = await lockable(s3, call);
      if (legalHold === undefined) throw new S3Fault('NoSuchObjectLockConfiguration');
      return { xml: ['LegalHold', { Status: legalHold ? 'ON' : 'OFF' }] };
    },
    PutObjectLegalHold: async (call) => {
      const root = await readXml(call.request, 'LegalHold');
      const status = root === null ? undefined : textOf(root, 'Status');
      if (status !== 'ON' && status !== 'OFF') throw new S3Fault('MalformedXML');
      await s3.objects.amend(versionOf(call), (_, bucket) => {
        assertLocks(bucket);
        return { legalHold: status === 'ON' };
      });
      return {};
    },
  };
}

function readLock(root: XmlElement | null): NonNullable<Bucket['lock']> {
  if (root === null || textOf(root, 'ObjectLockEnabled') !== 'Enabled') throw new S3Fault('MalformedXML');
  const [rule] = childrenOf(root, 'Rule');
  if (rule === undefined) return {};
  const [given] = childrenOf(rule, 'DefaultRetention');
  const [mode, days, years] = ['Mode', 'Days', 'Years'].map((name) =>
    given === undefined ? undefined : textOf(given, name),
  );
  const count = Number(days ?? years ?? Number.NaN);
  const isMode = mode === 'GOVERNANCE' || mode === 'COMPLIANCE';
  if (!isMode || !Number.isInteger(count) || count < 1 || (days === undefined) === (years === undefined)) {
    throw new S3Fault('MalformedXML');
  }
  return { default: { mode, unit: days === undefined ? 'Years' : 'Days', count } };
}

async function lockable(s3: S3, call: S3Call): Promise<ObjectRecord> {
  const { bucket, key, version } = versionOf(call);
  assertLocks(await s3.buckets.get(bucket));
  return s3.objects.find(bucket, key, version);
}

function assertLocks({ lock }: Bucket): void {
  if (lock === undefined) throw new S3Fault('InvalidRequest', 'Bucket is missing Object Lock Configuration');
}
