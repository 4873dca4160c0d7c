import { Worker } from 'node:worker_threads';
import { PARQUET_HEAP_MB_MAX, PARQUET_ROW_GROUP_BYTES_MAX, PARQUET_SILENCE_MS_MAX } from '../../limits.js';
import { readerError } from './faults.js';
import type { ItemText } from './item.js';
import { closeBody, openObject } from './open-file.js';
import type { FromParquetThread, ParquetThreadData, ToParquetThread } from './parquet-protocol.js';
import type { ObjectReader } from './ports.js';
import type { ObjectPlace } from './reader-plan.js';

/** One object for each row, decoded in a thread that lives as long as the file is read. */
export async function* parquetItems(
  place: ObjectPlace,
  objects: ObjectReader,
  options: { readonly silenceMsMax: number } = { silenceMsMax: PARQUET_SILENCE_MS_MAX },
): AsyncGenerator<ItemText> {
  const file = await openParquet(place, objects);
  const thread = new ParquetThread({ fileBytes: file.bytes }, options.silenceMsMax);
  try {
    thread.send({ type: 'next' });
    for (;;) {
      const message = await thread.receive();
      switch (message.type) {
        case 'read':
          thread.send({ type: 'bytes', id: message.id, bytes: await file.range(message.start, message.end) });
          break;
        case 'rows':
          thread.send({ type: 'next' }); // decoded while these are used
          for (const text of message.texts) yield { text };
          break;
        case 'end':
          return;
        case 'refused':
          throw readerError(message.cause);
        default:
          return message satisfies never;
      }
    }
  } finally {
    await thread.end();
  }
}

interface ParquetFile {
  readonly bytes: number;
  range(start: number, end: number): Promise<Uint8Array>;
}

async function openParquet(place: ObjectPlace, objects: ObjectReader): Promise<ParquetFile> {
  const object = await openObject(place, objects);
  const getRange = objects.getRange?.bind(objects);
  if (getRange !== undefined) {
    await closeBody(object);
    return { bytes: object.bytes, range: (start, end) => getRange({ ...place, start, end }) };
  }
  if (object.bytes > PARQUET_ROW_GROUP_BYTES_MAX) {
    await closeBody(object);
    throw readerError(
      `This object store gives no ranges, so that a Parquet file may have at most ${PARQUET_ROW_GROUP_BYTES_MAX} bytes, but this one has ${object.bytes}.`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of object.body) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  return { bytes: whole.length, range: async (start, end) => whole.subarray(start, end) };
}

/** The decoding thread with its inbox. Its silence and its end are refusals of the file: only a broken one causes them. */
class ParquetThread {
  readonly #worker: Worker;
  readonly #silenceMsMax: number;
  readonly #inbox: FromParquetThread[] = [];
  #wake: () => void = () => {};

  constructor(data: ParquetThreadData, silenceMsMax: number) {
    this.#silenceMsMax = silenceMsMax;
    this.#worker = new Worker(THREAD_URL, {
      workerData: data,
      name: 'treadle-parquet',
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: PARQUET_HEAP_MB_MAX },
    });
    this.#worker.on('message', (message: FromParquetThread) => this.#take(message));
    this.#worker.on('error', (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#take({ type: 'refused', cause: `The Parquet file could not be decoded: ${reason}.` });
    });
  }

  send(message: ToParquetThread): void {
    this.#worker.postMessage(message);
  }

  async receive(): Promise<FromParquetThread> {
    const message = this.#inbox.shift();
    if (message !== undefined) return message;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, this.#silenceMsMax);
    });
    clearTimeout(timer);
    const cause = `The Parquet file could not be decoded: its row group took longer than ${this.#silenceMsMax} ms.`;
    return this.#inbox.shift() ?? { type: 'refused', cause };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(message: FromParquetThread): void {
    this.#inbox.push(message);
    this.#wake();
  }
}

/** The built thread, also when this file runs as TypeScript (tests). */
const THREAD_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/integrations/map-data/parquet-thread.js' : './parquet-thread.js',
  import.meta.url,
);
