import { OBJECT_PUT_BYTES_MAX } from '../../limits/services.js';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, isChecksum, parseAlgorithm } from '../../services/s3/checksum.js';
import { S3Fault } from '../../services/s3/fault.js';
import { type Claims, tooLarge } from '../../services/s3/ingest.js';
import { ChunkDecoder, ChunkFault, decodeChunks } from '../protocols/aws-chunked.js';
import type { RestXmlRequest } from '../protocols/rest-xml.js';

/** The bytes of an upload without their framing, and what the client says of them. */
export interface UploadBody {
  readonly body: AsyncIterable<Uint8Array>;
  readonly claims: Claims;
}

const SHA256 = /^[0-9a-fA-F]{64}$/;

/** Throws S3Fault when the headers cannot be true of any body. */
export function uploadBodyOf(request: RestXmlRequest): UploadBody {
  const sha256 = request.header('x-amz-content-sha256');
  const isChunked =
    sha256?.startsWith('STREAMING-') || /\baws-chunked\b/.test(request.header('content-encoding') ?? '');
  const decoder = isChunked ? new ChunkDecoder() : null;
  const bytes = bytesOf(request, isChunked ? 'x-amz-decoded-content-length' : 'content-length');
  return {
    body: decoder === null ? request.body : unframed(request.body, decoder),
    claims: {
      bytes,
      contentMd5: request.header('content-md5'),
      sha256: sha256 !== undefined && SHA256.test(sha256) ? sha256 : undefined,
      checksum: checksumOf(request, decoder),
    },
  };
}

async function* unframed(body: AsyncIterable<Uint8Array>, decoder: ChunkDecoder): AsyncGenerator<Uint8Array> {
  try {
    yield* decodeChunks(body, decoder);
  } catch (fault) {
    if (!(fault instanceof ChunkFault)) throw fault;
    throw new S3Fault(fault.kind === 'malformedTrailer' ? 'MalformedTrailerError' : 'IncompleteBody', fault.message);
  }
}

function bytesOf(request: RestXmlRequest, header: string): number | undefined {
  const text = request.header(header);
  if (text === undefined) {
    // A body of unknown length is no harm where it ends by itself; AWS wants to know it.
    if (header === 'content-length' && request.headers['transfer-encoding'] === undefined) return 0;
    throw new S3Fault('MissingContentLength');
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Fault('InvalidArgument', `Expected '${header}' to be a number of bytes.`);
  const bytes = Number(text);
  if (bytes > OBJECT_PUT_BYTES_MAX) throw tooLarge(bytes);
  return bytes;
}

function checksumOf(request: RestXmlRequest, decoder: ChunkDecoder | null): Claims['checksum'] {
  const given = givenChecksum(request);
  if (given !== null) return { algorithm: given.algorithm, claimed: () => given.value };
  const trailer = (request.header('x-amz-trailer') ?? '').trim().toLowerCase();
  const inTrailer = trailer.startsWith(PREFIX) ? parseAlgorithm(trailer.slice(PREFIX.length)) : null;
  if (trailer !== '' && (inTrailer === null || decoder === null)) {
    throw new S3Fault('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
  }
  if (inTrailer !== null && decoder !== null)
    return { algorithm: inTrailer, claimed: () => claimedBy(decoder, inTrailer) };
  const named = namedAlgorithm(request);
  return named === null ? undefined : { algorithm: named, claimed: () => null };
}

function claimedBy({ trailers }: ChunkDecoder, algorithm: ChecksumAlgorithm): string {
  const value = trailers.get(`${PREFIX}${algorithm.toLowerCase()}`);
  if (value === undefined || !isChecksum(algorithm, value)) throw new S3Fault('MalformedTrailerError');
  return value;
}

const PREFIX = 'x-amz-checksum-';

/** The one checksum that the headers give, or null. Throws S3Fault for two, and for what is none. */
export function givenChecksum(
  request: RestXmlRequest,
): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | null {
  const given = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = request.header(`${PREFIX}${algorithm.toLowerCase()}`);
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (given.length > 1)
    throw new S3Fault(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const [only] = given;
  if (only === undefined) return null;
  // At the end of an upload in parts, the number of parts may stand behind it.
  if (!isChecksum(only.algorithm, only.value.replace(/-\d+$/, ''))) {
    throw new S3Fault('InvalidRequest', `Value for ${PREFIX}${only.algorithm.toLowerCase()} header is invalid.`);
  }
  return only;
}

/** Of `x-amz-checksum-algorithm`, or what an SDK says it is going to use. Throws S3Fault for an unknown one. */
export function namedAlgorithm(request: RestXmlRequest): ChecksumAlgorithm | null {
  const name = request.header('x-amz-checksum-algorithm') ?? request.header('x-amz-sdk-checksum-algorithm');
  if (name === undefined) return null;
  const algorithm = parseAlgorithm(name);
  if (algorithm !== null) return algorithm;
  throw new S3Fault(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(', ')}]`,
  );
}
