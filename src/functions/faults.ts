import { FUNCTION_RESPONSE_BYTES_MAX } from '../limits.js';

/** Lambda's error objects for what happens outside of the function's code, as JSON text. */
const errorObject = (errorType: string, errorMessage: string): string => JSON.stringify({ errorType, errorMessage });

/** `seconds` as in the function's configuration: AWS writes `3.00 seconds`. */
export const timedOut = (requestId: string, seconds: number): string =>
  errorObject('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`);

export const exited = (requestId: string, exit: Exit): string =>
  errorObject('Runtime.ExitError', `RequestId: ${requestId} Error: ${exitReason(exit)}`);

export const responseTooLarge = (): string =>
  errorObject(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${FUNCTION_RESPONSE_BYTES_MAX} bytes).`,
  );

/** The process could not be started at all. */
export const notStarted = (requestId: string, reason: string): string =>
  errorObject('Runtime.InvalidEntrypoint', `RequestId: ${requestId} Error: ${reason}`);

/** How a process ended: exactly one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Names as Go's runtime, and so Lambda, gives them. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
};

function exitReason(exit: Exit): string {
  if (exit.signal !== null) return `Runtime exited with error: signal: ${SIGNALS[exit.signal] ?? exit.signal}`;
  if (exit.code !== 0) return `Runtime exited with error: exit status ${exit.code}`;
  return 'Runtime exited without providing a reason';
}
