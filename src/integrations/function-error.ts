import { isObject, memberOf, parseJson } from '../payload/index.js';
import type { InvocationResult } from '../services/ports.js';
import type { TaskAnswer } from './port.js';
import { sdkFailure } from './sdk.js';

/** A function's own error: its `errorType` is the error's name, its whole error object the cause. */
export function functionFailure(payload: string): TaskAnswer {
  const errorType = errorTypeOf(payload);
  if (errorType !== null) return { type: 'failed', error: errorType, cause: payload };
  const cause = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
  return { type: 'failed', error: 'Lambda.Unknown', cause };
}

function errorTypeOf(payload: string): string | null {
  try {
    const value = parseJson(payload);
    const errorType = isObject(value) ? memberOf(value, 'errorType') : undefined;
    return typeof errorType === 'string' && errorType !== '' ? errorType : null;
  } catch {
    return null;
  }
}

/** Codes that are not exceptions of Lambda's model collapse to the service's own exception. */
const UNMODELLED: ReadonlySet<string> = new Set(['ValidationException', 'AccessDenied']);

/** The invocation did not take place. */
export const invocationRefusal = (
  { code, message, status }: Extract<InvocationResult, { type: 'refused' }>,
  requestId: string,
): TaskAnswer =>
  sdkFailure({
    error: `Lambda.${UNMODELLED.has(code) ? 'AWSLambdaException' : code}`,
    message,
    service: 'AWSLambda',
    status,
    code,
    requestId,
  });
