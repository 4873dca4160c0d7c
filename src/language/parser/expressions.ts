import { isObject, type JsonValue, memberOf, Payload } from '../../payload/index.js';
import type { Assign, Path, ReferencePath, Template } from '../definition.js';
import {
  compilePath,
  compilePathOrIntrinsic,
  compileReferencePath,
  compileTemplate,
  isReferencePath,
} from '../expressions.js';
import { jsonOf, type SourceObject, type SourceValue } from '../json-document.js';
import { ExpressionSyntaxError } from '../jsonpath/syntax-error.js';
import { addReferences, type StateSource } from './context.js';
import type { Fields } from './fields.js';
import { jsonataTemplate } from './jsonata.js';
import { checkVariableName } from './variable-name.js';
import { addAssigned } from './variable-scope.js';

/** A field that takes a path or null (InputPath, OutputPath). */
export function pathOrNull(state: StateSource, name: string): Path | null | undefined {
  const value = state.fields.value(name);
  if (value === undefined || isForeign(state)) return undefined;
  if (value.kind === 'scalar' && value.value === null) return null;
  return path(state, name) ?? undefined;
}

/** A field that takes any path. Null when it is not there or wrong (reported). */
export function path(state: StateSource, name: string): Path | null {
  const text = isForeign(state) ? null : state.fields.string(name);
  if (text === null) return null;
  const compiled = attempt(() => compilePath(text));
  if (compiled === null) {
    state.fields.refuseField(name, 'Value must be a valid JSONPath.');
    return null;
  }
  addReferences(state, compiled.variables, placeOf(state.fields, name));
  return compiled;
}

const placeOf = (fields: Fields, name: string): { readonly location: string; readonly offset: number } => ({
  location: fields.where(name),
  offset: fields.value(name)?.offset ?? fields.source.offset,
});

/** A field whose path must lead to one value: no wildcards, filters, slices. */
export function singlePath(state: StateSource, name: string): Path | null {
  const compiled = path(state, name);
  if (compiled === null || isReferencePath(compiled.text)) return compiled;
  state.fields.refuseField(name, notReferencePath(compiled.text));
  return null;
}

/** A field that says where a result goes (ResultPath), in a state or a catcher. */
export function resultPath(state: StateSource, fields: Fields): ReferencePath | null | undefined {
  const value = fields.value('ResultPath');
  if (value === undefined || isForeign(state)) return undefined;
  if (value.kind === 'scalar' && value.value === null) return null;
  const text = fields.string('ResultPath');
  if (text === null) return undefined;
  const compiled = attempt(() => compileReferencePath(text));
  if (compiled !== null) return compiled;
  const isPath = attempt(() => compilePath(text)) !== null;
  fields.refuseField('ResultPath', isPath ? notReferencePath(text) : 'Value must be a valid JSONPath.');
  return undefined;
}

/** AWS's text, with the reason where we know it. */
export function notReferencePath(text: string): string {
  const reason = referencePathFault(text);
  return `Value is not a Reference Path: ${reason}`;
}

function referencePathFault(text: string): string {
  if (!text.startsWith('$')) return "Reference path didn't start with '$'";
  if (text.startsWith('$$')) return 'The context object cannot be used here';
  if (/^\$[^.[]/.test(text)) return 'Variables cannot be used here';
  const illegal = /\.\.|[*?@,:()]/.exec(text)?.[0];
  return illegal === undefined ? `'${text}' does not lead to a single value` : `Illegal use of '${illegal}'`;
}

/** What a Task or Parallel gives its work: `Parameters`, or JSONata's `Arguments`. */
export const workInput = (state: StateSource): Template | null =>
  state.language === 'JSONata' ? jsonataTemplate(state, state.fields, 'Arguments') : pathTemplate(state, 'Parameters');

/** JSONata's `Output` of a state, choice rule or catcher. */
export const output = (state: StateSource, fields: Fields): Template | null =>
  state.language === 'JSONata' ? jsonataTemplate(state, fields, 'Output') : null;

/** A payload template in a field that both query languages have (ItemSelector). */
export const template = (state: StateSource, name: string): Template | null =>
  state.language === 'JSONata' ? jsonataTemplate(state, state.fields, name) : pathTemplate(state, name);

/** A payload template of JSONPath alone (Parameters, ResultSelector). */
export function pathTemplate(state: StateSource, name: string): Template | null {
  const fields = isForeign(state) ? null : state.fields.object(name);
  if (fields === null || !checkTemplate(state, fields.source, fields)) return null;
  return compiledTemplate(state, jsonOf(fields.source), placeOf(state.fields, name), name);
}

/** The variables that a state, choice rule or catcher assigns. */
export function assign(state: StateSource, fields: Fields): Assign | null {
  const assigned = fields.object('Assign');
  if (assigned === null) return null;
  const { language } = state;
  const namesAreRight = [...assigned.names()].map((key) => checkVariableName(assigned, key, language)).every(Boolean);
  const isRight = language === 'JSONata' || checkTemplate(state, assigned.source, assigned);
  if (!isRight || !namesAreRight) return null;
  return {
    entries: [...assigned.source.members.values()].flatMap(({ key, keyOffset, value }) => {
      const name = language === 'JSONata' ? key : withoutMark(key);
      addAssigned(state.scope, state.name, name, { location: assigned.where(key), offset: keyOffset });
      const compiled =
        language === 'JSONata' ? jsonataTemplate(state, assigned, key) : memberTemplate(state, key, value, 'Assign');
      return compiled === null ? [] : { name, value: compiled };
    }),
  };
}

/** One member of a template on its own: `Credentials.RoleArn`, a variable of `Assign`, `ErrorPath`. */
export function memberTemplate(state: StateSource, key: string, value: SourceValue, field: string): Template {
  const place = { location: `${state.fields.location}/${field}`, offset: value.offset };
  const whole = compiledTemplate(state, { [key]: jsonOf(value) }, place, field);
  const name = withoutMark(key);
  const constant = whole.constant === null ? null : Payload.ofValue(member(whole.constant.value, name));
  return { constant, evaluate: (scope) => member(whole.evaluate(scope), name), variables: whole.variables };
}

/** `ErrorPath`, `CausePath`: a path or an intrinsic function in a field of its own. */
export function pathOrIntrinsic(state: StateSource, name: string): Template | null {
  const text = isForeign(state) ? null : state.fields.string(name);
  if (text === null) return null;
  const compiled = attempt(() => compilePathOrIntrinsic(text, name));
  if (compiled === null) {
    state.fields.refuseField(name, invalidExpression(name));
    return null;
  }
  addReferences(state, compiled.variables, placeOf(state.fields, name));
  return { constant: null, evaluate: compiled.evaluate, variables: compiled.variables };
}

/** A JSONata state's fields of JSONPath are refused elsewhere, once. */
const isForeign = (state: StateSource): boolean => state.language === 'JSONata';

const MARK = '.$';
const withoutMark = (key: string): string => (key.endsWith(MARK) ? key.slice(0, -MARK.length) : key);

const invalidExpression = (key: string): string =>
  `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`;

function compiledTemplate(
  state: StateSource,
  value: JsonValue,
  place: { readonly location: string; readonly offset: number },
  field: string,
): Template {
  const compiled = compileTemplate(value, field);
  addReferences(state, compiled.variables, place);
  return compiled;
}

function member(value: JsonValue, name: string): JsonValue {
  const found = isObject(value) ? memberOf(value, name) : undefined;
  return found ?? null;
}

/** Reports every fault of a template at the template's own location, as AWS does; the cursor goes to the member. */
function checkTemplate(state: StateSource, source: SourceObject, fields: Fields): boolean {
  let isRight = true;
  for (const { key, keyOffset, value } of source.members.values()) {
    const finding = { location: fields.whole, offset: value.offset };
    if (key.endsWith(MARK)) {
      if (!isExpression(key, value)) {
        fields.log.error({ ...finding, message: invalidExpression(key) });
        isRight = false;
      }
      const plain = withoutMark(key);
      if (source.members.has(plain)) {
        const message = `There should only be one of the following fields: [${plain}, ${key}]`;
        fields.log.error({ location: fields.whole, offset: keyOffset, message });
        isRight = false;
      }
      continue;
    }
    warnOfLostExpression(fields, key, value);
    if (!checkNested(state, value, fields)) isRight = false;
  }
  return isRight;
}

function checkNested(state: StateSource, value: SourceValue, fields: Fields): boolean {
  if (value.kind === 'object') return checkTemplate(state, value, fields);
  if (value.kind === 'array') return value.items.map((item) => checkNested(state, item, fields)).every(Boolean);
  return true;
}

const isExpression = (key: string, value: SourceValue): boolean =>
  value.kind === 'scalar' &&
  typeof value.value === 'string' &&
  attempt(() => compilePathOrIntrinsic(String(value.value), key)) !== null;

function warnOfLostExpression(fields: Fields, key: string, value: SourceValue): void {
  const kind = value.kind === 'scalar' ? expressionKind(value.value) : null;
  if (kind === null) return;
  const message = `The value of '${key}' looks like ${kind}. Instead of '${key}', use '${key}.$' to evaluate it as ${kind} at runtime.`;
  fields.log.warning({ code: 'NO_DOLLAR', message, location: fields.whole, offset: value.offset });
}

/** What a plain string looks like: `a JSONPath`, `an Intrinsic Function`, or neither. */
export function expressionKind(value: JsonValue): 'a JSONPath' | 'an Intrinsic Function' | null {
  if (typeof value !== 'string') return null;
  if (/^\$\$?(?:$|[.[])/.test(value)) return 'a JSONPath';
  return /^States\.[A-Za-z0-9]+\(.*\)$/s.test(value) ? 'an Intrinsic Function' : null;
}

/** Compiles, or null when the text is wrong. Any other failure is ours and goes on up. */
export function attempt<Value>(compile: () => Value): Value | null {
  try {
    return compile();
  } catch (fault) {
    if (fault instanceof ExpressionSyntaxError) return null;
    throw fault;
  }
}
