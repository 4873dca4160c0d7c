import { PATH_VISITS_MAX } from '../../limits.js';
import {
  entriesOf,
  isArray,
  isObject,
  type JsonArray,
  type JsonValue,
  memberOf,
  objectOf,
} from '../../payload/index.js';
import { runtimeError } from '../states-error.js';
import type { Predicate, Surroundings, Token } from './token.js';

/** Adds to `found` what the rest of the path finds below `value`. */
export type Visit = (value: JsonValue, around: Surroundings, found: JsonValue[]) => void;

/** Compiles an indefinite path from its token number `at` on. What does not fit is passed over, as Jayway does. */
export function compileVisit(tokens: readonly Token[], at = 0): Visit {
  const token = tokens[at];
  if (token === undefined) return (value, _around, found) => void found.push(value);
  switch (token.type) {
    case 'child':
      return visitChildren(token.names, compileVisit(tokens, at + 1), at + 1 === tokens.length);
    case 'index':
      return visitIndexes(token.indexes, compileVisit(tokens, at + 1));
    case 'slice':
      return visitSlice(token, compileVisit(tokens, at + 1));
    case 'wildcard':
      return visitAll(() => true, compileVisit(tokens, at + 1));
    case 'filter':
      return visitAccepted(token.accepts, compileVisit(tokens, at + 1));
    case 'scan':
      return visitDepths(tokens, at + 1);
    case 'function': {
      const { apply } = token;
      return (value, _around, found) => void found.push(apply(value) ?? null);
    }
    default:
      return token satisfies never;
  }
}

function visitChildren(names: readonly string[], next: Visit, isLast: boolean): Visit {
  if (names.length > 1 && isLast) return visitMerged(names);
  return (value, around, found) => {
    if (!isObject(value)) return;
    for (const name of names) {
      const member = memberOf(value, name);
      if (member !== undefined) next(member, around, found);
    }
  };
}

/** `['a','b']` at the end gives one object with those members that are there. */
function visitMerged(names: readonly string[]): Visit {
  return (value, _around, found) => {
    if (!isObject(value)) return;
    const wanted = new Set(names);
    found.push(objectOf(entriesOf(value).filter(([name]) => wanted.has(name))));
  };
}

function visitIndexes(indexes: readonly number[], next: Visit): Visit {
  return (value, around, found) => {
    if (!isArray(value)) return;
    for (const index of indexes) visitItem(value, index, next, around, found);
  };
}

function visitItem(items: JsonArray, index: number, next: Visit, around: Surroundings, found: JsonValue[]): void {
  const item = items[index < 0 ? items.length + index : index];
  if (item !== undefined) next(item, around, found);
}

/** Jayway's bounds: a negative start counts from the end unless an end is given as well, where it is a negative index. */
function visitSlice(slice: { readonly from: number | null; readonly to: number | null }, next: Visit): Visit {
  return (value, around, found) => {
    if (!isArray(value)) return;
    const [from, to] = sliceBounds(slice, value.length);
    for (let index = from; index < to; index++) {
      count(around);
      visitItem(value, index, next, around, found);
    }
  };
}

function sliceBounds(
  { from, to }: { readonly from: number | null; readonly to: number | null },
  length: number,
): [number, number] {
  if (to === null) return [Math.max(0, from !== null && from < 0 ? length + from : (from ?? 0)), length];
  if (from === null) return [0, Math.min(length, to < 0 ? length + to : to)];
  return [Math.max(from, -length), Math.min(length, to)];
}

function visitAll(accepts: Predicate, next: Visit): Visit {
  return (value, around, found) => {
    const values = isArray(value) ? value : isObject(value) ? entriesOf(value).map(([, member]) => member) : [];
    for (const item of values) {
      count(around);
      if (accepts(item, around)) next(item, around, found);
    }
  };
}

/** A filter looks at each item of an array, but at an object itself. */
function visitAccepted(accepts: Predicate, next: Visit): Visit {
  const items = visitAll(accepts, next);
  return (value, around, found) => {
    if (isArray(value)) items(value, around, found);
    else if (isObject(value) && accepts(value, around)) next(value, around, found);
  };
}

/** `..`: the token after it applies to every object and array, the outer ones first. */
function visitDepths(tokens: readonly Token[], at: number): Visit {
  const fits = scanPredicate(tokens[at], at + 1 === tokens.length);
  const here = compileVisit(tokens, at);
  const isLast = at + 1 === tokens.length;
  // Jayway passes every item of a fitting array on to what follows, whichever index or filter is meant.
  const inArray = isLast ? here : visitAll(() => true, compileVisit(tokens, at + 1));
  const walk: Visit = (value, around, found) => {
    count(around);
    if (isArray(value)) {
      if (fits(value, around)) inArray(value, around, found);
      for (const item of value) walk(item, around, found);
    } else if (isObject(value)) {
      if (fits(value, around)) here(value, around, found);
      for (const [, member] of entriesOf(value)) walk(member, around, found);
    }
  };
  return walk;
}

function scanPredicate(token: Token | undefined, isLast: boolean): Predicate {
  switch (token?.type) {
    case 'child': {
      const { names } = token;
      const needsAll = names.length === 1 || isLast;
      return (value) => isObject(value) && (!needsAll || names.every((name) => memberOf(value, name) !== undefined));
    }
    case 'index':
    case 'slice':
      return (value) => isArray(value);
    case 'filter':
      return token.accepts;
    default:
      return () => true;
  }
}

function count(around: Surroundings): void {
  around.visitsLeft -= 1;
  if (around.visitsLeft < 0) {
    throw runtimeError(
      `The JSONPath visits more than ${PATH_VISITS_MAX} values. Use a path with fewer wildcards and '..' parts.`,
    );
  }
}
