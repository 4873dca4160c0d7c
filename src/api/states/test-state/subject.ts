import {
  type Block,
  type Definition,
  type Diagnostic,
  formatInvalidDefinition,
  type ParsedDefinition,
  parseDefinition,
  type State,
} from '../../../language/index.js';
import { isObject, JsonSyntaxError, parseJson } from '../../../payload/index.js';
import { ApiError } from '../../port.js';
import { invalid } from './request.js';

/** What is tested: `definition` starts at `state`, and goes no further than its block. */
export interface Subject {
  readonly definition: Definition;
  readonly state: State;
  /** Whether a Map is around the state. */
  readonly isIterated: boolean;
}

/** AWS calls a state so that comes without its machine. */
const LONE_STATE = 'StateName';

/** Throws InvalidDefinition, or ValidationException where the machine has no such state. */
export function readSubject(definition: string, stateName: string | undefined): Subject {
  const machine = stateName === undefined ? parseState(definition) : parseDefinition(definition, { type: 'STANDARD' });
  if (machine.definition === null) throw invalidDefinition(machine.diagnostics);
  const found = findState(machine.definition, stateName ?? LONE_STATE);
  if (found === null) throw invalid('State not found in definition');
  const { block, state, isIterated } = found;
  return { definition: { ...machine.definition, states: block.states, startAt: state }, state, isIterated };
}

/** A state becomes the only one of a machine; where its transitions lead is not asked. */
function parseState(text: string): ParsedDefinition {
  if (!isJsonObject(text)) return parseDefinition(text, { type: 'STANDARD' }); // which says what is wrong with the text
  const machine = `{"StartAt":"${LONE_STATE}","States":{"${LONE_STATE}":${text}}}`;
  return parseDefinition(machine, { type: 'STANDARD', isFragment: true });
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(parseJson(text));
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) return false;
    throw fault;
  }
}

const invalidDefinition = (diagnostics: readonly Diagnostic[]): ApiError =>
  new ApiError('InvalidDefinition', formatInvalidDefinition(diagnostics));

interface Found {
  readonly block: Block;
  readonly state: State;
  readonly isIterated: boolean;
}

/** In the block or in one inside it: names are unique in the whole machine. */
export function findState(block: Block, name: string, isIterated = false): Found | null {
  const state = block.states.get(name);
  if (state !== undefined) return { block, state, isIterated };
  for (const container of block.states.values()) {
    if (container.type !== 'Map' && container.type !== 'Parallel') continue;
    const isMap = container.type === 'Map';
    for (const inner of isMap ? [container.processor] : container.branches) {
      const found = findState(inner, name, isIterated || isMap);
      if (found !== null) return found;
    }
  }
  return null;
}
