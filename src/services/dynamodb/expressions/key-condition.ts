import { validationFault } from '../fault.js';
import type { AttributeValue } from '../values/attribute-value.js';
import type { Comparator, Condition, Operand } from './condition.js';

export type KeyOperator =
  | 'EQ'
  | 'LT'
  | 'LE'
  | 'GT'
  | 'GE'
  | 'BETWEEN'
  | 'BEGINS_WITH'
  | 'NE'
  | 'NULL'
  | 'NOT_NULL'
  | 'CONTAINS'
  | 'NOT_CONTAINS'
  | 'IN';

/** What a Query asks of one key attribute. */
export interface KeyCondition {
  readonly operator: KeyOperator;
  readonly values: readonly AttributeValue[];
}

export type KeyConditions = ReadonlyMap<string, KeyCondition>;

const OPERATORS: Readonly<Record<Exclude<Comparator, '<>'>, KeyOperator>> = {
  '=': 'EQ',
  '<': 'LT',
  '<=': 'LE',
  '>': 'GT',
  '>=': 'GE',
};
/** With the value in front. */
const TURNED: Readonly<Record<Exclude<Comparator, '<>'>, KeyOperator>> = {
  '=': 'EQ',
  '<': 'GT',
  '<=': 'GE',
  '>': 'LT',
  '>=': 'LE',
};

/** The conditions of a KeyConditionExpression by attribute. Throws TableFault for what no Query can do. */
export function keyConditionsOf(condition: Condition): KeyConditions {
  const found = new Map<string, KeyCondition>();
  collect(condition, found);
  return found;
}

function collect(condition: Condition, found: Map<string, KeyCondition>): void {
  switch (condition.type) {
    case 'and':
      collect(condition.left, found);
      return collect(condition.right, found);
    case 'or':
    case 'not':
    case 'in':
      throw invalidOperator(condition.type.toUpperCase());
    case 'compare': {
      const { operator, left, right } = condition;
      if (operator === '<>') throw invalidOperator(operator);
      const name = nameOf([left, right]);
      const isTurned = left.type !== 'path';
      return keep(found, name, {
        operator: (isTurned ? TURNED : OPERATORS)[operator],
        values: valuesOf([isTurned ? left : right]),
      });
    }
    case 'between': {
      const { value, low, high } = condition;
      if (value.type !== 'path') throw notFirst('BETWEEN');
      return keep(found, nameOf([value, low, high]), { operator: 'BETWEEN', values: valuesOf([low, high]) });
    }
    case 'function': {
      const { name: called, args } = condition;
      if (called === 'size') throw nestedOperation();
      if (called !== 'begins_with') throw invalidOperator(called);
      if (args[0]?.type !== 'path') throw notFirst(called);
      return keep(found, nameOf(args), { operator: 'BEGINS_WITH', values: valuesOf(args.slice(1)) });
    }
    default:
      return condition satisfies never;
  }
}

function keep(found: Map<string, KeyCondition>, name: string, condition: KeyCondition): void {
  if (found.has(name)) throw validationFault('KeyConditionExpressions must only contain one condition per key');
  found.set(name, condition);
}

function nameOf(operands: readonly Operand[]): string {
  let name: string | null = null;
  for (const operand of operands) {
    if (operand.type === 'function') throw nestedOperation();
    if (operand.type !== 'path') continue;
    if (name !== null) {
      throw validationFault(
        'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition',
      );
    }
    if (operand.path.length > 1) {
      throw validationFault('KeyConditionExpressions cannot have conditions on nested attributes');
    }
    name = String(operand.path[0]);
  }
  if (name === null) {
    throw validationFault('Invalid condition in KeyConditionExpression: No key attribute specified');
  }
  return name;
}

const valuesOf = (operands: readonly Operand[]): readonly AttributeValue[] =>
  operands.flatMap((operand) => (operand.type === 'value' ? [operand.value] : []));

const invalidOperator = (name: string): Error =>
  validationFault(`Invalid operator used in KeyConditionExpression: ${name}`);

const nestedOperation = (): Error => validationFault('KeyConditionExpressions cannot contain nested operations');

const notFirst = (name: string): Error =>
  validationFault(
    `Invalid condition in KeyConditionExpression: ${name} operator must have the key attribute as its first operand`,
  );
