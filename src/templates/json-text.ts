import { definitionJson } from './definition-json.js';
import type { ResolvedValue } from './template-value.js';

/** A map, list or scalar as JSON text without blanks; a scalar text is taken as it stands. */
export function jsonText(value: ResolvedValue): string {
  if (value.kind === 'scalar') return value.text;
  return JSON.stringify(JSON.parse(definitionJson(value).text));
}
