import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_TRAILER_BYTES_MAX } from '../../limits/services.js';
import { ChunkDecoder, ChunkFault } from './aws-chunked.js';

const SIGNATURE = `;chunk-signature=${'0'.repeat(64)}`;

/** The framing that a client makes of these chunks. */
function framed(chunks: readonly Uint8Array[], { extension = '', trailers = '' } = {}): Buffer {
  const parts = chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, CRLF]);
  return Buffer.concat([...parts, Buffer.from(`0${extension}\r\n${trailers}\r\n`)]);
}
const CRLF = Buffer.from('\r\n');

/** Cut at these places; `end` is called. */
function decode(body: Uint8Array, cuts: readonly number[] = []): { data: Buffer; trailers: Record<string, string> } {
  const decoder = new ChunkDecoder();
  const data: Uint8Array[] = [];
  const places = [0, ...[...cuts].sort((a, b) => a - b), body.length];
  for (const [index, from] of places.entries())
    data.push(...decoder.decode(body.subarray(from, places[index + 1] ?? from)));
  decoder.end();
  return { data: Buffer.concat(data), trailers: Object.fromEntries(decoder.trailers) };
}

function kindOf(body: string): string {
  try {
    decode(Buffer.from(body, 'latin1'));
    return 'none';
  } catch (fault) {
    return fault instanceof ChunkFault ? fault.kind : String(fault);
  }
}

test('signatures are skipped, trailers are kept', () => {
  const trailers = 'x-amz-checksum-crc32:AAAAAA==\r\nX-Amz-Trailer-Signature: 00\r\n';
  const body = framed([Buffer.from('hello '), Buffer.from('world')], { extension: SIGNATURE, trailers });
  expect(decode(body)).toEqual({
    data: Buffer.from('hello world'),
    trailers: { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-trailer-signature': '00' },
  });
});

test('the empty line behind the trailers may be missing', () => {
  expect(decode(Buffer.from('1\r\na\r\n0\r\nx-a:b\r\n'))).toEqual({ data: Buffer.from('a'), trailers: { 'x-a': 'b' } });
});

test('however the body is cut, the bytes are the same', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const input = fc.record({
    chunks: fc.array(chunk, { maxLength: 6 }),
    extension: fc.constantFrom('', SIGNATURE),
    trailers: fc.constantFrom('', 'x-amz-checksum-crc32:AAAAAA==\r\n'),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(input, ({ chunks, extension, trailers, cuts }) => {
      const body = framed(chunks, { extension, trailers });
      const places = cuts.map((cut) => Math.floor(cut * body.length));
      const decoded = decode(body, places);
      expect(decoded.data.equals(Buffer.concat(chunks))).toBe(true);
      expect(Object.keys(decoded.trailers)).toHaveLength(trailers === '' ? 0 : 1);
    }),
    { numRuns: 500 },
  );
});

test('bytes that no client sends are refused, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoder = new ChunkDecoder();
      try {
        for (const part of decoder.decode(bytes)) expect(part.length).toBeLessThanOrEqual(bytes.length);
        decoder.end();
      } catch (fault) {
        expect(fault).toBeInstanceOf(ChunkFault);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a body that ends anywhere before its end is truncated', () => {
  const whole = framed([Buffer.from('hello'), Buffer.from('you')]).toString('latin1');
  // Behind the last chunk's line nothing more has to come.
  for (let length = 0; length < whole.length - 2; length += 1) {
    expect([length, kindOf(whole.slice(0, length))]).toEqual([length, 'truncated']);
  }
  expect(kindOf(whole)).toBe('none');
});

describe('refused', () => {
  test.each([
    ['no size', 'hello\r\n', 'malformed'],
    ['a negative size', '-1\r\n', 'malformed'],
    ['a size beyond all bounds', `${'f'.repeat(14)}\r\n`, 'malformed'],
    ['more bytes than the size', '1\r\nab\r\n0\r\n\r\n', 'malformed'],
    ['a line without end', '1'.repeat(2000), 'malformed'],
    ['something behind the end', '0\r\n\r\nmore\r\n', 'malformed'],
    ['a trailer without value', '0\r\nnothing\r\n\r\n', 'malformedTrailer'],
    ['too many trailers', `0\r\n${'a:b\r\n'.repeat(CHUNK_TRAILER_BYTES_MAX)}\r\n`, 'malformedTrailer'],
  ])('%s', (_, body, kind) => {
    expect(kindOf(body)).toBe(kind);
  });
});
