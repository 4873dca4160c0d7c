import type { Invocation, InvocationResult } from './ports.js';

export interface InvocationOutcome {
  readonly invocation: Invocation;
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';
  readonly attempts: number;
  /** Null: the function was not called. */
  readonly answer: InvocationResult | null;
  readonly at: number;
}

/** What a destination gets of an asynchronous call, as Lambda writes it. */
export function outcomeRecord({ invocation, condition, attempts, answer, at }: InvocationOutcome): string {
  const { requestId, functionName, event } = invocation;
  const isQualified = functionName.split(':').length > 7;
  const called = answer === null || answer.type === 'refused' ? null : answer;
  const head = JSON.stringify({
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: {
      requestId,
      functionArn: isQualified ? functionName : `${functionName}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
  });
  const context =
    called === null
      ? ''
      : `,"responseContext":${JSON.stringify({
          statusCode: 200,
          executedVersion: called.executedVersion,
          ...(called.type === 'failed' && { functionError: 'Unhandled' }),
        })}`;
  // The payloads are JSON text already; numbers in them stay as they were written.
  const response = called === null ? '' : `,"responsePayload":${called.payload}`;
  return `${head.slice(0, -1)},"requestPayload":${event}${context}${response}}`;
}
