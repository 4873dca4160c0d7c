import { OBJECT_PAGE_ITEMS_MAX, OBJECT_PARTS_MAX } from '../../limits/services.js';
import {
  assertMultipartType,
  CHECKSUM_ALGORITHMS,
  type ChecksumType,
  multipartType,
} from '../../services/s3/checksum.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { UploadRecord } from '../../services/s3/records.js';
import type { S3 } from '../../services/s3/s3.js';
import type { NamedPart, UploadPlace } from '../../services/s3/uploads.js';
import type { RestXmlAnswer, RestXmlRequest } from '../protocols/rest-xml.js';
import { checksumHeaders, ENCRYPTION } from './answer-headers.js';
import { copyResult, copySourceOf, urlOf } from './object-actions.js';
import { conditionsOf, objectHeadersOf } from './request-headers.js';
import { countOf, ownerOf, quoted, type S3Action, type S3Call } from './s3-call.js';
import { givenChecksum, namedAlgorithm, uploadBodyOf } from './upload-body.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

export function uploadActions(s3: S3): Record<string, S3Action> {
  return {
    CreateMultipartUpload: (call) => createUpload(s3, call),
    UploadPart: async (call) => {
      const number = partNumberOf(call.request);
      const part = await s3.uploads.putPart(placeOf(call), { number, ...uploadBodyOf(call.request) });
      return { headers: { etag: quoted(part.etag), ...checksumHeaders(part), ...ENCRYPTION } };
    },
    UploadPartCopy: async (call) => {
      const part = await s3.uploads.copyPart(placeOf(call), {
        number: partNumberOf(call.request),
        source: copySourceOf(call.request),
        range: call.request.header('x-amz-copy-source-range'),
      });
      return { xml: ['CopyPartResult', copyResult(part)] };
    },
    CompleteMultipartUpload: (call) => completeUpload(s3, call),
    AbortMultipartUpload: async (call) => {
      await s3.uploads.abort(placeOf(call));
      return { status: 204 };
    },
    ListParts: (call) => listParts(s3, call),
  };
}

const placeOf = ({ request, bucket, key }: S3Call): UploadPlace => ({
  bucket,
  key,
  upload: request.query.get('uploadId') ?? '',
});

function partNumberOf({ query }: RestXmlRequest): number {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= OBJECT_PARTS_MAX) return number;
  throw new S3Fault('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', {
    ArgumentName: 'partNumber',
    ArgumentValue: text,
  });
}

async function createUpload(s3: S3, { request, bucket, key }: S3Call): Promise<RestXmlAnswer> {
  const algorithm = namedAlgorithm(request);
  const given = checksumTypeOf(request);
  if (algorithm === null && given !== null) {
    throw new S3Fault(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const checksum = algorithm === null ? null : { algorithm, type: given ?? multipartType(algorithm) };
  if (checksum !== null) assertMultipartType(checksum.algorithm, checksum.type);
  const upload = await s3.uploads.create(bucket, { ...objectHeadersOf(request), key, checksum });
  return {
    headers: {
      'x-amz-checksum-algorithm': checksum?.algorithm,
      'x-amz-checksum-type': checksum?.type,
      ...ENCRYPTION,
    },
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id }],
  };
}

function checksumTypeOf(request: RestXmlRequest): ChecksumType | null {
  const type = request.header('x-amz-checksum-type');
  if (type === undefined) return null;
  if (type === 'FULL_OBJECT' || type === 'COMPOSITE') return type;
  throw new S3Fault('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
}

async function completeUpload(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { request, bucket, key } = call;
  const document = await readXml(request, 'CompleteMultipartUpload', 'object');
  const parts = childrenOf(document, 'Part').map(namedPart);
  const size = request.header('x-amz-mp-object-size');
  const object = await s3.uploads.complete(placeOf(call), {
    parts,
    conditions: conditionsOf(request),
    checksum: givenChecksum(request),
    bytes: size === undefined ? null : Number(size),
  });
  const { checksum } = object;
  return {
    headers: { 'x-amz-version-id': object.versionId },
    xml: [
      'CompleteMultipartUploadResult',
      {
        Location: urlOf(request, bucket, key),
        Bucket: bucket,
        Key: key,
        ETag: quoted(object.etag),
        ...(checksum !== null && { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
      },
    ],
  };
}

function namedPart(element: XmlElement): NamedPart {
  const number = Number(textOf(element, 'PartNumber') ?? '');
  const etag = textOf(element, 'ETag');
  if (!Number.isInteger(number) || etag === undefined) throw new S3Fault('MalformedXML');
  const checksums = CHECKSUM_ALGORITHMS.map((name) => [name, textOf(element, `Checksum${name}`)] as const);
  return {
    number,
    etag: etag.trim().replace(/^"(.*)"$/, '$1'),
    checksums: Object.fromEntries(checksums.filter(([, value]) => value !== undefined)),
  };
}

async function listParts(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { query } = call.request;
  const upload: UploadRecord = await s3.uploads.get(placeOf(call));
  const limit = countOf(query, 'max-parts', OBJECT_PAGE_ITEMS_MAX);
  const after = query.has('part-number-marker') ? countOf(query, 'part-number-marker', OBJECT_PARTS_MAX) : 0;
  const found = await s3.listParts(upload.id, after, limit + 1);
  const shown = found.slice(0, limit);
  const isTruncated = found.length > limit;
  return {
    xml: [
      'ListPartsResult',
      {
        Bucket: call.bucket,
        Key: call.key,
        UploadId: upload.id,
        Initiator: ownerOf(call.place),
        Owner: ownerOf(call.place),
        StorageClass: upload.storageClass,
        PartNumberMarker: after,
        NextPartNumberMarker: isTruncated ? shown.at(-1)?.number : undefined,
        MaxParts: limit,
        IsTruncated: isTruncated,
        ChecksumAlgorithm: upload.checksum?.algorithm,
        ChecksumType: upload.checksum?.type,
        Part: shown.map(({ number, at, etag, bytes, checksum }) => ({
          PartNumber: number,
          LastModified: new Date(at).toISOString(),
          ETag: quoted(etag),
          Size: bytes,
          ...(checksum !== null && { [`Checksum${checksum.algorithm}`]: checksum.value }),
        })),
      },
    ],
  };
}
