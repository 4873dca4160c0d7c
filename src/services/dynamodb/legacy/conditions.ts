import { beginsWith, compares, contains, isBetween } from '../expressions/evaluate.js';
import type { KeyConditions } from '../expressions/key-condition.js';
import { invalidValues, validationFault } from '../fault.js';
import type { ComparisonOperator } from '../input/item-members.js';
import { type AttributeType, type AttributeValue, attributeOf, type Item, typeOf } from '../values/attribute-value.js';
import type { RawAttribute } from '../values/check-attribute.js';
import { checkedAttribute } from '../values/checked.js';
import { compareValues } from '../values/compare.js';

/** One condition of QueryFilter, ScanFilter or Expected. */
export interface OlderCondition {
  readonly operator: ComparisonOperator;
  readonly values: readonly AttributeValue[];
}

export interface OlderConditions {
  readonly all: ReadonlyMap<string, OlderCondition>;
  readonly isAny: boolean;
}

export type ConditionInput = Readonly<
  Record<
    string,
    { readonly ComparisonOperator: ComparisonOperator; readonly AttributeValueList?: readonly RawAttribute[] }
  >
>;

export function holdsOlder({ all, isAny }: OlderConditions, item: Item): boolean {
  if (all.size === 0) return true;
  const results = [...all].map(([name, condition]) => holdsOne(condition, attributeOf(item, name)));
  return isAny ? results.some(Boolean) : results.every(Boolean);
}

function holdsOne({ operator, values }: OlderCondition, value: AttributeValue | undefined): boolean {
  const [first, second] = values;
  switch (operator) {
    case 'EQ':
      return compares('=', value, first);
    case 'NE':
      return compares('<>', value, first);
    case 'LE':
      return compares('<=', value, first);
    case 'LT':
      return compares('<', value, first);
    case 'GE':
      return compares('>=', value, first);
    case 'GT':
      return compares('>', value, first);
    case 'NULL':
      return value === undefined;
    case 'NOT_NULL':
      return value !== undefined;
    case 'CONTAINS':
      return contains(value, first);
    case 'NOT_CONTAINS':
      return !contains(value, first);
    case 'BEGINS_WITH':
      return beginsWith(value, first);
    case 'IN':
      return values.some((option) => compares('=', value, option));
    case 'BETWEEN':
      return isBetween(value, first, second);
    default:
      return operator satisfies never;
  }
}

export const COUNTS: Readonly<Record<ComparisonOperator, (count: number) => boolean>> = {
  NULL: (count) => count === 0,
  NOT_NULL: (count) => count === 0,
  EQ: (count) => count === 1,
  NE: (count) => count === 1,
  LE: (count) => count === 1,
  LT: (count) => count === 1,
  GE: (count) => count === 1,
  GT: (count) => count === 1,
  CONTAINS: (count) => count === 1,
  NOT_CONTAINS: (count) => count === 1,
  BEGINS_WITH: (count) => count === 1,
  IN: (count) => count >= 1,
  BETWEEN: (count) => count === 2,
};

const SCALARS: readonly AttributeType[] = ['S', 'N', 'B'];
const COMPARABLE: readonly AttributeType[] = ['S', 'N', 'B', 'SS', 'NS', 'BS'];
const TYPES: Readonly<Partial<Record<ComparisonOperator, readonly AttributeType[]>>> = {
  EQ: COMPARABLE,
  NE: COMPARABLE,
  LE: SCALARS,
  LT: SCALARS,
  GE: SCALARS,
  GT: SCALARS,
  CONTAINS: SCALARS,
  NOT_CONTAINS: SCALARS,
  BEGINS_WITH: ['S', 'B'],
  IN: SCALARS,
  BETWEEN: SCALARS,
};

/** Throws TableFault. */
export function checkConditions(input: ConditionInput | undefined): ReadonlyMap<string, OlderCondition> {
  const checked = new Map<string, OlderCondition>();
  for (const [name, { ComparisonOperator: operator, AttributeValueList: list = [] }] of Object.entries(input ?? {})) {
    const condition = { operator, values: list.map(checkedAttribute) };
    checkCondition(condition);
    checked.set(name, condition);
  }
  return checked;
}

/** Throws TableFault. */
export function checkCondition({ operator, values }: OlderCondition): void {
  checkCount(operator, values.length);
  checkSameType(values);
  const allowed = TYPES[operator];
  for (const value of values) {
    const type = typeOf(value);
    if (allowed === undefined || allowed.includes(type)) continue;
    throw invalidValues(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
  }
  checkBounds(operator, values);
}

export function checkCount(operator: ComparisonOperator, count: number): void {
  if (COUNTS[operator](count)) return;
  throw invalidValues(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
}

export function checkSameType(values: readonly AttributeValue[]): void {
  const [first] = values;
  if (first === undefined || values.every((value) => typeOf(value) === typeOf(first))) return;
  throw invalidValues('AttributeValues inside AttributeValueList must be of same type');
}

export function checkBounds(operator: ComparisonOperator, [low, high]: readonly AttributeValue[]): void {
  if (operator !== 'BETWEEN' || low === undefined || high === undefined) return;
  if ((compareValues(low, high) ?? 0) <= 0) return;
  throw validationFault(
    'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
  );
}

/** Key conditions are checked like other conditions, wherever they come from. Throws TableFault. */
export function checkKeyConditions(conditions: KeyConditions): void {
  for (const condition of conditions.values()) checkCondition(condition);
  if (conditions.size === 1 || conditions.size === 2) return;
  throw validationFault('Conditions can be of length 1 or 2 only');
}
