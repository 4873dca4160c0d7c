import { ApiError } from '../port.js';
import type { RestXmlRequest } from '../protocols/rest-xml.js';

/** How one operation of S3 looks in HTTP. Those with more conditions come first. */
interface S3Route {
  readonly operation: string;
  readonly method: string;
  readonly level: 'service' | 'bucket' | 'object';
  /** Parameters of the query that must be there, … */
  readonly needs?: readonly string[];
  /** … and others that may be. Whatever else is there is refused. */
  readonly takes?: readonly string[];
  readonly isCopy?: boolean;
}

const LISTING = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];
const OVERRIDES = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'partNumber',
  'versionId',
];

/** Subresources: `?tagging` of a bucket, `?retention` of an object. */
const sub = (name: string, level: 'bucket' | 'object', methods: Readonly<Record<string, string>>): readonly S3Route[] =>
  Object.entries(methods).map(([method, operation]) => ({
    operation,
    method,
    level,
    needs: [name],
    ...(level === 'object' && { takes: ['versionId'] }),
  }));

const SUBRESOURCES: readonly S3Route[] = [
  ...sub('versioning', 'bucket', { GET: 'GetBucketVersioning', PUT: 'PutBucketVersioning' }),
  ...sub('tagging', 'bucket', { GET: 'GetBucketTagging', PUT: 'PutBucketTagging', DELETE: 'DeleteBucketTagging' }),
  ...sub('object-lock', 'bucket', { GET: 'GetObjectLockConfiguration', PUT: 'PutObjectLockConfiguration' }),
  ...sub('policy', 'bucket', { GET: 'GetBucketPolicy', PUT: 'PutBucketPolicy', DELETE: 'DeleteBucketPolicy' }),
  ...sub('lifecycle', 'bucket', {
    GET: 'GetBucketLifecycleConfiguration',
    PUT: 'PutBucketLifecycleConfiguration',
    DELETE: 'DeleteBucketLifecycle',
  }),
  ...sub('notification', 'bucket', {
    GET: 'GetBucketNotificationConfiguration',
    PUT: 'PutBucketNotificationConfiguration',
  }),
  ...sub('tagging', 'object', { GET: 'GetObjectTagging', PUT: 'PutObjectTagging', DELETE: 'DeleteObjectTagging' }),
  ...sub('retention', 'object', { GET: 'GetObjectRetention', PUT: 'PutObjectRetention' }),
  ...sub('legal-hold', 'object', { GET: 'GetObjectLegalHold', PUT: 'PutObjectLegalHold' }),
];

const ROUTES: readonly S3Route[] = [
  ...SUBRESOURCES,
  {
    operation: 'ListObjectVersions',
    method: 'GET',
    level: 'bucket',
    needs: ['versions'],
    takes: [...LISTING, 'key-marker', 'version-id-marker'],
  },
  {
    operation: 'ListBuckets',
    method: 'GET',
    level: 'service',
    takes: ['prefix', 'max-buckets', 'continuation-token', 'bucket-region'],
  },
  { operation: 'GetBucketLocation', method: 'GET', level: 'bucket', needs: ['location'] },
  {
    operation: 'ListMultipartUploads',
    method: 'GET',
    level: 'bucket',
    needs: ['uploads'],
    takes: ['prefix', 'delimiter', 'encoding-type', 'max-uploads', 'key-marker', 'upload-id-marker'],
  },
  {
    operation: 'ListObjectsV2',
    method: 'GET',
    level: 'bucket',
    needs: ['list-type'],
    takes: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
  },
  { operation: 'ListObjects', method: 'GET', level: 'bucket', takes: [...LISTING, 'marker'] },
  { operation: 'HeadBucket', method: 'HEAD', level: 'bucket' },
  { operation: 'CreateBucket', method: 'PUT', level: 'bucket' },
  { operation: 'DeleteBucket', method: 'DELETE', level: 'bucket' },
  { operation: 'DeleteObjects', method: 'POST', level: 'bucket', needs: ['delete'] },
  {
    operation: 'ListParts',
    method: 'GET',
    level: 'object',
    needs: ['uploadId'],
    takes: ['max-parts', 'part-number-marker'],
  },
  { operation: 'GetObject', method: 'GET', level: 'object', takes: OVERRIDES },
  { operation: 'HeadObject', method: 'HEAD', level: 'object', takes: OVERRIDES },
  { operation: 'UploadPartCopy', method: 'PUT', level: 'object', needs: ['partNumber', 'uploadId'], isCopy: true },
  { operation: 'UploadPart', method: 'PUT', level: 'object', needs: ['partNumber', 'uploadId'] },
  { operation: 'CopyObject', method: 'PUT', level: 'object', isCopy: true },
  { operation: 'PutObject', method: 'PUT', level: 'object' },
  { operation: 'CreateMultipartUpload', method: 'POST', level: 'object', needs: ['uploads'] },
  { operation: 'CompleteMultipartUpload', method: 'POST', level: 'object', needs: ['uploadId'] },
  { operation: 'AbortMultipartUpload', method: 'DELETE', level: 'object', needs: ['uploadId'] },
  { operation: 'DeleteObject', method: 'DELETE', level: 'object', takes: ['versionId'] },
];

/** Parameters of any request: the client's name for the operation, and signatures. */
const COMMON = new Set(['x-id', 'AWSAccessKeyId', 'Signature', 'Expires']);
const isCommon = (name: string): boolean => COMMON.has(name) || name.toLowerCase().startsWith('x-amz-');

/** Bucket and key of a request. Throws ApiError where the path cannot be decoded. */
export interface S3Address {
  readonly bucket: string | null;
  readonly key: string | null;
}

/** Path style, or `<bucket>.s3.…` and `<bucket>.localhost` in the Host header. */
export function addressOf({ path, headers }: Pick<RestXmlRequest, 'path' | 'headers'>): S3Address {
  const rest = path.startsWith('/') ? path.slice(1) : path;
  const hosted = bucketOfHost(headers.host ?? '');
  if (hosted !== null) return { bucket: hosted, key: decoded(rest) };
  const slash = rest.indexOf('/');
  if (slash < 0) return { bucket: decoded(rest), key: null };
  return { bucket: decoded(rest.slice(0, slash)), key: decoded(rest.slice(slash + 1)) };
}

/** Null for path style. */
export function bucketOfHost(host: string): string | null {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (/^s3[.-]/.test(name)) return null;
  const at = Math.max(name.lastIndexOf('.s3.'), name.lastIndexOf('.s3-'));
  if (at > 0) return name.slice(0, at);
  const local = '.localhost';
  return name.endsWith(local) && name.length > local.length ? name.slice(0, -local.length) : null;
}

function decoded(part: string): string | null {
  try {
    return part === '' ? null : decodeURIComponent(part);
  } catch {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: part });
  }
}

/** The operation's name. Throws ApiError for what the object store does not do, naming it. */
export function operationOf(request: RestXmlRequest): string {
  const { bucket, key } = addressOf(request);
  const level = key !== null ? 'object' : bucket !== null ? 'bucket' : 'service';
  const names = [...new Set(request.query.keys())].filter((name) => !isCommon(name));
  const isCopy = request.header('x-amz-copy-source') !== undefined;
  const route = ROUTES.find(
    (entry) =>
      entry.method === request.method &&
      entry.level === level &&
      (entry.needs ?? []).every((name) => names.includes(name)) &&
      (!entry.isCopy || isCopy),
  );
  const allowed = [...(route?.needs ?? []), ...(route?.takes ?? [])];
  const foreign = names.find((name) => !allowed.includes(name));
  if (foreign !== undefined) {
    throw notImplemented(
      `'?${foreign}' of S3 (${request.method} on ${level === 'object' ? 'an object' : `a ${level}`})`,
      {
        Resource: request.path,
      },
    );
  }
  if (route === undefined) {
    throw new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
      Method: request.method,
      ResourceType: level.toUpperCase(),
    });
  }
  return route.operation;
}

/** What S3 does and Treadle does not: refused by its name, never taken and forgotten. */
export const notImplemented = (what: string, members: Readonly<Record<string, string>> = {}): ApiError =>
  new ApiError('NotImplemented', `Treadle's object store does not do ${what} yet. Leave it out.`, 501, members);
