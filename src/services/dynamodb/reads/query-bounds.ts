import type { KeyCondition, KeyConditions } from '../expressions/key-condition.js';
import { hashPart } from '../keys/item-key.js';
import { AFTER_PART, keyText, PART_END } from '../keys/key-text.js';
import type { AttributeValue, Item } from '../values/attribute-value.js';
import type { Bounds } from './read-page.js';
import { type ReadTarget, startPlace } from './read-target.js';

/** The range of keys that a Query reads; its conditions were checked. */
export function queryBounds(
  target: ReadTarget,
  conditions: KeyConditions,
  { start, isDescending }: { readonly start: Item | null; readonly isDescending: boolean },
): Bounds {
  const { hash, range } = target.keys;
  const prefix = hashPart(firstValue(conditions.get(hash)));
  const condition = range === null ? undefined : conditions.get(range);
  const bounds: Bounds = {
    prefix,
    after: null,
    before: null,
    isDescending,
    ...(condition !== undefined && rangeBounds(prefix, condition)),
  };
  if (start === null) return bounds;
  const place = startPlace(target, start);
  return isDescending ? { ...bounds, before: place } : { ...bounds, after: place };
}

/** No key lies between a part without its end and the first one that has it. */
function rangeBounds(prefix: string, condition: KeyCondition): Partial<Bounds> {
  const [first, second] = condition.values;
  const text = prefix + keyText(firstValue(condition));
  switch (condition.operator) {
    case 'EQ':
      return { prefix: text + PART_END };
    case 'LT':
      return { before: text };
    case 'LE':
      return { before: text + AFTER_PART };
    case 'GT':
      return { after: text + AFTER_PART };
    case 'GE':
      return { after: text };
    case 'BEGINS_WITH':
      return { prefix: text };
    case 'BETWEEN':
      return { after: text, before: prefix + keyText(second ?? first ?? firstValue(condition)) + AFTER_PART };
    default:
      throw new Error(`Broken invariant: ${condition.operator} was refused as a key condition`);
  }
}

function firstValue(condition: KeyCondition | undefined): AttributeValue {
  const value = condition?.values[0];
  if (value === undefined) throw new Error('Broken invariant: a key condition was checked to have its value');
  return value;
}
