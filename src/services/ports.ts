/** The small doors through which services reach functions and each other; `server` hands them in. */

export interface Invocation {
  /** Name or ARN, with or without qualifier. */
  readonly functionName: string;
  /** JSON text of the event. */
  readonly event: string;
  /** Stable over repeated deliveries: the function sees it as `awsRequestId`. */
  readonly requestId: string;
}

export type InvocationResult =
  | { readonly type: 'succeeded'; readonly payload: string; readonly executedVersion: string }
  /** The function's own error: `payload` is its JSON error object `{errorMessage, errorType, …}`. */
  | { readonly type: 'failed'; readonly payload: string; readonly executedVersion: string }
  /** There is no such function, it is throttled, or it cannot be run here; `code` is Lambda's, e.g. `ResourceNotFoundException`. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly status: number };

export interface Invoker {
  /** `signal` aborts: the function's process is killed. */
  invoke(invocation: Invocation, signal?: AbortSignal): Promise<InvocationResult>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}
