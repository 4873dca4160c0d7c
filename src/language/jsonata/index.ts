import { isObject, type JsonValue, memberOf, parseJson } from '../../payload/index.js';
export interface JsonataScope {
  readonly states: JsonValue;
  variable(name: string): JsonValue | undefined;
  readonly at: number;
  random(): number;
  uuid(): string;
}
export type JsonataOutcome =
  | { type: 'value'; value: JsonValue }
  | { type: 'nothing' }
  | { type: 'unsupported' }
  | { type: 'fault'; message: string };
export interface CompiledJsonata {
  text: string;
  variables: readonly string[];
  statesFields: readonly string[];
  evaluate(scope: JsonataScope): JsonataOutcome;
}
export class JsonataSyntaxFault extends Error {
  constructor(
    readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION',
    message: string,
  ) {
    super(message);
  }
}
export const isJsonataExpression = (text: string): boolean => text.startsWith('{%') && text.endsWith('%}');
/** Stand-in: `$states.a.b`, `$name`, JSON. */
export function compileJsonata(full: string): CompiledJsonata {
  const text = full.slice(2, -2).trim();
  const m = /^\$(\w+)((?:\.\w+)*)$/.exec(text);
  const path = (m?.[2] ?? '').split('.').filter(Boolean);
  const statesFields = m?.[1] === 'states' && path[0] ? [path[0]] : [];
  return {
    text,
    variables: m && m[1] !== 'states' ? [m[1] ?? ''] : [],
    statesFields,
    evaluate(scope) {
      if (!m) {
        try {
          return { type: 'value', value: parseJson(text) };
        } catch {
          return { type: 'fault', message: 'stand-in' };
        }
      }
      let v = m[1] === 'states' ? scope.states : scope.variable(m[1] ?? '');
      for (const k of path) v = isObject(v) ? memberOf(v, k) : undefined;
      return v === undefined ? { type: 'nothing' } : { type: 'value', value: v };
    },
  };
}
