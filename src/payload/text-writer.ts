/** Grows with what is written; what is larger is given back after use. */
const UNITS_MIN = 65_536;
const UNITS_KEPT_MAX = 1_048_576;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const DIGIT_ZERO = 0x30;
const FIRST_PRINTABLE = 0x20;
const LAST_NARROW = 0xff;
const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;
/** Longer strings are copied whole, once they are known to need no escapes and to fit. */
const COPIED_CHARS_MIN = 32;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON must escape exactly these
const NOT_PLAIN = /["\\\u0000-\u001f\u0100-\uffff]/;
const WIDE = /[\u0100-\uffff]/;

/**
 * Writes JSON into one place and gives it as one flat string. Adding strings up piece by piece leaves a tree of small objects, which
 * lives as long as the text and is copied by garbage collections until somebody needs it flat. A narrow writer has a byte for
 * each character, and takes Latin-1 only.
 */
export class TextWriter {
  readonly #isWide: boolean;
  #units: Uint8Array | Uint16Array;
  #at = 0;

  constructor({ isWide }: { readonly isWide: boolean }) {
    this.#isWide = isWide;
    this.#units = this.#place(UNITS_MIN);
  }

  /** Drops what was written, also what a fault left behind. */
  begin(): void {
    this.#at = 0;
  }

  /** `text` has to fit. */
  raw(text: string): void {
    this.#reserve(text.length);
    const units = this.#units;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) units[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /** A JSON string. False, with nothing written, where it does not fit. */
  string(text: string): boolean {
    if (!this.#isWide && text.length >= COPIED_CHARS_MIN) return this.#longString(text);
    this.#reserve(text.length + 2);
    const units = this.#units;
    let at = this.#at;
    units[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < FIRST_PRINTABLE || code === QUOTE || code === BACKSLASH || code > LAST_NARROW) {
        if (!this.#isWide || code <= LAST_NARROW || (code >= SURROGATES_FROM && code <= SURROGATES_TO))
          return this.#escapedString(text);
      }
      units[at++] = code;
    }
    units[at++] = QUOTE;
    this.#at = at;
    return true;
  }

  /** `open`, a member's name as JSON, and the colon. `open` is one unit; the name needs no escapes. */
  member(open: number, name: string): void {
    this.#reserve(name.length + 4);
    const units = this.#units;
    let at = this.#at;
    units[at++] = open;
    units[at++] = QUOTE;
    for (let i = 0; i < name.length; i++) units[at++] = name.charCodeAt(i);
    units[at++] = QUOTE;
    units[at++] = COLON;
    this.#at = at;
  }

  /** One unit. */
  unit(code: number): void {
    this.#reserve(1);
    this.#units[this.#at++] = code;
  }

  number(value: number): void {
    if (value < 0 || value > 99 || !Number.isInteger(value)) return this.raw(String(value));
    this.#reserve(2);
    if (value > 9) this.#units[this.#at++] = DIGIT_ZERO + Math.floor(value / 10);
    this.#units[this.#at++] = DIGIT_ZERO + (value % 10);
  }

  /** Everything written since `begin`. */
  take(): string {
    const { buffer, BYTES_PER_ELEMENT } = this.#units;
    const bytes = Buffer.from(buffer, 0, this.#at * BYTES_PER_ELEMENT);
    const text = bytes.toString(this.#isWide ? 'utf16le' : 'latin1');
    if (this.#units.length > UNITS_KEPT_MAX) this.#units = this.#place(UNITS_MIN);
    return text;
  }

  #longString(text: string): boolean {
    if (NOT_PLAIN.test(text)) return this.#escapedString(text);
    this.#reserve(text.length + 2);
    this.#units[this.#at] = QUOTE;
    Buffer.from(this.#units.buffer).write(text, this.#at + 1, 'latin1');
    this.#units[this.#at + 1 + text.length] = QUOTE;
    this.#at += text.length + 2;
    return true;
  }

  #escapedString(text: string): boolean {
    if (!this.#isWide && WIDE.test(text)) return false;
    this.raw(JSON.stringify(text));
    return true;
  }

  #reserve(units: number): void {
    const needed = this.#at + units;
    if (needed <= this.#units.length) return;
    const larger = this.#place(Math.max(needed, 2 * this.#units.length));
    larger.set(this.#units.subarray(0, this.#at));
    this.#units = larger;
  }

  #place(units: number): Uint8Array | Uint16Array {
    return this.#isWide ? new Uint16Array(units) : new Uint8Array(units);
  }
}
