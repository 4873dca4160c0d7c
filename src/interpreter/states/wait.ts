import type { Path, Template, WaitState } from '../../language/definition.js';
import { queryError, runtimeError, type StatesError } from '../../language/states-error.js';
import { WAIT_SECONDS_MAX } from '../../limits.js';
import { isNumber, type JsonValue, numberOf, type Payload } from '../../payload/index.js';
import { applyTemplate, effectiveInput, evaluateAssign, quotedValue, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { StateScope } from '../scope.js';
import { leaveState } from '../transition.js';

export function enterWait(draft: Draft, frame: Frame, state: WaitState): void {
  const input = effectiveInput(draft, frame, state);
  const dueAt = dueAtOf(draft, frame, state, input);
  if (dueAt - draft.at > WAIT_SECONDS_MAX * 1000) {
    const cause = 'Wait state delay is too long.';
    throw state.queryLanguage === 'JSONata' ? queryError(cause, null) : runtimeError(cause);
  }
  if (dueAt <= draft.at) return leaveWait(draft, frame, state);
  const record = draft.record(frame, { type: 'TimerStarted', details: null, private: { dueAt } });
  draft.command({ type: 'StartTimer', timer: record.seq, dueAt });
}

/** The time has come. */
export function leaveWait(draft: Draft, frame: Frame, state: WaitState): void {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const assigned = evaluateAssign(draft, frame, state.assign, input);
  const output = applyTemplate(draft, frame, state.output, selectByPath(draft, frame, state.outputPath, input));
  leaveState(draft, frame, state, { output, next: state.next, assigned });
}

function dueAtOf(draft: Draft, frame: Frame, state: WaitState, input: Payload): number {
  const { until } = state;
  switch (until.type) {
    case 'seconds':
      return draft.at + until.seconds * 1000;
    case 'timestamp':
      return until.at;
    case 'secondsPath':
      return draft.at + secondsOf(until.path, valueAt(draft, frame, until.path, input, 'SecondsPath')) * 1000;
    case 'timestampPath':
      return timestampOf(until.path, valueAt(draft, frame, until.path, input, 'TimestampPath'));
    case 'secondsExpression':
      return draft.at + secondsOfValue(evaluated(draft, frame, until.value, input)) * 1000;
    case 'timestampExpression':
      return timestampOfValue(evaluated(draft, frame, until.value, input));
    default:
      return until satisfies never;
  }
}

const evaluated = (draft: Draft, frame: Frame, template: Template, input: Payload): JsonValue =>
  template.evaluate(new StateScope(draft, frame, input));

/** The texts of JSONata's Seconds are ours, made like those of SecondsPath; the one of Timestamp is recorded. */
function secondsOfValue(value: JsonValue): number {
  const fault = (what: string): StatesError =>
    queryError(`The Seconds field ${what}: ${quotedValue(value)}`, 'Seconds');
  if (!isNumber(value) || !Number.isInteger(numberOf(value))) throw fault('cannot be parsed as a long value');
  if (numberOf(value) < 0) throw fault('has a negative value');
  return numberOf(value);
}

function timestampOfValue(value: JsonValue): number {
  const at = timeOf(value);
  if (at !== null) return at;
  const format = 'an ISO-8601 extended offset date-time format string';
  throw queryError(`The Timestamp field cannot be parsed as ${format}: ${quotedValue(value)}`, 'Timestamp');
}

function valueAt(draft: Draft, frame: Frame, path: Path, input: Payload, field: string): JsonValue {
  const value = path.find(new StateScope(draft, frame, input));
  if (value !== undefined) return value;
  throw runtimeError(`The ${field} parameter does not reference an input value: ${path.text}`);
}

function secondsOf(path: Path, value: JsonValue): number {
  const text = quotedValue(value);
  if (!isNumber(value) || !Number.isInteger(numberOf(value))) {
    throw runtimeError(`The SecondsPath parameter cannot be parsed as a long value: ${path.text} == ${text}`);
  }
  if (numberOf(value) < 0) {
    throw runtimeError(`The SecondsPath parameter references a negative value: ${path.text} == ${text}`);
  }
  return numberOf(value);
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function timestampOf(path: Path, value: JsonValue): number {
  const at = timeOf(value);
  if (at !== null) return at;
  throw runtimeError(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${quotedValue(value)}`,
  );
}

function timeOf(value: JsonValue): number | null {
  const at = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
