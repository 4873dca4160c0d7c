import { JSON_DEPTH_MAX } from '../limits.js';
import { JsonNumber, type JsonValue, objectOf } from '../payload/index.js';

/** JSON with the place of every member and value: `offset` counts UTF-16 units from the start of the text. */
export type SourceValue = SourceObject | SourceArray | SourceScalar;

export interface SourceObject {
  readonly kind: 'object';
  readonly offset: number;
  /** In the order written; of members with one name the last counts, as in Jackson. */
  readonly members: ReadonlyMap<string, SourceMember>;
  /** Every further member with a name that was there already. */
  readonly duplicates: readonly SourceMember[];
}

export interface SourceMember {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: SourceValue;
}

export interface SourceArray {
  readonly kind: 'array';
  readonly offset: number;
  readonly items: readonly SourceValue[];
}

export interface SourceScalar {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: null | boolean | number | string | JsonNumber;
}

/** One-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text that is not JSON. `message` is Jackson's without its place; `offset` is where Jackson had read to. */
export class JsonReadError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'JsonReadError';
  }
}

/** Reads a JSON text with positions. Throws JsonReadError. */
export function readJsonDocument(text: string): SourceValue {
  const reader = new DocumentReader(text);
  return reader.document();
}

/** The plain value, as payloads hold it. */
export function jsonOf(source: SourceValue): JsonValue {
  switch (source.kind) {
    case 'scalar':
      return source.value;
    case 'array':
      return source.items.map(jsonOf);
    case 'object':
      return objectOf([...source.members.values()].map((member) => [member.key, jsonOf(member.value)] as const));
    default:
      return source satisfies never;
  }
}

/** Finds line and column of offsets in `text`; a line ends with \n, \r\n or \r, as Jackson counts them. */
export function placesOf(text: string): (offset: number) => Place {
  const lineStarts = [0];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === LINE_FEED || (char === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED))
      lineStarts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}

/** Jackson's name for a place: the first 500 characters of the text, line and column. */
export function jacksonLocation(text: string, offset: number): string {
  const { line, column } = placesOf(text)(offset);
  const excerpt = text.slice(0, EXCERPT_CHARS);
  const rest = text.length - excerpt.length;
  const truncated = rest > 0 ? `[truncated ${rest} chars]` : '';
  return `[Source: (String)"${excerpt}"${truncated}; line: ${line}, column: ${column}]`;
}

const EXCERPT_CHARS = 500;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const WHITE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside strings
const STRING_PART = /[^"\\\u0000-\u001f]*/y;
const JAVA_IDENTIFIER = /[\p{L}\p{N}_$]*/uy;
const VALID_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class DocumentReader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  document(): SourceValue {
    const value = this.#value();
    this.#skipWhite();
    if (this.#at < this.text.length) throw this.#unexpected('expected end of the definition');
    return value;
  }

  #value(): SourceValue {
    this.#skipWhite();
    const offset = this.#at;
    const char = this.text[offset];
    switch (char) {
      case undefined:
        throw new JsonReadError('No content to map due to end-of-input', offset);
      case '{':
        return this.#object(offset);
      case '[':
        return this.#array(offset);
      case '"':
        return { kind: 'scalar', offset, value: this.#string('was expecting closing quote for a string value') };
      default:
        if (char === '-' || (char >= '0' && char <= '9')) return { kind: 'scalar', offset, value: this.#number() };
        return { kind: 'scalar', offset, value: this.#literal() };
    }
  }

  #object(offset: number): SourceObject {
    const members = new Map<string, SourceMember>();
    const duplicates: SourceMember[] = [];
    this.#enter();
    if (this.#accept('}')) return this.#leave({ kind: 'object', offset, members, duplicates });
    for (;;) {
      const member = this.#member(offset);
      if (members.has(member.key)) duplicates.push(member);
      members.set(member.key, member);
      if (this.#accept('}')) return this.#leave({ kind: 'object', offset, members, duplicates });
      this.#expectComma('Object', offset);
    }
  }

  #member(objectOffset: number): SourceMember {
    this.#skipWhite();
    const keyOffset = this.#at;
    if (this.text[keyOffset] === undefined) throw this.#unclosed('Object', objectOffset);
    if (this.text[keyOffset] !== '"') throw this.#unexpected('was expecting double-quote to start field name');
    const key = this.#string('in field name');
    if (!this.#accept(':')) throw this.#unexpected('was expecting a colon to separate field name and value');
    this.#skipWhite();
    if (this.text[this.#at] === undefined) throw this.#unclosed('Object', objectOffset);
    return { key, keyOffset, value: this.#value() };
  }

  #array(offset: number): SourceArray {
    const items: SourceValue[] = [];
    this.#enter();
    if (this.#accept(']')) return this.#leave({ kind: 'array', offset, items });
    for (;;) {
      this.#skipWhite();
      if (this.text[this.#at] === undefined) throw this.#unclosed('Array', offset);
      items.push(this.#value());
      if (this.#accept(']')) return this.#leave({ kind: 'array', offset, items });
      this.#expectComma('Array', offset);
    }
  }

  #enter(): void {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth <= JSON_DEPTH_MAX) return;
    throw new JsonReadError(
      `Document nesting depth (${this.#depth}) exceeds the maximum allowed (${JSON_DEPTH_MAX})`,
      this.#at,
    );
  }

  #leave<Value>(value: Value): Value {
    this.#depth -= 1;
    return value;
  }

  #expectComma(kind: 'Object' | 'Array', offset: number): void {
    if (this.#accept(',')) return;
    if (this.text[this.#at] === undefined) throw this.#unclosed(kind, offset);
    throw this.#unexpected(`was expecting comma to separate ${kind} entries`);
  }

  #string(atEnd: string): string {
    let value = '';
    this.#at += 1;
    for (;;) {
      STRING_PART.lastIndex = this.#at;
      STRING_PART.test(this.text);
      value += this.text.slice(this.#at, STRING_PART.lastIndex);
      this.#at = STRING_PART.lastIndex;
      const char = this.text[this.#at];
      if (char === undefined) throw new JsonReadError(`Unexpected end-of-input: ${atEnd}`, this.#at);
      this.#at += 1;
      if (char === '"') return value;
      if (char !== '\\') throw new JsonReadError(controlCharacterMessage(char), this.#at);
      value += this.#escape();
    }
  }

  #escape(): string {
    const char = this.text[this.#at];
    if (char === undefined) throw this.#cutOffEscape();
    this.#at += 1;
    const plain = ESCAPES.get(char);
    if (plain !== undefined) return plain;
    if (char !== 'u') throw new JsonReadError(`Unrecognized character escape ${described(char)}`, this.#at);
    const digits = this.text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.#at += digits.search(/[^0-9a-fA-F]|$/);
      if (this.#at >= this.text.length) throw this.#cutOffEscape();
      throw this.#unexpected('expected a hex-digit for character escape sequence');
    }
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): number | JsonNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) {
      this.#at += 1;
      throw this.#unexpected('expected digit (0-9) to follow minus sign, for valid numeric value', ' in numeric value');
    }
    this.#at += text.length;
    const following = this.text[this.#at] ?? '';
    if (/^-?0$/.test(text) && /\d/.test(following)) {
      throw new JsonReadError('Invalid numeric value: Leading zeroes not allowed', this.#at);
    }
    if (following === '.') {
      this.#at += 1;
      throw this.#unexpected('Decimal point not followed by a digit', ' in numeric value');
    }
    const number = Number(text);
    return String(number) === text && Number.isFinite(number) ? number : new JsonNumber(text, number);
  }

  #literal(): null | boolean {
    JAVA_IDENTIFIER.lastIndex = this.#at;
    const word = JAVA_IDENTIFIER.exec(this.text)?.[0] ?? '';
    if (word === '') throw this.#unexpected(`expected a valid value ${VALID_VALUES}`);
    this.#at += word.length;
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null') return null;
    throw new JsonReadError(`Unrecognized token '${word}': was expecting ${VALID_VALUES}`, this.#at);
  }

  #accept(char: string): boolean {
    this.#skipWhite();
    if (this.text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipWhite(): void {
    WHITE.lastIndex = this.#at;
    WHITE.test(this.text);
    this.#at = WHITE.lastIndex;
  }

  #unclosed(kind: 'Object' | 'Array', offset: number): JsonReadError {
    const start = jacksonLocation(this.text, offset);
    return new JsonReadError(
      `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${start})`,
      this.text.length,
    );
  }

  #cutOffEscape(): JsonReadError {
    return new JsonReadError('Unexpected end-of-input in character escape sequence', this.#at);
  }

  #unexpected(expectation: string, where = ''): JsonReadError {
    const char = this.text[this.#at];
    if (char === undefined) return new JsonReadError(`Unexpected end-of-input${where}`, this.#at);
    const hint =
      char === '/'
        ? "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
        : expectation;
    return new JsonReadError(`Unexpected character (${described(char)})${where}: ${hint}`, this.#at + 1);
  }
}

const described = (char: string): string => `'${char}' (code ${char.charCodeAt(0)})`;

const controlCharacterMessage = (char: string): string =>
  `Illegal unquoted character ((CTRL-CHAR, code ${char.charCodeAt(0)})): ` +
  'has to be escaped using backslash to be included in string value';
