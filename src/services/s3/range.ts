import { S3Fault } from './fault.js';

/** Both inclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const RANGE = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * What a Range header asks of `bytes` bytes; null where S3 ignores it and sends everything (another unit, several ranges, an end
 * before the start). Throws S3Fault when nothing is within it.
 */
export function parseRange(header: string, bytes: number): ByteRange | null {
  const match = RANGE.exec(header.trim());
  if (match === null) return null;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), bytes);
    if (count === 0) throw notSatisfiable(header, bytes);
    return { from: bytes - count, to: bytes - 1 };
  }
  const from = Number(first);
  const to = last === '' || last === undefined ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < from) return null;
  if (from >= bytes) throw notSatisfiable(header, bytes);
  return { from, to };
}

const COPY_RANGE = /^bytes=(\d+)-(\d+)$/;

/** `x-amz-copy-source-range`: first and last byte, both within the source. Throws S3Fault. */
export function parseCopyRange(header: string, bytes: number): ByteRange {
  const match = COPY_RANGE.exec(header);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (match === null || from > to) {
    throw new S3Fault(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (to >= bytes) {
    throw new S3Fault('InvalidArgument', `Range specified is not valid for source object of size: ${bytes}`);
  }
  return { from, to };
}

const notSatisfiable = (header: string, bytes: number): S3Fault =>
  new S3Fault('InvalidRange', undefined, { RangeRequested: header, ActualObjectSize: bytes });
