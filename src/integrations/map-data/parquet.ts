import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { MAP_ITEM_BYTES_MAX, PARQUET_FOOTER_BYTES_MAX, PARQUET_ROW_GROUP_BYTES_MAX } from '../../limits.js';
import { writeJson } from '../../payload/index.js';
import { MapDataError, readerError } from './faults.js';
import type { ItemText } from './item.js';
import { tooLong } from './json-stream.js';
import { closeBody, openObject } from './open-file.js';
import type { ObjectReader } from './ports.js';
import type { ObjectPlace } from './reader-plan.js';

/** One object for each row. A row group is read at once, the next one when it is used up. */
export async function* parquetItems(place: ObjectPlace, objects: ObjectReader): AsyncGenerator<ItemText> {
  // Loaded by the first Parquet file only: it takes 50 ms, which every start would pay.
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await openParquet(place, objects);
  const metadata = await decoded(file, () => readMetadata(file, parquetMetadataAsync));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (group.total_byte_size > PARQUET_ROW_GROUP_BYTES_MAX) {
      throw readerError(
        `Expected row groups of at most ${PARQUET_ROW_GROUP_BYTES_MAX} bytes, but one of ${place.key} has ${group.total_byte_size}.`,
      );
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { rowStart, rowEnd };
    const rows = await decoded(file, () => parquetReadObjects({ file, metadata, compressors, ...range }));
    for (const row of rows) yield { text: rowText(row) };
    rowStart = rowEnd;
  }
}

/** Rejections of the store, told from those of the decoder. */
interface StoredBuffer extends AsyncBuffer {
  fault?: { readonly thrown: unknown };
}

async function openParquet(place: ObjectPlace, objects: ObjectReader): Promise<StoredBuffer> {
  const object = await openObject(place, objects);
  const getRange = objects.getRange?.bind(objects);
  if (getRange === undefined) return wholeFile(object.bytes, object.body);
  await closeBody(object);
  const buffer: StoredBuffer = {
    byteLength: object.bytes,
    slice: async (start, end = object.bytes) => {
      try {
        return ownBuffer(await getRange({ ...place, start, end: Math.min(end, object.bytes) }));
      } catch (thrown) {
        buffer.fault = { thrown };
        throw thrown;
      }
    },
  };
  return buffer;
}

async function wholeFile(bytes: number, body: AsyncIterable<Uint8Array>): Promise<StoredBuffer> {
  if (bytes > PARQUET_ROW_GROUP_BYTES_MAX) {
    throw readerError(
      `This object store gives no ranges, so that a Parquet file may have at most ${PARQUET_ROW_GROUP_BYTES_MAX} bytes, but this one has ${bytes}.`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const buffer = ownBuffer(Buffer.concat(chunks));
  return { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
}

/** The bytes as an ArrayBuffer of their own. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}

/** A file ends with the footer's length and PAR1. */
const TAIL_BYTES = 8;

async function readMetadata(
  file: AsyncBuffer,
  parse: (file: AsyncBuffer) => Promise<FileMetaData>,
): Promise<FileMetaData> {
  if (file.byteLength < TAIL_BYTES) throw readerError('The file is not valid Parquet: it is too short.');
  const tail = new DataView(await file.slice(file.byteLength - TAIL_BYTES, file.byteLength));
  const footerBytes = tail.getUint32(0, true);
  if (footerBytes > PARQUET_FOOTER_BYTES_MAX) {
    throw readerError(
      `Expected a Parquet footer of at most ${PARQUET_FOOTER_BYTES_MAX} bytes, but it has ${footerBytes}.`,
    );
  }
  return parse(file);
}

/** Whatever the decoder throws means a broken file: it has no errors of its own kind. */
async function decoded<Result>(file: StoredBuffer, decode: () => Promise<Result>): Promise<Result> {
  try {
    return await decode();
  } catch (thrown) {
    if (file.fault !== undefined) throw file.fault.thrown;
    if (thrown instanceof MapDataError) throw thrown;
    throw readerError(`The file is not valid Parquet: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
  }
}

function rowText(row: Readonly<Record<string, unknown>>): string {
  const text = valueText(row);
  if (text.length > MAP_ITEM_BYTES_MAX) throw tooLong();
  return text;
}

/** Parquet's values as JSON: 64-bit integers keep their digits, times are ISO 8601 text, bytes Base64, what JSON lacks is null. */
function valueText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return writeJson(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return 'null';
  }
}

function objectText(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'null' : `"${value.toISOString()}"`;
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as ArrayLike<unknown>, valueText).join(',')}]`;
  }
  return `{${Object.entries(value)
    .map(([key, member]) => `${writeJson(key)}:${valueText(member)}`)
    .join(',')}}`;
}
