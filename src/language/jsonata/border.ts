import { JSONATA_VALUE_BYTES_MAX } from '../../limits.js';
import { JsonNumber, type JsonValue, objectOf } from '../../payload/index.js';
import { boundDepth } from './bounds.js';
import { memoryExceeded } from './evaluation-fault.js';
import { CONS, isEngineFunction, KEEP_SINGLETON, KEY_ORDER, SEQUENCE, TUPLE_STREAM } from './flags.js';
import { type EngineObject, memberKeys, setMember } from './values.js';

/** Payload values that hold nothing which the evaluator could not read: looked through once. */
const plain = new WeakSet<object>();
/** Payload values with numbers or keys that JavaScript would damage → their form for the evaluator, and back. */
const engineForms = new WeakMap<object, unknown>();
const originals = new WeakMap<object, JsonValue>();

/** A payload value for the evaluator, which only reads it. Most are handed over as they are. */
export function toEngine(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonNumber) return value.number;
  if (plain.has(value)) return value;
  const known = engineForms.get(value);
  if (known !== undefined) return known;
  if (isPlain(value)) {
    plain.add(value);
    return value;
  }
  return converted(value);
}

function isPlain(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null || plain.has(value)) return true;
  if (value instanceof JsonNumber || value instanceof Map) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  const object = value as { readonly [key: string]: JsonValue };
  for (const key in object) if (!isPlain(object[key] as JsonValue)) return false;
  return true;
}

function converted(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonNumber) return value.number;
  const known = engineForms.get(value);
  if (known !== undefined) return known;
  const form = Array.isArray(value) ? convertedArray(value) : convertedObject(value);
  if (form !== value) {
    engineForms.set(value, form);
    originals.set(form as object, value);
  }
  return form;
}

function convertedArray(items: readonly JsonValue[]): unknown {
  const forms = items.map(converted);
  return forms.some((form, index) => form !== items[index]) ? forms : items;
}

function convertedObject(object: object): unknown {
  const entries: [string, JsonValue][] = object instanceof Map ? [...object] : Object.entries(object);
  const form: EngineObject = {};
  let isSame = !(object instanceof Map);
  for (const [key, value] of entries) {
    const member = converted(value);
    if (member !== value) isSame = false;
    setMember(form, key, member);
  }
  return isSame ? object : form;
}

/** Thrown where a result holds a function. */
export const UNSUPPORTED = Symbol('unsupported');

/**
 * What the evaluator gave, as a payload value: without marks, with 1/0 as "Infinity". What came from a payload
 * unchanged is given back as it was, digits and all. Throws UNSUPPORTED, or a fault for a result that is too large.
 */
export function fromEngine(value: unknown): JsonValue {
  return new Cleaner().clean(value, 0);
}

class Cleaner {
  #bytes = 0;

  clean(value: unknown, depth: number): JsonValue {
    switch (typeof value) {
      case 'string':
        this.#count(value.length);
        return value;
      case 'number':
        this.#count(8);
        return Number.isFinite(value) ? value + 0 : String(value);
      case 'boolean':
        this.#count(1);
        return value;
      case 'undefined':
        return null;
      case 'object':
        if (value === null) return null;
        break;
      default:
        throw UNSUPPORTED;
    }
    boundDepth(depth);
    const original = originals.get(value);
    if (original !== undefined) return original;
    if (Array.isArray(value)) return this.#array(value, depth);
    if (isEngineFunction(value)) throw UNSUPPORTED;
    return this.#object(value as EngineObject, depth);
  }

  #array(items: readonly unknown[], depth: number): JsonValue {
    this.#count(8);
    let cleaned: JsonValue[] | null = isMarked(items) ? [] : null;
    for (let i = 0; i < items.length; i++) {
      const item = this.clean(items[i], depth + 1);
      if (cleaned === null && !Object.is(item, items[i])) cleaned = items.slice(0, i) as JsonValue[];
      cleaned?.push(item);
    }
    return cleaned ?? (items as readonly JsonValue[]);
  }

  #object(object: EngineObject, depth: number): JsonValue {
    this.#count(8);
    const keys = memberKeys(object);
    let isClean = object[KEY_ORDER] === undefined && Object.getPrototypeOf(object) === Object.prototype;
    const entries: [string, JsonValue][] = [];
    for (const key of keys) {
      const member = object[key];
      this.#count(key.length);
      if (member === undefined) {
        isClean = false;
        continue;
      }
      const cleaned = this.clean(member, depth + 1);
      if (key === '__proto__' || !Object.is(cleaned, member)) isClean = false;
      entries.push([key, cleaned]);
    }
    return isClean ? (object as { readonly [key: string]: JsonValue }) : objectOf(entries);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > JSONATA_VALUE_BYTES_MAX) throw memoryExceeded();
  }
}

const isMarked = (items: object): boolean =>
  SEQUENCE in items || CONS in items || KEEP_SINGLETON in items || TUPLE_STREAM in items;
