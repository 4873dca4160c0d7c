import { INTRINSIC_NESTING_MAX } from '../../limits.js';
import { type JsonValue, parseJson } from '../../payload/index.js';
import type { Expression, Scope } from '../definition.js';
import { Cursor } from '../jsonpath/cursor.js';
import { buildPath, type CompiledPath, NULL_INPUT_CAUSE } from '../jsonpath/index.js';
import { readPath } from '../jsonpath/tokenizer.js';
import { runtimeError, StatesError } from '../states-error.js';
import { argumentsOf } from './arguments.js';
import { IntrinsicFault } from './fault.js';
import { INTRINSIC_FUNCTIONS, type IntrinsicFunction } from './registry.js';

/** A call such as `States.Format('{}', $.name)`. */
export interface CompiledIntrinsic {
  readonly text: string;
  /** Throws StatesError: States.Runtime where an argument's path leads nowhere, else States.IntrinsicFailure. */
  readonly evaluate: Expression;
  readonly variables: readonly string[];
}

/** Compiles a call of an intrinsic function with everything nested in it. Throws ExpressionSyntaxError. */
export function compileIntrinsic(text: string): CompiledIntrinsic {
  const cursor = new Cursor(text);
  const variables: string[] = [];
  const evaluate = readCall(cursor, { text, variables, depth: 1 });
  if (!cursor.isAtEnd) throw cursor.fault('the end of the call');
  return { text, variables, evaluate: (scope) => evaluateCall(evaluate, text, scope) };
}

function evaluateCall(evaluate: Expression, text: string, scope: Scope): JsonValue {
  try {
    return evaluate(scope);
  } catch (fault) {
    if (!(fault instanceof IntrinsicFault)) throw fault;
    throw new StatesError('States.IntrinsicFailure', failure(text, fault.message));
  }
}

/** AWS names the outermost call, as written. */
const failure = (call: string, reason: string): string => `The function '${call}' had the following error: ${reason}`;

interface Reading {
  /** The whole call. */
  readonly text: string;
  /** Variables found so far. */
  readonly variables: string[];
  readonly depth: number;
}

const FUNCTION_NAME = /States\.[A-Za-z0-9]+/y;

function readCall(cursor: Cursor, reading: Reading): Expression {
  const start = cursor.at;
  const name = cursor.match(FUNCTION_NAME) ?? '';
  const called = INTRINSIC_FUNCTIONS.get(name);
  if (called === undefined) {
    cursor.at = start;
    throw cursor.fault(`'$' or an intrinsic function (${[...INTRINSIC_FUNCTIONS.keys()].join(', ')})`);
  }
  if (reading.depth > INTRINSIC_NESTING_MAX) throw cursor.fault(`at most ${INTRINSIC_NESTING_MAX} nested calls`);
  cursor.skipBlanks();
  cursor.expect('(');
  const given = readArguments(cursor, { ...reading, depth: reading.depth + 1 }, name);
  if (given.length < called.argumentsMin || given.length > called.argumentsMax) {
    throw cursor.fault(`${argumentsExpected(called)} for ${name}, not ${given.length},`);
  }
  return (scope) =>
    called.call(
      argumentsOf(
        name,
        given.map((argument) => argument(scope)),
        scope,
      ),
    );
}

function argumentsExpected({ argumentsMin: min, argumentsMax: max }: IntrinsicFunction): string {
  if (min === max) return `${min} argument${min === 1 ? '' : 's'}`;
  return max === Number.POSITIVE_INFINITY ? `at least ${min} argument` : `${min} to ${max} arguments`;
}

function readArguments(cursor: Cursor, reading: Reading, name: string): readonly Expression[] {
  const given: Expression[] = [];
  cursor.skipBlanks();
  if (cursor.accept(')')) return given;
  for (;;) {
    cursor.skipBlanks();
    const keepsEscapes = name === 'States.Format' && given.length === 0;
    given.push(readArgument(cursor, reading, keepsEscapes ? asTemplate : asText));
    cursor.skipBlanks();
    if (cursor.accept(')')) return given;
    if (!cursor.accept(',')) throw cursor.fault("',' or ')'");
  }
}

const CONSTANT = /-?\d[\w.+-]*|true\b|false\b|null\b/y;

function readArgument(cursor: Cursor, reading: Reading, decode: (quoted: string) => string): Expression {
  if (cursor.char === "'") {
    const text = decode(readQuoted(cursor));
    return () => text;
  }
  if (cursor.char === '$') return readPathArgument(cursor, reading);
  if (cursor.char === 'S') return readCall(cursor, reading);
  return readConstant(cursor);
}

function readConstant(cursor: Cursor): Expression {
  const start = cursor.at;
  const text = cursor.match(CONSTANT);
  try {
    const value = text === null ? undefined : parseJson(text);
    if (value !== undefined) return () => value;
  } catch {
    cursor.at = start; // looked like a number
  }
  throw cursor.fault("a path, a text in single quotes, a number, true, false, null or 'States.'");
}

function readPathArgument(cursor: Cursor, reading: Reading): Expression {
  const start = cursor.at;
  const syntax = readPath(cursor);
  const path = buildPath(cursor.text.slice(start, cursor.at), syntax);
  for (const name of path.variables) if (!reading.variables.includes(name)) reading.variables.push(name);
  return (scope) => {
    if (scope.input === null && path.root.type === 'input') throw runtimeError(NULL_INPUT_CAUSE);
    const value = path.find(scope);
    if (value !== undefined) return value;
    throw runtimeError(failure(reading.text, missingArgument(path, scope)));
  };
}

/** AWS writes a context path with one `$`, and quotes the state's input all the same. */
function missingArgument(path: CompiledPath, scope: Scope): string {
  const { kind, reason } = path.explain(scope);
  if (kind === 'notArray') return reason;
  const field = path.root.type === 'context' ? path.text.slice(1) : path.text;
  return `The JsonPath argument for the field '${field}' could not be found in the input '${scope.inputText}'`;
}

const QUOTED = /'(?:[^'\\]|\\['{}\\])*'/y;

function readQuoted(cursor: Cursor): string {
  const quoted = cursor.match(QUOTED);
  if (quoted !== null) return quoted.slice(1, -1);
  throw cursor.fault("a text in single quotes that is closed, with no escapes but \\' \\{ \\} and \\\\,");
}

const asText = (quoted: string): string => quoted.replace(/\\(['{}\\])/g, '$1');
/** States.Format reads the escapes itself, since `\{` is no placeholder. */
const asTemplate = (quoted: string): string => quoted;
