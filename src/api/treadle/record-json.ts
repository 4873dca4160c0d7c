import type { HistoryRecord } from '../../interpreter/history.js';
import { Payload } from '../../payload/index.js';
import type { FollowedRecord } from './ports.js';

/** A record as the follow stream shows it: payloads become their JSON texts, `private` is left out. */
export function followedRecord(record: HistoryRecord): FollowedRecord {
  const { seq, id, previousEventId, at, frame, type } = record;
  return {
    seq,
    id,
    previousEventId,
    at,
    frame,
    type,
    details: record.details === null ? null : textual(record.details),
  };
}

function textual(details: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) =>
      key === 'assigned' ? ['assignedVariables', assignedTexts(value)] : [key, plain(value)],
    ),
  );
}

const plain = (value: unknown): unknown => (value instanceof Payload ? value.text : value);

function assignedTexts(assigned: ReadonlyArray<readonly [string, Payload]>): Record<string, string> {
  return Object.fromEntries(assigned.map(([name, value]) => [name, value.text]));
}
