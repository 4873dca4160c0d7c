import { type Execution, type ExecutionIdentity, newExecution } from '../interpreter/index.js';
import { Payload } from '../payload/index.js';
import type { PayloadNumbers, SegmentReader } from './segment.js';

/**
 * An idle execution's state as text, so that coming back need not read its whole history. Only a cache: a snapshot of
 * another format is ignored and the history replayed.
 */
const SNAPSHOT_VERSION = 2;

interface EncodedSnapshot {
  readonly version: number;
  readonly nextPayload: number;
  /** Number and text of every payload that the execution still holds. */
  readonly payloads: ReadonlyArray<readonly [number, string]>;
  readonly state: unknown;
}

/** Maps are `{"%map": [[key, value], …]}`, payloads `{"%payload": number}`, holes in arrays null. */
export function encodeSnapshot(execution: Execution, numbers: PayloadNumbers): string {
  const payloads = new Map<number, string>();
  const { identity: _, ...state } = execution;
  const encode = (value: unknown): unknown => {
    if (value instanceof Payload) {
      const number = numbers.numberOf(value);
      if (number === undefined) throw new Error('Broken invariant: a payload that no record has brought');
      payloads.set(number, value.text);
      return { '%payload': number };
    }
    if (value instanceof Map) return { '%map': [...value].map(([key, item]) => [key, encode(item)]) };
    if (Array.isArray(value)) return Array.from(value, (item) => (item === undefined ? null : encode(item)));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
  };
  const encoded = encode(state);
  const snapshot: EncodedSnapshot = {
    version: SNAPSHOT_VERSION,
    nextPayload: numbers.next,
    payloads: [...payloads],
    state: encoded,
  };
  return JSON.stringify(snapshot);
}

/** Null where the snapshot cannot be used: replay the history then. */
export function decodeSnapshot(text: string, identity: ExecutionIdentity, reader: SegmentReader): Execution | null {
  const snapshot = JSON.parse(text) as EncodedSnapshot;
  if (snapshot.version !== SNAPSHOT_VERSION) return null;
  for (const [number, payloadText] of snapshot.payloads) reader.know(number, Payload.ofText(payloadText));
  reader.numbers.skipTo(snapshot.nextPayload);
  return { ...newExecution(identity), ...(decodeValue(snapshot.state, reader) as Omit<Execution, 'identity'>) };
}

function decodeValue(value: unknown, reader: SegmentReader): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decodeValue(item, reader));
  const object = value as Record<string, unknown>;
  if (typeof object['%payload'] === 'number') return reader.payload(object['%payload']);
  if (Array.isArray(object['%map'])) {
    return new Map(object['%map'].map(([key, item]: [unknown, unknown]) => [key, decodeValue(item, reader)]));
  }
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decodeValue(item, reader)]));
}
