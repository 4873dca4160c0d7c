import { randomBytes } from 'node:crypto';
import { AwsCrc32c } from '@aws-crypto/crc32c';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crc, type CrcName, combineCrcs, crc32, crc32c, crc64nvme } from './crc.js';

const ALL: readonly [CrcName, () => Crc, string][] = [
  // The check values of the catalogue of CRC algorithms, of "123456789".
  ['CRC32', crc32, 'cbf43926'],
  ['CRC32C', crc32c, 'e3069283'],
  ['CRC64NVME', crc64nvme, 'ae8b14860a799888'],
];

const sum = (make: () => Crc, ...parts: readonly Uint8Array[]): Buffer => {
  const crc = make();
  for (const part of parts) crc.update(part);
  return crc.digest();
};

describe.each(ALL)('%s', (name, make, check) => {
  test('has its check value', () => {
    expect(sum(make, Buffer.from('123456789')).toString('hex')).toBe(check);
  });

  test('does not depend on how the bytes are cut', () => {
    const bytes = randomBytes(1003);
    const whole = sum(make, bytes);
    for (const at of [0, 1, 7, 8, 9, 500, 1003]) {
      expect(sum(make, bytes.subarray(0, at), bytes.subarray(at)).equals(whole)).toBe(true);
    }
  });

  test('of parts is combined to that of the whole', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, (bytes) => {
        const named = bytes.map((part) => ({ digest: sum(make, part), bytes: part.length }));
        expect(combineCrcs(name, named).toString('hex')).toBe(sum(make, ...bytes).toString('hex'));
      }),
      { numRuns: 50 },
    );
  });
});

test('CRC32C is that of the library', () => {
  const bytes = randomBytes(10_000);
  const library = new AwsCrc32c();
  library.update(bytes);
  return library.digest().then((digest) => expect(sum(crc32c, bytes).equals(Buffer.from(digest))).toBe(true));
});
