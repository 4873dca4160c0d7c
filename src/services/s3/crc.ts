/** Cyclic redundancy checks of S3: reflected, all bits set at first and inverted at the end. */

/** Polynomials as they are used: reflected. */
const CRC32_POLYNOMIAL = 0xedb88320;
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

/** One check under way. */
export interface Crc {
  update(bytes: Uint8Array): void;
  /** Big-endian, as S3 writes it in base64. */
  digest(): Buffer;
}

export const crc32 = (): Crc => new Crc32(TABLES_32.crc32());
export const crc32c = (): Crc => new Crc32(TABLES_32.crc32c());
export const crc64nvme = (): Crc => new Crc64(tables64());

/** Eight bytes are taken at once, by eight tables of 256: several times faster than byte by byte. */
const SLICES = 8;

const once = <T>(make: () => T): (() => T) => {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
};

const TABLES_32 = {
  crc32: once(() => tables32(CRC32_POLYNOMIAL)),
  crc32c: once(() => tables32(CRC32C_POLYNOMIAL)),
};

/** Table k at `k * 256`: what a byte does to the check, k bytes later. */
function tables32(polynomial: number): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    tables[byte] = value;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

class Crc32 implements Crc {
  #value = -1;
  constructor(private readonly tables: Int32Array) {}

  update(bytes: Uint8Array): void {
    const t = this.tables;
    const table = (slice: number, byte: number): number => t[slice * 256 + byte] as number; // within the table by construction
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let value = this.#value;
    let at = 0;
    for (const end = bytes.length - (bytes.length % SLICES); at < end; at += SLICES) {
      const low = value ^ view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      value =
        table(7, low & 0xff) ^
        table(6, (low >>> 8) & 0xff) ^
        table(5, (low >>> 16) & 0xff) ^
        table(4, low >>> 24) ^
        table(3, high & 0xff) ^
        table(2, (high >>> 8) & 0xff) ^
        table(1, (high >>> 16) & 0xff) ^
        table(0, high >>> 24);
    }
    for (; at < bytes.length; at += 1) value = (value >>> 8) ^ table(0, (value ^ view.getUint8(at)) & 0xff);
    this.#value = value;
  }

  digest(): Buffer {
    const digest = Buffer.alloc(4);
    digest.writeInt32BE(~this.#value);
    return digest;
  }
}

interface Tables64 {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** As above, each entry in two halves of 32 bits: BigInt would be fifty times slower. */
const tables64 = once((): Tables64 => {
  const low = new Int32Array(SLICES * 256);
  const high = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    low[byte] = Number(value & 0xffffffffn);
    high[byte] = Number(value >> 32n);
  }
  for (let at = 256; at < low.length; at += 1) {
    const lowBefore = low[at - 256] ?? 0;
    const highBefore = high[at - 256] ?? 0;
    const byte = lowBefore & 0xff;
    low[at] = ((lowBefore >>> 8) | (highBefore << 24)) ^ (low[byte] ?? 0);
    high[at] = (highBefore >>> 8) ^ (high[byte] ?? 0);
  }
  return { low, high };
});

class Crc64 implements Crc {
  #low = -1;
  #high = -1;
  constructor(private readonly tables: Tables64) {}

  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.length - (bytes.length % SLICES);
    for (let at = 0; at < end; at += SLICES) this.#eight(view.getInt32(at, true), view.getInt32(at + 4, true));
    for (let at = end; at < bytes.length; at += 1) this.#one(view.getUint8(at));
  }

  #eight(firstHalf: number, secondHalf: number): void {
    const a = this.#low ^ firstHalf;
    const b = this.#high ^ secondHalf;
    const through = (t: Int32Array): number => {
      const entry = (slice: number, byte: number): number => t[slice * 256 + byte] as number; // within the table by construction
      return (
        entry(7, a & 0xff) ^
        entry(6, (a >>> 8) & 0xff) ^
        entry(5, (a >>> 16) & 0xff) ^
        entry(4, a >>> 24) ^
        entry(3, b & 0xff) ^
        entry(2, (b >>> 8) & 0xff) ^
        entry(1, (b >>> 16) & 0xff) ^
        entry(0, b >>> 24)
      );
    };
    this.#low = through(this.tables.low);
    this.#high = through(this.tables.high);
  }

  #one(byte: number): void {
    const at = (this.#low ^ byte) & 0xff;
    const low = ((this.#low >>> 8) | (this.#high << 24)) ^ (this.tables.low[at] ?? 0);
    this.#high = (this.#high >>> 8) ^ (this.tables.high[at] ?? 0);
    this.#low = low;
  }

  digest(): Buffer {
    const digest = Buffer.alloc(8);
    digest.writeInt32BE(~this.#high);
    digest.writeInt32BE(~this.#low, 4);
    return digest;
  }
}

export type CrcName = 'CRC32' | 'CRC32C' | 'CRC64NVME';

const POLYNOMIALS: Readonly<Record<CrcName, { readonly bits: number; readonly polynomial: bigint }>> = {
  CRC32: { bits: 32, polynomial: BigInt(CRC32_POLYNOMIAL) },
  CRC32C: { bits: 32, polynomial: BigInt(CRC32C_POLYNOMIAL) },
  CRC64NVME: { bits: 64, polynomial: CRC64_NVME_POLYNOMIAL },
};

/** The check of parts that follow each other, from theirs: the whole object need not be read again. */
export function combineCrcs(
  name: CrcName,
  parts: readonly { readonly digest: Buffer; readonly bytes: number }[],
): Buffer {
  const { bits, polynomial } = POLYNOMIALS[name];
  const shifts = new Map<number, bigint>(); // most parts have one size
  let value = 0n;
  for (const { digest, bytes } of parts) {
    let shift = shifts.get(bytes);
    if (shift === undefined) {
      shift = powerOfX(BigInt(bytes) * 8n, { bits, polynomial });
      shifts.set(bytes, shift);
    }
    value = multiply(value, shift, { bits, polynomial }) ^ BigInt(`0x${digest.toString('hex')}`);
  }
  return Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex');
}

interface Field {
  readonly bits: number;
  readonly polynomial: bigint;
}

/** Reflected: the highest bit stands for x⁰. */
function multiply(a: bigint, b: bigint, { bits, polynomial }: Field): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = bits - 1; bit >= 0; bit -= 1) {
    if ((a >> BigInt(bit)) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, field: Field): bigint {
  let power = 1n << BigInt(field.bits - 1);
  let square = 1n << BigInt(field.bits - 2);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) power = multiply(power, square, field);
    square = multiply(square, square, field);
  }
  return power;
}
