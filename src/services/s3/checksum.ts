import { createHash } from 'node:crypto';
import { combineCrcs, crc32, crc32c, crc64nvme } from './crc.js';
import { S3Fault } from './fault.js';

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** `COMPOSITE`: of the parts' checksums, with `-` and their number behind it. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** As it is kept and shown: base64. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A digest under way. */
export interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

const BYTES: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

export function digestOf(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC32':
      return crc32();
    case 'CRC32C':
      return crc32c();
    case 'CRC64NVME':
      return crc64nvme();
    case 'SHA1':
      return createHash('sha1');
    case 'SHA256':
      return createHash('sha256');
    default:
      return algorithm satisfies never;
  }
}

/** Null for a name that is none of S3's algorithms. Case does not matter. */
export const parseAlgorithm = (name: string): ChecksumAlgorithm | null =>
  CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase()) ?? null;

/** Whether `value` is base64 of as many bytes as the algorithm gives. */
export function isChecksum(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === BYTES[algorithm] && bytes.toString('base64') === value;
}

export const badChecksum = (algorithm: ChecksumAlgorithm): S3Fault =>
  new S3Fault('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);

/** The type of a multipart object's checksum when the client names none. */
export const multipartType = (algorithm: ChecksumAlgorithm): ChecksumType =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';

/** Throws S3Fault where S3 does not make this type of checksum with this algorithm. */
export function assertMultipartType(algorithm: ChecksumAlgorithm, type: ChecksumType): void {
  const isHash = algorithm === 'SHA1' || algorithm === 'SHA256';
  if ((type === 'FULL_OBJECT' && isHash) || (type === 'COMPOSITE' && algorithm === 'CRC64NVME')) {
    throw new S3Fault(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
}

/** The checksum of an object from those of its parts. */
export function combinedChecksum(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly bytes: number }[],
): Checksum {
  const digests = parts.map(({ value, bytes }) => ({ digest: Buffer.from(value, 'base64'), bytes }));
  if (type === 'COMPOSITE') {
    const whole = digestOf(algorithm);
    for (const { digest } of digests) whole.update(digest);
    return { algorithm, type, value: `${base64Of(whole.digest())}-${parts.length}` };
  }
  assertMultipartType(algorithm, type);
  if (algorithm === 'SHA1' || algorithm === 'SHA256')
    throw new Error('Expected a CRC, which parts can be combined by.');
  return { algorithm, type, value: combineCrcs(algorithm, digests).toString('base64') };
}
