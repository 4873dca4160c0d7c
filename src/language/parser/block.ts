import { STATE_NESTING_MAX } from '../../limits.js';
import type { Block, State } from '../definition.js';
import type { BlockOutline, Nesting, ParseContext, StateOutline, Transition } from './context.js';
import { Fields } from './fields.js';
import { parseState } from './state.js';
import type { VariableScope } from './variable-scope.js';

/** Parses `StartAt` and `States` of the machine, a branch or a Map's processor. Null when something is wrong (reported). */
export function parseBlock(context: ParseContext, fields: Fields, nesting: Nesting): Block | null {
  fields.require(['States', 'StartAt']);
  if (nesting.depth > STATE_NESTING_MAX) {
    const message = `The states are nested more than ${STATE_NESTING_MAX} levels deep`;
    const { offset } = fields.source;
    context.log.error({ code: 'TOO_DEEPLY_NESTED', message, location: fields.whole, offset });
    return null;
  }
  const outlines = new Map<string, StateOutline>();
  const startAt = startTransition(fields);
  // Without states every transition would lead nowhere; that they are missing is reported already.
  if (fields.value('States')?.kind === 'object') context.outlines.push({ startAt, states: outlines });
  const states = parseStates(context, fields, nesting, outlines);
  const first = startAt === null ? undefined : states.get(startAt.target);
  return first === undefined ? null : { startAt: first, states };
}

function startTransition(fields: Fields): Transition | null {
  const target = fields.string('StartAt');
  const offset = fields.value('StartAt')?.offset;
  return target === null || offset === undefined ? null : { target, location: fields.where('StartAt'), offset };
}

function parseStates(
  context: ParseContext,
  fields: Fields,
  nesting: Nesting,
  outlines: Map<string, StateOutline>,
): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  const scope = openScope(context, nesting, outlines);
  const source = fields.value('States');
  if (source === undefined) return states;
  if (source.kind !== 'object') {
    fields.wrongType('States', 'Object');
    return states;
  }
  if (source.members.size === 0) fields.refuseField('States', 'Value cannot be empty');
  for (const { key: name, value } of source.members.values()) {
    const location = `${fields.where('States')}/${name}`;
    if (value.kind !== 'object') {
      context.log.error({ message: 'Expected value of type Object', location, offset: value.offset });
      continue;
    }
    const { state, outline } = parseState(context, { nesting, scope }, name, new Fields(value, location, context.log));
    outlines.set(name, outline);
    if (state !== null) states.set(name, state);
  }
  for (const { key, keyOffset } of source.duplicates) {
    const location = `${fields.where('States')}/${key}`;
    const message = `Duplicate State name: ${key}`;
    context.log.error({ code: 'DUPLICATE_STATE_NAME', message, location, offset: keyOffset });
  }
  return states;
}

function openScope(
  context: ParseContext,
  { around, isIsolated }: Nesting,
  outlines: ReadonlyMap<string, StateOutline>,
): VariableScope {
  const scope: VariableScope = {
    around: around && { state: around.name, scope: around.scope },
    isIsolated,
    assigned: new Map(),
    read: new Map(),
    successors: (state) => (outlines.get(state)?.transitions ?? []).map(({ target }) => target),
  };
  context.scopes.push(scope);
  return scope;
}

/**
 * Checks where the transitions of all blocks lead, in AWS's order: targets that are missing, then a machine without an end,
 * else states that nothing leads to. Only missing targets are reported where the states have faults of their own: the rest would follow from them.
 */
export function checkTransitions(context: ParseContext, options: { readonly hasEnd: boolean }): void {
  const { log, outlines } = context;
  const areStatesRight = log.errorCount === 0;
  for (const outline of outlines) reportMissingTargets(context, outline);
  const [machine] = outlines;
  if (!areStatesRight || machine === undefined) return;
  if (options.hasEnd && ![...machine.states.values()].some((state) => state.isTerminal)) {
    log.error({ code: 'MISSING_END_STATE', message: 'Workflow has no terminal state', location: null, offset: null });
    return;
  }
  for (const outline of outlines) reportUnreachableStates(context, outline);
}

function reportMissingTargets(context: ParseContext, outline: BlockOutline): void {
  const transitions = [...outline.states.values()].flatMap((state) => state.transitions);
  if (outline.startAt !== null) transitions.unshift(outline.startAt);
  for (const { target, location, offset } of transitions) {
    if (outline.states.has(target)) continue;
    const message = `Missing 'Next' target: ${target}`;
    context.log.error({ code: 'MISSING_TRANSITION_TARGET', message, location, offset });
  }
}

function reportUnreachableStates(context: ParseContext, { startAt, states }: BlockOutline): void {
  if (startAt === null || !states.has(startAt.target)) return;
  const reached = new Set<string>();
  const waiting = [startAt.target];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { target } of states.get(name)?.transitions ?? []) waiting.push(target);
  }
  for (const [name, { location, offset }] of states) {
    if (reached.has(name)) continue;
    const message = `State "${name}" is not reachable.`;
    context.log.error({ code: 'MISSING_TRANSITION_TARGET', message, location, offset });
  }
}
