import type { Diagnostic } from '../diagnostic.js';
import { parseDefinition } from '../parse-definition.js';

/** Every diagnostic with its line and column, one a line. */
export const diagnoseWithPlaces = (text: string): string =>
  parseDefinition(text, { type: 'STANDARD' })
    .diagnostics.map((diagnostic) => `${shown(diagnostic)} ${diagnostic.line}:${diagnostic.column}`)
    .join('\n') || 'fine';

/** Every diagnostic with what stands at its place in the (one-line) text, one a line. */
export const diagnose = (text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): string =>
  parseDefinition(text, { type })
    .diagnostics.map((diagnostic) => `${shown(diagnostic)}${tokenAt(text, diagnostic.column)}`)
    .join('\n') || 'fine';

/** Single quotes stand for double ones, and ` for single ones. */
export const quote = (snippet: string): string => snippet.replaceAll("'", '"').replaceAll('`', "'");

/** A machine whose only state is `A`. */
export const withState = (fields: string): string => quote(`{'StartAt':'A','States':{'A':{${fields}}}}`);

/** A machine of `A` and a Succeed state `B`. */
export const withTwo = (fields: string): string =>
  quote(`{'StartAt':'A','States':{'A':{${fields}},'B':{'Type':'Succeed'}}}`);

/** The fields of a Task, and of a Map over `I`, that ends; more fields follow. */
export const task = (fields: string): string =>
  `'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','End':true,${fields}`;
export const map = (fields: string): string =>
  `'Type':'Map','End':true,'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},${fields}`;

const shown = ({ severity, code, message, location }: Diagnostic): string =>
  `${severity === 'WARNING' ? 'WARNING ' : ''}${code}: ${message} at ${location}`;

function tokenAt(text: string, column: number | null): string {
  if (column === null) return '';
  const token = /^(?:"[^"]*"|[{[]|[^,}\]]+)/.exec(text.slice(column - 1))?.[0] ?? '';
  return `, on ${token.replaceAll('"', "'")}`;
}
