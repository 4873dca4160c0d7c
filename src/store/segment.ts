import { type HistoryRecord, isShown, type RecordBody, type RecordType } from '../interpreter/index.js';
import { Payload, TextWriter } from '../payload/index.js';

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
  TaskSendAgainScheduled: 65,
  TaskSentAgain: 66,
} as const satisfies Record<RecordType, number>;

const TYPES_BY_NUMBER = Object.keys(TYPE_NUMBERS) as RecordType[];

/**
 * An execution's payloads by number. The number stands in the payload, so that what the execution has dropped may go, and a weak map
 * for each execution is not needed, which would be the better part of garbage collection.
 */
export class PayloadNumbers {
  /** Those that another execution has numbered before, most of them constants of the definition. */
  #shared: Map<Payload, number> | null = null;
  #next = 0;

  get next(): number {
    return this.#next;
  }

  numberOf(payload: Payload): number | undefined {
    return payload.numberOf(this) ?? this.#shared?.get(payload);
  }

  add(payload: Payload): number {
    const number = this.#next++;
    this.#note(payload, number);
    return number;
  }

  /** A payload that was read back, with the number it had. */
  restore(payload: Payload, number: number): void {
    this.#note(payload, number);
    this.#next = Math.max(this.#next, number + 1);
  }

  skipTo(next: number): void {
    this.#next = Math.max(this.#next, next);
  }

  #note(payload: Payload, number: number): void {
    if (payload.takeNumber(this, number)) return;
    this.#shared ??= new Map();
    this.#shared.set(payload, number);
  }
}

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** One for all: encoding never waits. */
const writer = new TextWriter({ isWide: false });

/** Numbers new payloads as it goes: where the commit fails, the execution and its numbers must be reloaded. */
export function encodeSegment(records: readonly HistoryRecord[], numbers: PayloadNumbers): string {
  const [first] = records;
  if (first === undefined) throw new Error('Broken invariant: a segment without records');
  const firstPayload = numbers.next;
  const firstEventId = records.find((record) => record.id !== null)?.id ?? 0;
  const texts: string[] = [];
  const refer = (payload: Payload): void => {
    let number = numbers.numberOf(payload);
    if (number === undefined) {
      number = numbers.add(payload);
      texts.push(payload.text);
    }
    writer.unit(OPEN_LIST);
    writer.number(number);
    writer.unit(CLOSE_LIST);
  };
  writer.begin();
  for (const record of records) {
    if (record !== first) writer.unit(COMMA);
    encodeRecord(record, record.at - first.at, refer);
  }
  const head = `[${SEGMENT_VERSION},${first.seq},${firstEventId},${firstPayload},${first.at}`;
  const lengths = texts.map((text) => text.length).join(',');
  return `${head},[${lengths}],[${writer.take()}]]\n${texts.join('')}`;
}

type Refer = (payload: Payload) => void;

function encodeRecord(record: HistoryRecord, atOffset: number, refer: Refer): void {
  const { type, frame, previousEventId, details, private: fields } = record;
  writer.unit(OPEN_LIST);
  writer.number(TYPE_NUMBERS[type]);
  writer.unit(COMMA);
  writer.number(atOffset);
  writer.unit(COMMA);
  writer.number(frame);
  writer.unit(COMMA);
  writer.number(previousEventId);
  if (details !== null) encodeFields(details, refer);
  else if (fields !== null) writer.raw(',null');
  if (fields !== null) encodeFields(fields, refer);
  writer.unit(CLOSE_LIST);
}

type Field = string | number | boolean | null | undefined | Payload | ReadonlyArray<readonly [string, Payload]>;

/** With a comma in front. */
function encodeFields(fields: object, refer: Refer): void {
  const source = fields as Readonly<Record<string, Field>>;
  writer.unit(COMMA);
  let separator = OPEN_OBJECT;
  for (const key in source) {
    const value = source[key];
    if (value === undefined) continue;
    writer.member(separator, key);
    separator = COMMA;
    encodeField(value, refer);
  }
  if (separator === OPEN_OBJECT) writer.unit(OPEN_OBJECT);
  writer.unit(CLOSE_OBJECT);
}

function encodeField(value: Exclude<Field, undefined>, refer: Refer): void {
  if (typeof value === 'string') return encodeString(value);
  if (typeof value === 'number') return writer.number(value);
  if (value === null || typeof value === 'boolean') return writer.raw(String(value));
  if (value instanceof Payload) return refer(value);
  writer.unit(OPEN_LIST);
  for (const [index, [name, payload]] of value.entries()) {
    if (index > 0) writer.unit(COMMA);
    writer.unit(OPEN_LIST);
    encodeString(name);
    writer.unit(COMMA);
    refer(payload);
    writer.unit(CLOSE_LIST);
  }
  writer.unit(CLOSE_LIST);
}

/** Escaped where it does not fit into bytes. */
function encodeString(text: string): void {
  if (writer.string(text)) return;
  const escapeOf = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writer.raw(JSON.stringify(text).replace(/[\u0100-\uffff]/g, escapeOf));
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
