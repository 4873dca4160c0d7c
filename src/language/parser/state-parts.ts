import type { Path, QueryLanguage, State } from '../definition.js';
import { type StateSource, transition } from './context.js';
import { assign, pathOrNull, singlePath } from './expressions.js';
import type { Range } from './fields.js';

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

export function inputOutput(state: StateSource): Pick<Extract<State, { type: 'Pass' }>, 'inputPath' | 'outputPath'> {
  return { inputPath: pathOrNull(state, 'InputPath'), outputPath: pathOrNull(state, 'OutputPath') };
}

/** `Next` or `End`, exactly one of them, and what the state assigns on the way. */
export function successor(state: StateSource): Pick<Extract<State, { type: 'Pass' }>, 'next' | 'assign'> {
  const { fields } = state;
  const isEnd = fields.boolean('End') === true;
  const hasNext = fields.has('Next');
  if (isEnd && hasNext) fields.refuse('There should only be one of the following fields: [Next, End]', 'End');
  if (!isEnd && !hasNext) fields.refuse('This object should have only one of the following fields: [Next, End]');
  const next = transition(state, fields, 'Next');
  return { next, assign: assign(state, fields) };
}

/** A number given as it is or by `<name>Path`. Null when neither is there. */
export function integerOrPath(state: StateSource, name: string, range: Range): number | Path | null {
  state.fields.atMostOne([name, `${name}Path`]);
  return integerOrExpression(state, name, range) ?? singlePath(state, `${name}Path`);
}

/** In JSONata a number may be a string that holds an expression. */
function integerOrExpression(state: StateSource, name: string, range: Range): number | null {
  const value = state.fields.value(name);
  const isText = value?.kind === 'scalar' && typeof value.value === 'string';
  return state.language === 'JSONata' && isText ? null : state.fields.integer(name, range);
}

/** The same for a field that takes fractions. */
export function numberOrPath(state: StateSource, name: string, range: Range): number | Path | null {
  state.fields.atMostOne([name, `${name}Path`]);
  const value = state.fields.value(name);
  const isText = value?.kind === 'scalar' && typeof value.value === 'string';
  if (isText && state.language === 'JSONPath') return state.fields.wrongType(name, 'Integer'); // AWS says Integer here too
  return (isText ? null : state.fields.number(name, range)) ?? singlePath(state, `${name}Path`);
}
