import type { AttributeType, AttributeValue, SetType } from '../values/attribute-value.js';
import type { Path } from './path.js';

export type UpdateAction =
  | { readonly type: 'set'; readonly path: Path; readonly value: UpdateOperand }
  | { readonly type: 'remove'; readonly path: Path }
  | { readonly type: 'add'; readonly path: Path; readonly value: AttributeValue }
  | { readonly type: 'delete'; readonly path: Path; readonly value: AttributeValue };

export type UpdateOperand =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  | { readonly type: 'plus' | 'minus' | 'append'; readonly left: UpdateOperand; readonly right: UpdateOperand }
  | { readonly type: 'ifNotExists'; readonly path: Path; readonly otherwise: UpdateOperand }
  /** A function that there is not, or with wrong operands: refused before it is used. */
  | { readonly type: 'unusable' };

export interface Update {
  readonly actions: readonly UpdateAction[];
  readonly paths: readonly Path[];
  /** Attributes that are looked into. */
  readonly nested: ReadonlySet<string>;
}

/** The type that an operand will have, where it can be told from the expression alone. */
export function typeOfOperand(
  operand: UpdateOperand,
  typeOf: (value: AttributeValue) => AttributeType,
): AttributeType | null {
  switch (operand.type) {
    case 'path':
    case 'unusable':
      return null;
    case 'value':
      return typeOf(operand.value);
    case 'plus':
    case 'minus':
      return 'N';
    case 'append':
      return 'L';
    case 'ifNotExists':
      return typeOfOperand(operand.otherwise, typeOf);
    default:
      return operand satisfies never;
  }
}

export type { SetType };
