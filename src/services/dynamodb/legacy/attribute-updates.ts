import { sum } from '../expressions/apply-update.js';
import { invalidValues, validationFault } from '../fault.js';
import {
  type AttributeValue,
  attributeOf,
  copyOf,
  type Item,
  newSet,
  setOf,
  typeOf,
} from '../values/attribute-value.js';
import type { RawAttribute } from '../values/check-attribute.js';
import { checkedAttribute } from '../values/checked.js';

export type UpdatesInput = Readonly<Record<string, { readonly Action?: string; readonly Value?: RawAttribute }>>;

/** One entry of AttributeUpdates. */
export interface AttributeUpdate {
  readonly name: string;
  readonly action: 'PUT' | 'ADD' | 'DELETE';
  /** Null: the attribute is taken away. */
  readonly value: AttributeValue | null;
}

const ADDED = ['L', 'SS', 'NS', 'BS', 'N'];
const DELETED = ['SS', 'NS', 'BS'];

/** Throws TableFault. */
export const attributeUpdates = (input: UpdatesInput): readonly AttributeUpdate[] =>
  Object.entries(input).map(([name, { Action: given = 'PUT', Value: raw }]) => {
    const action = given === 'ADD' || given === 'DELETE' ? given : 'PUT';
    const value = raw === undefined ? null : checkedAttribute(raw);
    if (value === null) {
      if (action === 'DELETE') return { name, action, value };
      throw invalidValues('Only DELETE action is allowed when no attribute value is specified');
    }
    const type = typeOf(value);
    if (action === 'DELETE' && !DELETED.includes(type)) {
      throw invalidValues(`DELETE action with value is not supported for the type ${type}`);
    }
    if (action === 'ADD' && !ADDED.includes(type)) {
      throw invalidValues(`ADD action is not supported for the type ${type}`);
    }
    return { name, action, value };
  });

/** The item after the updates. Throws TableFault. */
export function applyAttributeUpdates(updates: readonly AttributeUpdate[], item: Item): Item {
  const changed = copyOf(item);
  for (const { name, action, value } of updates) {
    const existing = attributeOf(changed, name);
    const result = action === 'PUT' || value === null ? value : combined(action, existing, value);
    if (result === null) delete changed[name];
    else changed[name] = result;
  }
  return changed;
}

function combined(
  action: 'ADD' | 'DELETE',
  existing: AttributeValue | undefined,
  value: AttributeValue,
): AttributeValue | null {
  if (existing === undefined) return action === 'ADD' ? value : null;
  if (typeOf(existing) !== typeOf(value)) throw validationFault('Type mismatch for attribute to update');
  if ('N' in existing && 'N' in value) return sum(existing.N, value.N, false);
  if ('L' in existing && 'L' in value) return { L: [...existing.L, ...value.L] };
  const set = setOf(existing);
  const other = setOf(value);
  if (set === null || other === null) return existing;
  const members =
    action === 'ADD'
      ? [...set.members, ...other.members.filter((member) => !set.members.includes(member))]
      : set.members.filter((member) => !other.members.includes(member));
  return members.length === 0 ? null : newSet(set.type, members);
}
