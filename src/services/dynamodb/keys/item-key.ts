import type { Index, Keys, Table } from '../table/table.js';
import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.js';
import { hashPrefix } from './hash-prefix.js';
import { keyText, PART_END } from './key-text.js';

/** The text under which an item lies; its key attributes were checked. */
export const itemKey = ({ keys }: Pick<Table, 'keys'>, item: Item): string => {
  const hash = keyValue(item, keys.hash);
  const range = keys.range === null ? '' : keyText(keyValue(item, keys.range)) + PART_END;
  return hashPart(hash) + range;
};

/** What the keys of all items of one hash key begin with. */
export const hashPart = (hash: AttributeValue): string => hashPrefix(hash) + keyText(hash) + PART_END;

/** The text of an item's entry in an index; null when it has none, for want of a key attribute. */
export function entryKey(table: Pick<Table, 'keys'>, index: Pick<Index, 'keys'>, item: Item): string | null {
  const hash = attributeOf(item, index.keys.hash);
  const range = index.keys.range === null ? null : attributeOf(item, index.keys.range);
  if (hash === undefined || range === undefined) return null;
  const own = hashPart(hash) + (range === null ? '' : keyText(range) + PART_END);
  return own + tieBreak(table.keys, item);
}

/** Entries of equal keys lie by the hash of the table's key, as on AWS. */
function tieBreak(keys: Keys, item: Item): string {
  const hash = keyValue(item, keys.hash);
  if (keys.range === null) return hashPrefix(hash) + keyText(hash) + PART_END;
  const range = keyValue(item, keys.range);
  return hashPrefix(hash, range) + keyText(hash) + PART_END + keyText(range) + PART_END;
}

export function keyValue(item: Item, name: string): AttributeValue {
  const value = attributeOf(item, name);
  if (value === undefined) throw new Error(`Broken invariant: the key ${name} was checked to be there`);
  return value;
}
