import { isArray, isObject, type JsonObject, type JsonValue, memberOf, objectOf } from '../../payload/index.js';
import type { Finder, PathFunction, Token } from './token.js';
import { compileVisit } from './visit.js';

/** A compiled sequence of tokens. */
export interface Search {
  /** A definite path leads to one value or to none; any other gives an array, empty where nothing was found. */
  readonly isDefinite: boolean;
  /** Names and indexes only: nothing to count, and no filter that needs the document. */
  readonly isDirect: boolean;
  readonly find: Finder;
}

export function compileSearch(tokens: readonly Token[]): Search {
  const last = tokens.at(-1);
  const applied = last?.type === 'function' ? last.apply : null;
  const reach = applied === null ? tokens : tokens.slice(0, -1);
  if (reach.every((token, at) => isDefiniteToken(token, at === tokens.length - 1))) {
    return { isDefinite: true, isDirect: true, find: compileDefinite(reach, applied) };
  }
  if (applied !== null && reach.some((token) => token.type === 'scan')) {
    return { isDefinite: true, isDirect: false, find: appliedToAll(compileIndefinite(reach), applied) };
  }
  return { isDefinite: false, isDirect: false, find: compileIndefinite(tokens) };
}

function isDefiniteToken(token: Token, isLast: boolean): boolean {
  if (token.type === 'child') return token.names.length === 1 || isLast;
  return token.type === 'index' && token.indexes.length === 1;
}

function compileIndefinite(tokens: readonly Token[]): Finder {
  const visit = compileVisit(tokens);
  return (value, around) => {
    const found: JsonValue[] = [];
    visit(value, around, found);
    return found;
  };
}

/** As in Jayway, a function after `..` sees everything that the path found, not each thing on its own. */
function appliedToAll(find: Finder, apply: PathFunction): Finder {
  return (value, around) => apply(find(value, around) ?? []);
}

function compileDefinite(tokens: readonly Token[], applied: PathFunction | null): Finder {
  const last = tokens.at(-1);
  const merged = last?.type === 'child' && last.names.length > 1 ? last.names : null;
  const keys = (merged === null ? tokens : tokens.slice(0, -1)).map(keyOf);
  if (merged !== null) return (value) => pick(lookUp(keys, value), merged);
  if (applied !== null) {
    return (value) => {
      const found = lookUp(keys, value);
      return found === undefined ? undefined : applied(found);
    };
  }
  const [only] = keys;
  if (keys.length === 1 && typeof only === 'string') {
    return (value) => (isObject(value) ? memberOf(value, only) : undefined);
  }
  return (value) => lookUp(keys, value);
}

type Key = string | number;

function keyOf(token: Token): Key {
  if (token.type === 'child') return token.names[0] ?? '';
  return token.type === 'index' ? (token.indexes[0] ?? 0) : '';
}

/** The value behind `keys`. Nothing is made on the way: this is the path of nearly every expression. */
function lookUp(keys: readonly Key[], value: JsonValue): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (typeof key === 'string') current = isObject(current) ? memberOf(current, key) : undefined;
    else if (key !== undefined) current = isArray(current) ? itemAt(current, key) : undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

const itemAt = (items: readonly JsonValue[], index: number): JsonValue | undefined =>
  items[index < 0 ? items.length + index : index];

function pick(value: JsonValue | undefined, names: readonly string[]): JsonObject | undefined {
  return isObject(value) ? pickMembers(value, names) : undefined;
}

function pickMembers(object: JsonObject, names: readonly string[]): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const name of names) {
    const member = memberOf(object, name);
    if (member !== undefined) entries.push([name, member]);
  }
  return objectOf(entries);
}
