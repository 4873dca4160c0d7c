import type { Payload } from '../payload/index.js';
import {
  type Awaits,
  type AwaitsTask,
  type Caller,
  type ChildPlace,
  type Execution,
  type Frame,
  frameOf,
  type LastMapRun,
  ROOT_FRAME,
} from './execution.js';
import {
  type AssignedVariables,
  type ErrorDetails,
  errorDetails,
  type HistoryRecord,
  type StartedBy,
  type StateType,
} from './history.js';

/**
 * Applies one record. Live running and replay both go through here, so they cannot drift.
 * No rules: everything that had to be decided is in the record. Changes `execution` in place and returns it.
 */
export function evolve(execution: Execution, record: HistoryRecord): Execution {
  execution.seq = record.seq;
  execution.at = record.at;
  if (record.id !== null) execution.eventId = record.id;
  apply(execution, record);
  return execution;
}

function apply(execution: Execution, record: HistoryRecord): void {
  switch (record.type) {
    case 'ExecutionStarted':
      execution.startedAt = record.at;
      execution.input = record.details.input;
      execution.startedBy = startedBy(record.details);
      execution.traceHeader = record.private.traceHeader ?? null;
      execution.timeoutAt = record.private.timeoutAt;
      execution.child = childPlace(record.private);
      execution.caller = callerOf(record.private);
      openFrame(execution, {
        id: ROOT_FRAME,
        parent: null,
        index: 0,
        last: 0,
        next: record.private.startAt,
        input: record.details.input,
      });
      return;
    case 'ExecutionRedriven':
      return reopen(execution, record);
    case 'ExecutionSucceeded':
      execution.status = 'SUCCEEDED';
      execution.output = record.details.output;
      return;
    case 'ExecutionFailed':
      return end(execution, 'FAILED', record.details);
    case 'ExecutionAborted':
      return end(execution, 'ABORTED', record.details);
    case 'ExecutionTimedOut':
      return end(execution, 'TIMED_OUT', record.details);
    case 'MapIterationStarted':
      return openChild(execution, record, { index: record.details.index, last: record.id ?? 0, ...record.private });
    case 'BranchStarted':
      return openChild(execution, record, { last: record.previousEventId, ...record.private });
    case 'MapIterationSucceeded':
      frameOf(execution, record.frame).last = record.id ?? 0;
      return;
    case 'MapIterationFailed':
    case 'MapIterationAborted':
    case 'MapStateSucceeded':
    case 'ParallelStateSucceeded':
      return; // the chain goes on from the event before
    default:
      applyToFrame(execution, frameOf(execution, record.frame), record);
  }
}

/** Only the keys that were given. */
const startedBy = ({ stateMachineAliasArn, stateMachineVersionArn }: StartedBy): StartedBy => ({
  ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
  ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
});

const childPlace = (start: {
  readonly mapRunArn?: string;
  readonly index?: number;
  readonly itemCount?: number;
  readonly runRedrive?: number;
}): ChildPlace | null =>
  start.mapRunArn === undefined
    ? null
    : {
        mapRunArn: start.mapRunArn,
        index: start.index ?? 0,
        itemCount: start.itemCount ?? 1,
        runRedrive: start.runRedrive ?? 0,
      };

const callerOf = (start: {
  readonly caller?: number;
  readonly callerTask?: number;
  readonly callerPattern?: string;
}): Caller | null =>
  start.caller === undefined
    ? null
    : {
        execution: start.caller,
        task: start.callerTask ?? 0,
        pattern: start.callerPattern === 'sync' ? 'sync' : 'sync:2',
      };

type FrameRecord = Exclude<
  HistoryRecord,
  {
    type:
      | 'ExecutionStarted'
      | 'ExecutionRedriven'
      | 'ExecutionSucceeded'
      | 'ExecutionFailed'
      | 'ExecutionAborted'
      | 'ExecutionTimedOut'
      | `MapIteration${string}`
      | 'BranchStarted'
      | 'MapStateSucceeded'
      | 'ParallelStateSucceeded';
  }
>;

function applyToFrame(execution: Execution, frame: Frame, record: FrameRecord): void {
  frame.last = record.id ?? record.previousEventId;
  switch (record.type) {
    case 'PassStateEntered':
    case 'TaskStateEntered':
    case 'ChoiceStateEntered':
    case 'WaitStateEntered':
    case 'SucceedStateEntered':
    case 'FailStateEntered':
    case 'ParallelStateEntered':
    case 'MapStateEntered':
      return enter(frame, record.details.name, record);
    case 'PassStateExited':
    case 'TaskStateExited':
    case 'ChoiceStateExited':
    case 'WaitStateExited':
    case 'SucceedStateExited':
    case 'ParallelStateExited':
    case 'MapStateExited':
      return leave(execution, frame, record.details, record.private.next);
    default:
      return applyToWork(execution, frame, record);
  }
}

type WorkRecord = Exclude<FrameRecord, { type: `${StateType}StateEntered` | `${StateType}StateExited` }>;

/** What happens between a state's Entered and its Exited. */
function applyToWork(execution: Execution, frame: Frame, record: WorkRecord): void {
  switch (record.type) {
    case 'TaskScheduled':
      return awaitTask(frame, record, record.details.resourceType, record.details.parameters);
    case 'LambdaFunctionScheduled':
      return awaitTask(frame, record, 'function', record.details.input);
    case 'ActivityScheduled':
      return awaitTask(frame, record, 'activity', record.details.input);
    case 'ActivityStarted':
      if (frame.awaits?.type === 'task') {
        Object.assign(frame.awaits, { isStarted: true, beatsFrom: record.at, ...record.private });
        frame.awaits.workerName = record.details.workerName ?? null;
      }
      return;
    case 'TaskSendAgainScheduled':
      if (frame.awaits?.type === 'task') frame.awaits.isSendingAgain = true;
      return;
    case 'TaskSentAgain':
      if (frame.awaits?.type === 'task') sentAgain(frame.awaits, record.private);
      return;
    case 'TaskStarted':
    case 'LambdaFunctionStarted':
      if (frame.awaits?.type === 'task') frame.awaits.isStarted = true;
      return;
    case 'TaskSubmitted':
      if (frame.awaits?.type === 'task') frame.awaits.isSubmitted = true;
      return;
    case 'TaskSucceeded':
    case 'ActivitySucceeded':
    case 'LambdaFunctionSucceeded':
      frame.awaits = null;
      frame.outcome = { type: 'succeeded', result: record.details.output };
      return;
    case 'ActivityFailed':
    case 'ActivityScheduleFailed':
    case 'ActivityTimedOut':
    case 'TaskFailed':
    case 'TaskTimedOut':
    case 'TaskStartFailed':
    case 'TaskSubmitFailed':
    case 'LambdaFunctionFailed':
    case 'LambdaFunctionTimedOut':
    case 'LambdaFunctionScheduleFailed':
    case 'LambdaFunctionStartFailed':
      frame.awaits = null;
      frame.outcome = { type: 'failed', error: errorDetails(record.details) };
      return;
    case 'EvaluationFailed':
      frame.awaits = frame.awaits?.type === 'children' ? frame.awaits : null; // they are aborted one by one
      frame.outcome = {
        type: 'failed',
        error: errorDetails(record.details),
        ...(frame.outcome?.type === 'succeeded' && { isAfterSuccess: true }),
      };
      return;
    case 'MapRunStarted':
    case 'MapRunRedriven':
    case 'MapRunSucceeded':
    case 'MapRunFailed':
    case 'MapRunAborted':
      return applyToMapRun(frame, record);
    default:
      return applyToContainer(execution, frame, record);
  }
}

type ContainerRecord = Extract<
  WorkRecord,
  { type: `MapState${string}` | `ParallelState${string}` | `${string}StateAborted` | 'RetryScheduled' | 'TimerStarted' }
>;

/** Parallels, Maps, aborts, retries and waits. */
function applyToContainer(execution: Execution, frame: Frame, record: ContainerRecord): void {
  switch (record.type) {
    case 'MapStateStarted':
      frame.outcome = null;
      frame.awaits = null;
      if (record.private !== null) awaitChildren(frame, record.details.length, record.private);
      return;
    case 'ParallelStateStarted':
      return awaitChildren(frame, record.private.branches, null);
    case 'MapStateFailed':
    case 'ParallelStateFailed':
      frame.outcome = null;
      return;
    case 'TaskStateAborted':
    case 'WaitStateAborted':
    case 'ParallelStateAborted':
    case 'MapStateAborted':
      frame.last = record.previousEventId;
      frame.awaits = frame.awaits?.type === 'children' ? frame.awaits : null;
      frame.outcome = null;
      return;
    case 'RetryScheduled':
      return awaitRetry(execution, frame, record.seq, record.private);
    case 'TimerStarted':
      frame.awaits = { type: 'timer', seq: record.seq, dueAt: record.private.dueAt };
      return;
    default:
      record satisfies never;
  }
}

function applyToMapRun(
  frame: Frame,
  record: WorkRecord & { type: `MapRun${'Started' | 'Redriven' | 'Succeeded' | 'Failed' | 'Aborted'}` },
): void {
  switch (record.type) {
    case 'MapRunStarted':
      return awaitMapRun(frame, record.seq, {
        mapRunArn: record.details.mapRunArn,
        ...record.private,
        redriveCount: 0,
        redrivenAt: null,
        error: null,
      });
    case 'MapRunRedriven':
      if (frame.mapRun === null) return;
      return awaitMapRun(frame, record.seq, {
        ...frame.mapRun,
        redriveCount: record.details.redriveCount,
        redrivenAt: record.at,
        error: null,
      });
    case 'MapRunSucceeded':
      frame.awaits = null;
      frame.outcome = { type: 'succeeded', result: record.private.result };
      frame.mapRun = null;
      return;
    case 'MapRunFailed':
      frame.awaits = null;
      frame.outcome = { type: 'failed', error: errorDetails(record.details) };
      if (frame.mapRun !== null) frame.mapRun = { ...frame.mapRun, error: record.details.error ?? null };
      return;
    case 'MapRunAborted':
      frame.awaits = null;
      frame.outcome = null;
      return;
    default:
      record satisfies never;
  }
}

function awaitMapRun(frame: Frame, seq: number, run: LastMapRun): void {
  const { error: _, ...awaited } = run;
  frame.mapRun = run;
  frame.outcome = null;
  frame.awaits = { type: 'mapRun', seq, ...awaited };
}

function end(execution: Execution, status: 'FAILED' | 'ABORTED' | 'TIMED_OUT', details: ErrorDetails): void {
  execution.status = status;
  execution.failure = errorDetails(details);
}

/** Everything that is not finished stands at its state again, with the input it had. Finished branches and iterations stay finished. */
function reopen(execution: Execution, record: HistoryRecord & { type: 'ExecutionRedriven' }): void {
  execution.status = 'RUNNING';
  execution.failure = null;
  execution.redriveCount = record.details.redriveCount;
  execution.redrivenAt = record.at;
  execution.timeoutAt = record.private.timeoutAt;
  const { runRedrive } = record.private;
  if (execution.child !== null && runRedrive !== undefined) execution.child = { ...execution.child, runRedrive };
  for (const frame of execution.frames.values()) {
    frame.last = record.id ?? frame.last;
    frame.retries = null;
    frame.outcome = null;
    if (isAmidChildren(frame.awaits)) continue;
    dropChildren(execution, frame.awaits);
    frame.awaits = frame.state === null ? null : { type: 'redrive' };
  }
}

/** Some of them have not finished: these go on. Where all have, it is what came after them that has failed. */
const isAmidChildren = (awaits: Awaits | null): boolean =>
  awaits?.type === 'children' && awaits.resultCount < awaits.total;

function openFrame(
  execution: Execution,
  opening: { id: number; parent: number | null; index: number; last: number; next: string | null; input: Payload },
): void {
  execution.frames.set(opening.id, {
    id: opening.id,
    parent: opening.parent,
    index: opening.index,
    last: opening.last,
    state: null,
    enteredEventId: 0,
    enteredPreviousEventId: 0,
    enteredAt: 0,
    input: opening.input,
    next: opening.next,
    variables: null,
    retries: null,
    awaits: null,
    outcome: null,
    mapRun: null,
  });
}

function openChild(
  execution: Execution,
  record: HistoryRecord,
  child: { parent: number; index: number; last: number; input: Payload; startAt: string },
): void {
  const { parent, index, last, input, startAt } = child;
  openFrame(execution, { id: record.seq, parent, index, last, next: startAt, input });
  const { awaits } = frameOf(execution, child.parent);
  if (awaits?.type !== 'children') return;
  awaits.open.set(child.index, record.seq);
  awaits.nextIndex = Math.max(awaits.nextIndex, child.index + 1);
}

function enter(frame: Frame, name: string, record: HistoryRecord): void {
  frame.state = name;
  frame.next = null;
  frame.enteredEventId = record.id ?? 0;
  frame.enteredPreviousEventId = record.previousEventId;
  frame.enteredAt = record.at;
  frame.awaits = null;
  frame.retries = null;
  frame.mapRun = null;
}

function leave(
  execution: Execution,
  frame: Frame,
  details: { readonly output: Payload; readonly assigned?: AssignedVariables },
  next: string | null,
): void {
  dropChildren(execution, frame.awaits);
  frame.state = null;
  frame.awaits = null;
  frame.outcome = null;
  frame.mapRun = null;
  frame.input = details.output;
  frame.next = next;
  for (const [name, value] of details.assigned ?? []) {
    frame.variables ??= new Map();
    frame.variables.set(name, value);
  }
  if (next === null && frame.parent !== null) closeChild(execution, frame, frame.parent);
}

function closeChild(execution: Execution, frame: Frame, parentId: number): void {
  const parent = frameOf(execution, parentId);
  execution.frames.delete(frame.id);
  parent.last = frame.last;
  if (parent.awaits?.type !== 'children') return;
  parent.awaits.open.delete(frame.index);
  putAt(parent.awaits.results, frame.index, frame.input, null);
  parent.awaits.resultCount += 1;
}

function awaitTask(
  frame: Frame,
  record: HistoryRecord & { type: 'TaskScheduled' | 'LambdaFunctionScheduled' | 'ActivityScheduled' },
  resourceType: string,
  parameters: Payload,
): void {
  frame.outcome = null;
  frame.awaits = {
    type: 'task',
    seq: record.seq,
    resourceType,
    resource: record.details.resource,
    parameters,
    isStarted: false,
    isSubmitted: false,
    sends: 0,
    isSendingAgain: false,
    sendFault: null,
    scheduledAt: record.at,
    beatsFrom: record.at,
    dueAt: record.private?.dueAt ?? null,
    heartbeatDueAt: record.private?.heartbeatDueAt ?? null,
    workerLimits: record.type === 'ActivityScheduled' ? workerLimitsOf(record.details) : null,
    token: null,
    workerName: null,
  };
}

function sentAgain(task: AwaitsTask, { error, cause }: ErrorDetails): void {
  task.isSendingAgain = false;
  task.sends += 1;
  task.sendFault = error === undefined ? null : [error, cause].filter((text) => text !== undefined).join(': ');
}

const workerLimitsOf = (details: { readonly timeoutInSeconds?: number; readonly heartbeatInSeconds?: number }) => ({
  timeout: details.timeoutInSeconds ?? null,
  heartbeat: details.heartbeatInSeconds ?? null,
});

function awaitChildren(
  frame: Frame,
  total: number,
  map: { readonly items: Payload; readonly slots: number } | null,
): void {
  frame.outcome = null;
  frame.awaits = {
    type: 'children',
    total,
    nextIndex: 0,
    open: new Map(),
    results: [],
    resultCount: 0,
    map,
  };
}

function awaitRetry(
  execution: Execution,
  frame: Frame,
  seq: number,
  retry: { readonly retrier: number; readonly attempt: number; readonly dueAt: number },
): void {
  dropChildren(execution, frame.awaits);
  frame.retries ??= [];
  putAt(frame.retries, retry.retrier, retry.attempt, 0);
  frame.outcome = null;
  frame.awaits = { type: 'retry', seq, dueAt: retry.dueAt };
}

/** Leaves no holes, which a snapshot could not tell from null. */
function putAt<Item>(list: Item[], index: number, item: Item, filler: Item): void {
  while (list.length < index) list.push(filler);
  list[index] = item;
}

/** A finished or abandoned attempt's frames go, with everything below them. */
function dropChildren(execution: Execution, awaits: Awaits | null): void {
  if (awaits?.type !== 'children') return;
  for (const id of awaits.open.values()) {
    dropChildren(execution, execution.frames.get(id)?.awaits ?? null);
    execution.frames.delete(id);
  }
}
