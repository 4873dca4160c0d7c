import { isArray, isNumber, isObject, type JsonValue, objectOf, Payload, writeJson } from '../payload/index.js';
import type { Expression, Scope, Template } from './definition.js';
import { jsonOf, type SourceObject, type SourceScalar, type SourceValue } from './json-document.js';
import { type CompiledJsonata, isJsonataExpression } from './jsonata/index.js';
import { queryError, type StatesError } from './states-error.js';

export type JsonataType = 'array' | 'boolean' | 'number' | 'object' | 'string';

/** A string that is an expression, and where it stands: its field within the state, as causes name it (`Output/a/b[0]`). */
export interface ExpressionSite {
  readonly text: string;
  readonly field: string;
  readonly source: SourceScalar;
}

/**
 * Compiles a value of a JSONata state: strings in `{% %}` at any depth are expressions. `compile` gives null where it has
 * reported a fault; the template is not evaluated then. `type` is what a field that is one expression must come to.
 */
export function compileJsonataTemplate(
  value: SourceValue,
  field: string,
  compile: (site: ExpressionSite) => CompiledJsonata | null,
  type: JsonataType | null = null,
): Template {
  const variables = new Set<string>();
  const evaluate = compileValue(value, field, (site) => {
    const compiled = compile(site);
    for (const name of compiled?.variables ?? []) variables.add(name);
    return compiled === null ? NEVER : expression(compiled, site.field, site.source === value ? type : null);
  });
  if (evaluate !== null) return { constant: null, evaluate, variables: [...variables] };
  const constant = jsonOf(value);
  return { constant: Payload.ofValue(constant), evaluate: () => constant, variables: [] };
}

const NEVER: Expression = () => null;

type Compile = (site: ExpressionSite) => Expression;

/** Null where there is nothing to evaluate. */
function compileValue(value: SourceValue, field: string, compile: Compile): Expression | null {
  switch (value.kind) {
    case 'scalar':
      if (typeof value.value !== 'string' || !isJsonataExpression(value.value)) return null;
      return compile({ text: value.value, field, source: value });
    case 'array': {
      const parts = value.items.map((item, index) => compileValue(item, `${field}[${index}]`, compile));
      if (parts.every((part) => part === null)) return null;
      const evaluators = parts.map((part, index) => part ?? constantly(value.items[index]));
      return (scope) => evaluators.map((evaluate) => evaluate(scope));
    }
    case 'object':
      return compileObject(value, field, compile);
    default:
      return value satisfies never;
  }
}

function compileObject(object: SourceObject, field: string, compile: Compile): Expression | null {
  let isConstant = true;
  const members = [...object.members.values()].map(({ key, value }) => {
    const evaluate = compileValue(value, `${field}/${key}`, compile);
    if (evaluate !== null) isConstant = false;
    return [key, evaluate ?? constantly(value)] as const;
  });
  if (isConstant) return null;
  return (scope) => objectOf(members.map(([key, evaluate]) => [key, evaluate(scope)] as const));
}

function constantly(source: SourceValue | undefined): Expression {
  const value = source === undefined ? null : jsonOf(source);
  return () => value;
}

/** The expression of one field: its value, of the type that the field takes, or the StatesError that AWS raises. */
function expression(compiled: CompiledJsonata, field: string, type: JsonataType | null): Expression {
  const fault = (what: string): StatesError =>
    queryError(`The JSONata expression '${compiled.text}' specified for the field '${field}' ${what}`, field);
  return (scope: Scope) => {
    const outcome = compiled.evaluate(scope);
    switch (outcome.type) {
      case 'value': {
        const { value } = outcome;
        if (type === null || typeName(value) === type) return value;
        const found = `Expected '${type}', but was '${typeName(value)}' for value: ${writeJson(value)}`;
        throw fault(`returned an unexpected result type. ${found}`);
      }
      case 'nothing':
        throw fault('returned nothing (undefined).');
      case 'unsupported':
        throw fault('returned an unsupported result type.');
      case 'fault':
        throw fault(`threw an error during evaluation. ${outcome.message}`);
      default:
        return outcome satisfies never;
    }
  };
}

function typeName(value: JsonValue): JsonataType | 'null' {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (isNumber(value)) return 'number';
  if (isObject(value)) return 'object';
  return typeof value === 'string' ? 'string' : 'boolean';
}
