import type { Catcher, MapState, ParallelState, Retrier, State } from '../language/definition.js';
import { QUERY_EVALUATION_ERROR, StatesError } from '../language/states-error.js';
import { Payload } from '../payload/index.js';
import { applyTemplate, evaluateAssign, placeResult } from './data-flow.js';
import { type Draft, stateOf } from './draft.js';
import { type Frame, frameOf } from './execution.js';
import type { ErrorDetails } from './history.js';
import { leaveState } from './transition.js';

/** What an interpreter-raised error says in front: once, at the innermost state. AWS leaves it out of size errors and of trials. */
export function withPlace(draft: Draft, frame: Frame, error: StatesError): ErrorDetails {
  if (error.error === 'States.DataLimitExceeded' || draft.policy.trial !== null)
    return { error: error.error, cause: error.cause };
  const place = `An error occurred while executing the state '${frame.state}' (entered at the event id #${frame.enteredEventId}). `;
  return { error: error.error, cause: place + error.cause };
}

/** An expression, or a rule of the language, has failed in the frame's state. */
export function failByError(draft: Draft, frame: Frame, error: StatesError): void {
  failState(draft, frame, recordFault(draft, frame, error));
}

/** History shows what JSONata could not evaluate in an event of its own; other errors only in what they lead to. */
function recordFault(draft: Draft, frame: Frame, error: StatesError): ErrorDetails {
  const details = withPlace(draft, frame, error);
  if (error.error !== QUERY_EVALUATION_ERROR || frame.state === null) return details;
  draft.record(
    frame,
    {
      type: 'EvaluationFailed',
      details: {
        error: error.error,
        cause: details.cause ?? '',
        ...(error.location !== null && { location: error.location }),
        state: frame.state,
      },
      private: null,
    },
    // Recorded: it points at what led to the state; a Wait's Timestamp alone points at the state's entry.
    { previous: error.location === 'Timestamp' ? frame.enteredEventId : frame.enteredPreviousEventId },
  );
  return details;
}

/**
 * The frame's state has failed, and history shows why already. Retries, catches, or fails whatever is around it.
 */
export function failState(draft: Draft, frame: Frame, error: ErrorDetails): void {
  draft.inspect(frame, 'failure', () => ({ ...error }));
  draft.release(frame, { isAbandoned: true });
  if (error.error === 'States.Runtime') return failExecution(draft, frame.last, error);
  const state = stateOf(draft, frame);
  abortSiblings(draft, frame, state, null, frame.last);
  if ('retry' in state) {
    if (scheduleRetry(draft, frame, state, error, frame.last)) return;
    if (isUnfinishedContainer(frame, state)) {
      draft.record(frame, { type: `${state.type}StateFailed`, details: null, private: null });
    }
    if (catchError(draft, frame, state, error)) return;
  }
  failFrame(draft, frame, error);
}

/** Recorded for a Map whose Items cannot be evaluated or whose run fails; what fails after the Map's success is not the Map. */
function isUnfinishedContainer({ outcome, awaits }: Frame, state: State): state is ParallelState | MapState {
  if (state.type !== 'Map' && state.type !== 'Parallel') return false;
  if (outcome?.type !== 'failed' || outcome.isAfterSuccess === true) return false; // without one, history shows no failure yet
  return awaits?.type !== 'children' || awaits.resultCount < awaits.total;
}

/** The error leaves the frame. */
function failFrame(draft: Draft, frame: Frame, error: ErrorDetails): void {
  if (frame.parent === null) return failExecution(draft, frame.last, error);
  failContainer(draft, frameOf(draft.execution, frame.parent), frame, error);
}

/** A branch or an iteration has failed: its siblings are aborted, and the Parallel or Map retries, catches or fails. */
function failContainer(draft: Draft, frame: Frame, failed: Frame, error: ErrorDetails): void {
  const state = stateOf(draft, frame);
  if (state.type !== 'Parallel' && state.type !== 'Map')
    throw new Error('Broken invariant: a frame below no container');
  const cause = failed.last;
  if (state.type === 'Map') {
    const details = { name: state.name, index: failed.index };
    draft.record(frame, { type: 'MapIterationFailed', details, private: null }, { previous: cause });
  }
  recordTaskAborted(draft, failed, cause);
  abortSiblings(draft, frame, state, failed, cause);
  if (scheduleRetry(draft, frame, state, error, cause)) return;
  draft.record(frame, { type: `${state.type}StateFailed`, details: null, private: null }, { previous: cause });
  if (catchError(draft, frame, state, error)) return;
  failFrame(draft, frame, error);
}

function recordTaskAborted(draft: Draft, frame: Frame, cause: number): void {
  if (frame.state === null || stateOf(draft, frame).type !== 'Task') return;
  draft.record(frame, { type: 'TaskStateAborted', details: null, private: null }, { previous: cause });
}

/** In order of their indexes, as AWS records them. */
function abortSiblings(draft: Draft, parent: Frame, state: State, except: Frame | null, cause: number): void {
  if (parent.awaits?.type !== 'children') return;
  const open = [...parent.awaits.open].sort(([a], [b]) => a - b);
  for (const [index, id] of open) {
    const sibling = frameOf(draft.execution, id);
    if (sibling === except) continue;
    if (state.type === 'Map') {
      const details = { name: state.name, index };
      draft.record(parent, { type: 'MapIterationAborted', details, private: null }, { previous: cause });
    }
    abortFrame(draft, sibling, cause);
  }
}

function abortFrame(draft: Draft, frame: Frame, cause: number): void {
  draft.release(frame, { isAbandoned: true });
  if (frame.awaits?.type === 'mapRun') {
    draft.record(frame, { type: 'MapRunAborted', details: null, private: null }, { previous: cause });
  }
  if (frame.state === null) return;
  const state = stateOf(draft, frame);
  abortSiblings(draft, frame, state, null, cause);
  switch (state.type) {
    case 'Task':
    case 'Wait':
    case 'Parallel':
    case 'Map':
      draft.record(frame, { type: `${state.type}StateAborted`, details: null, private: null }, { previous: cause });
      return;
    default:
      return; // the other states never wait: they are not entered yet, or left
  }
}

/** Releases everything that any frame waits for: the execution has ended. */
export function releaseAll(draft: Draft): void {
  for (const frame of draft.execution.frames.values()) draft.release(frame, { isAbandoned: true });
  releaseExecutionTimer(draft);
}

/** The execution has ended: its own time-out is not needed any more. */
export function releaseExecutionTimer(draft: Draft): void {
  const { timeoutAt } = draft.execution;
  if (timeoutAt !== null) draft.command({ type: 'StopTimer', timer: 1, dueAt: timeoutAt });
}

export function failExecution(draft: Draft, previous: number, error: ErrorDetails): void {
  draft.recordExecution({ type: 'ExecutionFailed', details: error, private: null }, previous);
  releaseAll(draft);
}

type RecoveringState = State & { readonly retry: readonly Retrier[]; readonly catch: readonly Catcher[] };

function scheduleRetry(
  draft: Draft,
  frame: Frame,
  state: RecoveringState,
  error: ErrorDetails,
  previous: number,
): boolean {
  const index = state.retry.findIndex((retrier) => matches(retrier.errorEquals, error.error, state));
  const retrier = state.retry[index];
  if (retrier === undefined) return false;
  draft.inspect(frame, 'retryIndex', () => index);
  const attempt = (draft.policy.trial?.retries ?? frame.retries?.[index] ?? 0) + 1;
  if (attempt > retrier.maxAttempts) return false;
  const delayMs = retryDelayMs(draft, retrier, attempt);
  const dueAt = draft.at + delayMs;
  draft.inspect(frame, 'retryBackoffIntervalSeconds', () => Math.round(delayMs / 1000));
  const record = draft.record(
    frame,
    { type: 'RetryScheduled', details: null, private: { retrier: index, attempt, delayMs, dueAt } },
    { previous },
  );
  draft.command({ type: 'StartTimer', timer: record.seq, dueAt });
  return true;
}

/** Interval × rate^(attempt − 1), capped, then drawn between 0 and that with full jitter. */
function retryDelayMs(draft: Draft, retrier: Retrier, attempt: number): number {
  const seconds = retrier.intervalSeconds * retrier.backoffRate ** (attempt - 1);
  const capped = Math.min(seconds, retrier.maxDelaySeconds ?? RETRY_DELAY_SECONDS_MAX, RETRY_DELAY_SECONDS_MAX);
  const drawn = retrier.jitter === 'FULL' ? capped * draft.random.fraction() : capped;
  return Math.round(drawn * 1000);
}

/** AWS: IntervalSeconds is at most 99999999; the back-off is kept below it too, so that a time stays a time. */
const RETRY_DELAY_SECONDS_MAX = 99_999_999;

function catchError(draft: Draft, frame: Frame, state: RecoveringState, error: ErrorDetails): boolean {
  const catcher = state.catch.find((candidate) => matches(candidate.errorEquals, error.error, state));
  if (catcher === undefined || state.type === 'Fail') return false;
  const errorOutput = Payload.ofValue({ Error: error.error ?? null, Cause: error.cause ?? missingCause(error) });
  try {
    const options = { hasRetryCount: true, errorOutput };
    const assigned = evaluateAssign(draft, frame, catcher.assign, errorOutput, options);
    const placed = placeResult(catcher.resultPath, frame.input, errorOutput);
    const output = applyTemplate(draft, frame, catcher.output, placed, options);
    leaveState(draft, frame, state, { output, next: catcher.next, assigned });
    draft.inspect(frame, 'catchIndex', () => state.catch.indexOf(catcher));
    draft.makeReady(frame);
  } catch (fault) {
    if (!(fault instanceof StatesError)) throw fault;
    failCatch(draft, frame, recordFault(draft, frame, fault));
  }
  return true;
}

/** A Catch that fails itself is not tried again: its error goes outward. */
function failCatch(draft: Draft, frame: Frame, error: ErrorDetails): void {
  if (error.error === 'States.Runtime') failExecution(draft, frame.last, error);
  else failFrame(draft, frame, error);
}

/** Recorded: a time-out, which has no cause in history, is caught with an empty one; a failure without any with null. */
const missingCause = ({ error }: ErrorDetails): string | null => (error === 'States.Timeout' ? '' : null);

/**
 * States.ALL takes every error but States.Runtime (which never comes here), States.TaskFailed every error but a time-out.
 * A missed heartbeat is reported as States.Timeout and is taken by States.HeartbeatTimeout too (reference: engine rules 11).
 */
function matches(errorEquals: readonly string[], error: string | undefined, state: State): boolean {
  return errorEquals.some((name) => {
    if (name === error || name === 'States.ALL') return true;
    if (name === 'States.TaskFailed') return error !== 'States.Timeout';
    if (name === 'States.BranchFailed') return state.type === 'Parallel';
    return false;
  });
}
