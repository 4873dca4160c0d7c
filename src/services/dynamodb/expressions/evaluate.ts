import { type AttributeValue, type Item, setOf, typeOf } from '../values/attribute-value.js';
import { compareValues, equalValues } from '../values/compare.js';
import type { Comparator, Condition, FunctionCall, Operand } from './condition.js';
import { valueAt } from './path.js';

type Value = AttributeValue | undefined;

/** Whether an item fulfils a condition; an item that is not there is an empty one. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.type) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.of, item);
    case 'compare':
      return compares(condition.operator, operandValue(condition.left, item), operandValue(condition.right, item));
    case 'between': {
      const value = operandValue(condition.value, item);
      return isBetween(value, operandValue(condition.low, item), operandValue(condition.high, item));
    }
    case 'in': {
      const value = operandValue(condition.value, item);
      return condition.options.some((option) => compares('=', value, operandValue(option, item)));
    }
    case 'function':
      return holdsFunction(condition, item);
    default:
      return condition satisfies never;
  }
}

export function compares(operator: Comparator, left: Value, right: Value): boolean {
  if (operator === '<>') return left === undefined || right === undefined ? left !== right : !equalValues(left, right);
  if (left === undefined || right === undefined) return false;
  if (operator === '=') return equalValues(left, right);
  const order = compareValues(left, right);
  if (order === null) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return operator satisfies never;
  }
}

export const isBetween = (value: Value, low: Value, high: Value): boolean =>
  compares('>=', value, low) && compares('<=', value, high);

function operandValue(operand: Operand, item: Item): Value {
  if (operand.type === 'value') return operand.value;
  if (operand.type === 'path') return valueAt(operand.path, item);
  const [of] = operand.args;
  const value = of && operandValue(of, item);
  return value && sizeOf(value);
}

/** Undefined for types that have no size. */
function sizeOf(value: AttributeValue): Value {
  if ('S' in value) return sizeValue(value.S.length);
  if ('B' in value) return sizeValue(Buffer.byteLength(value.B, 'base64'));
  if ('L' in value) return sizeValue(value.L.length);
  if ('M' in value) return sizeValue(Object.keys(value.M).length);
  const set = setOf(value);
  return set === null ? undefined : sizeValue(set.members.length);
}

const sizeValue = (size: number): AttributeValue => ({ N: String(size) });

function holdsFunction({ name, args }: FunctionCall, item: Item): boolean {
  const [first, second] = args.map((arg) => operandValue(arg, item));
  switch (name) {
    case 'attribute_exists':
      return first !== undefined;
    case 'attribute_not_exists':
      return first === undefined;
    case 'attribute_type':
      return first !== undefined && second !== undefined && 'S' in second && typeOf(first) === second.S;
    case 'begins_with':
      return beginsWith(first, second);
    default:
      return contains(first, second);
  }
}

export function beginsWith(value: Value, start: Value): boolean {
  if (value === undefined || start === undefined) return false;
  if ('S' in value && 'S' in start) return value.S.startsWith(start.S);
  if (!('B' in value && 'B' in start)) return false;
  const bytes = Buffer.from(start.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, bytes.length).equals(bytes);
}

/** A text within a text, bytes within bytes, a member of a set, an element of a list. */
export function contains(value: Value, part: Value): boolean {
  if (value === undefined || part === undefined) return false;
  if ('S' in value) return 'S' in part && value.S.includes(part.S);
  if ('B' in value) {
    return 'B' in part && Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
  }
  if ('L' in value) return value.L.some((element) => equalValues(element, part));
  if ('SS' in value) return 'S' in part && value.SS.includes(part.S);
  if ('NS' in value) return 'N' in part && value.NS.includes(part.N);
  return 'BS' in value && 'B' in part && value.BS.includes(part.B);
}
