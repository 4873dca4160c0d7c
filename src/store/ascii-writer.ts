/** Grows with what is written; what is larger is given back after use. */
const BYTES_MIN = 65_536;
const BYTES_KEPT_MAX = 1_048_576;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGIT_ZERO = 0x30;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/**
 * Writes JSON as bytes and gives it as one flat string. Adding strings up piece by piece would leave a tree of some twenty small
 * objects for each record, which live until the commit is sent and are copied by every garbage collection meanwhile.
 */
export class AsciiWriter {
  #bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
  #at = 0;

  /** Drops what a fault left behind. */
  begin(): void {
    this.#at = 0;
  }

  /** `text` is ASCII. */
  raw(text: string): void {
    this.#reserve(text.length);
    let at = this.#at;
    for (let i = 0; i < text.length; i++) this.#bytes[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /** A JSON string; what is not ASCII is escaped. */
  string(text: string): void {
    const start = this.#at;
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = start;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE || code === QUOTE || code === BACKSLASH)
        return this.raw(escaped(text));
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.#at = at;
  }

  number(value: number): void {
    if (value < 0 || value > 99 || !Number.isInteger(value)) return this.raw(String(value));
    this.#reserve(2);
    if (value > 9) this.#bytes[this.#at++] = DIGIT_ZERO + Math.floor(value / 10);
    this.#bytes[this.#at++] = DIGIT_ZERO + (value % 10);
  }

  /** Everything written since `begin`. */
  take(): string {
    const text = this.#bytes.toString('latin1', 0, this.#at);
    if (this.#bytes.length > BYTES_KEPT_MAX) this.#bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
    return text;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const escaped = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
