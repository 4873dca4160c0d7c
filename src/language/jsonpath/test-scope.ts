import { type JsonValue, Payload } from '../../payload/index.js';
import type { Scope } from '../definition.js';
import { StatesError } from '../states-error.js';

/** A scope for tests, from JSON texts; random and uuid are fixed. */
export function testScope(
  inputText: string,
  more: { readonly context?: string; readonly variables?: Readonly<Record<string, JsonValue>> } = {},
): Scope {
  return {
    input: Payload.ofText(inputText).value,
    inputText,
    context: Payload.ofText(more.context ?? '{}').value,
    variable: (name) => more.variables?.[name],
    random: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    states: { input: Payload.ofText(inputText).value },
    at: 0,
  };
}

/** The result as JSON text, or `error: cause` of the StatesError that `evaluate` throws. */
export function outcome(evaluate: () => JsonValue | undefined): string {
  try {
    const value = evaluate();
    return value === undefined ? 'nothing' : Payload.ofValue(value).text;
  } catch (fault) {
    if (fault instanceof StatesError) return `${fault.error}: ${fault.cause}`;
    throw fault;
  }
}
