import { decode, encode, Tag } from 'cbor2';
import { CBOR_DEPTH_MAX } from '../../limits/services.js';
import { apiError } from '../errors.js';
import { Timestamp } from '../output.js';
import type { ApiError } from '../port.js';
import type { Codec, Decoded, RawAnswer, RawRequest } from './protocol.js';

/** rpc-v2-cbor: the operation is in the path, input and output are CBOR maps, also those of errors. */
export function rpcCbor(operation: string): Codec {
  return {
    protocol: 'cbor',
    decode: (request: RawRequest): Decoded => ({ operation, input: decodeInput(request) }),
    encode: (output: unknown): RawAnswer => ({ status: 200, headers: HEADERS, body: encodeCbor(output ?? {}) }),
    encodeError: (error: ApiError): RawAnswer => ({
      status: error.status,
      headers: { ...HEADERS, ...error.headers },
      body: encodeCbor({ __type: error.code, message: error.message, ...error.members }),
    }),
  };
}

const PROTOCOL = 'rpc-v2-cbor';
const HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': PROTOCOL };
/** CBOR's tag for a number of seconds since the epoch. */
const EPOCH_SECONDS = 1;
const TAGS = new Map([[EPOCH_SECONDS, (tag: { readonly contents: unknown }): unknown => tag.contents]]);

function decodeInput({ headers, body }: RawRequest): unknown {
  if (headers['smithy-protocol'] !== PROTOCOL) {
    throw apiError(
      'UnsupportedMediaTypeException',
      `Expected the header smithy-protocol to be '${PROTOCOL}' at this path, but it is '${headers['smithy-protocol'] ?? ''}'.`,
    );
  }
  if (body.length === 0) return {};
  try {
    return decode(body, { maxDepth: CBOR_DEPTH_MAX, tags: TAGS });
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    throw apiError('SerializationException', `Expected the body to be CBOR, but it is not: ${reason}`);
  }
}

const encodeCbor = (value: unknown): Uint8Array => encode(shown(value));

/** As JSON would show it, without the members that are undefined; timestamps get their tag. */
function shown(value: unknown): unknown {
  if (value instanceof Timestamp) return new Tag(EPOCH_SECONDS, value.at / 1000);
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return shown(Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, shown(member)]),
  );
}
