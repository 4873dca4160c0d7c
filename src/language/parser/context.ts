import type { Block, QueryLanguage, Resource, State } from '../definition.js';
import type { DiagnosticLog } from '../diagnostic-log.js';
import type { Fields } from './fields.js';
import type { VariableScope } from './variable-scope.js';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** What the parse of one definition shares. */
export interface ParseContext {
  readonly log: DiagnosticLog;
  /** Of the whole machine: a state without its own has this one, not its parent's. */
  readonly language: QueryLanguage;
  /** Every block in the order written, for the checks of transitions. */
  readonly outlines: BlockOutline[];
  readonly stateNames: Set<string>;
  readonly labels: Set<string>;
  /** The scope of every block, for the checks of variables. */
  readonly scopes: VariableScope[];
  /** Variables that each state refers to. */
  readonly references: Map<string, Set<string>>;
  /** Whether a Task's resource is run here; one that is not gives a warning. Null: nobody asks. */
  readonly isRun: ((resource: Resource) => boolean) | null;
  /** Parses the states of a branch or of a Map. Handed in, so that states need not know the module of blocks. */
  readonly parseBlock: (fields: Fields, nesting: Nesting) => Block | null;
}

/** What a block inherits. */
export interface Nesting {
  readonly machineType: MachineType;
  readonly depth: number;
  /** The state that the block is in; null for the machine. */
  readonly around: StateSource | null;
  /** The children of a distributed Map see no variables of the scopes around. */
  readonly isIsolated: boolean;
}

/** The transitions of a block, known even where its states have faults. */
export interface BlockOutline {
  readonly startAt: Transition | null;
  readonly states: ReadonlyMap<string, StateOutline>;
}

export interface StateOutline {
  readonly location: string;
  readonly offset: number;
  readonly isTerminal: boolean;
  readonly transitions: readonly Transition[];
}

export interface Transition {
  readonly target: string;
  readonly location: string;
  readonly offset: number;
}

/** One state while it is parsed. */
export interface StateSource {
  readonly context: ParseContext;
  readonly nesting: Nesting;
  /** The variables of the state's block. */
  readonly scope: VariableScope;
  readonly name: string;
  /** Null where it has none that is known (reported). */
  readonly type: State['type'] | null;
  readonly language: QueryLanguage;
  readonly fields: Fields;
  readonly transitions: Transition[];
}

export function addReferences(
  state: StateSource,
  variables: readonly string[],
  place: { readonly location: string; readonly offset: number },
): void {
  for (const name of variables) if (!state.scope.read.has(name)) state.scope.read.set(name, place);
  const known = state.context.references.get(state.name) ?? new Set<string>();
  for (const variable of variables) known.add(variable);
  if (known.size > 0) state.context.references.set(state.name, known);
}

/** Reads the name of the next state. Null when it is not there or no string. */
export function transition(state: StateSource, fields: Fields, name: string): string | null {
  const target = fields.string(name);
  const offset = fields.value(name)?.offset;
  if (target !== null && offset !== undefined) {
    state.transitions.push({ target, location: fields.where(name), offset });
  }
  return target;
}
