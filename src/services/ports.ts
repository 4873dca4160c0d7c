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
