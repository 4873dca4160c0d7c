import { type JsonValue, parseJson } from './json.js';
import { writeJson } from './write-json.js';

/**
 * JSON as it travels through an execution: its text, and its value made at first need.
 * Immutable; two Payloads are shared by identity, never compared by content.
 */
export class Payload {
  #value: JsonValue | undefined;
  #bytes = -1;
  #keeper: object | null = null;
  #number = 0;

  private constructor(
    /** The JSON text, with the white space its author gave it. */
    readonly text: string,
    value: JsonValue | undefined,
  ) {
    this.#value = value;
  }

  /** Takes text over as it is. The text must be JSON: check with `parsePayload` at a border. */
  static ofText(text: string): Payload {
    return new Payload(text, undefined);
  }

  /** Compact text of a selected or built value. */
  static ofValue(value: JsonValue): Payload {
    return new Payload(writeJson(value), value);
  }

  /** The array of the given payloads: `[`, their texts joined by commas, `]`. */
  static concatenate(items: readonly Payload[]): Payload {
    return new Payload(`[${items.map((item) => item.text).join(',')}]`, undefined);
  }

  get value(): JsonValue {
    this.#value ??= parseJson(this.text);
    return this.#value;
  }

  /** Size as AWS counts it: UTF-8 bytes of the text. */
  get bytes(): number {
    if (this.#bytes < 0) this.#bytes = Buffer.byteLength(this.text);
    return this.#bytes;
  }

  /** The number that `keeper` has given it; undefined where it has given none. */
  numberOf(keeper: object): number | undefined {
    return this.#keeper === keeper ? this.#number : undefined;
  }

  /** Notes the number that `keeper` gives it. There is room for one: false where another keeper's stands here. */
  takeNumber(keeper: object, number: number): boolean {
    if (this.#keeper !== null && this.#keeper !== keeper) return false;
    this.#keeper = keeper;
    this.#number = number;
    return true;
  }
}

export const EMPTY_OBJECT = Payload.ofText('{}');

/** A payload from outside: parses at once, so that what is inside is JSON. Throws JsonSyntaxError. */
export function parsePayload(text: string): Payload {
  const payload = Payload.ofText(text);
  payload.value; // parsed here, at the border, and kept
  return payload;
}
