import { CAUSE_CHARS_MAX, JSONATA_CACHED_MAX, JSONATA_DEPTH_MAX } from '../../limits.js';
import { isObject, type JsonValue, keysOf, memberOf } from '../../payload/index.js';
import { fromEngine, toEngine, UNSUPPORTED } from './border.js';
import { withWork } from './bounds.js';
import { type Expression, parser, populateMessage, run } from './engine.generated.js';
import { EvaluationFault, memoryExceeded, stackExceeded } from './evaluation-fault.js';
import type { JsonataHost } from './frame.js';
import { addFunctions, functionNames } from './functions.js';
import { RegexFault } from './linear-regex.js';
import { type References, referencesOf } from './references.js';
import { JsonataSyntaxFault } from './syntax-fault.js';
import type { EngineObject } from './values.js';

export { JsonataSyntaxFault } from './syntax-fault.js';

/** What an expression may look at while it is evaluated. */
export interface JsonataScope {
  /** `$states`. Read only when the expression uses it. */
  readonly states: JsonValue;
  /** A workflow variable, or undefined where there is none. Asked for when the expression first uses it. */
  variable(name: string): JsonValue | undefined;
  /** Epoch milliseconds, for `$now`, `$millis` and dates without a year. */
  readonly at: number;
  random(): number;
  uuid(): string;
}

export type JsonataOutcome =
  | { readonly type: 'value'; readonly value: JsonValue }
  /** The expression selects nothing (JSONata's undefined). */
  | { readonly type: 'nothing' }
  /** A function, or something with a function inside. */
  | { readonly type: 'unsupported' }
  /** What AWS adds to "threw an error during evaluation.": `T1006: Attempted to invoke a non-function`. */
  | { readonly type: 'fault'; readonly message: string };

export interface CompiledJsonata {
  /** The expression without `{%` and `%}`, trimmed, as causes quote it. */
  readonly text: string;
  /** Workflow variables that it uses, in order of first reference. */
  readonly variables: readonly string[];
  /** Which of `input`, `result`, `errorOutput`, `context` (or others) it takes from `$states` by name. */
  readonly statesFields: readonly string[];
  /** Never throws, ends within its bounds, changes nothing it is given; the same scope gives the same outcome. */
  evaluate(scope: JsonataScope): JsonataOutcome;
}

/** Whether a string is an expression: it begins exactly with `{%` and ends exactly with `%}`. */
export const isJsonataExpression = (text: string): boolean =>
  text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');

addFunctions();
const functions = functionNames();
const cache = new Map<string, CompiledJsonata>();

/** Compiles an expression, with or without its `{%` and `%}`. Throws JsonataSyntaxFault. */
export function compileJsonata(text: string): CompiledJsonata {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const inner = (isJsonataExpression(text) ? text.slice(2, -2) : text).trim();
  const expression = parseExpression(inner);
  const compiled = new CompiledExpression(inner, expression, referencesOf(expression, functions));
  if (cache.size >= JSONATA_CACHED_MAX) dropOldest();
  cache.set(text, compiled);
  return compiled;
}

function dropOldest(): void {
  for (const text of cache.keys()) {
    cache.delete(text);
    return;
  }
}

function parseExpression(text: string): Expression {
  try {
    return parser(text);
  } catch (error) {
    if (error instanceof RegexFault) throw new JsonataSyntaxFault('UNSUPPORTED_JSONATA_EXPRESSION', error.message);
    throw new JsonataSyntaxFault('INVALID_JSONATA_EXPRESSION', messageOf(error));
  }
}

class CompiledExpression implements CompiledJsonata {
  readonly variables: readonly string[];
  readonly statesFields: readonly string[];
  readonly #expression: Expression;
  readonly #usesAllStates: boolean;

  constructor(
    readonly text: string,
    expression: Expression,
    references: References,
  ) {
    this.variables = references.variables;
    this.statesFields = references.statesFields;
    this.#usesAllStates = references.usesAllStates;
    this.#expression = expression;
  }

  evaluate(scope: JsonataScope): JsonataOutcome {
    try {
      return withWork(() => this.#outcome(new ScopeHost(scope, this.#usesAllStates ? null : this.statesFields)));
    } catch (error) {
      if (error === UNSUPPORTED) return { type: 'unsupported' };
      if (error instanceof ScopeFault) throw error.cause;
      return { type: 'fault', message: messageOf(error).slice(0, CAUSE_CHARS_MAX) };
    }
  }

  #outcome(host: ScopeHost): JsonataOutcome {
    const result = run(this.#expression, host);
    return result === undefined ? { type: 'nothing' } : { type: 'value', value: fromEngine(result) };
  }
}

/** An error of the scope is none of the expression's: it goes on to whoever gave the scope. */
class ScopeFault extends Error {
  override readonly name = 'ScopeFault';
}

function fromScope<T>(ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw new ScopeFault('The scope of an expression failed', { cause });
  }
}

/** Brings values over the border at their first use. */
class ScopeHost implements JsonataHost {
  readonly at: number;
  readonly #values = new Map<string, unknown>();

  constructor(
    private readonly scope: JsonataScope,
    private readonly statesFields: readonly string[] | null,
  ) {
    this.at = scope.at;
  }

  lookup(name: string): unknown {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = name === 'states' ? this.#states() : this.#variable(name);
    this.#values.set(name, value);
    return value;
  }

  random(): number {
    return fromScope(() => this.scope.random());
  }

  uuid(): string {
    return fromScope(() => this.scope.uuid());
  }

  #variable(name: string): unknown {
    const value = fromScope(() => this.scope.variable(name));
    return value === undefined ? undefined : toEngine(value);
  }

  /** Field by field: the payloads inside are looked through once, not once for each evaluation. */
  #states(): unknown {
    const states = fromScope(() => this.scope.states);
    if (!isObject(states)) return toEngine(states);
    const fields: EngineObject = {};
    for (const name of this.statesFields ?? keysOf(states)) {
      const value = memberOf(states, name);
      if (value !== undefined) fields[name] = toEngine(value);
    }
    return fields;
  }
}

/** `code: message` for the errors of the published module, AWS's sentence for those of the bounds. */
function messageOf(error: unknown): string {
  if (error instanceof EvaluationFault) return error.message;
  if (error instanceof RangeError) {
    const isStack = error.message.includes('call stack');
    return (isStack ? stackExceeded(JSONATA_DEPTH_MAX + 1, JSONATA_DEPTH_MAX) : memoryExceeded()).message;
  }
  if (typeof error === 'object' && error !== null && 'code' in error && !(error instanceof Error)) {
    populateMessage(error);
    const { code, message } = error as { readonly code: unknown; readonly message?: unknown };
    return message === undefined ? String(code) : `${code}: ${message}`;
  }
  const { token } = error as { readonly token?: unknown };
  const name = typeof token === 'string' && token !== '(' ? `The function $${token}` : 'A function';
  return `${name} was given a value that it does not take`;
}
