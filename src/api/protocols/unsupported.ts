import { apiError } from '../errors.js';
import type { ApiError } from '../port.js';
import { jsonError } from './aws-json.js';
import type { Codec, RawAnswer } from './protocol.js';

/** The seat of rpc-v2-cbor: says that it is not spoken yet, in JSON, which clients show as text. */
export const rpcCbor: Codec = {
  protocol: 'cbor',
  decode: () => {
    throw apiError(
      'UnsupportedMediaTypeException',
      'Treadle does not speak the protocol rpc-v2-cbor yet. Use a client that speaks awsJson or query for this service.',
    );
  },
  encode: (): RawAnswer => ({ status: 200, headers: {}, body: '' }),
  encodeError: (error: ApiError): RawAnswer => jsonError(error, { 'content-type': 'application/json' }),
};
