import { createHash } from 'node:crypto';
import { JSONATA_ITEMS_MAX, JSONATA_RANGE_ITEMS_MAX } from '../../limits.js';
import { JsonSyntaxError, type JsonValue, parseJson } from '../../payload/index.js';
import { fractionFromSeed } from '../intrinsics/java-random.js';
import { toEngine } from './border.js';
import { charge, ITEM_WORK } from './bounds.js';
import { defineFunction, type NativeFocus, staticFrame } from './engine.generated.js';
import { EvaluationFault, memoryExceeded } from './evaluation-fault.js';
import { SEQUENCE } from './flags.js';

/** Adds AWS's functions to JSONata's, and gives those that need time or randomness the evaluation's. */
export function addFunctions(): void {
  staticFrame.bind('partition', defineFunction(partition, '<an?:a>'));
  staticFrame.bind('range', defineFunction(range, '<n?n?n?:a>'));
  staticFrame.bind('hash', defineFunction(hash, '<s-s?:s>'));
  staticFrame.bind('random', defineFunction(random, '<n?:n>'));
  staticFrame.bind('uuid', defineFunction(uuid, '<:s>'));
  staticFrame.bind('parse', defineFunction(parse, '<s-:x>'));
  staticFrame.bind('now', defineFunction(now, '<s?s?:s>'));
  staticFrame.bind('millis', defineFunction(millis, '<:n>'));
}

/** What is a function here, so that no variable is looked up by that name. */
export const functionNames = (): ReadonlySet<string> => new Set(staticFrame.names);

/** Integer parameters lose their fraction. */
const isUsable = (number: number | undefined): number is number => number !== undefined && Number.isFinite(number);

function partition(items: readonly unknown[] | undefined, size: number | undefined): unknown {
  if (items === undefined || items.length === 0 || !isUsable(size) || Math.trunc(size) < 1) return undefined;
  charge(items.length * ITEM_WORK);
  const length = Math.trunc(size);
  const chunks: unknown[] = [];
  for (let start = 0; start < items.length; start += length) chunks.push(items.slice(start, start + length));
  return chunks;
}

/** A sequence: one item stands for itself. */
function range(start: number | undefined, end: number | undefined, step: number | undefined): unknown {
  if (!isUsable(start) || !isUsable(end) || !isUsable(step)) return undefined;
  const [from, to, by] = [Math.trunc(start), Math.trunc(end), Math.trunc(step)];
  const count = Math.floor((to - from) / by) + 1;
  if (by === 0 || !(count >= 1)) return undefined;
  if (count > JSONATA_RANGE_ITEMS_MAX) throw memoryExceeded();
  charge(count * ITEM_WORK);
  const items: unknown[] & { [SEQUENCE]?: boolean } = Array.from({ length: count }, (_, index) => from + index * by);
  items[SEQUENCE] = true;
  return items;
}

/** AWS's names of the algorithms, and Node's. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

function hash(text: string | undefined, algorithm: string | undefined): unknown {
  if (text === undefined || algorithm === undefined) return undefined;
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined) {
    const names = [...ALGORITHMS.keys()].join(', ');
    throw new EvaluationFault(`Expected one of the hash algorithms ${names}, but it is ${JSON.stringify(algorithm)}`);
  }
  charge(text.length);
  return createHash(known).update(text, 'utf8').digest('hex');
}

function random(this: NativeFocus, seed: number | undefined): number {
  return isUsable(seed) ? fractionFromSeed(seed) : this.environment.base.host.random();
}

function uuid(this: NativeFocus): string {
  return this.environment.base.host.uuid();
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  charge(text.length * ITEM_WORK);
  if (text.length > 2 * JSONATA_ITEMS_MAX) throw memoryExceeded();
  return toEngine(parsed(text));
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new EvaluationFault(`Unable to parse the text as JSON: ${error.message}`);
    throw error;
  }
}

function now(this: NativeFocus, picture: string | undefined, timezone: string | undefined): unknown {
  return fromMillis.call(this, this.environment.base.host.at, picture, timezone);
}

function millis(this: NativeFocus): number {
  return this.environment.base.host.at;
}

type FromMillis = (this: NativeFocus, at: number, picture: string | undefined, zone: string | undefined) => unknown;
const fromMillis = (staticFrame.lookup('fromMillis') as { readonly implementation: FromMillis }).implementation;
