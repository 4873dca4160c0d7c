import { isArray, isObject, type JsonValue, memberOf, withMember, writeJson } from '../payload/index.js';
import type { ReferencePath } from './definition.js';
import { isReference } from './jsonpath/index.js';
import { ExpressionSyntaxError } from './jsonpath/syntax-error.js';
import type { PathSyntax } from './jsonpath/token.js';
import { parsePath } from './jsonpath/tokenizer.js';
import { StatesError } from './states-error.js';

type Key = string | number;

/**
 * Compiles a path that says where a result goes (ResultPath): `$`, names and indexes from 0. Throws ExpressionSyntaxError
 * for any other path, also for the context object and variables (AWS refuses them here).
 */
export function compileReferencePath(text: string): ReferencePath {
  const keys = keysOf(text, parsePath(text));
  return {
    text,
    isIdentity: keys.length === 0,
    put: (root, value) => {
      const result = putAt(root, keys, 0, value);
      if (result !== undefined) return result;
      const cause = `Unable to apply ReferencePath ${text} to input ${writeJson(root)}`;
      throw new StatesError('States.ResultPathMatchFailure', cause);
    },
  };
}

function keysOf(text: string, syntax: PathSyntax): readonly Key[] {
  if (syntax.root.type !== 'input') {
    throw new ExpressionSyntaxError(`Expected a path that starts with '$.' or '$[', but "${text}" starts elsewhere.`);
  }
  if (!isReference(syntax)) {
    throw new ExpressionSyntaxError(`Expected a path to one place (names and indexes), but "${text}" has other parts.`);
  }
  return syntax.tokens.map((token) => {
    const key: Key | undefined = token.type === 'child' ? token.names[0] : undefined;
    if (key !== undefined) return key;
    const index = token.type === 'index' ? (token.indexes[0] ?? -1) : -1;
    if (index >= 0) return index;
    throw new ExpressionSyntaxError(`Expected indexes from 0 in "${text}", but found ${index}.`);
  });
}

/** A copy of `target` with `value` behind the keys from number `at` on; undefined where they do not fit. */
function putAt(
  target: JsonValue | undefined,
  keys: readonly Key[],
  at: number,
  value: JsonValue,
): JsonValue | undefined {
  const key = keys[at];
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const item = isArray(target) ? target[key] : undefined;
    if (!isArray(target) || item === undefined) return undefined; // arrays neither appear nor grow
    const changed = putAt(item, keys, at + 1, value);
    return changed === undefined ? undefined : target.with(key, changed);
  }
  const object = target === undefined ? {} : target;
  if (!isObject(object)) return undefined;
  const changed = putAt(memberOf(object, key), keys, at + 1, value);
  return changed === undefined ? undefined : withMember(object, key, changed);
}
