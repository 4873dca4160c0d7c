import { OBJECT_PAGE_ITEMS_MAX } from '../../limits/services.js';
import { S3Fault } from '../../services/s3/fault.js';
import { type ObjectRecord, uploadPlace } from '../../services/s3/records.js';
import type { S3 } from '../../services/s3/s3.js';
import type { RestXmlAnswer, XmlContent } from '../protocols/rest-xml.js';
import { countOf, nameEncoder, ownerOf, quoted, type S3Action, type S3Call } from './s3-call.js';

export function listActions(s3: S3): Record<string, S3Action> {
  return {
    ListObjects: (call) => listObjects(s3, call),
    ListObjectsV2: (call) => listObjectsV2(s3, call),
    ListMultipartUploads: (call) => listUploads(s3, call),
  };
}

function optionsOf({ request: { query } }: S3Call, limitName: string) {
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') || null,
    limit: countOf(query, limitName, OBJECT_PAGE_ITEMS_MAX),
    encode: nameEncoder(query),
  };
}

async function listObjectsV2(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { query } = call.request;
  if (query.get('list-type') !== '2')
    throw invalid('list-type', query.get('list-type') ?? '', 'Invalid List Type specified in Request');
  const { prefix, delimiter, limit, encode } = optionsOf(call, 'max-keys');
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') || null;
  const after = token === null ? startAfter : readToken(token);
  const { items, commonPrefixes, next } = await s3.list(call.bucket, { prefix, delimiter, after, limit });
  const owner = query.get('fetch-owner') === 'true' ? ownerOf(call.place) : undefined;
  return {
    xml: [
      'ListBucketResult',
      {
        Name: call.bucket,
        Prefix: encode(prefix),
        Delimiter: delimiter === null ? undefined : encode(delimiter),
        StartAfter: startAfter === null ? undefined : encode(startAfter),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: next === null ? undefined : Buffer.from(next).toString('base64url'),
        MaxKeys: limit,
        EncodingType: query.get('encoding-type') ?? undefined,
        KeyCount: items.length + commonPrefixes.length,
        IsTruncated: next !== null,
        Contents: items.map((object) => contentsOf(object, encode, owner)),
        CommonPrefixes: commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
      },
    ],
  };
}

async function listObjects(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { query } = call.request;
  const { prefix, delimiter, limit, encode } = optionsOf(call, 'max-keys');
  const marker = query.get('marker') ?? '';
  const page = await s3.list(call.bucket, { prefix, delimiter, after: marker === '' ? null : marker, limit });
  const { items, commonPrefixes, next } = page;
  return {
    xml: [
      'ListBucketResult',
      {
        Name: call.bucket,
        Prefix: encode(prefix),
        Marker: encode(marker),
        NextMarker: next === null || delimiter === null ? undefined : encode(next),
        Delimiter: delimiter === null ? undefined : encode(delimiter),
        MaxKeys: limit,
        EncodingType: query.get('encoding-type') ?? undefined,
        IsTruncated: next !== null,
        Contents: items.map((object) => contentsOf(object, encode, ownerOf(call.place))),
        CommonPrefixes: commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
      },
    ],
  };
}

function contentsOf(object: ObjectRecord, encode: (name: string) => string, owner: XmlContent): XmlContent {
  const { key, at, etag, bytes, storageClass, checksum } = object;
  return {
    Key: encode(key),
    LastModified: new Date(at).toISOString(),
    ETag: quoted(etag),
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: bytes,
    Owner: owner,
    StorageClass: storageClass,
  };
}

async function listUploads(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { query } = call.request;
  const { prefix, delimiter, limit, encode } = optionsOf(call, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  // Without an id, all uploads of the marker's key are behind: ids are hexadecimal.
  const after = keyMarker === '' ? null : uploadPlace(keyMarker, idMarker === '' ? 'g' : idMarker);
  const { items, commonPrefixes, next } = await s3.listUploads(call.bucket, { prefix, delimiter, after, limit });
  const last = next === null ? undefined : items.at(-1);
  const isUpload = last !== undefined && next === uploadPlace(last.key, last.id);
  return {
    xml: [
      'ListMultipartUploadsResult',
      {
        Bucket: call.bucket,
        KeyMarker: encode(keyMarker),
        UploadIdMarker: idMarker,
        NextKeyMarker: next === null ? undefined : encode(isUpload ? last.key : next),
        NextUploadIdMarker: isUpload ? last.id : undefined,
        Prefix: encode(prefix),
        Delimiter: delimiter === null ? undefined : encode(delimiter),
        MaxUploads: limit,
        EncodingType: query.get('encoding-type') ?? undefined,
        IsTruncated: next !== null,
        Upload: items.map(({ key, id, at, storageClass, checksum }) => ({
          Key: encode(key),
          UploadId: id,
          Initiator: ownerOf(call.place),
          Owner: ownerOf(call.place),
          StorageClass: storageClass,
          Initiated: new Date(at).toISOString(),
          ChecksumAlgorithm: checksum?.algorithm,
          ChecksumType: checksum?.type,
        })),
        CommonPrefixes: commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
      },
    ],
  };
}

/** The name that the last page ended with. Throws S3Fault for what was no token of ours. */
function readToken(token: string): string {
  const name = Buffer.from(token, 'base64url');
  if (token === '' || name.toString('base64url') !== token || !Buffer.from(name.toString()).equals(name)) {
    throw invalid('continuation-token', token, 'The continuation token provided is incorrect');
  }
  return name.toString();
}

const invalid = (name: string, value: string, message: string): S3Fault =>
  new S3Fault('InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });
