import { CHOICE_DESCRIPTION_CHARS_MAX, CHOICE_VALUE_CHARS_MAX } from '../limits.js';
import {
  entriesOf,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  writeJson,
} from '../payload/index.js';
import { COMPARISONS, compilePattern, TYPE_TESTS } from './choice-operators.js';
import type { Expression, Path, Scope, Template } from './definition.js';
import { compilePath } from './jsonpath/index.js';
import { ExpressionSyntaxError } from './jsonpath/syntax-error.js';
import { runtimeError } from './states-error.js';

/** A compiled condition: a choice rule without `Next` and `Assign`. */
export interface ChoiceTest {
  /** Throws StatesError States.Runtime where a path leads nowhere (but for IsPresent). */
  readonly test: Expression<boolean>;
  /** Operands and values that decide, for people. Never throws; at most CHOICE_DESCRIPTION_CHARS_MAX characters. */
  readonly describe: Expression<string>;
  readonly variables: readonly string[];
}

/**
 * Compiles a choice rule whose structure is checked already: `And`, `Or`, `Not`, or `Variable` with one operator.
 * Other fields (`Next`, `Assign`, `Comment`) are passed over. Throws ExpressionSyntaxError for bad paths.
 */
export function compileChoiceRule(rule: JsonValue): ChoiceTest {
  const condition = compileNested(rule);
  return {
    test: condition.test,
    describe: (scope) => shortened(describe(condition, scope), CHOICE_DESCRIPTION_CHARS_MAX),
    variables: [...new Set(condition.variables)],
  };
}

/** The test of a JSONata rule: `template` is its compiled `Condition`, `text` what is written. */
export function compileCondition(text: string, template: Template): ChoiceTest {
  const condition: Condition = {
    test: (scope) => template.evaluate(scope) === true,
    subject: () => shortened(text, CHOICE_VALUE_CHARS_MAX),
    variables: template.variables,
  };
  return { test: condition.test, describe: (scope) => describe(condition, scope), variables: condition.variables };
}

interface Condition {
  readonly test: Expression<boolean>;
  /** Without the outcome. Throws as `test` does. */
  readonly subject: Expression<string>;
  readonly variables: readonly string[];
}

function compileRule(rule: JsonObject): Condition {
  const all = memberOf(rule, 'And');
  if (isArray(all)) return conjunction(all.map(compileNested));
  const any = memberOf(rule, 'Or');
  if (isArray(any)) return disjunction(any.map(compileNested));
  const negated = memberOf(rule, 'Not');
  if (negated !== undefined) return negation(compileNested(negated));
  const variable = memberOf(rule, 'Variable');
  if (typeof variable !== 'string') throw fault("'And', 'Or', 'Not' or a string 'Variable'", rule);
  return compileOperator(compilePath(variable), rule);
}

function compileNested(rule: JsonValue): Condition {
  if (!isObject(rule)) throw new ExpressionSyntaxError('Expected a choice rule to be an object, but it is not.');
  return compileRule(rule);
}

const fault = (expected: string, rule: JsonObject): ExpressionSyntaxError =>
  new ExpressionSyntaxError(`Expected ${expected} in a choice rule, but it has only: ${keysOf(rule).join(', ')}.`);

function conjunction(parts: readonly Condition[]): Condition {
  return {
    test: (scope) => parts.every((part) => part.test(scope)),
    subject: (scope) => decisive(parts, scope, 'all of'),
    variables: parts.flatMap((part) => part.variables),
  };
}

function disjunction(parts: readonly Condition[]): Condition {
  return {
    test: (scope) => parts.some((part) => part.test(scope)),
    subject: (scope) => decisive(parts, scope, 'any of'),
    variables: parts.flatMap((part) => part.variables),
  };
}

function negation(part: Condition): Condition {
  return {
    test: (scope) => !part.test(scope),
    subject: (scope) => `not [${describe(part, scope)}]`,
    variables: part.variables,
  };
}

/** The one part that decided, or all of them where all had to be looked at. */
function decisive(parts: readonly Condition[], scope: Scope, kind: 'all of' | 'any of'): string {
  const deciding = parts.find((part) => part.test(scope) === (kind === 'any of'));
  const shown = (deciding === undefined ? parts : [deciding]).map((part) => describe(part, scope));
  return `${kind} ${parts.length} [${shown.join('; ')}]`;
}

function describe(condition: Condition, scope: Scope): string {
  try {
    const subject = condition.subject(scope);
    return `${subject}: ${condition.test(scope) ? 'match' : 'no match'}`;
  } catch (reason) {
    return reason instanceof Error ? reason.message : 'cannot be evaluated';
  }
}

const PATH_SUFFIX = 'Path';

function compileOperator(variable: Path, rule: JsonObject): Condition {
  for (const [name, operand] of entriesOf(rule)) {
    if (name === 'IsPresent') return presence(variable, operand === true);
    const typeTest = TYPE_TESTS.get(name);
    if (typeTest !== undefined) {
      return comparing(variable, name, constantOperand(operand), (value) => typeTest(value) === operand);
    }
    if (name === 'StringMatches') return stringMatches(variable, String(operand));
    const comparison = COMPARISONS.get(name);
    if (comparison !== undefined) return comparing(variable, name, constantOperand(operand), comparison);
    const ofPath = name.endsWith(PATH_SUFFIX) ? COMPARISONS.get(name.slice(0, -PATH_SUFFIX.length)) : undefined;
    if (ofPath !== undefined && typeof operand === 'string') {
      return comparing(variable, name, pathOperand(compilePath(operand)), ofPath);
    }
  }
  throw fault('a comparison operator', rule);
}

function presence(variable: Path, isWanted: boolean): Condition {
  return {
    test: (scope) => (variable.find(scope) !== undefined) === isWanted,
    subject: (scope) => `${shownPath(variable, scope)} (IsPresent ${isWanted})`,
    variables: variable.variables,
  };
}

function stringMatches(variable: Path, pattern: string): Condition {
  const matches = compilePattern(pattern);
  return comparing(
    variable,
    'StringMatches',
    constantOperand(pattern),
    (value) => typeof value === 'string' && matches(value),
  );
}

/** The right side of a comparison. */
interface Operand {
  readonly evaluate: Expression;
  readonly shown: Expression<string>;
  readonly variables: readonly string[];
}

function constantOperand(value: JsonValue): Operand {
  return { evaluate: () => value, shown: () => shownValue(value), variables: [] };
}

function pathOperand(path: Path): Operand {
  return {
    evaluate: (scope) => presentValue(path, scope),
    shown: (scope) => shownPath(path, scope),
    variables: path.variables,
  };
}

function comparing(
  variable: Path,
  name: string,
  operand: Operand,
  fits: (value: JsonValue, operand: JsonValue) => boolean,
): Condition {
  return {
    test: (scope) => fits(presentValue(variable, scope), operand.evaluate(scope)),
    subject: (scope) => `${shownPath(variable, scope)} (${name} ${operand.shown(scope)})`,
    variables: [...variable.variables, ...operand.variables],
  };
}

function presentValue(path: Path, scope: Scope): JsonValue {
  const value = path.find(scope);
  if (value !== undefined) return value;
  throw runtimeError(`Invalid path '${path.text}': The choice state's condition path references an invalid value.`);
}

function shownPath(path: Path, scope: Scope): string {
  const value = path.find(scope);
  return value === undefined ? `${path.text} is not present` : `${path.text} is ${shownValue(value)}`;
}

function shownValue(value: JsonValue): string {
  if (isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return `an object of ${keysOf(value).length}`;
  return shortened(writeJson(value), CHOICE_VALUE_CHARS_MAX);
}

const shortened = (text: string, charsMax: number): string =>
  text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text;
