import { type HistoryRecord, isShown, type RecordType } from '../../interpreter/index.js';
import { Payload } from '../../payload/index.js';

/** Events that AWS shows without any details member. */
const WITHOUT_DETAILS: ReadonlySet<RecordType> = new Set([
  'LambdaFunctionStarted',
  'ParallelStateStarted',
  'ParallelStateSucceeded',
  'ParallelStateFailed',
  'ParallelStateAborted',
  'MapStateSucceeded',
  'MapStateFailed',
  'MapStateAborted',
  'TaskStateAborted',
  'WaitStateAborted',
  'MapRunSucceeded',
  'MapRunAborted',
]);

/** A record as GetExecutionHistory gives it; null where AWS has no such event. `timestamp` is in epoch seconds. */
export function historyEvent(
  record: HistoryRecord,
  options: { readonly includeExecutionData: boolean },
): Readonly<Record<string, unknown>> | null {
  if (record.id === null || !isShown(record.type)) return null;
  const { id, previousEventId, type } = record;
  const event = { timestamp: record.at / 1000, type, id, previousEventId };
  if (WITHOUT_DETAILS.has(type)) return event;
  return { ...event, [detailsMember(type)]: detailsOf(record.details ?? {}, options.includeExecutionData) };
}

/** `TaskScheduled` → `taskScheduledEventDetails`; all states' Entered and Exited share one member each. */
function detailsMember(type: RecordType): string {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

function detailsOf(details: object, includeExecutionData: boolean): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details) as [string, unknown][]) {
    if (value === undefined) continue;
    if (name === 'assigned')
      Object.assign(shown, assignedVariables(value as [string, Payload][], includeExecutionData));
    else if (name === 'roleArn' && 'resource' in details) shown.taskCredentials = { roleArn: value };
    else if (!(value instanceof Payload)) shown[name] = value;
    else if (name === 'parameters') shown.parameters = value.text;
    else if (includeExecutionData) {
      shown[name] = value.text;
      shown[`${name}Details`] = { truncated: false };
    }
  }
  return shown;
}

function assignedVariables(assigned: ReadonlyArray<readonly [string, Payload]>, includeExecutionData: boolean): object {
  if (!includeExecutionData) return {};
  const variables = Object.fromEntries(assigned.map(([name, value]) => [name, value.text]));
  return { assignedVariables: variables, assignedVariablesDetails: { truncated: false } };
}
