import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Execution, HistoryRecord } from '../../interpreter/index.js';
import { TRACE_SPANS_MAX } from '../../limits/services.js';
import { kindOf } from './record-kinds.js';

/** Where spans go: OpenTelemetry's API, which drops them unless the process has an SDK. */
export interface Tracing {
  readonly tracer: Tracer;
}

/** With an SDK that was registered before (`node --import`), spans go where it sends them. */
export const openTracing = (version: string): Tracing => ({ tracer: trace.getTracer('treadle', version) });

/** A span that is made when the execution has ended. */
interface Note {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: Note | null;
  readonly startAt: number;
  readonly attributes: Attributes;
  endAt: number | null;
  fault: string | null;
}

/** The states and tasks of one execution, as spans: noted as they come, and made at its end, each with its own times. */
export class ExecutionTrace {
  readonly #notes: Note[] = [];
  /** By frame: the state that is being worked on, and its task. */
  readonly #states = new Map<number, Note>();
  readonly #tasks = new Map<number, Note>();
  /** The state that opened a frame. */
  readonly #openers = new Map<number, Note | null>();
  #header: string | null = null;
  #dropped = 0;

  constructor(private readonly tracing: Tracing) {}

  see(record: HistoryRecord): void {
    const { frame, at } = record;
    if (record.type === 'ExecutionStarted') this.#header = record.private.traceHeader ?? null;
    switch (kindOf(record.type)) {
      case 'stateEntered':
        return this.#enter(record);
      case 'stateLeft':
        return this.#close(this.#states, frame, at, null);
      case 'childStarted':
        if (record.type === 'BranchStarted' || record.type === 'MapIterationStarted')
          this.#openers.set(record.seq, this.#states.get(record.private.parent) ?? null);
        return;
      case 'taskScheduled':
        return this.#schedule(record);
      case 'taskSucceeded':
        return this.#close(this.#tasks, frame, at, null);
      case 'taskFailed':
      case 'taskTimedOut':
        return this.#close(this.#tasks, frame, at, errorOf(record));
      default:
        return;
    }
  }

  /** Makes the spans. */
  end(execution: Execution): void {
    const { identity, startedAt, at, status, failure } = execution;
    const attributes = {
      'aws.step_functions.state_machine.arn': identity.stateMachineArn,
      'treadle.execution.arn': identity.arn,
      'treadle.execution.status': status,
      ...(this.#header !== null && { 'aws.xray.trace_header': this.#header }),
      ...(this.#dropped > 0 && { 'treadle.spans.dropped': this.#dropped }),
    };
    const { tracer } = this.tracing;
    const parent = remoteContext(this.#header);
    const options = { kind: SpanKind.SERVER, startTime: startedAt, attributes };
    const root = tracer.startSpan(identity.stateMachineName, options, parent);
    if (root.isRecording()) this.#endChildren(trace.setSpan(parent, root), at);
    if (status !== 'SUCCEEDED') root.setStatus({ code: SpanStatusCode.ERROR, message: failure?.error ?? status });
    root.end(at);
  }

  #endChildren(root: Context, endedAt: number): void {
    const spans = new Map<Note, Span>();
    for (const note of this.#notes) {
      const opener = note.parent === null ? undefined : spans.get(note.parent);
      const context = opener === undefined ? root : trace.setSpan(root, opener);
      const options = { kind: note.kind, startTime: note.startAt, attributes: note.attributes };
      spans.set(note, this.tracing.tracer.startSpan(note.name, options, context));
    }
    for (const [note, span] of spans) {
      if (note.fault !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: note.fault });
      span.end(note.endAt ?? endedAt);
    }
  }

  #enter(record: HistoryRecord): void {
    const { frame, at } = record;
    this.#close(this.#states, frame, at, null); // a state that failed into a Catch has no end of its own
    const name = record.details !== null && 'name' in record.details ? record.details.name : '';
    const type = record.type.replace('StateEntered', '');
    const parent = this.#openers.get(frame) ?? null;
    this.#note(this.#states, record, {
      ...{ name, kind: SpanKind.INTERNAL, parent, attributes: { 'treadle.state.type': type } },
    });
  }

  #schedule(record: HistoryRecord): void {
    const { details, frame } = record;
    if (details === null || !('resource' in details)) return;
    const type = 'resourceType' in details ? `${details.resourceType}:` : '';
    const resource = `${type}${details.resource}`;
    const parent = this.#states.get(frame) ?? null;
    this.#note(this.#tasks, record, {
      ...{ name: resource, kind: SpanKind.CLIENT, parent, attributes: { 'treadle.task.resource': resource } },
    });
  }

  #note(open: Map<number, Note>, { frame, at }: HistoryRecord, note: Omit<Note, 'startAt' | 'endAt' | 'fault'>): void {
    if (this.#notes.length >= TRACE_SPANS_MAX) {
      this.#dropped += 1;
      return;
    }
    const noted = { ...note, startAt: at, endAt: null, fault: null };
    this.#notes.push(noted);
    open.set(frame, noted);
  }

  #close(open: Map<number, Note>, frame: number, at: number, fault: string | null): void {
    const note = open.get(frame);
    if (note === undefined) return;
    note.endAt = at;
    note.fault = fault;
    open.delete(frame);
  }
}

const errorOf = ({ details }: HistoryRecord): string =>
  details !== null && 'error' in details && details.error !== undefined ? details.error : 'States.TaskFailed';

const TRACE_HEADER = /^Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;.*)?$/;

/** The span that X-Amzn-Trace-Id names, as the parent; the root where there is none. */
function remoteContext(header: string | null): Context {
  const root = TRACE_HEADER.exec(header ?? '');
  const spanId = /;Parent=([0-9a-f]{16})(?:;|$)/.exec(header ?? '')?.[1];
  if (root === null || spanId === undefined) return ROOT_CONTEXT;
  const isSampled = !(header ?? '').includes(';Sampled=0');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: `${root[1]}${root[2]}`,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}
