import { BUCKET_PAGE_ITEMS_MAX } from '../../limits/services.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { S3 } from '../../services/s3/s3.js';
import { notImplemented } from './routes.js';
import { countOf, ownerOf, type S3Action, type S3Call } from './s3-call.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

export function bucketActions(s3: S3): Record<string, S3Action> {
  return {
    ListBuckets: (call) => listBuckets(s3, call),
    CreateBucket: async ({ place, request, bucket }) => {
      checkConstraint(await readXml(request, 'CreateBucketConfiguration'), place.region);
      const isLocked = request.header('x-amz-bucket-object-lock-enabled') === 'true';
      await s3.buckets.create(place, bucket, isLocked ? { versioning: 'Enabled', lock: {} } : {});
      return { headers: { location: `/${bucket}` } };
    },
    HeadBucket: async ({ bucket }) => {
      const { region } = await s3.buckets.get(bucket);
      return { headers: { 'x-amz-bucket-region': region, 'content-type': 'application/xml' } };
    },
    GetBucketLocation: async ({ bucket }) => {
      const { region } = await s3.buckets.get(bucket);
      return { xml: ['LocationConstraint', region === 'us-east-1' ? '' : region] };
    },
    DeleteBucket: async ({ bucket }) => {
      await s3.buckets.remove(bucket);
      return { status: 204 };
    },
  };
}

async function listBuckets(s3: S3, { place, request: { query } }: S3Call) {
  const limit = countOf(query, 'max-buckets', BUCKET_PAGE_ITEMS_MAX);
  const token = query.get('continuation-token');
  const prefix = query.get('prefix') ?? '';
  const region = query.get('bucket-region');
  const after = token === null ? null : Buffer.from(token, 'base64url').toString();
  const found = await s3.buckets.list({ prefix, after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const buckets = shown
    .filter((bucket) => region === null || bucket.region === region)
    .map(({ name, at, region: BucketRegion }) => ({
      Name: name,
      CreationDate: new Date(at).toISOString(),
      BucketRegion,
    }));
  return {
    xml: [
      'ListAllMyBucketsResult',
      {
        Owner: ownerOf(place),
        Buckets: { Bucket: buckets },
        ContinuationToken: last === undefined ? undefined : Buffer.from(last.name).toString('base64url'),
        Prefix: prefix === '' ? undefined : prefix,
      },
    ],
  } as const;
}

/** A bucket is made in the region that the request is signed for; saying another is refused, as on AWS. Throws S3Fault, ApiError. */
function checkConstraint(configuration: XmlElement | null, region: string): void {
  if (configuration !== null && typeof configuration !== 'string') {
    const foreign = Object.keys(configuration).find((name) => name !== 'LocationConstraint' && name !== '#text');
    if (foreign !== undefined) throw notImplemented(`'${foreign}' of CreateBucket`);
  }
  const [element] = childrenOf(configuration, 'LocationConstraint');
  const constraint =
    element === undefined || configuration === null ? '' : (textOf(configuration, 'LocationConstraint') ?? '');
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (wanted === '' ? region === 'us-east-1' : wanted === region) return;
  if (wanted === '') throw new S3Fault('IllegalLocationConstraintException');
  throw new S3Fault(
    'IllegalLocationConstraintException',
    `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
