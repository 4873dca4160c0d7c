import { OBJECT_KEY_BYTES_MAX } from '../../limits/services.js';
import { S3Fault } from './fault.js';

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const PREFIXES_RESERVED = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const SUFFIXES_RESERVED = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** Throws S3Fault unless the name keeps AWS's rules for buckets. */
export function assertBucketName(name: string): void {
  const isValid =
    BUCKET_NAME.test(name) &&
    !name.includes('..') &&
    !name.includes('.-') &&
    !name.includes('-.') &&
    !IP_ADDRESS.test(name) &&
    !PREFIXES_RESERVED.some((prefix) => name.startsWith(prefix)) &&
    !SUFFIXES_RESERVED.some((suffix) => name.endsWith(suffix));
  if (!isValid) throw new S3Fault('InvalidBucketName', undefined, { BucketName: name });
}

/** Throws S3Fault unless the key can be stored: any Unicode text up to 1024 bytes, but for NUL characters. */
export function assertKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > OBJECT_KEY_BYTES_MAX) {
    throw new S3Fault('KeyTooLongError', undefined, { Size: bytes, MaxSizeAllowed: OBJECT_KEY_BYTES_MAX });
  }
  if (key === '' || key.includes('\0') || LONE_SURROGATE.test(key)) {
    throw new S3Fault(
      'InvalidArgument',
      'Expected a key of 1 to 1024 bytes of Unicode text without NUL characters, but it is not.',
    );
  }
}
