import type { MapState, NumberField } from '../../language/definition.js';
import { queryError, runtimeError, type StatesError } from '../../language/states-error.js';
import { isNumber, type Payload } from '../../payload/index.js';
import { numberIn, quotedValue } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';

/** 0 = as many as there may be. */
export const maxConcurrencyOf = (draft: Draft, frame: Frame, field: NumberField, input: Payload): number =>
  integerIn(draft, frame, field, { input, name: 'MaxConcurrency' });

/** Recorded: AWS leaves out the second `$` of a path into the context object. */
export function notAnArray({ itemsPath }: MapState): StatesError {
  return runtimeError(`Reference path "${itemsPath?.text.replace(/^\$\$/, '$') ?? '$'}" must point to array.`);
}

/** 0 = not given. */
export function toleratedCount(draft: Draft, frame: Frame, state: MapState, input: Payload): number {
  const field = state.toleratedFailureCount;
  if (field === null) return 0;
  const bounds = { isWrong: (count: number) => count < 0, cause: 'ToleratedFailureCount cannot be negative.' };
  const count = integerIn(draft, frame, field, { input, name: 'ToleratedFailureCount', bounds });
  draft.inspect(frame, 'toleratedFailureCount', () => count);
  return count;
}

/** 0 = not given. */
export function toleratedPercentage(draft: Draft, frame: Frame, state: MapState, input: Payload): number {
  const field = state.toleratedFailurePercentage;
  if (field === null) return 0;
  const bounds = {
    isWrong: (percentage: number) => !(percentage >= 0 && percentage <= 100),
    cause: 'ToleratedFailurePercentage must be between 0 and 100.',
  };
  const percentage = floatIn(draft, frame, field, { input, name: 'ToleratedFailurePercentage', bounds });
  draft.inspect(frame, 'toleratedFailurePercentage', () => percentage);
  return percentage;
}

interface MapNumber {
  readonly input: Payload;
  /** As the definition calls the field, without `Path`. */
  readonly name: string;
  /** What AWS says about a number that is out of bounds, and whether it is. */
  readonly bounds?: { readonly isWrong: (value: number) => boolean; readonly cause: string };
}

const INTEGER = /^-?\d{1,15}$/;
const FLOAT = /^-?\d{1,15}(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** Recorded: the text of an integer will do. Nothing below zero, where `bounds` do not say otherwise. */
export function integerIn(draft: Draft, frame: Frame, field: NumberField, number: MapNumber): number {
  const pattern = number.bounds === undefined ? /^\d{1,15}$/ : INTEGER;
  const value = numberOfField(draft, frame, field, number, { pattern, kind: 'integer' });
  const { name } = number;
  if (!Number.isInteger(value) || (number.bounds === undefined && value < 0)) {
    throw queryError(`The ${name} field cannot be parsed as a non-negative integer: ${value}`, name);
  }
  return checked(value, field, number);
}

export function floatIn(draft: Draft, frame: Frame, field: NumberField, number: MapNumber): number {
  return checked(numberOfField(draft, frame, field, number, { pattern: FLOAT, kind: 'float' }), field, number);
}

function checked(value: number, field: NumberField, { bounds, name }: MapNumber): number {
  if (bounds?.isWrong(value) === true) throw boundsError(field, bounds.cause, name);
  return value;
}

/** A path's value is an error of the interpreter, an expression's one of JSONata. */
const boundsError = (field: NumberField, cause: string, name: string): StatesError =>
  typeof field === 'number' || 'find' in field ? runtimeError(cause) : queryError(cause, name);

function numberOfField(
  draft: Draft,
  frame: Frame,
  field: NumberField,
  { input, name }: MapNumber,
  { pattern, kind }: { readonly pattern: RegExp; readonly kind: string },
): number {
  return numberIn(draft, frame, field, input, (path, scope) => {
    const value = path.evaluate(scope);
    const text = quotedValue(value);
    if ((isNumber(value) || typeof value === 'string') && pattern.test(text)) return Number(text);
    throw runtimeError(`The ${name}Path field refers to value "${text}" which is not a valid ${kind}: ${path.text}`);
  });
}
