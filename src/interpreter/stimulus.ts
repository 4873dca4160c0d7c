import type { Payload } from '../payload/index.js';
import type { Caller, ChildPlace, Outcome } from './execution.js';
import type { HistoryRecord, StartedBy } from './history.js';

/** 128 random bits, drawn by the host: all randomness of the decision comes from here. */
export type Seed = readonly [number, number, number, number];

/** Something from outside. `at` is the clock in epoch milliseconds. Tasks, map runs and timers are named by the seq of their record. */
export type Stimulus = {
  readonly at: number;
  readonly seed: Seed;
} /** `child`: where the execution is a child of a map run. */ & (
  | ({
      readonly type: 'StartExecution';
      readonly input: Payload;
      readonly child?: ChildPlace;
      readonly caller?: Caller;
      readonly traceHeader?: string;
    } & StartedBy)
  | { readonly type: 'TaskStarted'; readonly task: number }
  /** The task of an activity stands in the queue of its workers. */
  | { readonly type: 'ActivityQueued'; readonly task: number }
  | { readonly type: 'ActivityStarted'; readonly task: number; readonly token: string; readonly workerName?: string }
  | { readonly type: 'TaskSubmitted'; readonly task: number; readonly output: Payload }
  /** The call of a task that waits for its token is to be made anew; and how that call was answered. */
  | { readonly type: 'SendTaskAgain'; readonly task: number }
  | { readonly type: 'TaskSentAgain'; readonly task: number; readonly error?: string; readonly cause?: string }
  | { readonly type: 'TaskSucceeded'; readonly task: number; readonly output: Payload }
  | {
      readonly type: 'TaskFailed';
      readonly task: number;
      readonly error?: string;
      readonly cause?: string;
      /** `start`: the call could not be made at all. */
      readonly phase: 'start' | 'call';
    }
  | { readonly type: 'MapRunSucceeded'; readonly mapRun: number; readonly result: Payload }
  | { readonly type: 'MapRunFailed'; readonly mapRun: number; readonly error: string; readonly cause: string }
  | { readonly type: 'TimerFired'; readonly timer: number; readonly dueAt: number }
  /** Goes on where an execution that has ended without success was. `runRedrive`: by which redrive of its map run. */
  | { readonly type: 'RedriveExecution'; readonly runRedrive?: number }
  | { readonly type: 'StopExecution'; readonly error?: string; readonly cause?: string }
  /** The last decision stopped at its bound of transitions. */
  | { readonly type: 'Continue' }
  /** In a trial only: what the children of the Map or Parallel come to, none of which is opened. */
  | { readonly type: 'ChildrenMocked'; readonly outcome: Outcome }
);

/** A stimulus before the host has given it time and seed. */
export type StimulusBody = Stimulus extends infer One
  ? One extends Stimulus
    ? Omit<One, 'at' | 'seed'>
    : never
  : never;

/** What the host carries out once the records are durable. */
export type Command =
  | {
      readonly type: 'InvokeTask';
      /** Seq of the scheduled record. */
      readonly task: number;
      readonly resourceType: string;
      readonly resource: string;
      readonly parameters: Payload;
      readonly stateName: string;
      /** Set where the call is made anew because somebody asked for it: 1 for the first time. */
      readonly send?: number;
    }
  /** The task's answer is not awaited any more: its command is done with, a live call may be cancelled. */
  | {
      readonly type: 'ReleaseTask';
      readonly task: number;
      readonly isAbandoned: boolean;
      /** When the wait for somebody's answer began that ends hereby, epoch milliseconds; null where the task is no such wait, or goes on. */
      readonly waitedSince: number | null;
    }
  /** Tell the Task that waits for this execution how it has ended. `after` is the seq of its end. */
  | { readonly type: 'NotifyCaller'; readonly after: number }
  /** Nobody waits for the execution any more that this task has started: it is to be stopped. */
  | { readonly type: 'StopCallee'; readonly task: number }
  /** Start the run, or take it up where it stopped. What its children are made of comes from `mapRunItems`. */
  | { readonly type: 'StartMapRun'; readonly mapRun: number; readonly mapRunArn: string }
  /** The run's end has been taken note of. */
  | { readonly type: 'ReleaseMapRun'; readonly mapRun: number }
  /** Nobody waits for the run any more: its children are to be stopped. */
  | { readonly type: 'StopMapRun'; readonly mapRun: number; readonly mapRunArn: string }
  | { readonly type: 'StartTimer'; readonly timer: number; readonly dueAt: number }
  | { readonly type: 'StopTimer'; readonly timer: number; readonly dueAt: number }
  /** Deliver `Continue`. `after` is the seq of the last record. */
  | { readonly type: 'Continue'; readonly after: number };

/** A step of one state's data flow, by the name that TestState's inspectionData gives it. */
export type InspectionStep =
  | 'input'
  | 'afterInputPath'
  | 'afterParameters'
  | 'afterArguments'
  | 'result'
  | 'afterResultSelector'
  | 'afterResultPath'
  | 'afterItemsPath'
  | 'afterItemSelector'
  | 'afterItemBatcher'
  | 'afterItemsPointer'
  | 'maxConcurrency'
  | 'toleratedFailureCount'
  | 'toleratedFailurePercentage'
  /** Why the state failed: error and cause, where there are. */
  | 'failure'
  | 'retryIndex'
  | 'retryBackoffIntervalSeconds'
  | 'catchIndex';

export interface Inspection {
  /** The frame whose state it is. */
  readonly frame: number;
  readonly step: InspectionStep;
  readonly value: Payload;
}

/** One turn's result; to be committed as one. No records: nothing happened (a duplicate or late stimulus). */
export interface Decision {
  readonly records: readonly HistoryRecord[];
  readonly commands: readonly Command[];
  /** In the order they happened; empty unless the policy inspects. Never stored. */
  readonly inspection: readonly Inspection[];
}
