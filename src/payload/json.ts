import { JSON_DEPTH_MAX } from '../limits.js';

/**
 * A number whose digits a JavaScript number would lose (over 15 digits, `1.0`, `1e3`, …).
 * `text` is what the caller wrote; `number` is the nearest double, for comparing.
 */
export class JsonNumber {
  constructor(
    readonly text: string,
    readonly number: number,
  ) {}
}

/** Plain objects hold their members in order, except integer-like keys: an object with such keys is a Map. */
export type JsonObject = { readonly [key: string]: JsonValue } | ReadonlyMap<string, JsonValue>;
export type JsonArray = readonly JsonValue[];
/** Parsed JSON. Never mutated once made. */
export type JsonValue = null | boolean | number | string | JsonNumber | JsonArray | JsonObject;

export const isArray = (value: JsonValue | undefined): value is JsonArray => Array.isArray(value);

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

export const isNumber = (value: JsonValue | undefined): value is number | JsonNumber =>
  typeof value === 'number' || value instanceof JsonNumber;

/** The nearest double of a JSON number. */
export const numberOf = (value: number | JsonNumber): number => (typeof value === 'number' ? value : value.number);

/** The member `key` of `object`, or undefined. Never looks at a prototype. */
export function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  if (object instanceof Map) return object.get(key);
  const plain = object as { readonly [key: string]: JsonValue };
  return Object.hasOwn(plain, key) ? plain[key] : undefined;
}

export const keysOf = (object: JsonObject): readonly string[] =>
  object instanceof Map ? [...object.keys()] : Object.keys(object);

export const entriesOf = (object: JsonObject): ReadonlyArray<readonly [string, JsonValue]> =>
  object instanceof Map ? [...object] : (Object.entries(object) as [string, JsonValue][]);

const INTEGER_LIKE = /^(?:0|[1-9]\d{0,9})$/;
const isAwkwardKey = (key: string): boolean => key === '__proto__' || INTEGER_LIKE.test(key);

/** An object from entries in order; a later entry of the same key replaces the value, not the place (as in Java). */
export function objectOf(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const list = [...entries];
  if (list.some(([key]) => isAwkwardKey(key))) return new Map(list);
  const object: Record<string, JsonValue> = {};
  for (const [key, value] of list) object[key] = value;
  return object;
}

/** `object` with `key` set to `value`: a copy, in place where it stood or at the end. */
export function withMember(object: JsonObject, key: string, value: JsonValue): JsonObject {
  if (object instanceof Map || isAwkwardKey(key)) return new Map([...entriesOf(object), [key, value]]);
  // Not `{ ...object, [key]: value }`, which gives each object a hidden class of its own, at eight times the cost.
  const copy: Record<string, JsonValue> = Object.assign({}, object as { readonly [key: string]: JsonValue });
  copy[key] = value;
  return copy;
}

/** Where and why a text is not JSON. `offset` is in UTF-16 units from the start. */
export class JsonSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/**
 * Finds what JSON.parse would damage: digits it would drop (16 and more, a decimal's last zero, exponents, tiny fractions,
 * negative zero), and integer-like or `__proto__` keys. Strings may raise it in vain: that only costs the slower reader.
 */
const DAMAGEABLE = /[\d.]{16}|\.\d*0(?!\d)|\d[eE][\d+-]|0\.00000|(?:^|[[:,\s])-0(?!\.)|"\d+"\s*:|__proto__|\\u00/;

/** Parses JSON. Throws JsonSyntaxError. */
export function parseJson(text: string): JsonValue {
  if (DAMAGEABLE.test(text) || mayBeDeep(text)) return new JsonReader(text).document();
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return new JsonReader(text).document(); // says what is wrong, and where
  }
}

/** Brackets inside strings count too: a false alarm only costs the slower reader. */
function mayBeDeep(text: string): boolean {
  if (text.length <= 2 * JSON_DEPTH_MAX) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20; // [ and { differ in this bit only, ] and } too
    if (code === 0x7b && ++depth > JSON_DEPTH_MAX) return true;
    if (code === 0x7d) depth -= 1;
  }
  return false;
}

const WHITE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside strings
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;
const LITERAL_WORD = /[A-Za-z0-9_$\u0080-\uffff]*/y;
const EXPECTED_TOKEN = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** A strict JSON reader whose messages are Jackson's, as AWS shows them. */
class JsonReader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  document(): JsonValue {
    const value = this.#value();
    this.#skipWhite();
    if (this.#at < this.text.length) {
      throw this.#unexpected('expected end of input');
    }
    return value;
  }

  #value(): JsonValue {
    this.#skipWhite();
    const char = this.text[this.#at];
    if (char === undefined) throw new JsonSyntaxError('No content to map due to end-of-input', this.#at);
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    if (char === '-' || (char >= '0' && char <= '9')) return this.#number();
    return this.#literal();
  }

  #nested(read: () => JsonValue): JsonValue {
    this.#depth += 1;
    if (this.#depth > JSON_DEPTH_MAX) {
      throw new JsonSyntaxError(`Document nesting depth exceeds the maximum allowed (${JSON_DEPTH_MAX})`, this.#at);
    }
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonObject {
    const entries: [string, JsonValue][] = [];
    if (this.#accept('}')) return {};
    for (;;) {
      this.#skipWhite();
      if (this.text[this.#at] !== '"') throw this.#unexpected('was expecting double-quote to start field name');
      const key = this.#string();
      if (!this.#accept(':')) throw this.#unexpected('was expecting a colon to separate field name and value');
      entries.push([key, this.#value()]);
      if (this.#accept('}')) return objectOf(entries);
      if (!this.#accept(',')) throw this.#unexpected('was expecting comma to separate Object entries');
    }
  }

  #array(): JsonArray {
    const items: JsonValue[] = [];
    if (this.#accept(']')) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#accept(']')) return items;
      if (!this.#accept(',')) throw this.#unexpected('was expecting comma to separate Array entries');
    }
  }

  #string(): string {
    PLAIN_STRING.lastIndex = this.#at;
    const plain = PLAIN_STRING.exec(this.text)?.[0];
    if (plain !== undefined) {
      this.#at += plain.length;
      return plain.slice(1, -1);
    }
    const start = this.#at;
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === '\\') at += 1;
      else if (char === '"') {
        this.#at = at + 1;
        return this.#unescape(this.text.slice(start, at + 1), start);
      }
    }
    throw new JsonSyntaxError('Unexpected end-of-input: was expecting closing quote for a string value', start);
  }

  #unescape(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw new JsonSyntaxError('Illegal unquoted or unrecognized escape character in string value', start);
    }
  }

  #number(): number | JsonNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) throw this.#unexpected('in numeric value');
    this.#at += text.length;
    if (/[0-9.eE+-]/.test(this.text[this.#at] ?? '')) throw this.#unexpected('in numeric value');
    const number = Number(text);
    return String(number) === text && Number.isFinite(number) ? number : new JsonNumber(text, number);
  }

  #literal(): null | boolean {
    LITERAL_WORD.lastIndex = this.#at;
    const word = LITERAL_WORD.exec(this.text)?.[0] ?? '';
    this.#at += word.length;
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null') return null;
    this.#at -= word.length;
    if (word === '') throw this.#unexpected('expected a valid value');
    throw new JsonSyntaxError(`Unrecognized token '${word}': ${EXPECTED_TOKEN}`, this.#at + word.length);
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

  #unexpected(expectation: string): JsonSyntaxError {
    const char = this.text[this.#at];
    if (char === undefined) return new JsonSyntaxError(`Unexpected end-of-input: ${expectation}`, this.#at);
    return new JsonSyntaxError(
      `Unexpected character ('${char}' (code ${char.charCodeAt(0)})): ${expectation}`,
      this.#at,
    );
  }
}

export function isJsonText(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Structural equality; numbers are equal when their doubles are. */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (isArray(a))
    return isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i] as JsonValue));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) => {
    const other = memberOf(b, key);
    return other !== undefined && equalJson(memberOf(a, key) as JsonValue, other);
  });
}
