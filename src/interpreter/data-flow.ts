import type { Assign, Path, ReferencePath, Template } from '../language/definition.js';
import { runtimeError, StatesError } from '../language/states-error.js';
import { EMPTY_OBJECT, type JsonValue, Payload, writeJson } from '../payload/index.js';
import type { Draft } from './draft.js';
import type { Frame } from './execution.js';
import type { AssignedVariables } from './history.js';
import { type ContextOptions, StateScope } from './scope.js';

/** A written path selects, `null` gives `{}`, nothing written passes the payload with its text. */
export function selectByPath(draft: Draft, frame: Frame, path: Path | null | undefined, payload: Payload): Payload {
  if (path === undefined) return payload;
  if (path === null) return EMPTY_OBJECT;
  if (path.isIdentity) return payload;
  return Payload.ofValue(path.evaluate(new StateScope(draft, frame, payload)));
}

/** `payload` itself where there is no template. */
export function applyTemplate(
  draft: Draft,
  frame: Frame,
  template: Template | null,
  payload: Payload,
  options: ContextOptions = {},
): Payload {
  if (template === null) return payload;
  return template.constant ?? Payload.ofValue(template.evaluate(new StateScope(draft, frame, payload, options)));
}

/** Where the result goes: nothing written replaces the raw input, `null` discards the result. */
export function placeResult(path: ReferencePath | null | undefined, rawInput: Payload, result: Payload): Payload {
  if (path === null) return rawInput;
  if (path === undefined || path.isIdentity) return result;
  return Payload.ofValue(path.put(rawInput.value, result.value));
}

/** All right-hand sides see the variables from before; nothing is written here. */
export function evaluateAssign(
  draft: Draft,
  frame: Frame,
  assign: Assign | null,
  payload: Payload,
  options: ContextOptions = {},
): AssignedVariables | undefined {
  if (assign === null || assign.entries.length === 0) return undefined;
  const assigned = assign.entries.map(
    ({ name, value }) => [name, applyTemplate(draft, frame, value, payload, options)] as const,
  );
  const bytes = assigned.reduce((sum, [, value]) => sum + value.bytes, 0);
  const { variableBytesMax } = draft.policy.quotas;
  if (bytes > variableBytesMax) {
    throw runtimeError(`The size of the variables assigned exceeds the maximum of ${variableBytesMax} bytes.`);
  }
  return assigned;
}

/** What exceeds AWS's quota of a result, or null. `subject` is the state's name, or what AWS calls the task. */
export function resultSizeError(draft: Draft, subject: string, result: Payload): StatesError | null {
  const { payloadBytesMax } = draft.policy.quotas;
  if (result.text.length * 3 <= payloadBytesMax || result.bytes <= payloadBytesMax) return null;
  return new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** A value inside an interpreter's cause: strings as they are, others as JSON. */
export const quotedValue = (value: JsonValue): string => (typeof value === 'string' ? value : writeJson(value));
