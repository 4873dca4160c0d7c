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

/** Sends the outcome of an asynchronous call to a queue or a topic; once for each key. */
export type SendOutcome = (arn: string, body: string, key: string) => Promise<void>;

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** A received message, as an event source hands it on. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** What the queue knows of it: `SentTimestamp`, `ApproximateReceiveCount`, … */
  readonly attributes: Readonly<Record<string, string>>;
  /** The sender's own. */
  readonly messageAttributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue?: string; readonly binaryValue?: string }>
  >;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes: string | null;
}

/** Queues as event sources read them; a message is hidden after `receive` until its visibility time-out. */
export interface QueueReader {
  /** Null when there is no such queue. */
  describe(arn: string): { readonly visibilitySeconds: number; readonly isFifo: boolean } | null;
  /** Up to ten; waits until there is one or the signal fires. */
  receive(arn: string, most: number, signal: AbortSignal): Promise<readonly QueueMessage[]>;
  remove(arn: string, messages: readonly QueueMessage[]): Promise<void>;
  /** Shows messages again at once. */
  release(arn: string, messages: readonly QueueMessage[]): Promise<void>;
}
