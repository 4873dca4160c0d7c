/** The small doors through which services reach functions and each other; `server` hands them in. */

export interface Invocation {
  /** Name or ARN, with or without qualifier. */
  readonly functionName: string;
  /** JSON text of the event. */
  readonly event: string;
  /** Stable over repeated deliveries: the function sees it as `awsRequestId`. */
  readonly requestId: string;
  /** The function finds it in its environment, as `_X_AMZN_TRACE_ID`. */
  readonly traceHeader?: string;
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

/** Tells the time, and calls back at one; tests hold both. */
export interface Timekeeper extends Clock {
  /** Calls `then` after `ms`; returns how to call it off. */
  after(ms: number, then: () => void): () => void;
}

export type StartOutcome =
  /** It runs, or ran already: the same name is the same start. */
  | { readonly type: 'started' }
  /** There is no such machine, or the input is none; `code` is Step Functions'. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

export interface Executions {
  /** Started and durable when it resolves. `machineArn` may have a version or an alias. */
  start(machineArn: string, input: string, name: string): Promise<StartOutcome>;
}

/** Something that events and schedules send to a resource. */
export interface TargetCall {
  /** Of a function, a state machine, a queue, a topic or an event bus. */
  readonly arn: string;
  /** The text that the target gets: JSON, but for queues and topics, which take any text. */
  readonly input: string;
  /** The same at every attempt: what the target does with it happens once. At most 80 letters, digits, `-` and `_`. */
  readonly key: string;
  /** For FIFO queues. */
  readonly messageGroupId: string | null;
  /** For topics: at most 99 characters. */
  readonly subject?: string;
  /** For event buses: what an event is that has the input as its detail. Null: the input is an event. */
  readonly event: {
    readonly source: string;
    readonly detailType: string;
    readonly resources: readonly string[];
  } | null;
}

export type TargetOutcome =
  | { readonly type: 'done' }
  /** Worth another attempt. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  /** The target is not there, or will never take it. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

export interface Targets {
  send(call: TargetCall): Promise<TargetOutcome>;
  /** To a dead-letter queue, or a topic in its place; what is not there is `refused`. */
  giveUp(letter: {
    readonly arn: string;
    readonly body: string;
    readonly key: string;
    /** Shown as message attributes of type String, or Number. */
    readonly attributes: Readonly<Record<string, string | number>>;
  }): Promise<TargetOutcome>;
}

/** A mail to be sent, or written instead. */
export interface OutgoingMail {
  /** Mails of one id are one mail: where it is written, the file is replaced. Letters, digits, `.` and `-`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly replyTo?: string;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Plain text; empty where there is HTML only. */
  readonly body: string;
  readonly html?: string;
}

export type MailOutcome =
  | { readonly type: 'sent' }
  /** Nobody will ever take this mail: another attempt is of no use. */
  | { readonly type: 'refused'; readonly reason: string };

/** Sends a mail, or writes it to a folder. Rejects where another attempt may help. */
export interface Mailer {
  send(mail: OutgoingMail): Promise<MailOutcome>;
}

/** A topic's message for a queue. */
export interface QueuedNotification {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue?: string; readonly binaryValue?: string }>
  >;
  /** Of FIFO queues; null for others. */
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  /** The same at every attempt: with it again nothing is sent. */
  readonly key: string;
}

export type QueuedOutcome =
  | { readonly type: 'sent' }
  /** There is no such queue, or it will never take it. */
  | { readonly type: 'refused'; readonly reason: string };

/** Queues, as topics reach them. Rejects where another attempt may help. */
export interface NotificationQueues {
  send(notification: QueuedNotification): Promise<QueuedOutcome>;
}

/** A change of a table, as functions get it. */
export interface StreamChange {
  /** Sorts by time. */
  readonly sequence: string;
  /** Epoch milliseconds, of whole seconds. */
  readonly at: number;
  /** JSON text of the record. */
  readonly text: string;
}

/** Streams of tables, as event sources read them. */
export interface ChangeStreams {
  exists(arn: string): boolean;
  /** The place before the first change that is to be read. */
  start(arn: string, position: 'TRIM_HORIZON' | 'LATEST'): string;
  /** The next changes behind a place. */
  read(arn: string, after: string, most: number): Promise<readonly StreamChange[]>;
}
