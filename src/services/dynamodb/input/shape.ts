import { serializationFault } from '../fault.js';

/** A fault of a member that violates its constraints, as AWS words it; at most ten are told. */
export class FaultList {
  readonly texts: string[] = [];

  add(value: unknown, path: string, rule: string): void {
    if (this.texts.length >= FAULTS_MAX) return;
    const shown = shownValue(value);
    this.texts.push(
      `Value ${shown === 'null' ? shown : `'${shown}'`} at '${path}' failed to satisfy constraint: ${rule}`,
    );
  }
}

const FAULTS_MAX = 10;

export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** How one member of a request is read. Two steps, as on AWS: types of the whole request come first, constraints after. */
export interface Shape<T> {
  /** `value` is neither null nor undefined. Throws SerializationException. */
  read(value: unknown): T;
  check(value: T, path: string, faults: FaultList): void;
  /** Whether AWS wants the member: true, or false for an optional one. */
  readonly isRequired: boolean;
}

export interface RequiredShape<T> extends Shape<T> {
  readonly isRequired: true;
}

export const required = <T>(shape: Shape<T>): RequiredShape<T> => ({ ...shape, isRequired: true });

export type Members = Readonly<Record<string, Shape<unknown>>>;
export type TypeOf<S> = S extends Shape<infer T> ? T : never;
type RequiredNames<M> = { [K in keyof M]: M[K] extends RequiredShape<unknown> ? K : never }[keyof M];
export type StructureOf<M extends Members> = { readonly [K in RequiredNames<M>]: TypeOf<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredNames<M>>]?: TypeOf<M[K]>;
};

/** A constraint: whether it holds, and AWS's words for it. */
export interface Rule<T> {
  readonly holds: (value: T) => boolean;
  readonly text: string;
}

export function checkRules<T>(rules: readonly Rule<T>[], value: T, path: string, faults: FaultList): void {
  for (const { holds, text } of rules) if (!holds(value)) faults.add(value, path, text);
}

/** Lengths of texts, lists and maps. */
export const lengthOf = (value: unknown): number =>
  typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length;

export const atLeast = <T>(min: number): Rule<T> => ({
  holds: (value) => lengthOf(value) >= min,
  text: `Member must have length greater than or equal to ${min}`,
});

export const atMost = <T>(max: number): Rule<T> => ({
  holds: (value) => lengthOf(value) <= max,
  text: `Member must have length less than or equal to ${max}`,
});

export const pattern = (source: string): Rule<string> => {
  const expression = new RegExp(`^(?:${source})$`);
  return {
    holds: (value) => expression.test(value),
    text: `Member must satisfy regular expression pattern: ${source}`,
  };
};

export function text(...rules: readonly Rule<string>[]): Shape<string> {
  return {
    isRequired: false,
    read: readText,
    check: (value, path, faults) => checkRules(rules, value, path, faults),
  };
}

/** A text out of a set; AWS lists the set in an order of its own. */
export function word<W extends string>(...words: readonly W[]): Shape<W> {
  const isWord = (value: string): value is W => (words as readonly string[]).includes(value);
  return {
    isRequired: false,
    read: (value) => readText(value) as W, // `check` refuses every other text
    check: (value, path, faults) => {
      if (!isWord(value)) faults.add(value, path, `Member must satisfy enum value set: [${words.join(', ')}]`);
    },
  };
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') {
    throw serializationFault(`${value ? 'TRUE' : 'FALSE'}_VALUE cannot be converted to String`);
  }
  if (typeof value === 'number') throw serializationFault(`${numberToken(value)} cannot be converted to String`);
  throw serializationFault(structureText(value, 'java.lang.String'));
}

const numberToken = (value: number): string => (Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE');

function structureText(value: unknown, type: string): string {
  return Array.isArray(value)
    ? `Unrecognized collection type class ${type}`
    : 'Start of structure or map found where not expected';
}

/** A whole number; fractions are cut off, as on AWS. */
export function integer(
  type: 'Integer' | 'Long',
  bounds: { readonly min?: number; readonly max?: number } = {},
): Shape<number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
  const rules: Rule<number>[] = [];
  if (min > Number.NEGATIVE_INFINITY) {
    rules.push({ holds: (value) => value >= min, text: `Member must have value greater than or equal to ${min}` });
  }
  if (max < Number.POSITIVE_INFINITY) {
    rules.push({ holds: (value) => value <= max, text: `Member must have value less than or equal to ${max}` });
  }
  return {
    isRequired: false,
    read: (value) => {
      if (typeof value === 'number') return Math.floor(value);
      if (typeof value === 'string') throw serializationFault(`STRING_VALUE cannot be converted to ${type}`);
      if (typeof value === 'boolean') {
        throw serializationFault(`${value ? 'TRUE' : 'FALSE'}_VALUE cannot be converted to ${type}`);
      }
      throw serializationFault(structureText(value, `java.lang.${type}`));
    },
    check: (value, path, faults) => checkRules(rules, value, path, faults),
  };
}

/** A point in time as epoch seconds. */
export const timestamp: Shape<number> = {
  isRequired: false,
  read: (value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'string') throw serializationFault('STRING_VALUE cannot be converted to Timestamp');
    throw serializationFault(structureText(value, 'java.util.Date'));
  },
  check: () => undefined,
};

const TRUE_TEXTS = new Set(['TRUE', '1', 'YES']);
const FALSE_TEXTS = new Set(['FALSE', '0', 'NO']);

export const boolean: Shape<boolean> = { isRequired: false, read: readBoolean, check: () => undefined };

export function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') throw serializationFault(`${numberToken(value)} cannot be converted to Boolean`);
  if (typeof value !== 'string') throw serializationFault(structureText(value, 'java.lang.Boolean'));
  const upper = value.toUpperCase();
  if (TRUE_TEXTS.has(upper)) return true;
  if (FALSE_TEXTS.has(upper)) return false;
  throw serializationFault('Unexpected token received from parser');
}

/** Blobs stay the base64 text that they are on the wire. */
export function readBlob(value: unknown): string {
  if (typeof value !== 'string') {
    if (typeof value !== 'object') throw serializationFault('only base-64-encoded strings are convertible to bytes');
    throw serializationFault(structureText(value, 'java.nio.ByteBuffer'));
  }
  if (value.length % 4 !== 0) {
    throw serializationFault(`Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`);
  }
  if (Buffer.from(value, 'base64').toString('base64') !== value) {
    throw serializationFault('Invalid last non-pad Base64 character dectected');
  }
  return value;
}

export { readText };
