import { PATH_VISITS_MAX, PATHS_CACHED_MAX } from '../../limits.js';
import { type JsonValue, writeJson } from '../../payload/index.js';
import type { Path, Scope } from '../definition.js';
import { runtimeError, type StatesError } from '../states-error.js';
import { compileSearch, type Search } from './find.js';
import { explainMiss, type Miss } from './miss.js';
import { ExpressionSyntaxError } from './syntax-error.js';
import type { PathSyntax, Root, Surroundings } from './token.js';
import { parsePath } from './tokenizer.js';

/** A path with what templates and intrinsic functions need to say why it failed. */
export interface CompiledPath extends Path {
  readonly root: Root;
  /** Text of what the path starts from, as causes quote it. */
  readonly rootText: (scope: Scope) => string;
  /** Why `find` gave undefined. */
  readonly explain: (scope: Scope) => Miss;
}

/** AWS refuses to take a path, even `$`, of an input that is null. */
export const NULL_INPUT_CAUSE = 'Unable to apply Path transformation to null or empty input.';

const cache = new Map<string, CompiledPath>();

/**
 * Compiles a path with the semantics of Jayway's JsonPath: `$…`, `$$…` (context object), `$name…` (variable).
 * The same text gives the same Path as long as it is cached. Throws ExpressionSyntaxError.
 */
export function compilePath(text: string): CompiledPath {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const path = buildPath(text, parsePath(text));
  if (cache.size >= PATHS_CACHED_MAX) dropOldest();
  cache.set(text, path);
  return path;
}

function dropOldest(): void {
  for (const text of cache.keys()) {
    cache.delete(text);
    return;
  }
}

/** Whether the path leads to exactly one place: names and single indexes only. False for a text that is no path. */
export function isReferencePath(text: string): boolean {
  try {
    return isReference(parsePath(text));
  } catch (fault) {
    if (fault instanceof ExpressionSyntaxError) return false;
    throw fault;
  }
}

/** Whether the path has only names and single indexes. */
export function isReference({ tokens }: PathSyntax): boolean {
  return tokens.every((token) => {
    if (token.type === 'child') return token.names.length === 1;
    return token.type === 'index' && token.indexes.length === 1;
  });
}

/** Builds the Path of a text that is parsed already (a path inside an intrinsic function call). */
export function buildPath(text: string, syntax: PathSyntax): CompiledPath {
  const { root, tokens } = syntax;
  const find = finderFrom(root, compileSearch(tokens));
  const explain = (scope: Scope): Miss => {
    const start = startOf(root, scope);
    if (start !== undefined) return explainMiss(tokens, start);
    return { kind: 'absent', reason: `The variable '${root.type === 'variable' ? root.name : ''}' is not assigned` };
  };
  return {
    text,
    root,
    isIdentity: text === '$',
    find,
    evaluate: (scope) => {
      const value = find(scope);
      if (value !== undefined) return value;
      throw invalidPath(text, root, scope, explain(scope));
    },
    explain,
    rootText: (scope) => rootTextOf(root, scope),
    variables: root.type === 'variable' ? [root.name] : [],
  };
}

function invalidPath(text: string, root: Root, scope: Scope, miss: Miss): StatesError {
  if (root.type === 'input' && scope.input === null) return runtimeError(NULL_INPUT_CAUSE);
  return runtimeError(`Invalid path '${text}' : ${miss.reason}`);
}

type ScopeFinder = (scope: Scope) => JsonValue | undefined;

function finderFrom(root: Root, search: Search): ScopeFinder {
  const find = findFrom(search);
  switch (root.type) {
    case 'input':
      return (scope) => find(scope.input);
    case 'context':
      return (scope) => find(scope.context);
    case 'variable': {
      const { name } = root;
      return (scope) => {
        const value = scope.variable(name);
        return value === undefined ? undefined : find(value);
      };
    }
    default:
      return root satisfies never;
  }
}

const NOWHERE: Surroundings = Object.freeze({ root: null, visitsLeft: 0 });

function findFrom({ isDirect, find }: Search): (start: JsonValue) => JsonValue | undefined {
  if (isDirect) return (start) => find(start, NOWHERE);
  return (start) => find(start, { root: start, visitsLeft: PATH_VISITS_MAX });
}

function startOf(root: Root, scope: Scope): JsonValue | undefined {
  switch (root.type) {
    case 'input':
      return scope.input;
    case 'context':
      return scope.context;
    case 'variable':
      return scope.variable(root.name);
    default:
      return root satisfies never;
  }
}

/** What a cause quotes as the input that was searched. AWS quotes `$` with its own white space. */
function rootTextOf(root: Root, scope: Scope): string {
  const start = root.type === 'input' ? undefined : startOf(root, scope);
  return start === undefined ? scope.inputText : writeJson(start);
}
