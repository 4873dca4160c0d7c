import { ASL_INTEGER_MAX } from '../../limits.js';
import { Payload } from '../../payload/index.js';
import type { FailState, PassState, SucceedState, Template, WaitState } from '../definition.js';
import { jsonOf, type SourceValue } from '../json-document.js';
import type { StateSource } from './context.js';
import { expressionKind, pathOrIntrinsic, pathTemplate, resultPath, singlePath } from './expressions.js';
import { holdsExpression, jsonataTemplate } from './jsonata.js';
import { inputOutput, stateCommon, successor } from './state-parts.js';
import { parseTimestamp } from './timestamp.js';

export function passState(state: StateSource): PassState {
  const result = state.fields.value('Result');
  if (result !== undefined && state.language === 'JSONPath') warnOfStaticResult(state, result);
  return {
    type: 'Pass',
    ...stateCommon(state),
    ...inputOutput(state),
    parameters: pathTemplate(state, 'Parameters'),
    result: result === undefined ? null : Payload.ofValue(jsonOf(result)),
    resultPath: resultPath(state, state.fields),
    ...successor(state),
  };
}

/** A Result is copied as it is: `.$` in it does nothing. */
function warnOfStaticResult(state: StateSource, value: SourceValue): void {
  if (value.kind === 'array') for (const item of value.items) warnOfStaticResult(state, item);
  if (value.kind !== 'object') return;
  for (const { key, value: member } of value.members.values()) {
    const kind = member.kind === 'scalar' ? expressionKind(member.value) : null;
    if (!key.endsWith('.$') || kind === null) {
      warnOfStaticResult(state, member);
      continue;
    }
    const message =
      `The value of '${key}' will not evaluate as a JSONPath or Intrinsic Function at runtime. ` +
      "Instead of 'Result', use 'Parameters' to evaluate it as a JSONPath or Intrinsic Function at runtime.";
    const location = state.fields.where('Result');
    state.context.log.warning({ code: 'PASS_RESULT_IS_STATIC', message, location, offset: member.offset });
  }
}

export function succeedState(state: StateSource): SucceedState {
  return { type: 'Succeed', ...stateCommon(state), ...inputOutput(state) };
}

export function failState(state: StateSource): FailState {
  state.fields.atMostOne(['Error', 'ErrorPath']);
  state.fields.atMostOne(['Cause', 'CausePath']);
  return { type: 'Fail', ...stateCommon(state), error: failText(state, 'Error'), cause: failText(state, 'Cause') };
}

function failText(state: StateSource, name: 'Error' | 'Cause'): string | Template | null {
  if (state.language === 'JSONata' && holdsExpression(state.fields, name)) {
    return jsonataTemplate(state, state.fields, name, 'string');
  }
  const text = state.fields.string(name);
  const kind = state.language === 'JSONPath' ? expressionKind(text) : null;
  if (kind !== null) {
    const message = `The value of '${name}' looks like ${kind}. Instead of '${name}', use '${name}Path' to evaluate it as ${kind} at runtime.`;
    const offset = state.fields.value(name)?.offset ?? null;
    state.context.log.warning({ code: 'NO_PATH', message, location: state.fields.where(name), offset });
  }
  return text ?? pathOrIntrinsic(state, `${name}Path`);
}

const WAIT_FORMS = ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'];

export function waitState(state: StateSource): WaitState | null {
  const until = state.fields.exactlyOne(WAIT_FORMS) ? waitUntil(state) : null;
  const rest = { ...stateCommon(state), ...inputOutput(state), ...successor(state) };
  return until === null ? null : { type: 'Wait', ...rest, until };
}

function waitUntil(state: StateSource): WaitState['until'] | null {
  const { fields } = state;
  if (state.language === 'JSONata') {
    const seconds = holdsExpression(fields, 'Seconds') && jsonataTemplate(state, fields, 'Seconds', 'number');
    if (seconds) return { type: 'secondsExpression', value: seconds };
    const timestamp = holdsExpression(fields, 'Timestamp') && jsonataTemplate(state, fields, 'Timestamp', 'string');
    if (timestamp) return { type: 'timestampExpression', value: timestamp };
    if (seconds === null || timestamp === null) return null;
  }
  if (fields.has('SecondsPath')) {
    const secondsPath = singlePath(state, 'SecondsPath');
    return secondsPath && { type: 'secondsPath', path: secondsPath };
  }
  if (fields.has('TimestampPath')) {
    const timestampPath = singlePath(state, 'TimestampPath');
    return timestampPath && { type: 'timestampPath', path: timestampPath };
  }
  if (fields.has('Seconds')) {
    const seconds = fields.integer('Seconds', { min: 0, max: ASL_INTEGER_MAX });
    return seconds === null ? null : { type: 'seconds', seconds };
  }
  const text = fields.string('Timestamp');
  if (text === null) return null;
  const at = parseTimestamp(text);
  if (at === null) fields.refuseField('Timestamp', 'String does not match RFC3339 timestamp');
  return at === null ? null : { type: 'timestamp', at };
}
