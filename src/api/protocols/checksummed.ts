import { crc32 } from 'node:zlib';
import type { Codec, RawAnswer } from './protocol.js';

/** DynamoDB's answers say the CRC-32 of their bodies; clients that look at it ask again when it is wrong. */
export const checksummed = (codec: Codec): Codec => ({
  ...codec,
  encode: (...answer) => withChecksum(codec.encode(...answer)),
  encodeError: (...answer) => withChecksum(codec.encodeError(...answer)),
});

const withChecksum = (answer: RawAnswer): RawAnswer => ({
  ...answer,
  headers: { ...answer.headers, 'x-amz-crc32': String(crc32(answer.body)) },
});
