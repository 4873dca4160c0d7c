export { decide } from './decide.js';
export { timersOf } from './draft.js';
export { evolve } from './evolve.js';
export {
  type AwaitsMapRun,
  type AwaitsTask,
  CALLBACK_SUFFIX,
  type Caller,
  type ChildPlace,
  canBeSentAgain,
  type Execution,
  type ExecutionIdentity,
  type ExecutionStatus,
  type Frame,
  frameOf,
  HISTORY_FULL,
  isOpenWait,
  newExecution,
  notRedrivable,
  type Outcome,
  ROOT_FRAME,
} from './execution.js';
export { type Explanation, explain } from './explain.js';
export {
  type ErrorDetails,
  errorDetails,
  type HistoryRecord,
  isEnd,
  isShown,
  type RecordBody,
  type RecordType,
  type StartedBy,
} from './history.js';
export {
  type ChildStatus,
  countsOf,
  decideMapRun,
  type EndedChild,
  type MapRun,
  type MapRunCommand,
  type MapRunCounts,
  type MapRunLimits,
  type MapRunOutcome,
  type MapRunStimulus,
  newMapRun,
  restoreMapRun,
  type StoredChild,
} from './map-run.js';
export { type MapRunPlan, readPlan } from './map-run-plan.js';
export { EXPRESS_POLICY, expressPolicy, type Policy, STANDARD_POLICY, standardPolicy, type Trial } from './policy.js';
export { hasWaitingTurns } from './redrive.js';
export { awaitedMapRun, itemSelection, type RunItem, type SelectItem } from './states/distributed-map.js';
export type { Command, Decision, Inspection, InspectionStep, Seed, Stimulus, StimulusBody } from './stimulus.js';
