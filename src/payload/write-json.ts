import { type JsonArray, JsonNumber, type JsonObject, type JsonValue } from './json.js';
import { TextWriter } from './text-writer.js';

/** One each for all: writing never waits. */
const narrow = new TextWriter({ isWide: false });
const wide = new TextWriter({ isWide: true });

/** Compact JSON text, no blanks; numbers keep their digits. */
export function writeJson(value: JsonValue): string {
  narrow.begin();
  if (write(narrow, value)) return narrow.take();
  wide.begin();
  write(wide, value);
  return wide.take();
}

/** False where a string does not fit: then what was written is of no use. */
function write(writer: TextWriter, value: JsonValue): boolean {
  if (typeof value === 'string') return writer.string(value);
  if (typeof value === 'number') writer.number(value);
  else if (typeof value === 'boolean') writer.raw(value ? 'true' : 'false');
  else if (value === null) writer.raw('null');
  else if (value instanceof JsonNumber) writer.raw(value.text);
  else return Array.isArray(value) ? writeArray(writer, value) : writeObject(writer, value as JsonObject);
  return true;
}

function writeArray(writer: TextWriter, items: JsonArray): boolean {
  writer.raw('[');
  for (let i = 0; i < items.length; i++) {
    if (i > 0) writer.raw(',');
    if (!write(writer, items[i] as JsonValue)) return false;
  }
  writer.raw(']');
  return true;
}

function writeObject(writer: TextWriter, object: JsonObject): boolean {
  let separator = '{';
  if (object instanceof Map) {
    for (const [key, value] of object) {
      writer.raw(separator);
      if (!writeMember(writer, key, value)) return false;
      separator = ',';
    }
  } else {
    const plain = object as { readonly [key: string]: JsonValue };
    for (const key in plain) {
      if (!Object.hasOwn(plain, key)) continue;
      writer.raw(separator);
      if (!writeMember(writer, key, plain[key] as JsonValue)) return false;
      separator = ',';
    }
  }
  writer.raw(separator === '{' ? '{}' : '}');
  return true;
}

function writeMember(writer: TextWriter, key: string, value: JsonValue): boolean {
  if (!writer.string(key)) return false;
  writer.raw(':');
  return write(writer, value);
}
