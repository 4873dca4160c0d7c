import { JSONATA_VALUE_BYTES_MAX } from '../../limits.js';
import { boundDepth, charge, ITEM_WORK, OBJECT_WORK, push, withWork } from './bounds.js';
import { memoryExceeded } from './evaluation-fault.js';
import { isEngineFunction, KEY_ORDER } from './flags.js';

/** An object of the evaluator. It has `KEY_ORDER` when JavaScript would put its keys into another order. */
export interface EngineObject {
  [key: string]: unknown;
  [KEY_ORDER]?: string[];
}

/** An object's own keys in order. */
export function memberKeys(object: EngineObject): readonly string[] {
  const keys = object[KEY_ORDER] ?? Object.keys(object);
  charge(keys.length);
  return keys;
}

/** JavaScript puts keys that begin like a number first, if they are integers. */
const isIntegerLike = (key: string): boolean => {
  const code = key.charCodeAt(0);
  return code >= 0x30 && code <= 0x39 && /^(?:0|[1-9]\d{0,9})$/.test(key);
};

/** Sets a member of an object that the evaluator made. Never reaches a prototype. */
export function setMember(object: EngineObject, key: string, value: unknown): void {
  if (isIntegerLike(key)) object[KEY_ORDER] ??= Object.keys(object);
  const order = object[KEY_ORDER];
  if (order !== undefined && !Object.hasOwn(object, key)) order.push(key);
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

export function removeMember(object: EngineObject, key: string): void {
  const order = object[KEY_ORDER];
  if (order !== undefined) object[KEY_ORDER] = order.filter((other) => other !== key);
  delete object[key];
}

export const isEngineObject = (value: unknown): value is EngineObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isEngineFunction(value);

/** JSON shows 15 digits of what is no integer; functions are empty texts, what is not a number is null. */
function jsonNumber(value: number): number | null {
  if (Number.isNaN(value)) return null;
  if (!Number.isFinite(value)) throw { code: 'D1001', value };
  return Number.isInteger(value) ? value + 0 : Number(value.toPrecision(15));
}

/** A deep copy with what JSON keeps. The objects and arrays in it are entered into `owned`: they may be changed. */
export function copyOf(value: unknown, owned: Set<unknown> | undefined, depth = 0): unknown {
  boundDepth(depth);
  charge(ITEM_WORK);
  if (typeof value === 'number') return jsonNumber(value);
  if (isEngineFunction(value)) return '';
  if (Array.isArray(value)) {
    const copy: unknown[] = value.map((item) => (item === undefined ? null : copyOf(item, owned, depth + 1)));
    owned?.add(copy);
    return copy;
  }
  if (!isEngineObject(value)) return value;
  charge(OBJECT_WORK);
  const copy: EngineObject = {};
  for (const key of memberKeys(value)) {
    if (value[key] !== undefined) setMember(copy, key, copyOf(value[key], owned, depth + 1));
  }
  owned?.add(copy);
  return copy;
}

/** The JSON text of a value, as $string gives it. */
export function textOfValue(value: unknown, isPretty: boolean): string {
  return new TextWriter(isPretty === true ? '  ' : '', JSONATA_VALUE_BYTES_MAX).write(value, 0);
}

const MESSAGE_CHARS_MAX = 1000;

/** A value in an error message: its JSON text, cut off where it is long. */
export function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (isEngineFunction(value)) return '""';
  try {
    return withWork(() => new TextWriter('', MESSAGE_CHARS_MAX).write(value, 0));
  } catch {
    return Array.isArray(value) ? '[…]' : typeof value === 'string' ? `"${value.slice(0, MESSAGE_CHARS_MAX)}…"` : '{…}';
  }
}

/** Writes JSON as JSON.stringify does, but stops where the text becomes too long. */
class TextWriter {
  #chars = 0;

  constructor(
    private readonly indent: string,
    private readonly charsMax: number,
  ) {}

  write(value: unknown, depth: number): string {
    if (typeof value === 'string') return this.#counted(JSON.stringify(value));
    if (typeof value === 'number') return this.#counted(String(jsonNumber(value)));
    if (value === null || typeof value === 'boolean') return this.#counted(String(value));
    if (Array.isArray(value)) return this.#list(value, depth);
    if (!isEngineObject(value)) return this.#counted(value === undefined ? 'null' : '""');
    const members: string[] = [];
    const space = this.indent === '' ? '' : ' ';
    for (const key of memberKeys(value)) {
      if (value[key] === undefined) continue;
      members.push(`${this.#counted(JSON.stringify(key))}:${space}${this.write(value[key], depth + 1)}`);
    }
    return this.#enclosed('{', members, '}', depth);
  }

  #list(items: readonly unknown[], depth: number): string {
    const texts: string[] = [];
    for (const item of items) texts.push(this.write(item, depth + 1));
    return this.#enclosed('[', texts, ']', depth);
  }

  #enclosed(open: string, parts: readonly string[], close: string, depth: number): string {
    boundDepth(depth);
    if (parts.length === 0 || this.indent === '') return `${open}${parts.join(',')}${close}`;
    const line = `\n${this.indent.repeat(depth)}`;
    this.#count((parts.length + 1) * (line.length + this.indent.length));
    const inner = `${line}${this.indent}`;
    return `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
  }

  #counted(text: string): string {
    this.#count(text.length + 1);
    return text;
  }

  #count(chars: number): void {
    this.#chars += chars;
    charge((chars >> 1) + ITEM_WORK);
    if (this.#chars > this.charsMax + 1) throw memoryExceeded();
  }
}

/** The values of `from` without those that came before: equal ones have the same text, whatever the order of keys. */
export function distinctInto(into: unknown[], from: readonly unknown[]): unknown[] {
  const simple = new Set<unknown>();
  const compound = new Set<unknown>();
  for (const value of from) {
    const isCompound = typeof value === 'object' && value !== null;
    const known = isCompound ? compound : simple;
    const mark = isCompound ? identityOf(value, 0) : value;
    if (known.has(mark)) continue;
    known.add(mark);
    push(into, value);
  }
  return into;
}

/** A text for arrays and objects, so that no other value has it. A function is only itself. */
function identityOf(value: unknown, depth: number): unknown {
  boundDepth(depth);
  charge(ITEM_WORK);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => identityOf(item, depth + 1)).join(',')}]`;
  if (!isEngineObject(value)) return isEngineFunction(value) ? functionMark(value) : String(value);
  const keys = [...memberKeys(value)].sort();
  const text = keys.map((key) => `${JSON.stringify(key)}:${identityOf(value[key], depth + 1)}`).join(',');
  charge(text.length >> 1);
  return `{${text}}`;
}

const functionMarks = new WeakMap<object, string>();
let functionsMarked = 0;

function functionMark(value: unknown): string {
  const known = functionMarks.get(value as object) ?? `function ${functionsMarked++}`;
  functionMarks.set(value as object, known);
  return known;
}
