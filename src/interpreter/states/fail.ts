import type { FailState, Template } from '../../language/definition.js';
import { runtimeError } from '../../language/states-error.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { failState } from '../failure.js';
import { StateScope } from '../scope.js';

export function enterFail(draft: Draft, frame: Frame, state: FailState): void {
  draft.inspect(frame, 'afterInputPath', frame.input);
  const error = textOf(draft, frame, state.error, 'ErrorPath');
  const cause = textOf(draft, frame, state.cause, 'CausePath');
  failState(draft, frame, { ...(error !== null && { error }), ...(cause !== null && { cause }) });
}

function textOf(draft: Draft, frame: Frame, field: string | Template | null, name: string): string | null {
  if (field === null || typeof field === 'string') return field;
  const value = field.evaluate(new StateScope(draft, frame, frame.input));
  if (typeof value === 'string') return value;
  throw runtimeError(`The value of the field '${name}' must be a string.`);
}
