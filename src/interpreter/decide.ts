import type { Definition, MapState, ParallelState, State, TaskState } from '../language/definition.js';
import { runtimeError, StatesError } from '../language/states-error.js';
import { SENDS_AGAIN_MAX } from '../limits.js';
import { JsonSyntaxError, Payload } from '../payload/index.js';
import { applyTemplate, evaluateAssign, placeResult, resultSizeError, selectByPath } from './data-flow.js';
import { blockOf, Draft, HistoryFull, historyFullError, namedState, stateOf, timersOf } from './draft.js';
import {
  type Awaits,
  type AwaitsChildren,
  type ChildPlace,
  canBeSentAgain,
  type Execution,
  type Frame,
  type Outcome,
} from './execution.js';
import { failByError, failExecution, failState, releaseAll } from './failure.js';
import { finishFrame } from './finish.js';
import { ENTERED, type ErrorDetails, errorDetails } from './history.js';
import { type Policy, STANDARD_POLICY } from './policy.js';
import { goesOn, redrive } from './redrive.js';
import { isRedrivable, redriveMapRun } from './redrive-map-run.js';
import { enterChoice } from './states/choice.js';
import { enterFail } from './states/fail.js';
import { startMap } from './states/map.js';
import { startParallel } from './states/parallel.js';
import { enterPass } from './states/pass.js';
import { enterSucceed } from './states/succeed.js';
import { scheduleTask } from './states/task.js';
import { enterWait, leaveWait } from './states/wait.js';
import type { Decision, Stimulus } from './stimulus.js';
import { leaveState } from './transition.js';

/**
 * Runs the execution from what has come from outside until it must wait for the outside again. Pure but for `execution`,
 * which `evolve` changes: same arguments, same decision. First every stimulus leaves its event, then the frames go on
 * in order; a stimulus that nothing awaits decides nothing.
 */
export function decide(
  definition: Definition,
  execution: Execution,
  stimuli: readonly Stimulus[],
  policy: Policy = STANDARD_POLICY,
): Decision {
  const draft = new Draft(definition, execution, policy);
  try {
    for (const stimulus of stimuli) {
      draft.observe(stimulus.at, stimulus.seed);
      accept(draft, stimulus);
    }
    settle(draft);
  } catch (fault) {
    if (!(fault instanceof HistoryFull)) throw fault;
    const { error, cause } = historyFullError(policy.quotas.historyEventsMax);
    failExecution(draft, execution.eventId, { error, cause });
  }
  if (draft.isRunning && draft.hasExhaustedTransitions) draft.command({ type: 'Continue', after: execution.seq });
  return draft.decision();
}

function accept(draft: Draft, stimulus: Stimulus): void {
  if (stimulus.type === 'RedriveExecution') return redrive(draft, stimulus, timeoutAtOf(draft));
  if (!draft.isRunning) return; // ended: nothing is awaited any more
  if (stimulus.type === 'StartExecution') return start(draft, stimulus);
  if (draft.execution.seq === 0) return;
  switch (stimulus.type) {
    case 'StopExecution':
      return stop(draft, 'ExecutionAborted', stimulus);
    case 'Continue':
      for (const frame of draft.execution.frames.values()) if (goesOn(frame)) draft.makeReady(frame);
      return;
    case 'TimerFired':
      return acceptTimer(draft, stimulus);
    case 'MapRunSucceeded':
    case 'MapRunFailed':
      return acceptMapRunEnd(draft, stimulus);
    case 'ChildrenMocked':
      return acceptMockedChildren(draft, stimulus.outcome);
    default:
      return acceptTaskAnswer(draft, stimulus);
  }
}

function start(draft: Draft, stimulus: Stimulus & { type: 'StartExecution' }): void {
  if (draft.execution.seq !== 0) return; // a duplicate
  const { definition, execution } = draft;
  const { input, child, caller, traceHeader, stateMachineAliasArn, stateMachineVersionArn } = stimulus;
  const timeoutAt = timeoutAtOf(draft);
  draft.recordExecution(
    {
      type: 'ExecutionStarted',
      details: {
        input,
        roleArn: execution.identity.roleArn,
        ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
        ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
      },
      private: {
        startAt: definition.startAt.name,
        timeoutAt,
        ...(child && startedChild(child)),
        ...(traceHeader !== undefined && { traceHeader }),
        ...(caller && { caller: caller.execution, callerTask: caller.task, callerPattern: caller.pattern }),
      },
    },
    0,
  );
  if (timeoutAt !== null) draft.command({ type: 'StartTimer', timer: 1, dueAt: timeoutAt });
  for (const frame of execution.frames.values()) draft.makeReady(frame);
}

/** Recorded only where the run has been redriven before it came to this child. */
const startedChild = ({ runRedrive, ...place }: ChildPlace): Partial<ChildPlace> =>
  runRedrive === 0 ? place : { ...place, runRedrive };

/** Null: no time-out of its own. Standard's year has no timer for each execution: hosts look for those that are over it. */
/** When an execution that starts or goes on now times out. */
function timeoutAtOf(draft: Draft): number | null {
  const seconds = secondsOpenMax(draft.definition, draft.policy);
  return seconds === null ? null : draft.at + seconds * 1000;
}

function secondsOpenMax({ timeoutSeconds }: Definition, { machineType, quotas }: Policy): number | null {
  if (machineType === 'EXPRESS') return Math.min(timeoutSeconds ?? quotas.expressSecondsMax, quotas.expressSecondsMax);
  return timeoutSeconds === null ? null : Math.min(timeoutSeconds, quotas.executionSecondsMax);
}

function stop(draft: Draft, type: 'ExecutionAborted' | 'ExecutionTimedOut', error: ErrorDetails): void {
  draft.recordExecution({ type, details: errorDetails(error), private: null }, 0);
  releaseAll(draft);
}

/** The frame that awaits the given seq, or undefined: a late or repeated stimulus. */
function awaitingFrame(
  draft: Draft,
  type: Exclude<Awaits['type'], 'children' | 'redrive'>,
  seq: number,
): Frame | undefined {
  for (const frame of draft.execution.frames.values()) {
    if (frame.awaits?.type === type && frame.awaits.seq === seq) return draft.hasReleased(seq) ? undefined : frame;
  }
  return undefined;
}

function acceptTimer(draft: Draft, { timer, dueAt, seed }: Stimulus & { type: 'TimerFired' }): void {
  if (timer === 1) {
    const { timeoutAt, startedAt } = draft.execution;
    if (dueAt < (timeoutAt ?? startedAt + draft.policy.quotas.executionSecondsMax * 1000)) return;
    draft.observe(dueAt, seed); // a clock that was set back makes no timer early
    return stop(draft, 'ExecutionTimedOut', {});
  }
  const waiting = awaitingFrame(draft, 'timer', timer) ?? awaitingFrame(draft, 'retry', timer);
  if (waiting) {
    draft.observe(dueAt, seed);
    draft.release(waiting, { isAbandoned: false });
    draft.makeReady(waiting);
    return;
  }
  const frame = awaitingFrame(draft, 'task', timer);
  if (frame?.awaits?.type !== 'task') return;
  const { awaits } = frame;
  if (!timersOf(awaits).some((expected) => dueAt >= expected)) return; // a heartbeat's timer may be set later
  draft.observe(dueAt, seed);
  recordTaskStarted(draft, frame);
  draft.release(frame, { isAbandoned: true });
  const details = { error: 'States.Timeout' };
  if (awaits.resourceType === 'activity') {
    draft.record(frame, { type: 'ActivityTimedOut', details, private: null });
  } else if (awaits.resourceType === 'function') {
    draft.record(frame, { type: 'LambdaFunctionTimedOut', details, private: null });
  } else {
    const { resourceType, resource } = awaits;
    draft.record(frame, { type: 'TaskTimedOut', details: { resourceType, resource, ...details }, private: null });
  }
  draft.makeReady(frame);
}

type MapRunEnd = Stimulus & { type: 'MapRunSucceeded' | 'MapRunFailed' };

function acceptMapRunEnd(draft: Draft, stimulus: MapRunEnd): void {
  const frame = awaitingFrame(draft, 'mapRun', stimulus.mapRun);
  if (frame === undefined) return;
  draft.release(frame, { isAbandoned: false });
  if (stimulus.type === 'MapRunSucceeded') {
    draft.record(frame, { type: 'MapRunSucceeded', details: null, private: { result: stimulus.result } });
  } else {
    draft.record(frame, { type: 'MapRunFailed', details: errorDetails(stimulus), private: null });
  }
  draft.makeReady(frame);
}

/** Recorded as a map run's end: nobody reads the records of a trial. */
function acceptMockedChildren(draft: Draft, outcome: Outcome): void {
  if (draft.policy.trial === null) return;
  for (const frame of draft.execution.frames.values()) {
    if (frame.awaits?.type !== 'children' && frame.awaits?.type !== 'mapRun') continue;
    if (outcome.type === 'failed') draft.record(frame, { type: 'MapRunFailed', details: outcome.error, private: null });
    else draft.record(frame, { type: 'MapRunSucceeded', details: null, private: { result: outcome.result } });
    draft.makeReady(frame);
  }
}

type TaskStimulus = Extract<Stimulus, { readonly task: number }>;

function acceptTaskAnswer(draft: Draft, stimulus: TaskStimulus): void {
  const frame = awaitingFrame(draft, 'task', stimulus.task);
  if (frame?.awaits?.type !== 'task') return;
  const { resourceType, resource, isSubmitted } = frame.awaits;
  const isFunction = resourceType === 'function';
  const isActivity = resourceType === 'activity';
  if (stimulus.type === 'TaskFailed' && stimulus.phase === 'start') {
    draft.release(frame, { isAbandoned: false });
    recordTaskFailed(draft, frame, stimulus);
    return draft.makeReady(frame);
  }
  if (stimulus.type === 'SendTaskAgain' || stimulus.type === 'TaskSentAgain') {
    return acceptSending(draft, frame, stimulus);
  }
  recordTaskStarted(draft, frame);
  switch (stimulus.type) {
    case 'TaskStarted':
      return;
    case 'ActivityQueued':
      return draft.command({ type: 'ReleaseTask', task: stimulus.task, isAbandoned: false, waitedSince: null });
    case 'ActivityStarted':
      return startActivity(draft, frame, stimulus);
    case 'TaskSubmitted':
      if (isSubmitted) return;
      draft.record(frame, {
        type: 'TaskSubmitted',
        details: { resourceType, resource, output: stimulus.output },
        private: null,
      });
      draft.command({ type: 'ReleaseTask', task: stimulus.task, isAbandoned: false, waitedSince: null });
      return;
    case 'TaskSucceeded': {
      const { output } = stimulus;
      draft.release(frame, { isAbandoned: false });
      const tooLarge = resultSizeError(draft, isFunction ? resource : resourceType, output);
      if (tooLarge) recordTaskFailed(draft, frame, { phase: 'call', error: tooLarge.error, cause: tooLarge.cause });
      else if (isFunction) draft.record(frame, { type: 'LambdaFunctionSucceeded', details: { output }, private: null });
      else if (isActivity) draft.record(frame, { type: 'ActivitySucceeded', details: { output }, private: null });
      else draft.record(frame, { type: 'TaskSucceeded', details: { resourceType, resource, output }, private: null });
      return draft.makeReady(frame);
    }
    case 'TaskFailed':
      draft.release(frame, { isAbandoned: false });
      recordTaskFailed(draft, frame, stimulus);
      return draft.makeReady(frame);
    default:
      stimulus satisfies never;
  }
}

/** Neither that the call is made anew nor that it is refused then ends the wait: somebody may have the first message after all. */
function acceptSending(
  draft: Draft,
  frame: Frame,
  stimulus: Stimulus & { type: 'SendTaskAgain' | 'TaskSentAgain' },
): void {
  if (frame.awaits?.type !== 'task') return;
  const { seq: task, resourceType, resource, parameters, sends, isSendingAgain } = frame.awaits;
  if (stimulus.type === 'TaskSentAgain') {
    if (!isSendingAgain) return;
    draft.record(frame, { type: 'TaskSentAgain', details: null, private: errorDetails(stimulus) });
    draft.command({ type: 'ReleaseTask', task, isAbandoned: false, waitedSince: null });
  } else if (canBeSentAgain(frame.awaits) && sends < SENDS_AGAIN_MAX) {
    draft.record(frame, { type: 'TaskSendAgainScheduled', details: null, private: null });
    const stateName = frame.state ?? '';
    draft.command({ type: 'InvokeTask', task, resourceType, resource, parameters, stateName, send: sends + 1 });
  }
}

/** The first worker to come has the task; whoever comes later is told nothing. */
function startActivity(draft: Draft, frame: Frame, stimulus: Stimulus & { type: 'ActivityStarted' }): void {
  if (frame.awaits?.type !== 'task' || frame.awaits.isStarted) return;
  const { task, token, workerName } = stimulus;
  const { timeout, heartbeat } = frame.awaits.workerLimits ?? { timeout: null, heartbeat: null };
  const schedule = {
    dueAt: timeout === null ? null : draft.at + timeout * 1000,
    heartbeatDueAt: heartbeat === null ? null : draft.at + heartbeat * 1000,
  };
  const details = workerName === undefined ? {} : { workerName };
  draft.record(frame, { type: 'ActivityStarted', details, private: { ...schedule, token } });
  for (const dueAt of timersOf(schedule)) draft.command({ type: 'StartTimer', timer: task, dueAt });
}

/** History shows the start with what comes next; a long call gets a TaskStarted of its own, an activity one by its worker. */
function recordTaskStarted(draft: Draft, frame: Frame): void {
  if (frame.awaits?.type !== 'task' || frame.awaits.isStarted) return;
  const { resourceType, resource } = frame.awaits;
  if (resourceType === 'activity') return;
  if (resourceType === 'function') draft.record(frame, { type: 'LambdaFunctionStarted', details: null, private: null });
  else draft.record(frame, { type: 'TaskStarted', details: { resourceType, resource }, private: null });
}

function recordTaskFailed(
  draft: Draft,
  frame: Frame,
  failure: ErrorDetails & { readonly phase: 'start' | 'call' },
): void {
  if (frame.awaits?.type !== 'task') return;
  const { resourceType, resource } = frame.awaits;
  const { phase } = failure;
  const details = errorDetails(failure);
  if (resourceType === 'activity') {
    const type = phase === 'start' ? 'ActivityScheduleFailed' : 'ActivityFailed';
    draft.record(frame, { type, details, private: null });
  } else if (resourceType === 'function') {
    const type = phase === 'start' ? 'LambdaFunctionScheduleFailed' : 'LambdaFunctionFailed';
    draft.record(frame, { type, details, private: null });
  } else {
    const type = phase === 'start' ? 'TaskStartFailed' : 'TaskFailed';
    draft.record(frame, { type, details: { resourceType, resource, ...details }, private: null });
  }
}

/** Lets the ready frames go on, in order, until each waits or has ended. */
function settle(draft: Draft): void {
  for (let frame = draft.nextReady(); frame; frame = draft.nextReady()) {
    if (draft.isLive(frame)) advance(draft, frame);
  }
}

/** One frame's turn. The language's errors are caught here and nowhere else. */
function advance(draft: Draft, frame: Frame): void {
  try {
    // Whoever catches the error gets a turn of its own: going on here as well would make it two.
    if (frame.outcome?.type === 'failed') return failState(draft, frame, frame.outcome.error);
    resume(draft, frame);
    while (draft.isLive(frame) && frame.next !== null && draft.takeTransition()) {
      enterState(draft, frame, namedState(blockOf(draft, frame), frame.next));
    }
    if (draft.isRunning && frame.state === null && frame.next === null) finishFrame(draft, frame);
  } catch (fault) {
    // Parallels and Maps around each other nest what was read at the border deeper than JSON may be.
    const error = fault instanceof JsonSyntaxError ? runtimeError(fault.message) : fault;
    if (!(error instanceof StatesError)) throw error;
    failByError(draft, frame, error);
  }
}

/** Goes on with the state that the frame is in: what it awaited has come. */
function resume(draft: Draft, frame: Frame): void {
  if (frame.state === null) return;
  const state = stateOf(draft, frame);
  const { awaits, outcome } = frame;
  if (awaits?.type === 'redrive') return redoState(draft, frame, state);
  if (outcome?.type === 'succeeded' && state.type === 'Task')
    return finishWithResult(draft, frame, state, outcome.result);
  if (outcome?.type === 'succeeded' && (state.type === 'Map' || state.type === 'Parallel'))
    return finishContainer(draft, frame, state, outcome.result);
  const hasFired = (awaits?.type === 'timer' || awaits?.type === 'retry') && draft.hasReleased(awaits.seq);
  if (hasFired && state.type === 'Wait') return leaveWait(draft, frame, state);
  if (hasFired) return startWork(draft, frame, state);
  const isComplete = awaits?.type === 'children' && awaits.resultCount === awaits.total;
  if (isComplete && (state.type === 'Map' || state.type === 'Parallel')) {
    finishChildren(draft, frame, state, awaits);
  }
}

function enterState(draft: Draft, frame: Frame, state: State): void {
  draft.record(frame, {
    type: ENTERED[state.type],
    details: { name: state.name, input: frame.input },
    private: null,
  });
  draft.inspect(frame, 'input', frame.input);
  switch (state.type) {
    case 'Pass':
      return enterPass(draft, frame, state);
    case 'Choice':
      return enterChoice(draft, frame, state);
    case 'Wait':
      return enterWait(draft, frame, state);
    case 'Succeed':
      return enterSucceed(draft, frame, state);
    case 'Fail':
      return enterFail(draft, frame, state);
    default:
      return startWork(draft, frame, state);
  }
}

/** Tasks, Parallels and Maps are worked on again, as by a Retry, a map run goes on; the others are entered again. */
function redoState(draft: Draft, frame: Frame, state: State): void {
  if (frame.mapRun !== null && isRedrivable(frame.mapRun)) redriveMapRun(draft, frame, frame.mapRun);
  else if (state.type === 'Task' || state.type === 'Parallel' || state.type === 'Map') startWork(draft, frame, state);
  else enterState(draft, frame, state);
}

/** The part of a state that a Retry does again. */
function startWork(draft: Draft, frame: Frame, state: State): void {
  if (state.type === 'Task') scheduleTask(draft, frame, state);
  else if (state.type === 'Parallel') startParallel(draft, frame, state);
  else if (state.type === 'Map') startMap(draft, frame, state);
}

function finishChildren(draft: Draft, frame: Frame, state: MapState | ParallelState, awaits: AwaitsChildren): void {
  const result = Payload.concatenate(awaits.results.filter((output) => output !== null));
  finishContainer(draft, frame, state, result);
}

function finishContainer(draft: Draft, frame: Frame, state: MapState | ParallelState, result: Payload): void {
  draft.record(frame, { type: `${state.type}StateSucceeded`, details: null, private: null });
  finishWithResult(draft, frame, state, result);
}

/**
 * ResultSelector and Assign see the result; ResultPath puts it into the raw input; OutputPath selects. JSONata has Output
 * instead of these, and the result is what it gives where there is none.
 */
function finishWithResult(
  draft: Draft,
  frame: Frame,
  state: TaskState | MapState | ParallelState,
  result: Payload,
): void {
  draft.inspect(frame, 'result', result);
  const options = { hasRetryCount: true, result };
  const selected = applyTemplate(draft, frame, state.resultSelector, result, options);
  draft.inspect(frame, 'afterResultSelector', selected);
  const assigned = evaluateAssign(draft, frame, state.assign, result, options);
  const placed = placeResult(state.resultPath, frame.input, selected);
  draft.inspect(frame, 'afterResultPath', placed);
  const output = applyTemplate(
    draft,
    frame,
    state.output,
    selectByPath(draft, frame, state.outputPath, placed),
    options,
  );
  leaveState(draft, frame, state, { output, next: state.next, assigned });
}
