import { OBJECT_METADATA_BYTES_MAX } from '../../limits/services.js';
import type { Conditions } from '../../services/s3/conditions.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { ObjectHeaders } from '../../services/s3/records.js';
import { CONTENT_TYPE_DEFAULT } from '../../services/s3/s3.js';
import type { RestXmlRequest } from '../protocols/rest-xml.js';
import { lockHeaders } from './lock-headers.js';
import { notImplemented } from './routes.js';
import { taggingHeader } from './tags.js';

const CHECKSUMS = 'crc32|crc32c|crc64nvme|sha1|sha256';
/** Headers of AWS that are understood; a new one, or one of a feature that is not here, is refused by its name. */
const KNOWN = new RegExp(
  [
    '^x-amz-(?:meta-.*',
    'date|content-sha256|security-token|user-agent|id-2|request-payer|decoded-content-length|trailer|storage-class',
    `sdk-checksum-algorithm|checksum-(?:algorithm|mode|type|${CHECKSUMS})`,
    'copy-source(?:-if-(?:match|none-match|modified-since|unmodified-since)|-range)?|metadata-directive|mp-object-size',
    // Looked at below:
    'tagging|object-lock-(?:mode|retain-until-date|legal-hold)|bypass-governance-retention',
    'server-side-encryption|acl|object-ownership|bucket-object-lock-enabled|tagging-directive|expected-bucket-owner|source-expected-bucket-owner',
    // Of presigned URLs:
    'algorithm|credential|expires|signature|signedheaders)$',
  ].join('|'),
);
/** Values that say what is so here anyway. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  'x-amz-server-side-encryption': ['AES256'],
  'x-amz-acl': ['private', 'bucket-owner-full-control', 'bucket-owner-read'],
  'x-amz-object-ownership': ['BucketOwnerEnforced'],
  'x-amz-bucket-object-lock-enabled': ['false', 'true'],
  'x-amz-tagging-directive': ['COPY', 'REPLACE'],
};
/** Readable at once, like STANDARD; the label is kept. */
const STORAGE_CLASSES = ['STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING'];

/** Throws ApiError or S3Fault for headers that ask for what is not here, before anything is done. */
export function checkHeaders(request: RestXmlRequest, { account, now }: { account: string; now: number }): void {
  const names = [...Object.keys(request.headers), ...[...request.query.keys()].map((name) => name.toLowerCase())];
  for (const name of names) {
    if (name.startsWith('x-amz-') && !KNOWN.test(name)) throw notImplemented(`'${name}' of S3`, { Header: name });
  }
  for (const [name, values] of Object.entries(ONLY)) {
    const value = request.header(name);
    if (value !== undefined && !values.includes(value))
      throw notImplemented(`'${name}: ${value}' of S3`, { Header: name });
  }
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const owner = request.header(name);
    if (owner !== undefined && owner !== account) throw new S3Fault('AccessDenied');
  }
  checkExpiry(request.query, now);
}

/** Any credentials sign, but a presigned URL has its end. */
function checkExpiry(query: URLSearchParams, now: number): void {
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(query.get('X-Amz-Date') ?? '') ?? [];
  const begun =
    day === undefined || time === undefined
      ? Number.NaN
      : Date.parse(
          `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
        );
  const end = query.has('Signature') ? Number(query.get('Expires') ?? Number.NaN) * 1000 : begun + seconds * 1000;
  // Without a readable end there is none: comparisons with NaN are false.
  if (end < now) throw new S3Fault('AccessDenied', 'Request has expired', { Expires: new Date(end).toISOString() });
}

/** `prefix` as in `x-amz-copy-source-if-match`. */
export const conditionsOf = (request: RestXmlRequest, prefix = ''): Conditions => ({
  ifMatch: request.header(`${prefix}if-match`),
  ifNoneMatch: request.header(`${prefix}if-none-match`),
  ifModifiedSince: request.header(`${prefix}if-modified-since`),
  ifUnmodifiedSince: request.header(`${prefix}if-unmodified-since`),
});

/** What is kept of an object's headers. Throws S3Fault. */
export function objectHeadersOf(request: RestXmlRequest): ObjectHeaders {
  const headers = {
    contentType: request.header('content-type') || CONTENT_TYPE_DEFAULT,
    cacheControl: request.header('cache-control'),
    contentDisposition: request.header('content-disposition'),
    contentEncoding: withoutChunked(request.header('content-encoding')),
    contentLanguage: request.header('content-language'),
    expires: request.header('expires'),
    metadata: metadataOf(request),
  };
  const tags = taggingHeader(request);
  const own = { ...(tags !== undefined && { tags }), ...lockHeaders(request) };
  return { ...headers, storageClass: storageClassOf(request) ?? 'STANDARD', ...own };
}

/** Throws S3Fault where objects of this class could not be read at once. */
export function storageClassOf(request: RestXmlRequest): string | undefined {
  const wanted = request.header('x-amz-storage-class');
  if (wanted === undefined || STORAGE_CLASSES.includes(wanted)) return wanted;
  throw new S3Fault('InvalidStorageClass', undefined, { StorageClassRequested: wanted });
}

/** `aws-chunked` is how the body travels, not what it is. */
function withoutChunked(encoding: string | undefined): string | undefined {
  const rest = (encoding ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked');
  return rest.length === 0 ? undefined : rest.join(',');
}

const META = 'x-amz-meta-';

function metadataOf({ headers, query }: RestXmlRequest): Readonly<Record<string, string>> {
  const given: [string, string][] = [];
  for (const [name, value] of [...query, ...Object.entries(headers)]) {
    if (!name.toLowerCase().startsWith(META) || typeof value !== 'string') continue;
    given.push([name.slice(META.length).toLowerCase(), value]);
  }
  const metadata = Object.fromEntries(given);
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value, 'latin1'),
    0,
  );
  if (bytes > OBJECT_METADATA_BYTES_MAX) {
    throw new S3Fault('MetadataTooLarge', undefined, { Size: bytes, MaxSizeAllowed: OBJECT_METADATA_BYTES_MAX });
  }
  return metadata;
}
