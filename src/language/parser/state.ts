import { NAME_CHARS_MAX } from '../../limits.js';
import type { QueryLanguage, State } from '../definition.js';
import { choiceState } from './choice-state.js';
import type { ParseContext, StateOutline, StateSource } from './context.js';
import { checkStateFields, STATE_TYPES } from './field-matrix.js';
import type { Fields } from './fields.js';
import { mapState, parallelState } from './nested-states.js';
import { failState, passState, succeedState, waitState } from './plain-states.js';
import { taskState } from './task-state.js';

export interface ParsedState {
  /** Null when something is wrong (reported). */
  readonly state: State | null;
  readonly outline: StateOutline;
}

export function parseState(
  context: ParseContext,
  place: Pick<StateSource, 'nesting' | 'scope'>,
  name: string,
  fields: Fields,
): ParsedState {
  checkStateName(context, name, fields);
  const type = stateType(fields);
  const language = stateLanguage(context, fields);
  const source: StateSource = { context, ...place, name, type, language, fields, transitions: [] };
  if (type !== null) checkStateFields(fields, type, language);
  const state = type === null ? null : stateOfType(source, type);
  const isTerminal = type === 'Succeed' || type === 'Fail' || endsHere(fields);
  const outline = {
    location: fields.location,
    offset: fields.source.offset,
    isTerminal,
    transitions: source.transitions,
  };
  return { state, outline };
}

function checkStateName(context: ParseContext, name: string, fields: Fields): void {
  const refuse = (code: string, message: string): void =>
    context.log.error({ code, message, location: fields.location, offset: fields.source.offset });
  if (name === '') refuse('INVALID_STATE_NAME', 'Invalid State name: the name is empty');
  if (name.length > NAME_CHARS_MAX) {
    const fault = `exceeds the ${NAME_CHARS_MAX}-character limit allowed by the service`;
    refuse('INVALID_STATE_NAME', `Invalid State name: ${name} ${fault}`);
  }
  if (context.stateNames.has(name)) refuse('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`);
  context.stateNames.add(name);
}

function stateType(fields: Fields): State['type'] | null {
  fields.require(['Type']);
  const text = fields.string('Type');
  if (text === null) return null;
  const type = STATE_TYPES.find((known) => known === text);
  if (type === undefined) {
    fields.refuseField('Type', `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`);
  }
  return type ?? null;
}

function stateLanguage(context: ParseContext, fields: Fields): QueryLanguage {
  const language = fields.oneOf('QueryLanguage', ['JSONPath', 'JSONata']);
  if (context.language === 'JSONata' && language === 'JSONPath') {
    const message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
    fields.refuse(message, 'QueryLanguage');
  }
  return language ?? context.language;
}

function stateOfType(source: StateSource, type: State['type']): State | null {
  switch (type) {
    case 'Pass':
      return passState(source);
    case 'Task':
      return taskState(source);
    case 'Choice':
      return choiceState(source);
    case 'Wait':
      return waitState(source);
    case 'Succeed':
      return succeedState(source);
    case 'Fail':
      return failState(source);
    case 'Parallel':
      return parallelState(source);
    case 'Map':
      return mapState(source);
    default:
      return type satisfies never;
  }
}

function endsHere(fields: Fields): boolean {
  const end = fields.value('End');
  return end?.kind === 'scalar' && end.value === true;
}
