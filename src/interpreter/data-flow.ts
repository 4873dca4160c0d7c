import type { Assign, NumberField, Path, ReferencePath, State, Template } from '../language/definition.js';
import { runtimeError, StatesError } from '../language/states-error.js';
import { EMPTY_OBJECT, isNumber, type JsonValue, numberOf, Payload, writeJson } from '../payload/index.js';
import type { Draft } from './draft.js';
import type { Frame } from './execution.js';
import type { AssignedVariables } from './history.js';
import { type ScopeOptions, StateScope } from './scope.js';

/** What the state works on: JSONPath's InputPath of its raw input; in JSONata the raw input itself. */
export function effectiveInput(
  draft: Draft,
  frame: Frame,
  state: Extract<State, { readonly inputPath: unknown }>,
): Payload {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  if (state.queryLanguage === 'JSONPath') draft.inspect(frame, 'afterInputPath', input);
  return input;
}

/** What a Task, Parallel or Pass makes of its effective input: `Parameters` or `Arguments`. */
export function workInput(
  draft: Draft,
  frame: Frame,
  state: Extract<State, { readonly parameters: unknown }>,
  input: Payload,
  options: ScopeOptions = {},
): Payload {
  const made = applyTemplate(draft, frame, state.parameters, input, options);
  draft.inspect(frame, state.queryLanguage === 'JSONPath' ? 'afterParameters' : 'afterArguments', made);
  return made;
}

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
  options: ScopeOptions = {},
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
  options: ScopeOptions = {},
): AssignedVariables | undefined {
  if (assign === null || assign.entries.length === 0) return undefined;
  const scope = new StateScope(draft, frame, payload, options);
  const assigned = assign.entries.map(
    ({ name, value }) => [name, value.constant ?? Payload.ofValue(value.evaluate(scope))] as const,
  );
  checkVariableSizes(draft, frame, assigned);
  return assigned;
}

function checkVariableSizes(draft: Draft, frame: Frame, assigned: AssignedVariables): void {
  const { variableBytesMax, variablesBytesMax } = draft.policy.quotas;
  const bytes = assigned.reduce((sum, [, value]) => sum + value.bytes, 0);
  if (bytes > variableBytesMax) {
    throw runtimeError(`The size of the variables assigned exceeds the maximum of ${variableBytesMax} bytes.`);
  }
  // So few cannot exceed it: their sizes need not be added up.
  let count = assigned.length;
  for (const { variables } of draft.execution.frames.values()) count += variables?.size ?? 0;
  if (count * variableBytesMax <= variablesBytesMax) return;
  let total = bytes;
  for (const { variables } of draft.execution.frames.values()) {
    for (const value of variables?.values() ?? []) total += value.bytes;
  }
  for (const [name] of assigned) total -= frame.variables?.get(name)?.bytes ?? 0;
  if (total > variablesBytesMax) {
    throw runtimeError(
      `The size of all variables of the execution exceeds the maximum of ${variablesBytesMax} bytes. Assign less, or null to what is not needed any more.`,
    );
  }
}

/** The number of a field; `ofPath` reads it from what a path leads to, with the field's own errors. */
export function numberIn(
  draft: Draft,
  frame: Frame,
  field: NumberField,
  payload: Payload,
  ofPath: (path: Path, scope: StateScope) => number,
): number {
  if (typeof field === 'number') return field;
  const scope = new StateScope(draft, frame, payload, { hasRetryCount: true });
  if ('find' in field) return ofPath(field, scope);
  const value = field.evaluate(scope);
  return isNumber(value) ? numberOf(value) : Number.NaN; // the template has checked the type
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
