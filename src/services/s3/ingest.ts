import { createHash } from 'node:crypto';
import { OBJECT_PUT_BYTES_MAX } from '../../limits/services.js';
import type { Bodies, FileId } from './bodies.js';
import { badChecksum, base64Of, type ChecksumAlgorithm, digestOf } from './checksum.js';
import { S3Fault } from './fault.js';

/** What the sender says of the bytes; they are stored only when it is true. */
export interface Claims {
  /** Base64 of 16 bytes. */
  readonly contentMd5?: string | undefined;
  /** Hexadecimal. */
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
  /** Computed with this algorithm; `claimed` is asked when all bytes are there, since it may come behind them. Null = not said. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly claimed: () => string | null } | undefined;
}

export interface Ingested {
  readonly file: FileId;
  readonly bytes: number;
  /** Hexadecimal: the ETag. */
  readonly md5: string;
  /** Base64. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | null;
}

/** Writes a body to the disk while it is measured. Throws S3Fault, and leaves no file, when a claim is not true. */
export async function ingest(bodies: Bodies, source: AsyncIterable<Uint8Array>, claims: Claims): Promise<Ingested> {
  const wantedMd5 = claims.contentMd5 === undefined ? null : decodeMd5(claims.contentMd5);
  const md5 = createHash('md5');
  const sha256 = claims.sha256 === undefined ? null : createHash('sha256');
  const digest = claims.checksum === undefined ? null : digestOf(claims.checksum.algorithm);
  let bytes = 0;
  const file = await bodies.write(source, (chunk) => {
    bytes += chunk.length;
    if (bytes > OBJECT_PUT_BYTES_MAX) throw tooLarge(bytes);
    md5.update(chunk);
    sha256?.update(chunk);
    digest?.update(chunk);
  });
  try {
    const sum = md5.digest();
    if (claims.bytes !== undefined && claims.bytes !== bytes) throw new S3Fault('IncompleteBody');
    if (wantedMd5 !== null && !wantedMd5.equals(sum)) throw new S3Fault('BadDigest');
    if (sha256 !== null && sha256.digest('hex') !== claims.sha256?.toLowerCase()) {
      throw new S3Fault('XAmzContentSHA256Mismatch');
    }
    return { file, bytes, md5: sum.toString('hex'), checksum: checked(claims.checksum, digest?.digest()) };
  } catch (fault) {
    await bodies.discard(file);
    throw fault;
  }
}

export const tooLarge = (bytes: number): S3Fault =>
  new S3Fault('EntityTooLarge', undefined, { ProposedSize: bytes, MaxSizeAllowed: OBJECT_PUT_BYTES_MAX });

function checked(claim: Claims['checksum'], digest: Uint8Array | undefined): Ingested['checksum'] {
  if (claim === undefined || digest === undefined) return null;
  const value = base64Of(digest);
  const claimed = claim.claimed();
  if (claimed !== null && claimed !== value) throw badChecksum(claim.algorithm);
  return { algorithm: claim.algorithm, value };
}

function decodeMd5(text: string): Buffer {
  const sum = Buffer.from(text, 'base64');
  if (sum.length !== 16 || sum.toString('base64') !== text.trim()) throw new S3Fault('InvalidDigest');
  return sum;
}
