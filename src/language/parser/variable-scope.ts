import type { DiagnosticLog } from '../diagnostic-log.js';

interface Place {
  readonly location: string;
  readonly offset: number;
}

/** The variables of one block: what its states assign and read. */
export interface VariableScope {
  /** The scope of the block around; null for the machine. */
  readonly outer: VariableScope | null;
  /** Of a distributed Map: nothing of the scopes around is seen. */
  readonly isIsolated: boolean;
  /** First places. */
  readonly assigned: Map<string, Place>;
  readonly read: Map<string, Place>;
}

export function openScope(
  scopes: VariableScope[],
  { outer, isIsolated }: Pick<VariableScope, 'outer' | 'isIsolated'>,
): VariableScope {
  const scope = { outer, isIsolated, assigned: new Map(), read: new Map() };
  scopes.push(scope);
  return scope;
}

export function addAssigned(scope: VariableScope, name: string, place: Place): void {
  if (!scope.assigned.has(name)) scope.assigned.set(name, place);
}

/** Refuses names that a scope around has as well, and warns of variables that a distributed Map cannot see. */
export function checkVariables(log: DiagnosticLog, scopes: readonly VariableScope[]): void {
  for (const scope of scopes) {
    for (const [name, place] of scope.assigned) {
      const outer = scope.isIsolated ? null : holderOf(scope.outer, name);
      if (outer === null) continue;
      const message = `Expected '${name}' to be the name of a variable of this scope only, but an outer scope assigns it too (${outer.location}). Choose another name: an inner scope reads outer variables and cannot change them.`;
      log.error({ code: 'DUPLICATE_VARIABLE_NAME', message, ...place });
    }
    for (const [name, place] of scope.read) {
      const hidden = hiddenHolderOf(scope, name);
      if (hidden === null) continue;
      const message = `The variable '${name}' is assigned outside of the distributed Map (${hidden.location}), whose item processor cannot read it. Pass the value with ItemSelector.`;
      log.warning({ code: 'VARIABLE_OUT_OF_SCOPE', message, ...place });
    }
  }
}

/** The scopes from `scope` outward, up to where nothing further out is seen. */
function holderOf(scope: VariableScope | null, name: string): Place | null {
  for (let at = scope; at !== null; at = at.isIsolated ? null : at.outer) {
    const place = at.assigned.get(name);
    if (place !== undefined) return place;
  }
  return null;
}

/** Where the variable is assigned, if that is beyond a distributed Map's border only. */
function hiddenHolderOf(scope: VariableScope, name: string): Place | null {
  if (holderOf(scope, name) !== null) return null;
  for (let at = scope.outer; at !== null; at = at.outer) {
    const place = at.assigned.get(name);
    if (place !== undefined) return place;
  }
  return null;
}
