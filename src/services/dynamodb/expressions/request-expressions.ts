import { validationFault } from '../fault.js';
import type { ParsedCondition } from './condition.js';
import { parseCondition } from './condition-parser.js';
import { type PlaceholderInput, type Placeholders, placeholdersOf } from './placeholders.js';
import { type Projection, parseProjection } from './projection.js';
import { ExpressionFault } from './tokenizer.js';
import type { Update } from './update.js';
import { parseUpdate } from './update-parser.js';

export interface ExpressionInput extends PlaceholderInput {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
}

export interface Expressions {
  readonly update: Update | null;
  readonly condition: ParsedCondition | null;
  readonly keyCondition: ParsedCondition | null;
  readonly filter: ParsedCondition | null;
  readonly projection: Projection | null;
}

const NONE: Expressions = Object.freeze({
  update: null,
  condition: null,
  keyCondition: null,
  filter: null,
  projection: null,
});

/** The expressions of a request, with their placeholders put in. Throws TableFault. */
export function expressionsOf(input: ExpressionInput): Expressions {
  if (isWithout(input)) return NONE;
  const placeholders = placeholdersOf(input);
  const expressions: Expressions = {
    update: parsed('UpdateExpression', input, placeholders, parseUpdate),
    condition: parsed('ConditionExpression', input, placeholders, parseCondition),
    keyCondition: parsed('KeyConditionExpression', input, placeholders, parseCondition),
    filter: parsed('FilterExpression', input, placeholders, parseCondition),
    projection: parsed('ProjectionExpression', input, placeholders, parseProjection),
  };
  placeholders.checkUsed();
  return expressions;
}

type ExpressionName = Exclude<keyof ExpressionInput, keyof PlaceholderInput>;

const isWithout = (input: ExpressionInput): boolean =>
  input.UpdateExpression === undefined &&
  input.ConditionExpression === undefined &&
  input.KeyConditionExpression === undefined &&
  input.FilterExpression === undefined &&
  input.ProjectionExpression === undefined &&
  input.ExpressionAttributeNames === undefined &&
  input.ExpressionAttributeValues === undefined;

function parsed<T>(
  name: ExpressionName,
  input: ExpressionInput,
  placeholders: Placeholders,
  parse: (text: string, placeholders: Placeholders) => T,
): T | null {
  const text = input[name];
  if (text === undefined) return null;
  try {
    return parse(text, placeholders);
  } catch (fault) {
    if (!(fault instanceof ExpressionFault)) throw fault;
    throw validationFault(`Invalid ${name}: ${fault.message}`);
  }
}

/** Expressions and the older parameters do not mix; placeholders need an expression that they stand in. Throws TableFault. */
export function checkParameters(
  input: Readonly<object>,
  expressions: readonly ExpressionName[],
  older: readonly string[],
): void {
  const has = (name: string): boolean => Reflect.get(input, name) !== undefined;
  const used = expressions.filter(has);
  if (used.length > 0) {
    const isOldQuery = has('KeyConditions') && !has('KeyConditionExpression');
    const clashing = older.filter((name) => has(name) && !(isOldQuery && name === 'KeyConditions'));
    if (clashing.length > 0) {
      throw validationFault(
        'Can not use both expression and non-expression parameters in the same request: ' +
          `Non-expression parameters: {${clashing.join(', ')}} Expression parameters: {${used.join(', ')}}`,
      );
    }
  } else if (has('ExpressionAttributeNames')) {
    throw validationFault('ExpressionAttributeNames can only be specified when using expressions');
  }
  const valued = expressions.filter((name) => name !== 'ProjectionExpression');
  if (valued.length === 0 || !has('ExpressionAttributeValues') || valued.some(has)) return;
  throw validationFault(
    'ExpressionAttributeValues can only be specified when using expressions: ' +
      `${valued.join(' and ')} ${valued.length > 1 ? 'are' : 'is'} null`,
  );
}
