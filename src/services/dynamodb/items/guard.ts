import type { ParsedCondition } from '../expressions/condition.js';
import { holds } from '../expressions/evaluate.js';
import { conditionFailed } from '../fault.js';
import { holdsOlder, type OlderConditions } from '../legacy/conditions.js';
import type { Item } from '../values/attribute-value.js';

/** Nobody looks at an item that was not read. */
export const known = (old: Item | null | 'unknown'): Item | null => (old === 'unknown' ? null : old);

/** What must hold of the item as it is. */
export interface Guard {
  readonly condition: ParsedCondition | null;
  readonly older: OlderConditions | null;
  /** Whether the exception shows the item. */
  readonly shows: boolean;
}

export const isGuarded = ({ condition, older }: Guard): boolean => condition !== null || older !== null;

/** Throws ConditionalCheckFailedException. */
export function checkGuard(guard: Guard, old: Item | null): void {
  if (fulfils(guard, old)) return;
  const shown = guard.shows && old !== null ? { Item: old } : {};
  throw conditionFailed('The conditional request failed', shown);
}

export function fulfils({ condition, older }: Guard, old: Item | null): boolean {
  const item = old ?? {};
  if (condition !== null) return holds(condition.condition, item);
  return older === null || holdsOlder(older, item);
}
