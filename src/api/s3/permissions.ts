import { bucketArn } from '../../arn.js';
import { S3Fault } from '../../services/s3/fault.js';
import { type Asked, type Denial, denied } from '../../services/s3/policy.js';
import type { S3 } from '../../services/s3/s3.js';
import type { S3Call } from './s3-call.js';

interface Wanted {
  readonly action: string;
  readonly bucket: string;
  /** Null: the bucket itself. */
  readonly key: string | null;
}

/** What operations are called in policies, where they are not called `s3:<operation>`. */
const ACTIONS: Readonly<Record<string, string>> = {
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  CompleteMultipartUpload: 's3:PutObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  DeleteBucketLifecycle: 's3:PutLifecycleConfiguration',
  DeleteBucketTagging: 's3:PutBucketTagging',
  GetBucketLifecycleConfiguration: 's3:GetLifecycleConfiguration',
  GetBucketNotificationConfiguration: 's3:GetBucketNotification',
  GetObjectLockConfiguration: 's3:GetBucketObjectLockConfiguration',
  HeadBucket: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListObjects: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  ListParts: 's3:ListMultipartUploadParts',
  PutBucketLifecycleConfiguration: 's3:PutLifecycleConfiguration',
  PutBucketNotificationConfiguration: 's3:PutBucketNotification',
  PutObjectLockConfiguration: 's3:PutBucketObjectLockConfiguration',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
};
/** Of versions they have names of their own. */
const OF_VERSIONS: Readonly<Record<string, string>> = {
  's3:DeleteObject': 's3:DeleteObjectVersion',
  's3:DeleteObjectTagging': 's3:DeleteObjectVersionTagging',
  's3:GetObject': 's3:GetObjectVersion',
  's3:GetObjectTagging': 's3:GetObjectVersionTagging',
  's3:PutObjectTagging': 's3:PutObjectVersionTagging',
};
/** No bucket's policy is asked: there is none yet, or the owner can always mend it, as on AWS. */
const UNASKED = new Set(['CreateBucket', 'DeleteBucketPolicy', 'GetBucketPolicy', 'ListBuckets', 'PutBucketPolicy']);

/** Throws S3Fault AccessDenied where the bucket's policy, or that of a copy's source, refuses the operation. */
export async function checkPolicy(s3: S3, operation: string, call: S3Call): Promise<void> {
  if (UNASKED.has(operation) || operation === 'DeleteObjects') return;
  for (const wanted of wantedBy(operation, call)) await checkOne(s3, wanted, call);
}

/** One key of DeleteObjects. Throws S3Fault AccessDenied. */
export function checkDeletion(
  s3: S3,
  call: S3Call,
  which: { readonly key: string; readonly version: string | undefined },
) {
  const action = which.version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  return checkOne(s3, { action, bucket: call.bucket, key: which.key }, call);
}

function wantedBy(operation: string, { request, bucket, key }: S3Call): readonly Wanted[] {
  const name = ACTIONS[operation] ?? `s3:${operation}`;
  const hasVersion = request.query.get('versionId') !== null;
  const action = hasVersion ? (OF_VERSIONS[name] ?? name) : name;
  const own = { bucket, key: key === '' ? null : key };
  const also = (header: string, further: string): readonly Wanted[] =>
    request.header(header) === undefined ? [] : [{ ...own, action: further }];
  return [
    { ...own, action },
    ...also('x-amz-tagging', 's3:PutObjectTagging'),
    ...also('x-amz-object-lock-mode', 's3:PutObjectRetention'),
    ...also('x-amz-object-lock-legal-hold', 's3:PutObjectLegalHold'),
    ...also('x-amz-bypass-governance-retention', 's3:BypassGovernanceRetention'),
    ...sourceOf(request.header('x-amz-copy-source')),
  ];
}

function sourceOf(header: string | undefined): readonly Wanted[] {
  if (header === undefined) return [];
  const [path = '', version] = header.split('?versionId=');
  const [bucket = '', ...rest] = decodeOrKeep(path).replace(/^\//, '').split('/');
  return [{ action: version === undefined ? 's3:GetObject' : 's3:GetObjectVersion', bucket, key: rest.join('/') }];
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // refused a moment later, with its own words
  }
}

async function checkOne(s3: S3, { action, bucket, key }: Wanted, call: S3Call): Promise<void> {
  const denials = await s3.buckets.denials(bucket, call.place.account);
  if (denials.length === 0) return;
  const resource = key === null ? bucketArn(bucket) : `${bucketArn(bucket)}/${key}`;
  const values = { ...valuesOf(call), ...(await tagsOf(s3, denials, { bucket, key, call })) };
  const asked: Asked = { action, resource, values };
  const denial = denied(denials, asked);
  if (denial === null) return;
  const user = `arn:aws:iam::${call.place.account}:root`;
  const message = `User: ${user} is not authorized to perform: ${action} on resource: "${resource}" with an explicit deny in a resource-based policy`;
  throw new S3Fault('AccessDenied', message);
}

/** Headers that are condition keys, and parameters of listings. */
const HEADERS = ['acl', 'copy-source', 'metadata-directive', 'server-side-encryption', 'storage-class'].map(
  (name) => `x-amz-${name}`,
);

function valuesOf({ request, place }: S3Call): Record<string, readonly string[]> {
  const values: Record<string, readonly string[]> = {
    // Nothing leaves this machine: that is as safe as a line that is encrypted.
    'aws:securetransport': ['true'],
    's3:tlsversion': ['1.3'],
    's3:signatureversion': ['AWS4-HMAC-SHA256'],
    'aws:principalaccount': [place.account],
    'aws:principalarn': [`arn:aws:iam::${place.account}:root`],
    'aws:sourceip': ['127.0.0.1'],
    'aws:currenttime': [new Date(Date.now()).toISOString()],
  };
  const put = (name: string, value: string | null | undefined): void => {
    if (value !== undefined && value !== null) values[name] = [value];
  };
  put('aws:useragent', request.header('user-agent'));
  for (const name of HEADERS) put(`s3:${name}`, request.header(name));
  for (const name of ['prefix', 'delimiter', 'max-keys']) put(`s3:${name}`, request.query.get(name));
  for (const name of ['if-match', 'if-none-match']) put(`s3:${name}`, request.header(name));
  put('s3:versionid', request.query.get('versionId'));
  put('s3:object-lock-mode', request.header('x-amz-object-lock-mode'));
  put('s3:object-lock-legal-hold', request.header('x-amz-object-lock-legal-hold'));
  for (const [name, value] of new URLSearchParams(request.header('x-amz-tagging') ?? '')) {
    put(`s3:requestobjecttag/${name.toLowerCase()}`, value);
  }
  return values;
}

/** Looked at only where a policy asks for it. */
async function tagsOf(
  s3: S3,
  denials: readonly Denial[],
  { bucket, key, call }: { readonly bucket: string; readonly key: string | null; readonly call: S3Call },
): Promise<Record<string, readonly string[]>> {
  const isAsked = denials.some(({ conditions }) => conditions.some(({ key: name }) => name.startsWith('s3:existing')));
  if (!isAsked || key === null) return {};
  const version = call.request.query.get('versionId') ?? undefined;
  const object = await s3.objects.find(bucket, key, version).catch((fault: unknown) => {
    if (fault instanceof S3Fault) return null;
    throw fault;
  });
  const tags = Object.entries(object?.tags ?? {});
  return Object.fromEntries(tags.map(([name, value]) => [`s3:existingobjecttag/${name.toLowerCase()}`, [value]]));
}
