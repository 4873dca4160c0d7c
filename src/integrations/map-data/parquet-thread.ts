import { parentPort, workerData } from 'node:worker_threads';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import {
  MAP_ITEM_BYTES_MAX,
  PARQUET_FOOTER_BYTES_MAX,
  PARQUET_ROW_GROUP_BYTES_MAX,
  PARQUET_ROWS_PER_MESSAGE,
} from '../../limits.js';
import { MapDataError, readerError } from './faults.js';
import { tooLong } from './json-stream.js';
import type { FromParquetThread, ParquetThreadData, ToParquetThread } from './parquet-protocol.js';
import { rowText } from './parquet-row.js';

/** Decodes one Parquet file, apart from the main thread: a broken file can make the decoder loop or fill the memory. */
function serve(port: NonNullable<typeof parentPort>, { fileBytes }: ParquetThreadData): void {
  const post = (message: FromParquetThread): void => port.postMessage(message);
  const reads = new Map<number, (bytes: ArrayBuffer) => void>();
  let lastRead = 0;
  const file: AsyncBuffer = {
    byteLength: fileBytes,
    slice: (start, end = fileBytes) =>
      new Promise((resolve) => {
        lastRead += 1;
        reads.set(lastRead, resolve);
        post({ type: 'read', id: lastRead, start, end: Math.min(end, fileBytes) });
      }),
  };
  const messages = rowMessages(file);
  port.on('message', (message: ToParquetThread) => {
    if (message.type === 'next') {
      messages.next().then(
        ({ value }) => post(value ?? { type: 'end' }),
        (thrown) => post(refusal(thrown)),
      );
      return;
    }
    reads.get(message.id)?.(ownBuffer(message.bytes));
    reads.delete(message.id);
  });
}

/** A row group is read at once, the next one when it is used up. */
async function* rowMessages(file: AsyncBuffer): AsyncGenerator<FromParquetThread, undefined> {
  const metadata = await readMetadata(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (group.total_byte_size > PARQUET_ROW_GROUP_BYTES_MAX) {
      throw readerError(
        `Expected row groups of at most ${PARQUET_ROW_GROUP_BYTES_MAX} bytes, but one has ${group.total_byte_size}.`,
      );
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    for (let at = 0; at < rows.length; at += PARQUET_ROWS_PER_MESSAGE) {
      yield { type: 'rows', texts: rows.slice(at, at + PARQUET_ROWS_PER_MESSAGE).map(boundedText) };
    }
    rowStart = rowEnd;
  }
}

function boundedText(row: Readonly<Record<string, unknown>>): string {
  const text = rowText(row);
  if (text.length > MAP_ITEM_BYTES_MAX) throw tooLong();
  return text;
}

/** A file ends with the footer's length and PAR1. */
const TAIL_BYTES = 8;

async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < TAIL_BYTES) throw new Error('it is too short');
  const tail = new DataView(await file.slice(file.byteLength - TAIL_BYTES, file.byteLength));
  const footerBytes = tail.getUint32(0, true);
  if (footerBytes > PARQUET_FOOTER_BYTES_MAX) {
    throw readerError(
      `Expected a Parquet footer of at most ${PARQUET_FOOTER_BYTES_MAX} bytes, but it has ${footerBytes}.`,
    );
  }
  return parquetMetadataAsync(file);
}

/** Whatever the decoder throws means a broken file: it has no errors of its own kind. */
function refusal(thrown: unknown): FromParquetThread {
  if (thrown instanceof MapDataError) return { type: 'refused', cause: thrown.cause };
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return { type: 'refused', cause: `The file is not valid Parquet: ${reason}.` };
}

/** The bytes as an ArrayBuffer of their own. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}

if (parentPort !== null) serve(parentPort, workerData as ParquetThreadData); // given by parquet.ts only
