import type { Path, WaitState } from '../../language/definition.js';
import { runtimeError } from '../../language/states-error.js';
import { WAIT_SECONDS_MAX } from '../../limits.js';
import { isNumber, type JsonValue, numberOf, type Payload } from '../../payload/index.js';
import { evaluateAssign, quotedValue, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { StateScope } from '../scope.js';
import { leaveState } from '../transition.js';

export function enterWait(draft: Draft, frame: Frame, state: WaitState): void {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const dueAt = dueAtOf(draft, frame, state, input);
  if (dueAt - draft.at > WAIT_SECONDS_MAX * 1000) throw runtimeError('Wait state delay is too long.');
  if (dueAt <= draft.at) return leaveWait(draft, frame, state);
  const record = draft.record(frame, { type: 'TimerStarted', details: null, private: { dueAt } });
  draft.command({ type: 'StartTimer', timer: record.seq, dueAt });
}

/** The time has come. */
export function leaveWait(draft: Draft, frame: Frame, state: WaitState): void {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const assigned = evaluateAssign(draft, frame, state.assign, input);
  const output = selectByPath(draft, frame, state.outputPath, input);
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
    default:
      return until satisfies never;
  }
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
  const text = quotedValue(value);
  const at = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw runtimeError(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${text}`,
  );
}
