import type { AttributeValue } from '../values/attribute-value.js';
import type { Path } from './path.js';

/** A condition, filter or key condition, with its placeholders put in. */
export type Condition =
  | { readonly type: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly type: 'not'; readonly of: Condition }
  | { readonly type: 'compare'; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly type: 'between'; readonly value: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly type: 'in'; readonly value: Operand; readonly options: readonly Operand[] }
  | FunctionCall;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Operand =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  /** Only `size` gives a value; the others are refused as operands. */
  | FunctionCall;

export interface FunctionCall {
  readonly type: 'function';
  readonly name: string;
  readonly args: readonly Operand[];
}

export interface ParsedCondition {
  readonly condition: Condition;
  /** Attributes that a path begins with. */
  readonly heads: ReadonlySet<string>;
  /** Attributes that are looked into. */
  readonly nested: ReadonlySet<string>;
}
