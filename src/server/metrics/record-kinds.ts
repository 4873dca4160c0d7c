import type { RecordType } from '../../interpreter/index.js';

/** What a record means to metrics and traces. */
export type RecordKind =
  | 'executionStarted'
  | 'executionRedriven'
  | 'executionEnded'
  | 'childStarted'
  | 'stateEntered'
  | 'stateLeft'
  | 'taskScheduled'
  | 'taskStarted'
  | 'taskSucceeded'
  | 'taskFailed'
  | 'taskTimedOut';

const TYPES: Readonly<Record<RecordKind, readonly RecordType[]>> = {
  executionStarted: ['ExecutionStarted'],
  executionRedriven: ['ExecutionRedriven'],
  executionEnded: ['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut'],
  childStarted: ['BranchStarted', 'MapIterationStarted'],
  stateEntered: [
    ...(['PassStateEntered', 'TaskStateEntered', 'ChoiceStateEntered', 'WaitStateEntered'] as const),
    ...(['SucceedStateEntered', 'FailStateEntered', 'ParallelStateEntered', 'MapStateEntered'] as const),
  ],
  stateLeft: [
    ...(['PassStateExited', 'TaskStateExited', 'ChoiceStateExited', 'WaitStateExited'] as const),
    ...(['SucceedStateExited', 'ParallelStateExited', 'MapStateExited'] as const),
    ...(['TaskStateAborted', 'WaitStateAborted', 'ParallelStateAborted', 'MapStateAborted'] as const),
  ],
  taskScheduled: ['TaskScheduled', 'LambdaFunctionScheduled', 'ActivityScheduled'],
  taskStarted: ['TaskStarted', 'LambdaFunctionStarted', 'ActivityStarted'],
  taskSucceeded: ['TaskSucceeded', 'LambdaFunctionSucceeded', 'ActivitySucceeded'],
  taskFailed: [
    ...(['TaskFailed', 'TaskStartFailed', 'TaskSubmitFailed', 'LambdaFunctionFailed'] as const),
    ...(['LambdaFunctionScheduleFailed', 'LambdaFunctionStartFailed', 'ActivityFailed'] as const),
    'ActivityScheduleFailed',
  ],
  taskTimedOut: ['TaskTimedOut', 'LambdaFunctionTimedOut', 'ActivityTimedOut'],
};

const KINDS: ReadonlyMap<RecordType, RecordKind> = new Map(
  (Object.keys(TYPES) as RecordKind[]).flatMap((kind) =>
    TYPES[kind].map((type): [RecordType, RecordKind] => [type, kind]),
  ),
);

/** Undefined for records that neither metrics nor traces look at. */
export const kindOf = (type: RecordType): RecordKind | undefined => KINDS.get(type);
