import type { ObjectRecord } from '../../services/s3/records.js';
import { shownLock } from './lock-headers.js';
import { quoted } from './s3-call.js';

/** AWS says this of every object since 2023, and clients look for it. Here the disk's owner decides what is encrypted: docs/compatibility.md. */
export const ENCRYPTION = { 'x-amz-server-side-encryption': 'AES256' } as const;

/** What an object's answer says of it. */
export function objectHeaders(object: ObjectRecord): Readonly<Record<string, string | undefined>> {
  return {
    'accept-ranges': 'bytes',
    etag: quoted(object.etag),
    'last-modified': new Date(object.at).toUTCString(),
    'content-type': object.contentType,
    'cache-control': object.cacheControl,
    'content-disposition': object.contentDisposition,
    'content-encoding': object.contentEncoding,
    'content-language': object.contentLanguage,
    expires: object.expires,
    ...ENCRYPTION,
    'x-amz-version-id': object.versionId,
    'x-amz-tagging-count': object.tags === undefined ? undefined : String(Object.keys(object.tags).length),
    ...shownLock(object),
    'x-amz-storage-class': object.storageClass === 'STANDARD' ? undefined : object.storageClass,
    ...Object.fromEntries(
      Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, headerText(value)]),
    ),
  };
}

export const checksumHeaders = ({ checksum }: Pick<ObjectRecord, 'checksum'>): Readonly<Record<string, string>> =>
  checksum === null ? {} : { [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value };

/** As it came, where a header can carry it; else as RFC 2047 says, like AWS. */
const headerText = (value: string): string =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
