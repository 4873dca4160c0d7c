import {
  isArray,
  isNumber,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  numberOf,
  writeJson,
} from '../../payload/index.js';
import type { Scope } from '../definition.js';
import { badArgument } from './fault.js';

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;
const SHOWN_CHARS_MAX = 60;

/** The values of one call's arguments, each taken as what the function needs. All throw IntrinsicFault. */
export interface Arguments {
  readonly count: number;
  readonly scope: Scope;
  any(at: number): JsonValue;
  array(at: number): JsonArray;
  object(at: number): JsonObject;
  string(at: number): string;
  boolean(at: number): boolean;
  /** Any number. */
  number(at: number): number;
  /** Rounded as Java's Math.round does (half up), and a 32-bit integer as AWS wants it. */
  integer(at: number): number;
}

/** `name` is the function's, for the messages. */
export function argumentsOf(name: string, values: readonly JsonValue[], scope: Scope): Arguments {
  const any = (at: number): JsonValue => values[at] ?? null;
  const fault = (at: number, expected: string) =>
    badArgument(name, `Expected argument ${at + 1} to be ${expected}, but it is ${shown(any(at))}`);
  const number = (at: number): number => {
    const value = any(at);
    if (!isNumber(value)) throw fault(at, 'a number');
    return numberOf(value);
  };
  return {
    count: values.length,
    scope,
    any,
    number,
    array: (at) => {
      const value = any(at);
      if (!isArray(value)) throw fault(at, 'an array');
      return value;
    },
    object: (at) => {
      const value = any(at);
      if (!isObject(value)) throw fault(at, 'an object');
      return value;
    },
    string: (at) => {
      const value = any(at);
      if (typeof value !== 'string') throw fault(at, 'a string');
      return value;
    },
    boolean: (at) => {
      const value = any(at);
      if (typeof value !== 'boolean') throw fault(at, 'true or false');
      return value;
    },
    integer: (at) => {
      const value = Math.round(number(at)) + 0; // no negative zero
      if (value < INT_MIN || value > INT_MAX) throw fault(at, `a number between ${INT_MIN} and ${INT_MAX}`);
      return value;
    },
  };
}

function shown(value: JsonValue): string {
  if (isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return 'an object';
  const text = writeJson(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}
