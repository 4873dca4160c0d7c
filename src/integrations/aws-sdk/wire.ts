import type { JsonNumber } from '../../payload/index.js';

/** One request to a service of AWS, before it is signed. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Decoded pairs, in order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Goes in front of the endpoint's host name; empty for most operations. */
  readonly hostPrefix: string;
}

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What travels: members of structures by their names in the service model. */
export type WireValue =
  | null
  | boolean
  | number
  | string
  | JsonNumber
  | Buffer
  | Date
  | readonly WireValue[]
  | ReadonlyMap<string, WireValue>;

export type WireMembers = ReadonlyMap<string, WireValue>;

export const isWireList = (value: WireValue): value is readonly WireValue[] => Array.isArray(value);

/** A timestamp as text or number; null: the usual form of the place where it stands. */
export function writeTimestamp(at: Date, format: string): string | number {
  switch (format) {
    case 'unixTimestamp':
      return at.getTime() / 1000;
    case 'rfc822':
      return at.toUTCString();
    default:
      return isoTime(at);
  }
}

/** As Java writes an Instant: without a fraction where there is none. */
export const isoTime = (at: Date): string => at.toISOString().replace('.000Z', 'Z');

/** Throws RangeError for what is no time. */
export function readTimestamp(value: string | number): Date {
  const isNumber = typeof value === 'number' || /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value);
  const at = isNumber ? new Date(Math.round(Number(value) * 1000)) : new Date(value);
  if (Number.isNaN(at.getTime())) throw new RangeError(`Expected a timestamp, but found '${value}'`);
  return at;
}
