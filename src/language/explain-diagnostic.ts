import type { Diagnostic } from './diagnostic.js';
import { editDistance } from './edit-distance.js';
import { JsonReadError, placesOf, readJsonDocument, type SourceObject, type SourceValue } from './json-document.js';
import { STATE_TYPES, stateFieldNames } from './parser/field-matrix.js';

/**
 * A diagnostic for people, e.g. `Expected 'Next' to name a state in this block, but there is no state 'Shp'. Did you mean
 * 'Ship'? (/States/Pay/Next, line 12, column 15)`. With the definition's text it can suggest names; without, it only says what is wrong.
 */
export function explainDiagnostic(diagnostic: Diagnostic, definitionText?: string): string {
  const surroundings = definitionText === undefined ? [] : objectsAround(diagnostic, definitionText);
  const text = explanation(diagnostic, surroundings);
  const place = placeText(diagnostic);
  return place === '' ? text : `${text} (${place})`;
}

function placeText({ code, location, line, column }: Diagnostic): string {
  const parts: string[] = [];
  // Jackson's location repeats the text; line and column say the same.
  if (location !== null && code !== 'INVALID_JSON_DESCRIPTION') parts.push(location);
  if (line !== null && column !== null) parts.push(`line ${line}, column ${column}`);
  return parts.join(', ');
}

function explanation(diagnostic: Diagnostic, surroundings: readonly SourceObject[]): string {
  const { code, message } = diagnostic;
  const target = /^Missing 'Next' target: (.*)$/s.exec(message)?.[1];
  if (target !== undefined) return missingTarget(diagnostic, target, surroundings);
  const unreachable = /^State "(.*)" is not reachable\.$/s.exec(message)?.[1];
  if (unreachable !== undefined) {
    return `Expected a state in this block to lead to '${unreachable}', but none does. Name it in a Next, Default or Catch, or remove it.`;
  }
  const field = /^Field '(.*)' is not supported$/s.exec(message)?.[1];
  if (field !== undefined) return unknownField(field, surroundings);
  if (code === 'MISSING_END_STATE') {
    return 'Expected a state that ends the state machine ("End": true, Succeed or Fail), but there is none.';
  }
  if (code === 'INVALID_JSON_DESCRIPTION') return `Expected JSON, but: ${message.split('\n at [Source')[0]}.`;
  const type = message.startsWith("The field 'Type' should have") ? memberText(surroundings.at(-1), 'Type') : null;
  const suggestion = type === null ? null : suggestFrom(type, STATE_TYPES);
  return `${withStop(message.trim())}${suggestion === null ? '' : ` ${suggestion}`}`;
}

const withStop = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

function missingTarget(diagnostic: Diagnostic, target: string, surroundings: readonly SourceObject[]): string {
  const field = diagnostic.location?.split('/').at(-1) ?? 'Next';
  const start = `Expected '${field}' to name a state in this block, but there is no state '${target}'.`;
  const names = statesAround(surroundings, field);
  const suggestion = suggestFrom(target, names);
  if (suggestion !== null) return `${start} ${suggestion}`;
  return names.length === 0 || names.length > 8 ? start : `${start} Its states are ${names.map(quoted).join(', ')}.`;
}

/** The names of the states in the innermost block. */
function statesAround(surroundings: readonly SourceObject[], field: string): readonly string[] {
  const block = surroundings.findLast((object) => object.members.has('States') && object.members.has('StartAt'));
  if (block === undefined && field !== 'StartAt') return [];
  const states = block?.members.get('States')?.value;
  return states?.kind === 'object' ? [...states.members.keys()] : [];
}

function unknownField(field: string, surroundings: readonly SourceObject[]): string {
  const owner = surroundings.at(-1);
  const type = memberText(owner, 'Type');
  const what = type === null ? 'here' : `in a ${type} state`;
  const start = `Expected only fields of the Amazon States Language, but '${field}' is not one ${what}.`;
  const known = type === null ? MACHINE_FIELDS : stateFieldNames(type);
  const suggestion = suggestFrom(field, known);
  return suggestion === null ? `${start} Remove it, or write it into 'Comment'.` : `${start} ${suggestion}`;
}

const MACHINE_FIELDS = [
  'Comment',
  'QueryLanguage',
  'StartAt',
  'TimeoutSeconds',
  'Version',
  'States',
  'Next',
  'ErrorEquals',
];

function memberText(object: SourceObject | undefined, name: string): string | null {
  const value = object?.members.get(name)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : null;
}

/** The objects that enclose the diagnostic's place, outermost first. */
function objectsAround({ line, column }: Diagnostic, text: string): readonly SourceObject[] {
  if (line === null || column === null) return [];
  const offset = offsetOf(text, line, column);
  const around: SourceObject[] = [];
  try {
    collectAround(readJsonDocument(text), offset, around);
  } catch (fault) {
    if (!(fault instanceof JsonReadError)) throw fault;
  }
  return around;
}

function offsetOf(text: string, line: number, column: number): number {
  const placeOf = placesOf(text);
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const place = placeOf(middle);
    if (place.line < line || (place.line === line && place.column < column)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Follows the last child that begins at or before the offset. */
function collectAround(value: SourceValue, offset: number, around: SourceObject[]): void {
  if (value.kind === 'object') around.push(value);
  if (value.kind === 'scalar') return;
  const children =
    value.kind === 'array'
      ? value.items.map((item) => ({ from: item.offset, item }))
      : [...value.members.values()].map((member) => ({ from: member.keyOffset, item: member.value }));
  const child = children.findLast(({ from }) => from <= offset)?.item;
  if (child !== undefined && value.offset < offset && child.offset <= offset) collectAround(child, offset, around);
}

const quoted = (name: string): string => `'${name}'`;

/** `Did you mean 'Ship'?` for the nearest of `names`, or null when none is near. */
function suggestFrom(wrong: string, names: readonly string[]): string | null {
  let best: { readonly name: string; readonly distance: number } | null = null;
  const limit = Math.max(2, Math.floor(wrong.length / 3));
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance <= limit && distance < name.length && (best === null || distance < best.distance)) {
      best = { name, distance };
    }
  }
  return best === null ? null : `Did you mean ${quoted(best.name)}?`;
}
