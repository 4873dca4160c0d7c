import { apiError } from '../errors.js';
import type { ApiError } from '../port.js';
import type { Codec, RawAnswer } from './protocol.js';
import { escapeXml } from './xml.js';

/** The seat of rest-xml (S3 and whatever nothing else claims): only its errors can be written so far. */
export const restXml: Codec = {
  protocol: 'rest-xml',
  decode: (request) => {
    throw apiError('NotImplemented', `Treadle does not know the operation behind '${request.method} ${request.path}'.`);
  },
  encode: (): RawAnswer => ({ status: 200, headers: {}, body: '' }),
  encodeError: (error: ApiError, requestId: string): RawAnswer => ({
    status: error.status,
    headers: { 'content-type': 'application/xml' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code>` +
      `<Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
  }),
};
