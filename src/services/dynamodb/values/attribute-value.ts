/** A value of an attribute as DynamoDB's clients write it. Numbers are in canonical form, binaries in base64. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

/** Attributes by name. Names may be anything, `__proto__` too: read with `attributeOf`, build with `itemOf`. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** An item that is being put together: without a prototype, so that every name is only a name. */
export type ItemDraft = Record<string, AttributeValue>;

export const newItem = (): ItemDraft => Object.create(null);

export function copyOf(item: Item): ItemDraft {
  const copy = newItem();
  for (const name of Object.keys(item)) {
    const value = attributeOf(item, name);
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

export function typeOf(value: AttributeValue): AttributeType {
  if ('S' in value) return 'S';
  if ('N' in value) return 'N';
  if ('M' in value) return 'M';
  if ('L' in value) return 'L';
  if ('BOOL' in value) return 'BOOL';
  if ('B' in value) return 'B';
  if ('NULL' in value) return 'NULL';
  if ('SS' in value) return 'SS';
  if ('NS' in value) return 'NS';
  return 'BS';
}

/** Members of a set with their type; null for what is no set. */
export function setOf(value: AttributeValue): { readonly type: SetType; readonly members: readonly string[] } | null {
  if ('SS' in value) return { type: 'SS', members: value.SS };
  if ('NS' in value) return { type: 'NS', members: value.NS };
  if ('BS' in value) return { type: 'BS', members: value.BS };
  return null;
}

export type SetType = 'SS' | 'NS' | 'BS';

export function newSet(type: SetType, members: readonly string[]): AttributeValue {
  if (type === 'SS') return { SS: members };
  return type === 'NS' ? { NS: members } : { BS: members };
}

/** Text, number or bytes of a scalar that can be a key; null for the other types. */
export function scalarOf(value: AttributeValue): { readonly type: KeyType; readonly text: string } | null {
  if ('S' in value) return { type: 'S', text: value.S };
  if ('N' in value) return { type: 'N', text: value.N };
  if ('B' in value) return { type: 'B', text: value.B };
  return null;
}

export type KeyType = 'S' | 'N' | 'B';

/** Our own text of an item, from the store: a checked border. */
export const parseItem = (text: string): Item => JSON.parse(text) as Item;
