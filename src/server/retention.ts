import { deleteEndedRuns } from '../host/index.js';
import { RETENTION_EXECUTIONS_MAX, RETENTION_LOOK_MS, RETENTION_MAP_RUNS_MAX } from '../limits.js';
import type { Store } from '../store/ports.js';

export interface RetentionOptions {
  /** Ended executions are kept so long. AWS: 90 days. */
  readonly keepMs: number;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** Deletes executions and map runs that ended long ago, in slices, so that others are not held up. Returns how to stop. */
export function keepRetention(
  { executions, records }: Pick<Store, 'executions' | 'records'>,
  { keepMs, now, report }: RetentionOptions,
): () => void {
  let isAtWork = false;
  const look = async (): Promise<void> => {
    if (isAtWork) return;
    isAtWork = true;
    try {
      const before = now() - keepMs;
      await executions.deleteStopped({ before, limit: RETENTION_EXECUTIONS_MAX });
      await deleteEndedRuns(records, { before, limit: RETENTION_MAP_RUNS_MAX });
    } catch (fault) {
      report(`Old executions could not be deleted: ${fault instanceof Error ? fault.message : fault}`);
    }
    isAtWork = false;
  };
  const timer = setInterval(() => void look(), RETENTION_LOOK_MS).unref();
  return () => clearInterval(timer);
}
