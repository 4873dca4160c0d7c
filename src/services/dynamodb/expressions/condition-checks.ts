import { type AttributeType, type AttributeValue, typeOf } from '../values/attribute-value.js';
import { compareValues } from '../values/compare.js';
import type { FunctionCall, Operand } from './condition.js';
import { pathText } from './path.js';

export type ConditionFaultKind =
  | 'parentheses'
  | 'unknown'
  | 'misused'
  | 'reserved'
  | 'condition'
  | 'undefined'
  | 'operand'
  | 'distinct'
  | 'function';

/** In which order the kinds of faults are told. */
export const KINDS: readonly ConditionFaultKind[] = [
  'parentheses',
  'unknown',
  'misused',
  'reserved',
  'condition',
  'undefined',
];

type Tell = (kind: ConditionFaultKind, text: string) => void;

const OPERANDS: ReadonlyMap<string, number> = new Map([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
  ['size', 1],
]);

export function checkFunction({ name, args }: FunctionCall, tell: Tell): void {
  const count = OPERANDS.get(name);
  if (count === undefined) return tell('unknown', `Invalid function name; function: ${name}`);
  if (count !== args.length) {
    return tell(
      'operand',
      'Incorrect number of operands for operator or function; ' +
        `operator or function: ${name}, number of operands: ${args.length}`,
    );
  }
  checkDistinct(name, args, tell);
  const [first, second] = args;
  if (first === undefined) return;
  if (name.startsWith('attribute_') && name.endsWith('exists')) {
    if (first.type !== 'path') {
      tell('function', `Operator or function requires a document path; operator or function: ${name}`);
    }
  } else if (name === 'begins_with') checkTypes(name, args, (type) => type === 'S' || type === 'B', tell);
  else if (name === 'size')
    checkTypes(name, [first], (type) => type !== 'N' && type !== 'BOOL' && type !== 'NULL', tell);
  else if (name === 'attribute_type' && second !== undefined) checkTypeName(second, tell);
}

function checkTypes(name: string, args: readonly Operand[], fits: (type: AttributeType) => boolean, tell: Tell): void {
  for (const arg of args) {
    const type = typeOfOperand(arg);
    if (type !== null && !fits(type)) return tell('function', incorrectType(name, type));
  }
}

const incorrectType = (name: string, type: string): string =>
  `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`;

function typeOfOperand(operand: Operand): AttributeType | null {
  if (operand.type === 'value') return typeOf(operand.value);
  return operand.type === 'path' ? null : operand.name === 'size' ? 'N' : 'BOOL';
}

const TYPE_NAMES = new Set(['S', 'N', 'B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'NS', 'M']);

function checkTypeName(operand: Operand, tell: Tell): void {
  if (operand.type !== 'value' || !('S' in operand.value)) {
    const type = typeOfOperand(operand) ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}';
    return tell('function', incorrectType('attribute_type', type));
  }
  const { S: name } = operand.value;
  if (TYPE_NAMES.has(name)) return;
  tell('function', `Invalid attribute type name found; type: ${name}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`);
}

/** The same path on both sides says nothing. */
export function checkDistinct(name: string, args: readonly Operand[], tell: Tell): void {
  const [first, second] = args;
  if (args.length !== 2 || first?.type !== 'path' || second?.type !== 'path') return;
  const { path } = first;
  if (path.length !== second.path.length || path.some((part, index) => part !== second.path[index])) return;
  tell(
    'distinct',
    'The first operand must be distinct from the remaining operands for this operator or function; ' +
      `operator: ${name}, first operand: ${pathText(path)}`,
  );
}

export function checkBetween(low: Operand, high: Operand, tell: Tell): void {
  if (low.type !== 'value' || high.type !== 'value') return;
  const bounds = `lower bound operand: ${shown(low.value)}, upper bound operand: ${shown(high.value)}`;
  if (typeOf(low.value) !== typeOf(high.value)) {
    tell('function', `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  } else if ((compareValues(low.value, high.value) ?? 0) > 0) {
    tell('function', `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`);
  }
}

const shown = (value: AttributeValue): string => {
  const type = typeOf(value);
  return `AttributeValue: {${type}:${String(Reflect.get(value, type))}}`;
};
