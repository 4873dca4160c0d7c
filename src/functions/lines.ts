import { StringDecoder } from 'node:string_decoder';
import { FUNCTION_LOG_LINE_BYTES_MAX } from '../limits.js';

/** Cuts a stream of bytes into lines; a line above the bound is given out in pieces. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(readonly onLine: (text: string) => void) {}

  take(chunk: Buffer): void {
    const text = this.#rest + this.#decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#emit(text.slice(start, end));
      start = end + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length >= LINE_CHARS_MAX) this.flush();
  }

  /** Gives out a last line without line feed. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#emit(rest);
  }

  #emit(line: string): void {
    // The runtimes write a log event of several lines with \r between them, as Lambda's do.
    const text = line.replace(/\r$/, '').replaceAll('\r', '\n');
    if (text.length <= LINE_CHARS_MAX) {
      this.onLine(text);
      return;
    }
    for (let start = 0; start < text.length; start += LINE_CHARS_MAX) {
      this.onLine(text.slice(start, start + LINE_CHARS_MAX));
    }
  }
}

/** UTF-8 takes up to three bytes for each UTF-16 unit: so a line never has more bytes than the bound. */
const LINE_CHARS_MAX = Math.floor(FUNCTION_LOG_LINE_BYTES_MAX / 3);
