import { CSV_HEADER_BYTES_MAX, MAP_ITEM_BYTES_MAX } from '../../limits.js';
import { writeJson } from '../../payload/index.js';
import { readerError } from './faults.js';
import type { ItemText } from './item.js';
import { tooLong } from './json-stream.js';

export interface CsvForm {
  readonly delimiter: string;
  /** Null: the first record has them. */
  readonly headers: readonly string[] | null;
}

/** One object for each record, all values strings: missing ones are empty, those beyond the headers are dropped. */
export async function* csvItems(text: AsyncIterable<string>, form: CsvForm): AsyncGenerator<ItemText> {
  const splitter = new CsvSplitter(form.delimiter);
  let keys = form.headers === null ? null : headerKeys(form.headers);
  const itemsOf = function* (records: readonly CsvRecord[]): Generator<ItemText> {
    for (const record of records) {
      if (keys === null) keys = headerKeys(record);
      else yield { text: itemText(keys, record) };
    }
  };
  for await (const chunk of text) yield* itemsOf(splitter.push(chunk));
  yield* itemsOf(splitter.end());
}

type CsvRecord = readonly string[];

/** Each header as the JSON text of a key with its colon. */
function headerKeys(headers: CsvRecord): readonly string[] {
  const bytes = headers.reduce((sum, header) => sum + Buffer.byteLength(header) + 1, 0);
  if (bytes > CSV_HEADER_BYTES_MAX) {
    throw readerError(`CSV headers cannot exceed ${CSV_HEADER_BYTES_MAX} bytes, but these have ${bytes}.`);
  }
  if (new Set(headers).size < headers.length) throw readerError('CSV headers cannot contain duplicates.');
  return headers.map((header) => `${writeJson(header)}:`);
}

function itemText(keys: readonly string[], record: CsvRecord): string {
  let text = '{';
  for (let i = 0; i < keys.length; i++) {
    text += `${i === 0 ? '' : ','}${keys[i]}${writeJson(record[i] ?? '')}`;
  }
  return `${text}}`;
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Cuts delimited text into records, chunk by chunk, with AWS's rules: a quote is doubled inside quotes, a backslash makes
 * the next character an ordinary one and is dropped itself. Empty lines are no records. LF, CRLF and CR end a record.
 */
export class CsvSplitter {
  readonly #delimiter: number;
  #record: string[] = [];
  #recordChars = 0;
  #field = '';
  /** The field has begun: a quote is a character like others, and an empty line is a record. */
  #isBegun = false;
  #isQuoted = false;
  /** In quotes, a quote was the last character: the next one says whether it ends the field. */
  #isAfterQuote = false;
  #isEscaped = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that `text` completes. */
  push(text: string): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < text.length) {
      at = this.#isQuoted ? this.#quoted(text, at) : this.#plain(text, at, records);
      if (this.#recordChars + this.#field.length > MAP_ITEM_BYTES_MAX) throw tooLong();
    }
    return records;
  }

  /** The last record, if its line has no end. */
  end(): readonly CsvRecord[] {
    if (this.#isQuoted && !this.#isAfterQuote) {
      throw readerError('Unterminated quoted field at end of CSV file.');
    }
    const records: CsvRecord[] = [];
    this.#endRecord(records);
    return records;
  }

  #quoted(text: string, from: number): number {
    const code = text.charCodeAt(from);
    if (this.#isAfterQuote) {
      this.#isAfterQuote = false;
      this.#isQuoted = code === QUOTE;
      if (!this.#isQuoted) return from;
      this.#field += '"';
      return from + 1;
    }
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#field += text.charAt(from);
      return from + 1;
    }
    let at = from;
    for (; at < text.length; at++) {
      const next = text.charCodeAt(at);
      if (next === QUOTE || next === BACKSLASH) break;
    }
    this.#field += text.slice(from, at);
    if (at === text.length) return at;
    if (text.charCodeAt(at) === QUOTE) this.#isAfterQuote = true;
    else this.#isEscaped = true;
    return at + 1;
  }

  #plain(text: string, from: number, records: CsvRecord[]): number {
    const isEscaped = this.#isEscaped;
    this.#isEscaped = false;
    if (!this.#isBegun && text.charCodeAt(from) === QUOTE && !isEscaped) {
      this.#isQuoted = true;
      this.#isBegun = true;
      return from + 1;
    }
    const at = this.#endOfRun(text, isEscaped && !isLineEnd(text.charCodeAt(from)) ? from + 1 : from);
    if (at > from) {
      this.#field += text.slice(from, at);
      this.#isBegun = true;
    }
    if (at === text.length) return at;
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      this.#isEscaped = true;
      this.#isBegun = true;
    } else if (code === this.#delimiter) this.#endField();
    else this.#endRecord(records); // of CRLF, the LF ends an empty line
    return at + 1;
  }

  #endOfRun(text: string, from: number): number {
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter || isLineEnd(code) || code === BACKSLASH) break;
    }
    return at;
  }

  #endField(): void {
    this.#record.push(this.#field);
    this.#recordChars += this.#field.length + 1;
    this.#field = '';
    this.#isBegun = false;
  }

  #endRecord(records: CsvRecord[]): void {
    if (this.#record.length === 0 && !this.#isBegun) return;
    this.#endField();
    records.push(this.#record);
    this.#record = [];
    this.#recordChars = 0;
    this.#isQuoted = false;
    this.#isAfterQuote = false;
    this.#isEscaped = false;
  }
}

const isLineEnd = (code: number): boolean => code === LF || code === CR;
