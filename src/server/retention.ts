import { forgetOldRedrives } from '../api/states/redrive-action.js';
import { deleteEndedRuns } from '../host/index.js';
import { RETENTION_EXECUTIONS_MAX, RETENTION_LOOK_MS, RETENTION_MAP_RUNS_MAX } from '../limits.js';
import type { Store } from '../store/ports.js';

export interface RetentionOptions {
  /** Ended executions are kept so long. AWS: 90 days. */
  readonly keepMs: number;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** Deletes executions and map runs that ended long ago, every ten minutes. Returns how to stop. */
export function keepRetention(
  store: Pick<Store, 'executions' | 'records'>,
  { keepMs, now, report }: RetentionOptions,
): () => void {
  let isAtWork = false;
  let isStopped = false;
  const look = async (): Promise<void> => {
    if (isAtWork) return;
    isAtWork = true;
    try {
      await deleteEnded(store, { before: now() - keepMs, goesOn: () => !isStopped });
      await forgetOldRedrives(store.records, now());
    } catch (fault) {
      report(`Old executions could not be deleted: ${fault instanceof Error ? fault.message : fault}`);
    }
    isAtWork = false;
  };
  const timer = setInterval(() => void look(), RETENTION_LOOK_MS).unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

/** Everything that ended before a time, in slices, so that commits are not held up. Returns how many executions and map runs. */
export async function deleteEnded(
  { executions, records }: Pick<Store, 'executions' | 'records'>,
  { before, goesOn }: { readonly before: number; readonly goesOn: () => boolean },
): Promise<{ readonly executions: number; readonly mapRuns: number }> {
  const deleted = { executions: 0, mapRuns: 0 };
  for (let count = RETENTION_EXECUTIONS_MAX; count === RETENTION_EXECUTIONS_MAX && goesOn(); ) {
    count = await executions.deleteStopped({ before, limit: RETENTION_EXECUTIONS_MAX });
    deleted.executions += count;
  }
  for (let count = RETENTION_MAP_RUNS_MAX; count === RETENTION_MAP_RUNS_MAX && goesOn(); ) {
    count = await deleteEndedRuns(records, { before, limit: RETENTION_MAP_RUNS_MAX });
    deleted.mapRuns += count;
  }
  return deleted;
}
