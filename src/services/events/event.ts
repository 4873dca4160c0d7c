import type { Place } from '../../arn.js';
import { isObject, type JsonObject, type JsonValue, objectOf, parseJson } from '../../payload/index.js';

/** One entry of PutEvents, as far as it was given. */
export interface EventEntry {
  readonly source: string | undefined;
  readonly detailType: string | undefined;
  /** JSON text of an object. */
  readonly detail: string | undefined;
  readonly resources: readonly string[];
  /** Epoch milliseconds; when it comes in, unless given. */
  readonly time: number | undefined;
  /** Name or ARN; `default` unless given. */
  readonly busName: string | undefined;
}

export type ReadEntry =
  | { readonly type: 'event'; readonly event: JsonObject }
  /** Why an entry is not taken, as PutEvents answers for it. */
  | { readonly type: 'refused'; readonly errorCode: string; readonly errorMessage: string };

export interface EventId {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Checks an entry as AWS does. */
export function readEntry(entry: EventEntry, place: Place, given: EventId): ReadEntry {
  for (const [name, value] of [
    ['Source', entry.source],
    ['DetailType', entry.detailType],
    ['Detail', entry.detail],
  ] as const) {
    if (value === undefined || value === '') {
      return refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
  }
  const { source = '', detailType = '' } = entry;
  // Only AWS itself speaks as `aws.`.
  if (source.startsWith('aws.')) {
    return refused('NotAuthorizedForSource', 'Not authorized for the source.');
  }
  const detail = detailOf(entry.detail ?? '');
  if (detail === null) return refused('MalformedDetail', 'Detail is malformed.');
  const at = entry.time ?? given.at;
  return {
    type: 'event',
    event: envelope({ source, detailType, detail, resources: entry.resources }, place, { id: given.id, at }),
  };
}

const refused = (errorCode: string, errorMessage: string): ReadEntry => ({ type: 'refused', errorCode, errorMessage });

function detailOf(text: string): JsonObject | null {
  try {
    const detail = parseJson(text);
    return isObject(detail) ? detail : null;
  } catch {
    return null;
  }
}

export interface EventContent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: JsonValue;
  readonly resources: readonly string[];
}

/** An event as targets see it. */
export const envelope = (
  { source, detailType, detail, resources }: EventContent,
  { account, region }: Place,
  { id, at }: EventId,
): JsonObject =>
  objectOf([
    ['version', '0'],
    ['id', id],
    ['detail-type', detailType],
    ['source', source],
    ['account', account],
    ['time', isoSeconds(at)],
    ['region', region],
    ['resources', resources],
    ['detail', detail],
  ]);

/** `2026-01-01T00:00:00Z`. */
export const isoSeconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** As AWS counts it: time (14 bytes), source, detail type, detail and resources. */
export function bytesOf({ time, source, detailType, detail, resources }: EventEntry): number {
  const texts = [source, detailType, detail, ...resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (time === undefined ? 0 : 14);
}
