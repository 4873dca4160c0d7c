import { gunzipSync } from 'node:zlib';
import { REQUEST_BYTES_MAX } from '../../limits.js';
import { apiError } from '../errors.js';
import type { Codec, Decoded, RawRequest } from './protocol.js';

/** Clients compress the larger bodies of some operations (PutMetricData) and say so with Content-Encoding. */
export function inflated(codec: Codec): Codec {
  return { ...codec, decode: (request: RawRequest): Decoded => codec.decode(inflate(request)) };
}

function inflate(request: RawRequest): RawRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  try {
    return { ...request, body: gunzipSync(request.body, { maxOutputLength: REQUEST_BYTES_MAX }) };
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    throw apiError('SerializationException', `Expected the body to be compressed with gzip, but it is not: ${reason}`);
  }
}
