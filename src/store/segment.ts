import { type HistoryRecord, isShown, type RecordBody, type RecordType } from '../interpreter/index.js';
import { Payload } from '../payload/index.js';

/**
 * A segment is one decision's records as text: a JSON header line, then each payload's text that no earlier segment of the
 * execution has brought, raw and without separators. Payloads are numbered through the execution, in order of first use,
 * so that a value that is passed on is stored once.
 *
 * `[version, firstSeq, firstEventId, firstPayload, at, [payload lengths], [[type, at offset, frame, previous, details, private], …]]`
 *
 * Lengths are UTF-16 units. Payload n is written `[n]`. Version 0 may change until release 0.1.
 */
const SEGMENT_VERSION = 0;

/** The numbers are part of the format: append only. */
const TYPE_NUMBERS = {
  ExecutionStarted: 0,
  ExecutionSucceeded: 1,
  ExecutionFailed: 2,
  ExecutionAborted: 3,
  ExecutionTimedOut: 4,
  PassStateEntered: 5,
  PassStateExited: 6,
  TaskStateEntered: 7,
  TaskStateExited: 8,
  ChoiceStateEntered: 9,
  ChoiceStateExited: 10,
  WaitStateEntered: 11,
  WaitStateExited: 12,
  SucceedStateEntered: 13,
  SucceedStateExited: 14,
  FailStateEntered: 15,
  ParallelStateEntered: 16,
  ParallelStateExited: 17,
  MapStateEntered: 18,
  MapStateExited: 19,
  TaskScheduled: 20,
  LambdaFunctionScheduled: 21,
  TaskStarted: 22,
  LambdaFunctionStarted: 23,
  TaskSubmitted: 24,
  TaskSucceeded: 25,
  LambdaFunctionSucceeded: 26,
  TaskFailed: 27,
  TaskTimedOut: 28,
  TaskStartFailed: 29,
  TaskSubmitFailed: 30,
  LambdaFunctionFailed: 31,
  LambdaFunctionTimedOut: 32,
  LambdaFunctionScheduleFailed: 33,
  LambdaFunctionStartFailed: 34,
  MapStateStarted: 35,
  MapIterationStarted: 36,
  MapIterationSucceeded: 37,
  MapIterationFailed: 38,
  MapIterationAborted: 39,
  MapStateSucceeded: 40,
  MapStateFailed: 41,
  MapStateAborted: 42,
  ParallelStateStarted: 43,
  ParallelStateSucceeded: 44,
  ParallelStateFailed: 45,
  ParallelStateAborted: 46,
  BranchStarted: 47,
  TaskStateAborted: 48,
  WaitStateAborted: 49,
  RetryScheduled: 50,
  TimerStarted: 51,
  EvaluationFailed: 52,
  MapRunStarted: 53,
  MapRunSucceeded: 54,
  MapRunFailed: 55,
  MapRunAborted: 56,
  ActivityScheduled: 57,
  ActivityStarted: 58,
  ActivitySucceeded: 59,
  ActivityFailed: 60,
  ActivityTimedOut: 61,
  ActivityScheduleFailed: 62,
  ExecutionRedriven: 63,
  MapRunRedriven: 64,
} as const satisfies Record<RecordType, number>;

const TYPES_BY_NUMBER = Object.keys(TYPE_NUMBERS) as RecordType[];

/** An execution's payloads by number, both ways. Held weakly: what the execution has dropped may go. */
export class PayloadNumbers {
  readonly #numbers = new WeakMap<Payload, number>();
  #next = 0;

  get next(): number {
    return this.#next;
  }

  numberOf(payload: Payload): number | undefined {
    return this.#numbers.get(payload);
  }

  add(payload: Payload): number {
    const number = this.#next++;
    this.#numbers.set(payload, number);
    return number;
  }

  /** A payload that was read back, with the number it had. */
  restore(payload: Payload, number: number): void {
    this.#numbers.set(payload, number);
    this.#next = Math.max(this.#next, number + 1);
  }

  skipTo(next: number): void {
    this.#next = Math.max(this.#next, next);
  }
}

/** Numbers new payloads as it goes: where the commit fails, the execution and its numbers must be reloaded. */
export function encodeSegment(records: readonly HistoryRecord[], numbers: PayloadNumbers): string {
  const [first] = records;
  if (first === undefined) throw new Error('Broken invariant: a segment without records');
  const firstPayload = numbers.next;
  const texts: string[] = [];
  const refer = (payload: Payload): string => {
    let number = numbers.numberOf(payload);
    if (number === undefined) {
      number = numbers.add(payload);
      texts.push(payload.text);
    }
    return `[${number}]`;
  };
  let lines = '';
  for (const record of records) {
    if (lines !== '') lines += ',';
    lines += `[${TYPE_NUMBERS[record.type]},${record.at - first.at},${record.frame},${record.previousEventId}`;
    if (record.details !== null || record.private !== null) lines += `,${encodeFields(record.details, refer)}`;
    if (record.private !== null) lines += `,${encodeFields(record.private, refer)}`;
    lines += ']';
  }
  const firstEventId = records.find((record) => record.id !== null)?.id ?? 0;
  const lengths = texts.map((text) => text.length).join(',');
  const head = `${SEGMENT_VERSION},${first.seq},${firstEventId},${firstPayload},${first.at}`;
  return `[${head},[${lengths}],[${lines}]]\n${texts.join('')}`;
}

type Field = string | number | boolean | null | undefined | Payload | ReadonlyArray<readonly [string, Payload]>;

function encodeFields(fields: object | null, refer: (payload: Payload) => string): string {
  if (fields === null) return 'null';
  const source = fields as Readonly<Record<string, Field>>;
  let text = '{';
  for (const key in source) {
    const value = source[key];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `"${key}":${encodeField(value, refer)}`;
  }
  return `${text}}`;
}

function encodeField(value: Exclude<Field, undefined>, refer: (payload: Payload) => string): string {
  if (value instanceof Payload) return refer(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) {
    return `[${value.map(([name, payload]) => `[${JSON.stringify(name)},${refer(payload)}]`).join(',')}]`;
  }
  return String(value);
}

type EncodedRecord = [type: number, at: number, frame: number, previous: number, details?: unknown, private_?: unknown];
type Header = [number, number, number, number, number, number[], EncodedRecord[]];

/** Reads an execution's segments, in order of seq. */
export class SegmentReader {
  readonly #payloads = new Map<number, Payload>();

  constructor(readonly numbers: PayloadNumbers) {}

  /** Makes payloads known that an earlier place (a snapshot) holds. */
  know(number: number, payload: Payload): void {
    this.#payloads.set(number, payload);
    this.numbers.restore(payload, number);
  }

  read(segment: string): HistoryRecord[] {
    const lineEnd = segment.indexOf('\n');
    const [version, firstSeq, firstEventId, firstPayload, at, lengths, lines] = JSON.parse(
      segment.slice(0, lineEnd),
    ) as Header;
    if (version !== SEGMENT_VERSION) {
      throw new Error(
        `Expected records of format ${SEGMENT_VERSION}, but found ${version}: written by another release.`,
      );
    }
    let offset = lineEnd + 1;
    for (const [i, length] of lengths.entries()) {
      this.know(firstPayload + i, Payload.ofText(segment.slice(offset, offset + length)));
      offset += length;
    }
    let eventId = firstEventId;
    return lines.map(([typeNumber, atOffset, frame, previousEventId, details, fields], i) => {
      const type = TYPES_BY_NUMBER[typeNumber] as RecordType;
      const body = { type, details: this.#fields(details), private: this.#fields(fields) } as RecordBody;
      const id = isShown(type) ? eventId++ : null;
      return { seq: firstSeq + i, id, previousEventId, at: at + atOffset, frame, ...body };
    });
  }

  #fields(encoded: unknown): object | null {
    if (encoded === undefined || encoded === null) return null;
    const fields = encoded as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      if (Array.isArray(value)) fields[key] = this.#arrayField(value);
    }
    return fields;
  }

  #arrayField(value: readonly unknown[]): unknown {
    if (typeof value[0] === 'number') return this.payload(value[0]);
    return (value as [string, [number]][]).map(([name, [number]]) => [name, this.payload(number)]);
  }

  payload(number: number): Payload {
    const payload = this.#payloads.get(number);
    if (payload === undefined) throw new Error(`Broken invariant: payload ${number} is nowhere`);
    return payload;
  }
}
