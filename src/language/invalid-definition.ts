import type { Diagnostic } from './diagnostic.js';

/**
 * What CreateStateMachine and UpdateStateMachine answer to a definition with errors:
 * `Invalid State Machine Definition: 'CODE: message at location, …'`. A fault without a location is `at null`, as on AWS.
 */
export function formatInvalidDefinition(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  const texts = errors.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
  return `Invalid State Machine Definition: '${texts.join(', ')}'`;
}
