import { MAP_ITEM_BYTES_MAX } from '../../limits.js';
import { readerError } from './faults.js';

/**
 * Reads JSON of any length value by value. Memory holds one chunk and the value that is being read; a value longer
 * than an item may be is refused. A value's text is found by its brackets and quotes only: whoever parses it finds the rest.
 */
export class JsonStream {
  readonly #chunks: AsyncIterator<string>;
  #chunk = '';
  #at = 0;

  constructor(chunks: AsyncIterable<string>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next character that is not white space, not yet taken; empty at the end. */
  async peek(): Promise<string> {
    for (;;) {
      this.#skipBlanks();
      if (this.#at < this.#chunk.length) return this.#chunk.charAt(this.#at);
      if (!(await this.#refill())) return '';
    }
  }

  /** The text of the next value if all of it is here already: most are, and no promise is made. */
  valueAtHand(): string | undefined {
    this.#skipBlanks();
    const end = new ValueScanner().scan(this.#chunk, this.#at);
    if (end < 0) return undefined;
    const text = this.#chunk.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  /** Takes the next character if it is `char` and here already. */
  acceptAtHand(char: string): boolean {
    this.#skipBlanks();
    if (this.#chunk[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  /** Takes the next character if it is `char`. */
  async accept(char: string): Promise<boolean> {
    if ((await this.peek()) !== char) return false;
    this.#at += 1;
    return true;
  }

  /** The text of the next value. */
  async value(): Promise<string> {
    await this.peek();
    const scanner = new ValueScanner();
    let text = '';
    for (;;) {
      const end = scanner.scan(this.#chunk, this.#at);
      text += this.#chunk.slice(this.#at, end < 0 ? undefined : end);
      if (text.length > MAP_ITEM_BYTES_MAX) throw tooLong();
      if (end >= 0) this.#at = end;
      if (end >= 0 || !(await this.#refill())) return text;
    }
  }

  /** Passes the next value over, however long it is. */
  async skip(): Promise<void> {
    await this.peek();
    const scanner = new ValueScanner();
    for (;;) {
      const end = scanner.scan(this.#chunk, this.#at);
      if (end >= 0) this.#at = end;
      if (end >= 0 || !(await this.#refill())) return;
    }
  }

  /** Ends the reading, also of what has not been read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #skipBlanks(): void {
    while (this.#at < this.#chunk.length && isBlank(this.#chunk.charCodeAt(this.#at))) this.#at += 1;
  }

  async #refill(): Promise<boolean> {
    this.#at = 0;
    this.#chunk = '';
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#chunk = next.value;
    return true;
  }
}

export const tooLong = (): Error =>
  readerError(`An item exceeds the maximum size of ${MAP_ITEM_BYTES_MAX} bytes. Make it smaller, or split it.`);

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Finds where one JSON value ends, over several chunks. */
class ValueScanner {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isBare = false;

  /** The index after the value's last character, or -1 when it goes on in the next chunk. */
  scan(chunk: string, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#isInString) {
        at = this.#string(chunk, at);
        if (!this.#isInString && this.#depth === 0) return at;
        continue;
      }
      const code = chunk.charCodeAt(at);
      const bit = code | 0x20; // [ and { differ in this bit only, ] and } too
      const isClosing = bit === 0x7d;
      if (this.#depth === 0 && this.#isBare && (isClosing || code === COMMA || code === COLON || isBlank(code)))
        return at;
      if (code === QUOTE) this.#isInString = true;
      else if (bit === 0x7b) this.#depth += 1;
      else if (isClosing) this.#depth -= 1;
      else if (this.#depth === 0) this.#isBare = true;
      at += 1;
      if (isClosing && this.#depth <= 0) return at;
    }
    return -1;
  }

  #string(chunk: string, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) {
        this.#isInString = false;
        return at + 1;
      }
    }
    return chunk.length;
  }
}
