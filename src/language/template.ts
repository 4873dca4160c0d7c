import {
  entriesOf,
  isArray,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  objectOf,
  Payload,
} from '../payload/index.js';
import type { Expression, Scope, Template } from './definition.js';
import { compileIntrinsic } from './intrinsics/index.js';
import { type CompiledPath, compilePath, NULL_INPUT_CAUSE } from './jsonpath/index.js';
import { ExpressionSyntaxError } from './jsonpath/syntax-error.js';
import { runtimeError } from './states-error.js';

/** The value of one `.$` key, of ErrorPath or of CausePath. */
export interface CompiledExpression {
  readonly text: string;
  readonly evaluate: Expression;
  readonly variables: readonly string[];
}

/**
 * Compiles a path or an intrinsic function call. `field` is the key as written (`value.$`, `ErrorPath`), which causes
 * name. Throws ExpressionSyntaxError.
 */
export function compilePathOrIntrinsic(text: string, field: string): CompiledExpression {
  if (!text.startsWith('$')) return compileIntrinsic(text);
  const path = compilePath(text);
  return { text, variables: path.variables, evaluate: (scope) => evaluatePath(path, field, scope) };
}

function evaluatePath(path: CompiledPath, field: string, scope: Scope): JsonValue {
  if (scope.input === null && path.root.type === 'input') throw runtimeError(NULL_INPUT_CAUSE);
  const value = path.find(scope);
  if (value !== undefined) return value;
  if (path.explain(scope).kind === 'pastEnd') return null; // measured on AWS: `$.items[5]` behind the end is null
  throw runtimeError(
    `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${path.rootText(scope)}'`,
  );
}

/**
 * Compiles a payload template: in objects at any depth, keys that end in `.$` hold expressions and lose the ending.
 * `field` (`Parameters`, …) is named in faults. A template without expressions is constant. Throws ExpressionSyntaxError.
 */
export function compileTemplate(value: JsonValue, field: string): Template {
  const variables = new Set<string>();
  const evaluate = compileValue(value, { field, variables });
  if (evaluate === null) return { constant: Payload.ofValue(value), evaluate: () => value, variables: [] };
  return { constant: null, evaluate, variables: [...variables] };
}

interface Compilation {
  readonly field: string;
  /** Variables found so far. */
  readonly variables: Set<string>;
}

/** Null where there is nothing to evaluate. */
function compileValue(value: JsonValue, compilation: Compilation): Expression | null {
  if (isArray(value)) return compileArray(value, compilation);
  return isObject(value) ? compileObject(value, compilation) : null;
}

function compileArray(items: JsonArray, compilation: Compilation): Expression | null {
  const parts = items.map((item) => compileValue(item, compilation));
  if (parts.every((part) => part === null)) return null;
  const evaluators = parts.map((part, at) => part ?? constantly(items[at] ?? null));
  return (scope) => evaluators.map((evaluate) => evaluate(scope));
}

interface Member {
  readonly name: string;
  readonly evaluate: Expression;
}

function compileObject(object: JsonObject, compilation: Compilation): Expression | null {
  let isConstant = true;
  const members: Member[] = [];
  const names = new Set<string>();
  for (const [key, value] of entriesOf(object)) {
    const { name, evaluate } = compileMember(key, value, compilation);
    if (names.has(name)) {
      throw new ExpressionSyntaxError(
        `Expected either '${name}' or '${name}.$' in ${compilation.field}, but found both.`,
      );
    }
    names.add(name);
    if (evaluate !== null) isConstant = false;
    members.push({ name, evaluate: evaluate ?? constantly(value) });
  }
  if (isConstant) return null;
  return needsMap(names) ? evaluateToMap(members) : evaluateToObject(members);
}

const MARK = '.$';

function compileMember(
  key: string,
  value: JsonValue,
  compilation: Compilation,
): { readonly name: string; readonly evaluate: Expression | null } {
  if (!key.endsWith(MARK)) return { name: key, evaluate: compileValue(value, compilation) };
  if (typeof value !== 'string') {
    throw new ExpressionSyntaxError(`Expected '${key}' in ${compilation.field} to be a string, but it is not.`);
  }
  const { evaluate, variables } = compilePathOrIntrinsic(value, key);
  for (const name of variables) compilation.variables.add(name);
  return { name: key.slice(0, -MARK.length), evaluate };
}

const constantly =
  (value: JsonValue): Expression =>
  () =>
    value;

/** Integer-like names would change their place in a plain object. */
const needsMap = (names: ReadonlySet<string>): boolean =>
  objectOf([...names].map((name) => [name, null])) instanceof Map;

function evaluateToMap(members: readonly Member[]): Expression {
  return (scope) => objectOf(members.map(({ name, evaluate }) => [name, evaluate(scope)]));
}

function evaluateToObject(members: readonly Member[]): Expression {
  return (scope) => {
    const object: Record<string, JsonValue> = {};
    for (const { name, evaluate } of members) object[name] = evaluate(scope);
    return object;
  };
}
