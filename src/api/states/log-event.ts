import type { ExecutionLogging } from '../../host/ports.js';
import type { HistoryRecord, RecordType } from '../../interpreter/index.js';
import { LOGGED_PAYLOAD_CHARS_MAX } from '../../limits/services.js';
import { historyEvent } from './history-event.js';

/** Whether AWS logs events of this type at this level. */
export function isLogged(type: RecordType, level: ExecutionLogging['level']): boolean {
  switch (level) {
    case 'ALL':
      return true;
    case 'ERROR':
      return type === 'FailStateEntered' || /(?:Failed|TimedOut|Aborted)$/.test(type);
    case 'FATAL':
      return /^Execution(?:Failed|TimedOut|Aborted)$/.test(type);
    default:
      return level satisfies never;
  }
}

/** A record as AWS writes it into a log: numbers of the event as text, data only if it is asked for. Null: AWS has no such event. */
export function logEvent(
  record: HistoryRecord,
  context: { readonly executionArn: string; readonly redriveCount: number; readonly includeExecutionData: boolean },
): string | null {
  const event = historyEvent(record, { includeExecutionData: context.includeExecutionData });
  if (event === null) return null;
  const { id, type, previousEventId, timestamp: _, ...members } = event;
  return JSON.stringify({
    id: String(id),
    type,
    details: detailsOf(Object.values(members)[0], context.includeExecutionData),
    previous_event_id: String(previousEventId),
    event_timestamp: String(record.at),
    execution_arn: context.executionArn,
    redrive_count: String(context.redriveCount),
  });
}

function detailsOf(details: unknown, includeExecutionData: boolean): object {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries((details ?? {}) as Readonly<Record<string, unknown>>)) {
    if (name === 'parameters' && !includeExecutionData) continue;
    const isTooLong = typeof value === 'string' && value.length > LOGGED_PAYLOAD_CHARS_MAX;
    if (isTooLong) shown[`${name}Details`] = { truncated: true };
    else if (shown[name] === undefined) shown[name] = value;
  }
  return shown;
}
