import type { Duration } from './duration.js';

/** A call of a Task, as mocks see it and `execution.calls` keeps it. */
export interface MockCall {
  /** Names of the Parallel and Map states around the state, and its own: `Reserve Stock/Reserve Item`. */
  readonly path: string;
  /** Indexes of the Map iterations around it, outermost first; empty outside of Maps. */
  readonly iteration: readonly number[];
  /** Counts the calls of this state in this iteration from 1, whether a Retry or a loop comes back to it. */
  readonly attempt: number;
  /** AWS's `$$.State.RetryCount`: retries since the state was entered. */
  readonly retryCount: number;
  /** `Resource` as the definition has it. */
  readonly resource: string;
  /** The evaluated Parameters or Arguments: what the resource is given. */
  readonly parameters: unknown;
  /** The state's raw input. */
  readonly input: unknown;
  /** The task token, where the parameters carry one (`.waitForTaskToken`). */
  readonly token: string | null;
  /** Virtual time of the call. */
  readonly at: Date;
  readonly executionArn: string;
  readonly executionName: string;
}

interface Timing {
  /** How long the answer takes, in virtual time; at once when left out. */
  readonly after?: Duration;
  /** Beats come so often until the answer does (activities, `.waitForTaskToken`). */
  readonly heartbeatEvery?: Duration;
  /**
   * What the accepted call of a `.sync` or `.waitForTaskToken` task answers, in TaskSubmitted; `{}` when left out.
   * `false`: the call itself failed and nothing was accepted.
   */
  readonly submitted?: unknown;
}

/** The task's whole result, before ResultSelector: for `lambda:invoke` that is `{ Payload: … }`. Any JSON value. */
export interface MockResult extends Timing {
  readonly result: unknown;
}

/** The task fails. A cause that is no text becomes JSON, as a function's error object does on AWS. */
export interface MockError extends Timing {
  readonly error: string;
  readonly cause?: unknown;
}

/** The task is never answered by itself: it times out, or the test answers it later by a handle. */
export interface MockPending extends Omit<Timing, 'after'> {
  readonly pending: true;
  /** Beats stop after so many; they go on for ever when left out. */
  readonly heartbeats?: number;
}

export type MockAnswer = MockResult | MockError | MockPending;

/** May be asynchronous; virtual time stands still meanwhile. An error that it throws fails the test, not the task. */
export type MockFunction = (call: MockCall) => MockAnswer | Promise<MockAnswer>;

/**
 * How a Task is answered: always the same, by a function, or by a list, whose entries answer the calls of the state in
 * each iteration one after the other. A call after the last entry fails the test.
 */
export type Mock = MockAnswer | MockFunction | ReadonlyArray<MockAnswer | MockFunction>;

/**
 * By path of the state: `Charge Customer`, `Reserve Stock/Reserve Item`, `Reserve Stock[1]/Reserve Item` for one
 * iteration (it goes before the one for all). The state's name alone will do, for AWS allows each name once.
 */
export type Mocks = Readonly<Record<string, Mock>>;
