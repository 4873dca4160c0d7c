import type { Projection } from '../expressions/projection.js';
import { invalidValues, TableFault, validationFault } from '../fault.js';
import { checkKeyPart } from '../items/checks.js';
import { entryKey, itemKey } from '../keys/item-key.js';
import { entriesOfIndex, type Index, itemsOf, type Keys, keyNames, type Table } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';

/** What a Query or Scan goes through: the table, or one of its indexes. */
export interface ReadTarget {
  readonly table: Table;
  readonly index: Index | null;
  readonly isLocal: boolean;
  readonly keys: Keys;
  readonly collection: string;
  /** Attributes of LastEvaluatedKey and ExclusiveStartKey. */
  readonly startNames: readonly string[];
}

/** Throws TableFault. */
export function readTarget(table: Table, indexName: string | undefined, isConsistent: boolean | undefined): ReadTarget {
  const names = keyNames(table.keys);
  if (indexName === undefined) {
    return { table, index: null, isLocal: false, keys: table.keys, collection: itemsOf(table), startNames: names };
  }
  const global = table.globalIndexes.find(({ name }) => name === indexName);
  const index = global ?? table.localIndexes.find(({ name }) => name === indexName);
  if (index === undefined) {
    throw validationFault(`The table does not have the specified index: ${indexName}`);
  }
  if (global !== undefined && isConsistent === true) {
    throw validationFault('Consistent reads are not supported on global secondary indexes');
  }
  if (index.status === 'CREATING') {
    throw validationFault(`Cannot read from backfilling global secondary index: ${indexName}`);
  }
  return {
    table,
    index,
    isLocal: global === undefined,
    keys: index.keys,
    collection: entriesOfIndex(index),
    startNames: [...new Set([...names, ...keyNames(index.keys)])],
  };
}

export const startKeyInvalid = (): Error => validationFault('The provided starting key is invalid');

/** The parts of a starting key that an index has. Throws TableFault. */
export function checkStartKey({ table, keys }: ReadTarget, start: Item): void {
  for (const name of keyNames(keys)) {
    if (!Object.hasOwn(start, name)) throw startKeyInvalid();
    checkKeyPart(start, name, { table, isHash: name === keys.hash });
  }
}

/** The parts that the table has. Throws TableFault. */
export function checkTableStartKey({ table }: ReadTarget, start: Item): void {
  try {
    for (const name of keyNames(table.keys)) checkKeyPart(start, name, { table, isHash: name === table.keys.hash });
  } catch (fault) {
    if (!(fault instanceof TableFault)) throw fault;
    throw validationFault(`The provided starting key is invalid: ${fault.message}`);
  }
}

/** Where a starting key lies. */
export function startPlace({ table, index }: ReadTarget, start: Item): string {
  const key = index === null ? itemKey(table, start) : entryKey(table, index, start);
  if (key === null) throw new Error('Broken invariant: a starting key was checked to have the keys of its index');
  return key;
}

export type Select = 'SPECIFIC_ATTRIBUTES' | 'COUNT' | 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | undefined;

/** Whether items are fetched from the table, since the index has not all that was asked for. Throws TableFault. */
export function fetchesItems(
  { index, isLocal, table }: ReadTarget,
  select: Select,
  projection: Projection | null,
): boolean {
  if (index === null || index.projection.type === 'ALL') return false;
  if (select === 'ALL_ATTRIBUTES') {
    if (isLocal) return true;
    throw invalidValues(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} ` +
        'because its projection type is not ALL',
    );
  }
  if (projection === null) return false;
  const projected = new Set([...keyNames(index.keys), ...keyNames(table.keys), ...index.projection.attributes]);
  const missing = projection.paths.map(([head]) => String(head)).filter((name) => !projected.has(name));
  if (missing.length === 0) return false;
  if (isLocal) return true;
  throw invalidValues(`Global secondary index ${index.name} does not project [${missing.join(', ')}]`);
}

/** Throws TableFault. */
export function checkSelect(
  select: Select,
  {
    projects,
    hasIndex,
  }: { readonly projects: 'ProjectionExpression' | 'AttributesToGet' | null; readonly hasIndex: boolean },
): void {
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !hasIndex) {
    throw invalidValues('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && projects === null) {
    throw invalidValues(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (select === undefined || select === 'SPECIFIC_ATTRIBUTES' || projects === null) return;
  const what = select === 'COUNT' ? 'only the Count' : select;
  throw invalidValues(`Cannot specify the ${projects} when choosing to get ${what}`);
}
