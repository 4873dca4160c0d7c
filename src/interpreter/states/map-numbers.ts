import type { Path } from '../../language/definition.js';
import { runtimeError } from '../../language/states-error.js';
import { isNumber, type Payload } from '../../payload/index.js';
import { quotedValue } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { StateScope } from '../scope.js';

/** 0 = as many as there may be. */
export const maxConcurrencyOf = (draft: Draft, frame: Frame, field: number | Path, input: Payload): number =>
  typeof field === 'number' ? field : integerAt(draft, frame, field, { input, name: 'MaxConcurrencyPath' });

interface NumberField {
  readonly input: Payload;
  /** What the cause calls the field. */
  readonly name: string;
  readonly isNegativeTaken?: boolean;
}

/** Recorded: the text of an integer will do. */
export function integerAt(draft: Draft, frame: Frame, path: Path, field: NumberField): number {
  const pattern = field.isNegativeTaken === true ? /^-?\d{1,15}$/ : /^\d{1,15}$/;
  return numberAt(draft, frame, path, { ...field, pattern, kind: 'integer' });
}

export const floatAt = (draft: Draft, frame: Frame, path: Path, field: NumberField): number =>
  numberAt(draft, frame, path, { ...field, pattern: /^-?\d{1,15}(\.\d+)?([eE][+-]?\d{1,3})?$/, kind: 'float' });

function numberAt(
  draft: Draft,
  frame: Frame,
  path: Path,
  { input, name, pattern, kind }: NumberField & { readonly pattern: RegExp; readonly kind: string },
): number {
  const value = path.evaluate(new StateScope(draft, frame, input));
  const text = quotedValue(value);
  if ((isNumber(value) || typeof value === 'string') && pattern.test(text)) return Number(text);
  throw runtimeError(`The ${name} field refers to value "${text}" which is not a valid ${kind}: ${path.text}`);
}
