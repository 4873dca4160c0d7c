import type { ExecutionStatus } from '../interpreter/execution.js';

/** What the process answers to its caller; documented in `treadle --help`. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  timedOut: 3,
  aborted: 4,
  noServer: 5,
  /** The caller pressed Ctrl-C: 128 + SIGINT, as shells do. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The outcome of an execution as an exit code; a running one counts as succeeded so far. */
export function exitCodeOf(status: ExecutionStatus): ExitCode {
  switch (status) {
    case 'RUNNING':
    case 'SUCCEEDED':
      return EXIT.succeeded;
    case 'FAILED':
      return EXIT.failed;
    case 'TIMED_OUT':
      return EXIT.timedOut;
    case 'ABORTED':
      return EXIT.aborted;
    default:
      return status satisfies never;
  }
}
