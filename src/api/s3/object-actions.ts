import { OBJECT_PAGE_ITEMS_MAX } from '../../limits/services.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { ReadObject, ReadRequest, Removed } from '../../services/s3/objects.js';
import type { ObjectRecord } from '../../services/s3/records.js';
import type { S3 } from '../../services/s3/s3.js';
import type { RestXmlAnswer, RestXmlRequest, XmlContent } from '../protocols/rest-xml.js';
import { checksumHeaders, ENCRYPTION, objectHeaders } from './answer-headers.js';
import { bypassesGovernance, lockHeaders } from './lock-headers.js';
import { checkDeletion } from './permissions.js';
import { conditionsOf, objectHeadersOf, storageClassOf } from './request-headers.js';
import { bucketOfHost, notImplemented } from './routes.js';
import { quoted, type S3Action, type S3Call } from './s3-call.js';
import { taggingHeader } from './tags.js';
import { namedAlgorithm, uploadBodyOf } from './upload-body.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

export function objectActions(s3: S3): Record<string, S3Action> {
  return {
    PutObject: async ({ request, bucket, key }) => {
      const headers = objectHeadersOf(request);
      const conditions = conditionsOf(request);
      const object = await s3.objects.put({ bucket, key, headers, conditions, ...uploadBodyOf(request) });
      const checksumType = object.checksum === null ? undefined : object.checksum.type;
      return {
        headers: {
          etag: quoted(object.etag),
          ...checksumHeaders(object),
          'x-amz-checksum-type': checksumType,
          'x-amz-version-id': object.versionId,
          ...ENCRYPTION,
        },
      };
    },
    GetObject: async (call) => {
      const found = await s3.objects.open(readRequest(call));
      return found.isModified ? { ...found200(found, call), stream: found.body } : notModified(found);
    },
    HeadObject: async (call) => {
      const found = await s3.objects.look(readRequest(call));
      return found.isModified ? found200(found, call) : notModified(found);
    },
    DeleteObject: async ({ request, bucket, key }) => {
      const { versionId, isMarker } = await s3.objects.remove({
        bucket,
        key,
        conditions: { ifMatch: request.header('if-match') },
        version: request.query.get('versionId') ?? undefined,
        bypassesGovernance: bypassesGovernance(request),
      });
      return {
        status: 204,
        headers: { 'x-amz-version-id': versionId, 'x-amz-delete-marker': isMarker ? 'true' : undefined },
      };
    },
    DeleteObjects: (call) => deleteObjects(s3, call),
    CopyObject: (call) => copyObject(s3, call),
  };
}

function readRequest({ request, bucket, key }: S3Call): ReadRequest {
  const part = request.query.get('partNumber');
  if (part !== null && !/^\d{1,5}$/.test(part)) {
    throw new S3Fault('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  if (part !== null && request.header('range') !== undefined) {
    throw new S3Fault('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  }
  return {
    bucket,
    key,
    conditions: conditionsOf(request),
    range: request.header('range'),
    part: part === null ? undefined : Number(part),
    version: request.query.get('versionId') ?? undefined,
  };
}

function found200({ object, range, partsCount }: ReadObject, { request }: S3Call): RestXmlAnswer {
  const length = range === null ? object.bytes : range.to - range.from + 1;
  const wantsChecksum = request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  return {
    status: range === null ? 200 : 206,
    headers: {
      ...objectHeaders(object),
      ...overrides(request.query),
      'content-length': String(length),
      'content-range': range === null ? undefined : `bytes ${range.from}-${range.to}/${object.bytes}`,
      'x-amz-mp-parts-count': partsCount === null || 'file' in object.body ? undefined : String(partsCount),
      // The checksum is of the whole: beside a part of it, clients would find it wrong.
      ...(wantsChecksum && range === null
        ? { ...checksumHeaders(object), 'x-amz-checksum-type': object.checksum?.type }
        : {}),
    },
  };
}

const notModified = ({ object }: ReadObject): RestXmlAnswer => ({
  status: 304,
  headers: { etag: quoted(object.etag), 'last-modified': new Date(object.at).toUTCString() },
});

/** Throws S3Fault for what no header can carry. */
function overrides(query: URLSearchParams): Readonly<Record<string, string>> {
  const given = [...query].filter(([name]) => name.startsWith('response-'));
  for (const [name, value] of given) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new S3Fault('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
        ArgumentName: name,
      });
    }
  }
  return Object.fromEntries(given.map(([name, value]) => [name.slice('response-'.length), value]));
}

/** `/bucket/key`, `bucket/key`, percent-encoded. Throws S3Fault. */
export function copySourceOf(request: RestXmlRequest): ReadRequest {
  const header = request.header('x-amz-copy-source') ?? '';
  const [path = '', version] = header.split('?versionId=');
  let text: string;
  try {
    text = decodeURIComponent(path);
  } catch {
    throw badSource(header);
  }
  const rest = text.startsWith('/') ? text.slice(1) : text;
  const slash = rest.indexOf('/');
  if (slash < 1 || slash === rest.length - 1) throw badSource(header);
  if (rest.startsWith('arn:')) throw notImplemented('an ARN as copy source of S3');
  return {
    bucket: rest.slice(0, slash),
    key: rest.slice(slash + 1),
    conditions: conditionsOf(request, 'x-amz-copy-source-'),
    ...(version !== undefined && { version }),
  };
}

const badSource = (header: string): S3Fault =>
  new S3Fault('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey', {
    ArgumentName: 'x-amz-copy-source',
    ArgumentValue: header,
  });

async function copyObject(s3: S3, { request, bucket, key }: S3Call): Promise<RestXmlAnswer> {
  const source = copySourceOf(request);
  const directive = request.header('x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Fault('InvalidArgument', 'Unknown metadata directive.', {
      ArgumentName: 'x-amz-metadata-directive',
      ArgumentValue: directive,
    });
  }
  const storageClass = storageClassOf(request);
  if (source.bucket === bucket && source.key === key && directive === 'COPY' && storageClass === undefined) {
    throw new S3Fault(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const object = await s3.objects.copy({
    bucket,
    key,
    source,
    headers: directive === 'REPLACE' ? objectHeadersOf(request) : null,
    storageClass,
    tags: request.header('x-amz-tagging-directive') === 'REPLACE' ? taggingHeader(request) : null,
    lock: lockHeaders(request),
    algorithm: namedAlgorithm(request),
    conditions: { ifMatch: request.header('if-match'), ifNoneMatch: request.header('if-none-match') },
  });
  const headers = {
    ...ENCRYPTION,
    'x-amz-version-id': object.versionId,
    'x-amz-copy-source-version-id': source.version,
  };
  return { headers, xml: ['CopyObjectResult', copyResult(object)] };
}

export const copyResult = ({ etag, at, checksum }: Pick<ObjectRecord, 'etag' | 'at' | 'checksum'>): XmlContent => ({
  LastModified: new Date(at).toISOString(),
  ETag: quoted(etag),
  ...(checksum !== null && { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
});

/** What DeleteObjects says of one key. */
type Removal =
  | { readonly type: 'deleted'; readonly key: string; readonly version: string | undefined; readonly removed: Removed }
  | { readonly type: 'refused'; readonly key: string; readonly fault: S3Fault };

async function deleteObjects(s3: S3, call: S3Call): Promise<RestXmlAnswer> {
  const { request, bucket } = call;
  const root = await readXml(request, 'Delete');
  const wanted = childrenOf(root, 'Object');
  if (root === null || wanted.length === 0 || wanted.length > OBJECT_PAGE_ITEMS_MAX) throw new S3Fault('MalformedXML');
  const isQuiet = textOf(root, 'Quiet')?.trim() === 'true';
  await s3.buckets.get(bucket);
  // At once: their records are written in few transactions.
  const bypasses = bypassesGovernance(request);
  const removals = await Promise.all(wanted.map((element) => removeOne(s3, { call, bypasses }, element)));
  const deleted = removals.flatMap((removal) =>
    removal.type === 'deleted' && !isQuiet ? [deletedMembers(removal)] : [],
  );
  const errors = removals.flatMap((removal) =>
    removal.type === 'deleted' ? [] : [{ Key: removal.key, Code: removal.fault.code, Message: removal.fault.message }],
  );
  return { xml: ['DeleteResult', { Deleted: deleted, Error: errors }] };
}

const deletedMembers = ({ key, version, removed }: Removal & { type: 'deleted' }): XmlContent => ({
  Key: key,
  VersionId: version,
  DeleteMarker: removed.isMarker ? true : undefined,
  DeleteMarkerVersionId: removed.isMarker ? removed.versionId : undefined,
});

async function removeOne(
  s3: S3,
  { call, bypasses }: { readonly call: S3Call; readonly bypasses: boolean },
  element: XmlElement,
): Promise<Removal> {
  const key = textOf(element, 'Key');
  if (key === undefined) throw new S3Fault('MalformedXML');
  const version = textOf(element, 'VersionId');
  try {
    const foreign = ['LastModifiedTime', 'Size'].find((name) => textOf(element, name) !== undefined);
    if (foreign !== undefined)
      throw new S3Fault('NotImplemented', `Treadle's object store does not look at '${foreign}' yet.`);
    await checkDeletion(s3, call, { key, version });
    const { bucket } = call;
    const conditions = { ifMatch: textOf(element, 'ETag') };
    const removed = await s3.objects.remove({ bucket, key, conditions, version, bypassesGovernance: bypasses });
    return { type: 'deleted', key, version, removed };
  } catch (fault) {
    if (fault instanceof S3Fault) return { type: 'refused', key, fault };
    throw fault;
  }
}

/** Where a client finds the object. */
export const urlOf = (request: RestXmlRequest, bucket: string, key: string): string => {
  const host = request.headers.host ?? '';
  const path = key.split('/').map(encodeURIComponent).join('/');
  return bucketOfHost(host) === null ? `http://${host}/${bucket}/${path}` : `http://${host}/${path}`;
};
