import type { State } from '../language/definition.js';
import type { Payload } from '../payload/index.js';

export type StateType = State['type'];

/** Written out: a name put together anew for each record would be compared letter by letter wherever it is told apart. */
export const ENTERED = {
  Pass: 'PassStateEntered',
  Task: 'TaskStateEntered',
  Choice: 'ChoiceStateEntered',
  Wait: 'WaitStateEntered',
  Succeed: 'SucceedStateEntered',
  Fail: 'FailStateEntered',
  Parallel: 'ParallelStateEntered',
  Map: 'MapStateEntered',
} as const satisfies { readonly [Type in StateType]: `${Type}StateEntered` };

export const EXITED = {
  Pass: 'PassStateExited',
  Task: 'TaskStateExited',
  Choice: 'ChoiceStateExited',
  Wait: 'WaitStateExited',
  Succeed: 'SucceedStateExited',
  Parallel: 'ParallelStateExited',
  Map: 'MapStateExited',
} as const satisfies { readonly [Type in Exclude<StateType, 'Fail'>]: `${Type}StateExited` };
type ContainerType = 'Parallel' | 'Map';

/** An error as history shows it: keys are absent where nothing was given. */
export interface ErrorDetails {
  readonly error?: string;
  readonly cause?: string;
}

/** Only the keys that were given. */
export const errorDetails = ({
  error,
  cause,
}: {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}): ErrorDetails => ({
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
});

/** The version and the alias that an execution was started with, where it was. */
export interface StartedBy {
  readonly stateMachineAliasArn?: string;
  readonly stateMachineVersionArn?: string;
}

interface TaskResourceDetails {
  readonly resourceType: string;
  readonly resource: string;
}

interface IterationDetails {
  readonly name: string;
  readonly index: number;
}

/** What a scheduled task needs besides what AWS shows. Times are epoch milliseconds. */
export interface TaskSchedule {
  /** The task times out then; null = never. */
  readonly dueAt: number | null;
  /** The first beat is due then; null = none awaited. Later beats move only the host's timer, never history. */
  readonly heartbeatDueAt: number | null;
}

export type AssignedVariables = ReadonlyArray<readonly [name: string, value: Payload]>;

/**
 * What happened. `details` is exactly what AWS shows (payloads as Payload), `private` is what AWS does not show and
 * `evolve` needs. The types that AWS does not have at all are listed in `isShown`.
 */
export type RecordBody =
  | {
      readonly type: 'ExecutionStarted';
      readonly details: { readonly input: Payload; readonly roleArn: string } & StartedBy;
      /** `mapRunArn`, `index` and `itemCount` are there in a child of a map run, the next three in an execution that a Task waits for. */
      readonly private: {
        readonly startAt: string;
        readonly timeoutAt: number | null;
        readonly mapRunArn?: string;
        readonly index?: number;
        readonly itemCount?: number;
        /** Which redrive of the run has started it; absent in its first attempt. */
        readonly runRedrive?: number;
        readonly caller?: number;
        readonly callerTask?: number;
        readonly callerPattern?: string;
        /** What the client sent along. */
        readonly traceHeader?: string;
      };
    }
  | { readonly type: 'ExecutionSucceeded'; readonly details: { readonly output: Payload }; readonly private: null }
  | {
      /** An execution that had failed, was stopped or timed out goes on where it was. */
      readonly type: 'ExecutionRedriven';
      readonly details: { readonly redriveCount: number };
      /** `runRedrive` is there in a child of a map run: which redrive of the run. */
      readonly private: { readonly timeoutAt: number | null; readonly runRedrive?: number };
    }
  | {
      readonly type: 'ExecutionFailed' | 'ExecutionAborted' | 'ExecutionTimedOut';
      readonly details: ErrorDetails;
      readonly private: null;
    }
  | {
      readonly type: `${StateType}StateEntered`;
      readonly details: { readonly name: string; readonly input: Payload };
      readonly private: null;
    }
  | {
      readonly type: `${Exclude<StateType, 'Fail'>}StateExited`;
      readonly details: { readonly name: string; readonly output: Payload; readonly assigned?: AssignedVariables };
      /** The state that comes next in the frame's block; null ends the frame. */
      readonly private: { readonly next: string | null };
    }
  | {
      readonly type: 'TaskScheduled';
      readonly details: TaskResourceDetails & {
        readonly region: string;
        readonly parameters: Payload;
        readonly timeoutInSeconds?: number;
        readonly heartbeatInSeconds?: number;
        readonly roleArn?: string;
      };
      readonly private: TaskSchedule;
    }
  | {
      readonly type: 'LambdaFunctionScheduled';
      readonly details: {
        readonly resource: string;
        readonly input: Payload;
        readonly timeoutInSeconds?: number;
        readonly roleArn?: string;
      };
      readonly private: TaskSchedule;
    }
  | {
      readonly type: 'ActivityScheduled';
      readonly details: {
        readonly resource: string;
        readonly input: Payload;
        readonly timeoutInSeconds?: number;
        readonly heartbeatInSeconds?: number;
      };
      readonly private: null;
    }
  | {
      /** A worker has the task: from now on its time-out and its heartbeats count. */
      readonly type: 'ActivityStarted';
      readonly details: { readonly workerName?: string };
      readonly private: TaskSchedule & { readonly token: string };
    }
  | { readonly type: 'ActivitySucceeded'; readonly details: { readonly output: Payload }; readonly private: null }
  | {
      readonly type: 'ActivityFailed' | 'ActivityTimedOut' | 'ActivityScheduleFailed';
      readonly details: ErrorDetails;
      readonly private: null;
    }
  | { readonly type: 'TaskStarted'; readonly details: TaskResourceDetails; readonly private: null }
  | { readonly type: 'LambdaFunctionStarted'; readonly details: null; readonly private: null }
  | {
      readonly type: 'TaskSubmitted' | 'TaskSucceeded';
      readonly details: TaskResourceDetails & { readonly output: Payload };
      readonly private: null;
    }
  /** The call of a task that waits for its token is to be made anew, with the same token; and that it was made, or was refused. */
  | { readonly type: 'TaskSendAgainScheduled'; readonly details: null; readonly private: null }
  | { readonly type: 'TaskSentAgain'; readonly details: null; readonly private: ErrorDetails }
  | { readonly type: 'LambdaFunctionSucceeded'; readonly details: { readonly output: Payload }; readonly private: null }
  | {
      readonly type: 'TaskFailed' | 'TaskTimedOut' | 'TaskStartFailed' | 'TaskSubmitFailed';
      readonly details: TaskResourceDetails & ErrorDetails;
      readonly private: null;
    }
  | {
      readonly type:
        | 'LambdaFunctionFailed'
        | 'LambdaFunctionTimedOut'
        | 'LambdaFunctionScheduleFailed'
        | 'LambdaFunctionStartFailed';
      readonly details: ErrorDetails;
      readonly private: null;
    }
  | {
      readonly type: 'MapStateStarted';
      readonly details: { readonly length: number };
      /** `items` is what is mapped; `slots` how many iterations may be open at once. Null for a distributed Map. */
      readonly private: { readonly items: Payload; readonly slots: number } | null;
    }
  | {
      readonly type: 'MapIterationStarted';
      readonly details: IterationDetails;
      readonly private: { readonly parent: number; readonly startAt: string; readonly input: Payload };
    }
  | {
      readonly type: 'MapIterationSucceeded' | 'MapIterationFailed' | 'MapIterationAborted';
      readonly details: IterationDetails;
      readonly private: null;
    }
  | { readonly type: 'ParallelStateStarted'; readonly details: null; readonly private: { readonly branches: number } }
  | {
      readonly type: 'BranchStarted';
      readonly details: null;
      readonly private: {
        readonly parent: number;
        readonly index: number;
        readonly startAt: string;
        readonly input: Payload;
      };
    }
  | { readonly type: `${ContainerType}StateSucceeded`; readonly details: null; readonly private: null }
  | { readonly type: `${ContainerType}StateFailed`; readonly details: null; readonly private: null }
  | { readonly type: `${ContainerType | 'Task' | 'Wait'}StateAborted`; readonly details: null; readonly private: null }
  | {
      /** An expression of JSONata has failed; the state fails with it. */
      readonly type: 'EvaluationFailed';
      readonly details: {
        readonly error: string;
        readonly cause: string;
        /** Which field, e.g. `Output/total`; absent where the fault is not one expression. */
        readonly location?: string;
        readonly state: string;
      };
      readonly private: null;
    }
  | {
      readonly type: 'MapRunStarted';
      readonly details: { readonly mapRunArn: string };
      /** The items, null with an ItemReader; a `MapRunPlan` as JSON. */
      readonly private: { readonly items: Payload | null; readonly plan: Payload };
    }
  | {
      /** The run that failed or was aborted goes on: its children that did not succeed are redriven. */
      readonly type: 'MapRunRedriven';
      readonly details: { readonly mapRunArn: string; readonly redriveCount: number };
      readonly private: null;
    }
  | { readonly type: 'MapRunSucceeded'; readonly details: null; readonly private: { readonly result: Payload } }
  | { readonly type: 'MapRunFailed'; readonly details: ErrorDetails; readonly private: null }
  | { readonly type: 'MapRunAborted'; readonly details: null; readonly private: null }
  | {
      readonly type: 'RetryScheduled';
      readonly details: null;
      /** `attempt` counts from 1; `delayMs` is the drawn delay, jitter included. */
      readonly private: {
        readonly retrier: number;
        readonly attempt: number;
        readonly delayMs: number;
        readonly dueAt: number;
      };
    }
  | { readonly type: 'TimerStarted'; readonly details: null; readonly private: { readonly dueAt: number } };

export type RecordType = RecordBody['type'];

/** One line of an execution's history. */
export type HistoryRecord = RecordBody & {
  /** Ours, 1…n without gaps. */
  readonly seq: number;
  /** AWS's event number, 1…n without gaps; null where AWS has no such event. */
  readonly id: number | null;
  /** The event that led to this one; 0 for the first. */
  readonly previousEventId: number;
  /** Epoch milliseconds; never goes back within an execution. */
  readonly at: number;
  /** Seq of the record that opened the frame in which it happened. */
  readonly frame: number;
};

const PRIVATE_TYPES: ReadonlySet<RecordType> = new Set([
  'BranchStarted',
  'RetryScheduled',
  'TimerStarted',
  'TaskSendAgainScheduled',
  'TaskSentAgain',
]);

/** Whether AWS has such an event, and gives it a number. */
export const isShown = (type: RecordType): boolean => !PRIVATE_TYPES.has(type);

/** The record after which an execution says no more, unless it is redriven. */
export const isEnd = ({ type }: HistoryRecord): boolean =>
  type.startsWith('Execution') && type !== 'ExecutionStarted' && type !== 'ExecutionRedriven';
