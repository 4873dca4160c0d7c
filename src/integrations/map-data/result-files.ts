import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { RESULT_CHUNK_CHARS_MAX, RESULT_FILES_MAX } from '../../limits.js';
import { writerError } from './faults.js';
import type { ObjectWriter } from './ports.js';
import { lineOf, type OutputType } from './writer-plan.js';

export interface WrittenFile {
  readonly key: string;
  readonly bytes: number;
}

interface FilePlan {
  readonly bucket: string;
  /** The key of the file of this number, from 0. */
  readonly keyOf: (index: number) => string;
  readonly outputType: OutputType;
  readonly bytesMax: number;
}

/** The files of one kind of results, one after the other; none where there are no results. */
export class ResultFiles {
  readonly #writer: ObjectWriter;
  readonly #plan: FilePlan;
  readonly #written: WrittenFile[] = [];
  #open: OpenFile | null = null;

  constructor(writer: ObjectWriter, plan: FilePlan) {
    this.#writer = writer;
    this.#plan = plan;
  }

  /** Adds one result. Waits when the upload is behind. */
  async add(result: string): Promise<void> {
    const text = this.#plan.outputType === 'JSONL' ? lineOf(result) : result;
    const textBytes = Buffer.byteLength(text);
    if (this.#open !== null && this.#open.bytes + textBytes + FRAME_BYTES > this.#plan.bytesMax) await this.#close();
    this.#open ??= this.#start();
    await this.#open.add(text, textBytes);
  }

  /** Completes the last file. */
  async end(): Promise<readonly WrittenFile[]> {
    if (this.#open !== null) await this.#close();
    return this.#written;
  }

  /** Breaks an upload under way off; does nothing after `end`. */
  async abandon(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.abandon();
  }

  #start(): OpenFile {
    if (this.#written.length >= RESULT_FILES_MAX) {
      throw writerError(`The results need more than ${RESULT_FILES_MAX} files of ${this.#plan.bytesMax} bytes.`);
    }
    const { bucket, keyOf, outputType } = this.#plan;
    return new OpenFile(this.#writer, { bucket, key: keyOf(this.#written.length), outputType });
  }

  async #close(): Promise<void> {
    if (this.#open === null) return;
    this.#written.push(await this.#open.end());
    this.#open = null;
  }
}

/** What a result costs besides its text: the comma before it and the bracket at the end. */
const FRAME_BYTES = 2;

/** A file whose beginning is being uploaded while the rest is not known yet. */
class OpenFile {
  readonly #body = new PassThrough();
  readonly #upload: Promise<void>;
  readonly #key: string;
  readonly #separator: string;
  readonly #foot: string;
  #pending: string;
  #count = 0;
  /** Of all text so far. */
  bytes: number;

  constructor(
    writer: ObjectWriter,
    file: { readonly bucket: string; readonly key: string; readonly outputType: OutputType },
  ) {
    const isArray = file.outputType === 'JSON';
    this.#key = file.key;
    this.#pending = isArray ? '[' : '';
    this.#separator = isArray ? ',' : '\n';
    this.#foot = isArray ? ']' : '\n';
    this.bytes = this.#pending.length;
    const contentType = isArray ? 'application/json' : 'application/jsonl';
    this.#upload = writer.putObject({ bucket: file.bucket, key: file.key, body: this.#body, contentType });
    this.#upload.catch(() => {}); // awaited with the next write or at the end
    this.#body.on('error', () => {}); // its reader sees it too
  }

  async add(text: string, textBytes: number): Promise<void> {
    const separator = this.#count === 0 ? '' : this.#separator;
    this.#pending += separator + text;
    this.bytes += separator.length + textBytes;
    this.#count += 1;
    if (this.#pending.length >= RESULT_CHUNK_CHARS_MAX) await this.#flush();
  }

  async end(): Promise<WrittenFile> {
    this.#pending += this.#foot;
    this.bytes += this.#foot.length;
    await this.#flush();
    this.#body.end();
    await this.#upload;
    return { key: this.#key, bytes: this.bytes };
  }

  async abandon(): Promise<void> {
    this.#body.destroy(new Error('The results could not be completed.'));
    await this.#upload.catch(() => {});
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (this.#body.write(text)) return;
    // An upload that fails never drains the body: its fault ends the wait.
    await Promise.race([once(this.#body, 'drain'), this.#upload]);
  }
}
