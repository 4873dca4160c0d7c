import { TABLE_HASH_BYTES_MAX, TABLE_ITEM_BYTES_MAX, TABLE_RANGE_BYTES_MAX } from '../../../limits/services.js';
import { invalidValues, validationFault } from '../fault.js';
import { indexesOf, type Keys, keyNames, keyTypeOf, type Table } from '../table/table.js';
import { attributeOf, type Item, type KeyType, scalarOf, typeOf } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';

/** All functions throw TableFault. */

/** A whole item: its keys are there and of their types, those of indexes too. */
export function checkItemKeys(item: Item, table: Table): void {
  for (const name of keyNames(table.keys)) {
    const type = keyTypeOf(table, name);
    const value = attributeOf(item, name);
    if (value === undefined) throw invalidValues(`Missing the key ${name} in the item`);
    const actual = typeOf(value);
    if (actual !== type) throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${actual}`);
    const text = scalarOf(value)?.text ?? '';
    if (text === '') throw emptyKey('One or more parameter values are not valid. ', type, name);
    checkKeyBytes(text, type, name === table.keys.hash);
  }
  checkIndexKeys(item, table);
}

export function checkIndexKeys(item: Item, table: Table): void {
  for (const index of indexesOf(table)) {
    for (const name of keyNames(index.keys)) {
      const value = attributeOf(item, name);
      if (value === undefined) continue;
      const type = keyTypeOf(table, name);
      const actual = typeOf(value);
      if (actual !== type) {
        throw invalidValues(
          `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${index.name}`,
        );
      }
      const text = scalarOf(value)?.text ?? '';
      if (text === '') {
        throw validationFault(
          'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
            `The AttributeValue for a key attribute cannot contain an empty ${nameOf(type)} value. ` +
            `IndexName: ${index.name}, IndexKey: ${name}`,
        );
      }
      checkKeyBytes(text, type, name === index.keys.hash);
    }
  }
}

/** A key and nothing more. */
export function checkKey(key: Item, { keys, table }: { readonly keys: Keys; readonly table: Table }): void {
  const names = keyNames(keys);
  if (names.length !== Object.keys(key).length) throw keyMismatch();
  for (const name of names) checkKeyPart(key, name, { table, isHash: name === keys.hash });
}

export const keyMismatch = (): Error => validationFault('The provided key element does not match the schema');

export function checkKeyPart(
  key: Item,
  name: string,
  { table, isHash }: { readonly table: Table; readonly isHash: boolean },
): void {
  const value = attributeOf(key, name);
  const type = keyTypeOf(table, name);
  if (value === undefined || typeOf(value) !== type) throw keyMismatch();
  const text = scalarOf(value)?.text ?? '';
  if (text === '') throw emptyKey('One or more parameter values were invalid: ', type, name);
  checkKeyBytes(text, type, isHash);
}

const nameOf = (type: KeyType): string => (type === 'B' ? 'binary' : 'string');

const emptyKey = (start: string, type: KeyType, name: string): Error =>
  validationFault(
    `${start}The AttributeValue for a key attribute cannot contain an empty ${nameOf(type)} value. Key: ${name}`,
  );

function checkKeyBytes(text: string, type: KeyType, isHash: boolean): void {
  if (type === 'N') return;
  const bytes = Buffer.byteLength(text, type === 'B' ? 'base64' : 'utf8');
  if (isHash && bytes > TABLE_HASH_BYTES_MAX) {
    throw invalidValues(`Size of hashkey has exceeded the maximum size limit of${TABLE_HASH_BYTES_MAX} bytes`);
  }
  if (!isHash && bytes > TABLE_RANGE_BYTES_MAX) {
    throw invalidValues(
      `Aggregated size of all range keys has exceeded the size limit of ${TABLE_RANGE_BYTES_MAX} bytes`,
    );
  }
}

export function checkItemBytes(item: Item, text = 'Item size has exceeded the maximum allowed size'): void {
  if (itemBytes(item) > TABLE_ITEM_BYTES_MAX) throw validationFault(text);
}

/** Keys are scalars: no path leads into them. */
export function checkNestedPaths(nested: ReadonlySet<string> | undefined, table: Table): void {
  if (nested === undefined || nested.size === 0) return;
  const refuse = (what: string, name: string): never => {
    throw validationFault(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}: ${name}`,
    );
  };
  for (const name of keyNames(table.keys)) if (nested.has(name)) refuse('Key', name);
  for (const { keys } of indexesOf(table))
    for (const name of keyNames(keys)) if (nested.has(name)) refuse('IndexKey', name);
}
