import type { NumberField, QueryLanguage, State } from '../definition.js';
import { type StateSource, transition } from './context.js';
import { assign, output, pathOrNull, singlePath } from './expressions.js';
import type { Range } from './fields.js';
import { holdsExpression, jsonataTemplate } from './jsonata.js';

interface StateCommon {
  readonly name: string;
  readonly location: string;
  readonly queryLanguage: QueryLanguage;
  readonly comment: string | null;
}

export function stateCommon(state: StateSource): StateCommon {
  return {
    name: state.name,
    location: state.fields.location,
    queryLanguage: state.language,
    comment: state.fields.comment(),
  };
}

type PassPart<Name extends keyof Extract<State, { type: 'Pass' }>> = Pick<Extract<State, { type: 'Pass' }>, Name>;

export function inputOutput(state: StateSource): PassPart<'inputPath' | 'outputPath' | 'output'> {
  return {
    inputPath: pathOrNull(state, 'InputPath'),
    outputPath: pathOrNull(state, 'OutputPath'),
    output: output(state, state.fields),
  };
}

/** `Next` or `End`, exactly one of them, and what the state assigns on the way. */
export function successor(state: StateSource): PassPart<'next' | 'assign'> {
  const { fields } = state;
  const isEnd = fields.boolean('End') === true;
  const hasNext = fields.has('Next');
  if (isEnd && hasNext) fields.refuse('There should only be one of the following fields: [Next, End]', 'End');
  if (!isEnd && !hasNext) fields.refuse('This object should have only one of the following fields: [Next, End]');
  const next = transition(state, fields, 'Next');
  return { next, assign: assign(state, fields) };
}

/** A number given as it is, by `<name>Path` or by an expression. Null when none is there. */
export function integerOrPath(state: StateSource, name: string, range: Range): NumberField | null {
  if (isComputed(state, name)) return jsonataTemplate(state, state.fields, name, 'number');
  state.fields.atMostOne([name, `${name}Path`]);
  return state.fields.integer(name, range) ?? singlePath(state, `${name}Path`);
}

/** The same for a field that takes fractions. */
export function numberOrPath(state: StateSource, name: string, range: Range): NumberField | null {
  if (isComputed(state, name)) return jsonataTemplate(state, state.fields, name, 'number');
  state.fields.atMostOne([name, `${name}Path`]);
  const value = state.fields.value(name);
  const isText = value?.kind === 'scalar' && typeof value.value === 'string';
  if (isText) return state.fields.wrongType(name, 'Integer'); // AWS says Integer here too
  return state.fields.number(name, range) ?? singlePath(state, `${name}Path`);
}

const isComputed = (state: StateSource, name: string): boolean =>
  state.language === 'JSONata' && holdsExpression(state.fields, name);
