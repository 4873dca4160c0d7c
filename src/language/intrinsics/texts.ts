import { FORMAT_CHARS_MAX } from '../../limits.js';
import {
  entriesOf,
  JsonNumber,
  JsonSyntaxError,
  type JsonValue,
  objectOf,
  parseJson,
  writeJson,
} from '../../payload/index.js';
import { javaText } from '../jsonpath/java-text.js';
import type { Arguments } from './arguments.js';
import { badArgument, IntrinsicFault } from './fault.js';

/** `{}` is an argument; `\'`, `\{`, `\}` and `\\` are the characters themselves. */
export function format(given: Arguments): JsonValue {
  const parts = templateParts(given.string(0));
  if (parts.length !== given.count) {
    throw badArgument('States.Format', 'number of arguments do not match the occurrences of {}');
  }
  let text = parts[0] ?? '';
  for (let at = 1; at < parts.length; at++) {
    text += javaText(given.any(at)) + parts[at];
    if (text.length > FORMAT_CHARS_MAX) {
      throw badArgument('States.Format', `Expected a result of at most ${FORMAT_CHARS_MAX} characters`);
    }
  }
  return text;
}

/** The texts before, between and after the placeholders. */
function templateParts(template: string): readonly string[] {
  const parts: string[] = [];
  let text = '';
  for (let at = 0; at < template.length; at++) {
    const char = template.charAt(at);
    const next = template.charAt(at + 1);
    if (char === '\\' && "'{}\\".includes(next) && next !== '') {
      text += next;
      at += 1;
    } else if (char === '{') {
      if (next !== '}') throw new IntrinsicFault("Invalid template in States.Format: matching '}' not found for '{'.");
      parts.push(text);
      text = '';
      at += 1;
    } else if (char === '}') {
      throw new IntrinsicFault("Invalid template in States.Format: matching '{' not found for '}'.");
    } else {
      text += char;
    }
  }
  return [...parts, text];
}

/** A blank text is null, and `-0` is 0 (recorded). */
export function stringToJson(given: Arguments): JsonValue {
  const text = given.string(0);
  if (text.trim() === '') return null;
  try {
    const value = parseJson(text);
    return value instanceof JsonNumber && value.text === '-0' ? 0 : value;
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    throw badArgument('States.StringToJson', `The text is not JSON: ${fault.message}`);
  }
}

export function jsonToString(given: Arguments): JsonValue {
  return writeJson(given.any(0));
}

/** Shallow: AWS takes only `false` as third argument. */
export function jsonMerge(given: Arguments): JsonValue {
  const [first, second] = [given.object(0), given.object(1)];
  if (given.boolean(2)) {
    throw badArgument('States.JsonMerge', 'Expected argument 3 to be false, since only the shallow merge exists');
  }
  return objectOf([...entriesOf(first), ...entriesOf(second)]);
}

/** Every character of the delimiter splits, and empty parts are left out (recorded). */
export function stringSplit(given: Arguments): JsonValue {
  const text = given.string(0);
  const delimiters = new Set(given.string(1));
  const parts: string[] = [];
  let part = '';
  for (const char of text) {
    if (!delimiters.has(char)) {
      part += char;
    } else if (part !== '') {
      parts.push(part);
      part = '';
    }
  }
  return part === '' ? parts : [...parts, part];
}
