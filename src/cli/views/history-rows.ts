import { failureText } from './cause-text.js';
import { durationText } from './durations.js';
import { readableText } from './readable-text.js';

/** One event of GetExecutionHistory; `…EventDetails` is the only member besides these. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId?: number;
  readonly type: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly [details: string]: unknown;
}

export const HISTORY_HEADINGS = ['id', 'after', 'at', 'event', 'what'] as const;

/** Rows of the history table; `at` counts from the execution's start. */
export function historyRows(events: readonly HistoryEvent[], startedAt: number): string[][] {
  return events.map((event) => [
    String(event.id),
    event.previousEventId === undefined || event.previousEventId === 0 ? '' : String(event.previousEventId),
    `+${durationText(Math.max(0, event.timestamp * 1000 - startedAt))}`,
    event.type,
    detailsText(detailsOf(event)),
  ]);
}

function detailsOf(event: HistoryEvent): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(event))
    if (name.endsWith('EventDetails') && typeof value === 'object' && value !== null) return { ...value };
  return {};
}

/** Members that say most, in this order: name, error and cause, resource, payload or map run. */
function detailsText(details: Readonly<Record<string, unknown>>): string {
  const text = (name: string): string | null => (typeof details[name] === 'string' ? details[name] : null);
  const index = details.index === undefined ? '' : `[${String(details.index)}]`;
  const name = text('name');
  const failure = failureText(text('error'), text('cause'));
  const resource = [text('resourceType'), text('resource')].filter((part) => part !== null).join(':');
  const payload = text('input') ?? text('parameters') ?? text('output') ?? text('mapRunArn');
  return [name === null ? index : `${name}${index}`, failure, failure === '' && name === null ? resource : '', payload]
    .filter((part) => part !== null && part !== '')
    .map((part) => readableText(part ?? '').replace(/\s+/g, ' '))
    .join('  ');
}
