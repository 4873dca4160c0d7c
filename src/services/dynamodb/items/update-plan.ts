import { applyUpdate } from '../expressions/apply-update.js';
import type { Path } from '../expressions/path.js';
import { typeOfOperand, type Update } from '../expressions/update.js';
import { invalidValues, validationFault } from '../fault.js';
import { type AttributeUpdate, applyAttributeUpdates } from '../legacy/attribute-updates.js';
import { indexesOf, keyNames, keyTypeOf, type Table } from '../table/table.js';
import { type AttributeType, attributeOf, type Item, typeOf } from '../values/attribute-value.js';
import { checkIndexKeys, checkItemBytes, checkNestedPaths } from './checks.js';

/** What an UpdateItem does, by an expression or by the older parameter. */
export interface UpdatePlan {
  readonly update: Update | null;
  readonly older: readonly AttributeUpdate[];
}

/** Throws TableFault. */
export function checkPlan({ update, older }: UpdatePlan, table: Table): void {
  const touched = new Set(update === null ? older.map(({ name }) => name) : update.paths.map(([head]) => String(head)));
  for (const name of keyNames(table.keys)) {
    if (touched.has(name)) {
      throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
  for (const index of indexesOf(table)) {
    for (const name of keyNames(index.keys)) {
      const actual = update === null ? olderType(older, name) : givenType(update, name);
      const type = keyTypeOf(table, name);
      if (actual === null || actual === type) continue;
      throw invalidValues(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${index.name}`,
      );
    }
  }
  checkNestedPaths(update?.nested, table);
}

function olderType(older: readonly AttributeUpdate[], name: string): AttributeType | null {
  const value = older.find((update) => update.name === name)?.value ?? null;
  return value === null ? null : typeOf(value);
}

function givenType({ actions }: Update, name: string): AttributeType | null {
  const action = actions.find(({ path }) => path.length === 1 && path[0] === name);
  if (action === undefined || action.type === 'remove') return null;
  return action.type === 'set' ? typeOfOperand(action.value, typeOf) : typeOf(action.value);
}

/** The item after the update. Throws TableFault. */
export function updated({ update, older }: UpdatePlan, item: Item, table: Table): Item {
  const changed = update === null ? applyAttributeUpdates(older, item) : applyUpdate(update.actions, item);
  if (update !== null) checkSetKeys(update, changed, table);
  checkItemBytes(changed, 'Item size to update has exceeded the maximum allowed size');
  checkIndexKeys(changed, table);
  return changed;
}

/** A value that comes from another attribute has its type only now. */
function checkSetKeys({ actions }: Update, changed: Item, table: Table): void {
  const set = new Set(actions.flatMap(({ type, path }) => (type === 'set' && path.length === 1 ? [path[0]] : [])));
  for (const { keys } of indexesOf(table)) {
    for (const name of keyNames(keys)) {
      const value = set.has(name) ? attributeOf(changed, name) : undefined;
      if (value === undefined || typeOf(value) === keyTypeOf(table, name)) continue;
      throw validationFault('The update expression attempted to update the secondary index key to unsupported type');
    }
  }
}

export const touchedPaths = ({ update, older }: UpdatePlan): readonly Path[] =>
  update === null ? older.map(({ name }) => [name]) : update.paths;
