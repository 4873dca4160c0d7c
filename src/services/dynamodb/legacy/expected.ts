import { invalidValues } from '../fault.js';
import type { ComparisonOperator } from '../input/item-members.js';
import type { RawAttribute } from '../values/check-attribute.js';
import { checkedAttribute } from '../values/checked.js';
import { checkBounds, checkCount, checkSameType, type OlderCondition, type OlderConditions } from './conditions.js';

export interface ExpectedAttribute {
  readonly AttributeValueList?: readonly RawAttribute[];
  readonly ComparisonOperator?: ComparisonOperator;
  readonly Exists?: boolean;
  readonly Value?: RawAttribute;
}

export interface ExpectedInput {
  readonly Expected?: Readonly<Record<string, ExpectedAttribute>>;
  readonly ConditionalOperator?: 'AND' | 'OR';
}

/** The condition that `Expected` makes; null without. Throws TableFault. */
export function expectedOf({
  Expected: expected,
  ConditionalOperator: operator,
}: ExpectedInput): OlderConditions | null {
  if (expected === undefined) return null;
  const all = new Map<string, OlderCondition>();
  for (const [name, attribute] of Object.entries(expected)) all.set(name, conditionOf(name, attribute));
  return { all, isAny: operator === 'OR' };
}

function conditionOf(name: string, attribute: ExpectedAttribute): OlderCondition {
  const { AttributeValueList: list, ComparisonOperator: operator, Exists: exists, Value: value } = attribute;
  if (list !== undefined && value !== undefined) {
    throw invalidValues(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
  }
  if (operator !== undefined) return comparison(name, operator, attribute);
  if (list !== undefined) {
    throw invalidValues(`AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`);
  }
  if (exists === false) {
    if (value === undefined) return { operator: 'NULL', values: [] };
    throw invalidValues(`Value cannot be used when Exists is false for Attribute: ${name}`);
  }
  if (value === undefined) {
    throw invalidValues(`Value must be provided when Exists is ${exists ?? 'null'} for Attribute: ${name}`);
  }
  return { operator: 'EQ', values: [checkedAttribute(value)] };
}

function comparison(
  name: string,
  operator: ComparisonOperator,
  { AttributeValueList: list, Value: value, Exists: exists }: ExpectedAttribute,
): OlderCondition {
  if (exists !== undefined) {
    throw invalidValues(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
  }
  if (operator !== 'NULL' && operator !== 'NOT_NULL' && list === undefined && value === undefined) {
    throw invalidValues(
      `Value or AttributeValueList must be used with ComparisonOperator: ${operator} for Attribute: ${name}`,
    );
  }
  const given = list ?? (value === undefined ? [] : [value]);
  checkCount(operator, given.length);
  const values = given.map(checkedAttribute);
  checkSameType(values);
  checkBounds(operator, values);
  return { operator, values };
}
