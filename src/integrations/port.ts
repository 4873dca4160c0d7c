import type { Payload } from '../payload/index.js';

/** One call of a Task, ready to be performed. Performed at least once; `key` is the same each time. */
export interface TaskCall {
  /** Execution ARN and the seq of its TaskScheduled record: the idempotency key. */
  readonly key: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly stateName: string;
  readonly region: string;
  readonly account: string;
  /** History's resourceType and resource: `lambda`, `invoke.waitForTaskToken`; a function's ARN written directly has `function`, and its ARN as resource. */
  readonly resourceType: string;
  readonly resource: string;
  /** The evaluated Parameters, or the input of a function called by its ARN. */
  readonly parameters: Payload;
  /** X-Amzn-Trace-Id that the execution was started with. */
  readonly traceHeader?: string;
}

/** How a call ended. Errors have AWS's names and causes. */
export type TaskAnswer =
  | { readonly type: 'succeeded'; readonly output: Payload }
  /** The call was accepted and its result comes later (.sync, .waitForTaskToken). */
  | { readonly type: 'submitted'; readonly output: Payload }
  /** The task stands in line for a worker, who comes of his own accord. */
  | { readonly type: 'queued' }
  | {
      readonly type: 'failed';
      readonly error: string;
      readonly cause: string;
      /** `start`: the call could not be made at all (history shows …StartFailed or …ScheduleFailed). */
      readonly phase?: 'start';
    };

/** Fires when nobody waits for the answer any more. Its signal is made when somebody looks: most calls never do. */
export interface Cancellation {
  readonly signal: AbortSignal;
}

/** What a Task's Resource calls. Never rejects for the caller's faults. */
export interface Integration {
  /** E.g. `lambda:invoke`, `dynamodb:putItem`, `function`. */
  readonly resource: string;
  perform(call: TaskCall, cancellation: Cancellation): Promise<TaskAnswer>;
}
