import type { DiagnosticLog } from '../diagnostic-log.js';

interface Place {
  readonly location: string;
  readonly offset: number;
}

/** The variables of one block: what its states assign and read. */
export interface VariableScope {
  /** The state that the block is in, and the scope of that state; null for the machine. */
  readonly around: { readonly state: string; readonly scope: VariableScope } | null;
  /** Of a distributed Map: nothing of the scopes around is seen. */
  readonly isIsolated: boolean;
  /** Where a variable is first assigned, by each state that does so. */
  readonly assigned: Map<string, Map<string, Place>>;
  /** Where a variable is first read. */
  readonly read: Map<string, Place>;
  /** Which states follow a state of the block. */
  readonly successors: (state: string) => readonly string[];
}

export function addAssigned(scope: VariableScope, state: string, name: string, place: Place): void {
  const places = scope.assigned.get(name) ?? new Map<string, Place>();
  if (!places.has(state)) places.set(state, place);
  scope.assigned.set(name, places);
}

/** Refuses names that a scope around may have given a value before, and warns of variables that a distributed Map cannot see. */
export function checkVariables(log: DiagnosticLog, scopes: readonly VariableScope[]): void {
  for (const scope of scopes) {
    for (const [name, places] of scope.assigned) {
      const outer = valueFromOutside(scope, name);
      if (outer === null) continue;
      const message = `Expected '${name}' to be the name of a variable of this scope only, but an outer scope assigns it too (${outer.location}). Choose another name: an inner scope reads outer variables and cannot change them.`;
      for (const place of places.values()) log.error({ code: 'DUPLICATE_VARIABLE_NAME', message, ...place });
    }
    for (const [name, place] of scope.read) {
      const hidden = hiddenValue(scope, name);
      if (hidden === null) continue;
      const message = `The variable '${name}' is assigned outside of the distributed Map (${hidden.location}), whose item processor cannot read it. Pass the value with ItemSelector.`;
      log.warning({ code: 'VARIABLE_OUT_OF_SCOPE', message, ...place });
    }
  }
}

/**
 * Where a state that may run before this scope opens assigns the variable. Recorded: AWS takes the same name in a branch and
 * in the Catch of its Parallel, which comes after it.
 */
function valueFromOutside(scope: VariableScope, name: string): Place | null {
  for (let inner = scope; inner.around !== null && !inner.isIsolated; inner = inner.around.scope) {
    const { state, scope: outer } = inner.around;
    for (const [assigning, place] of outer.assigned.get(name) ?? []) {
      if (leadsTo(outer, assigning, state)) return place;
    }
  }
  return null;
}

function leadsTo(scope: VariableScope, from: string, to: string): boolean {
  const seen = new Set<string>();
  const waiting = [...scope.successors(from)];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (state === to) return true;
    if (seen.has(state)) continue;
    seen.add(state);
    waiting.push(...scope.successors(state));
  }
  return false;
}

/** Where the variable is assigned, if that is beyond a distributed Map's border only. */
function hiddenValue(scope: VariableScope, name: string): Place | null {
  let isHidden = false;
  for (let at: VariableScope | undefined = scope; at !== undefined; at = at.around?.scope) {
    const [place] = at.assigned.get(name)?.values() ?? [];
    if (place !== undefined) return isHidden ? place : null;
    isHidden ||= at.isIsolated;
  }
  return null;
}
