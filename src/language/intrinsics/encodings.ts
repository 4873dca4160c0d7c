import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { INTRINSIC_STRING_CHARS_MAX } from '../../limits.js';
import { type JsonValue, writeJson } from '../../payload/index.js';
import type { Arguments } from './arguments.js';
import { badArgument } from './fault.js';

export function base64Encode(given: Arguments): JsonValue {
  return Buffer.from(bounded('States.Base64Encode', given.string(0)), 'utf8').toString('base64');
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

export function base64Decode(given: Arguments): JsonValue {
  const text = bounded('States.Base64Decode', given.string(0));
  if (!BASE64.test(text)) throw badArgument('States.Base64Decode', 'The text is not Base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

/** AWS's names of the algorithms, and Node's. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** In hexadecimal. What is no string is hashed as its JSON text. */
export function hash(given: Arguments): JsonValue {
  const data = given.any(0);
  const text = bounded('States.Hash', typeof data === 'string' ? data : writeJson(data));
  const algorithm = ALGORITHMS.get(given.string(1));
  if (algorithm === undefined) {
    const names = [...ALGORITHMS.keys()].join(', ');
    throw badArgument('States.Hash', `Expected one of the algorithms ${names}, but it is ${given.string(1)}`);
  }
  return createHash(algorithm).update(text, 'utf8').digest('hex');
}

function bounded(name: string, text: string): string {
  if (text.length <= INTRINSIC_STRING_CHARS_MAX) return text;
  const limit = `Expected at most ${INTRINSIC_STRING_CHARS_MAX} characters, but there are ${text.length}`;
  throw badArgument(name, limit);
}
