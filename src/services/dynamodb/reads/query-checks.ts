import type { KeyConditions, KeyOperator } from '../expressions/key-condition.js';
import { invalidValues, validationFault } from '../fault.js';
import { checkKeyPart } from '../items/checks.js';
import { holdsOlder } from '../legacy/conditions.js';
import { keyNames, keyTypeOf } from '../table/table.js';
import { attributeOf, type Item, typeOf } from '../values/attribute-value.js';
import { equalValues } from '../values/compare.js';
import { checkTableStartKey, type ReadTarget, startKeyInvalid } from './read-target.js';

const NOT_INDEXED: readonly KeyOperator[] = ['NULL', 'NOT_NULL', 'NE', 'CONTAINS', 'NOT_CONTAINS', 'IN'];

/** Whether the conditions are about the keys of what is read. Throws TableFault. */
export function checkKeyConditionsOf(target: ReadTarget, conditions: KeyConditions, start: Item | null): void {
  const { keys, table, startNames } = target;
  if (start !== null && Object.keys(start).length !== startNames.length) throw startKeyInvalid();
  for (const name of keyNames(keys)) {
    const isHash = name === keys.hash;
    if (start !== null) {
      if (!Object.hasOwn(start, name)) throw startKeyInvalid();
      checkKeyPart(start, name, { table, isHash });
    }
    if (isHash && keys.range === null && conditions.size > 1) {
      throw validationFault('Query key condition not supported');
    }
    const condition = conditions.get(name);
    if (condition === undefined) {
      if (isHash || conditions.size > 1) {
        throw validationFault(`Query condition missed key schema element: ${name}`);
      }
      continue;
    }
    if (NOT_INDEXED.includes(condition.operator)) {
      throw validationFault('Attempted conditional constraint is not an indexable operation');
    }
    const type = keyTypeOf(table, name);
    if (condition.values.some((value) => typeOf(value) !== type)) {
      throw invalidValues('Condition parameter type does not match schema type');
    }
    if (isHash && condition.operator !== 'EQ') throw validationFault('Query key condition not supported');
    checkEmpty(name, condition.values, type);
  }
}

function checkEmpty(name: string, values: readonly object[], type: string): void {
  if (values.every((value) => Reflect.get(value, type) !== '')) return;
  throw validationFault(
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
      `${type === 'B' ? 'binary' : 'string'} value. Key: ${name}`,
  );
}

/** A starting key must lie where the conditions are fulfilled. Throws TableFault. */
export function checkQueryStart(target: ReadTarget, conditions: KeyConditions, start: Item): void {
  checkTableStartKey(target, start);
  const { hash, range } = target.keys;
  const [wanted] = conditions.get(hash)?.values ?? [];
  const given = attributeOf(start, hash);
  const isSameHash = wanted !== undefined && given !== undefined && equalValues(wanted, given);
  const condition = range === null ? undefined : conditions.get(range);
  if (range === null || condition === undefined) {
    if (isSameHash) return;
    throw validationFault('The provided starting key is outside query boundaries based on provided conditions');
  }
  if (!holdsOlder({ all: new Map([[range, condition]]), isAny: false }, start)) {
    throw validationFault('The provided starting key does not match the range key predicate');
  }
  if (!isSameHash) throw validationFault('The query can return at most one row and cannot be restarted');
}
