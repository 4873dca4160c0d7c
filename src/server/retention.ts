import { RETENTION_EXECUTIONS_MAX, RETENTION_LOOK_MS } from '../limits.js';
import type { ExecutionStore } from '../store/ports.js';

export interface RetentionOptions {
  /** Ended executions are kept so long. AWS: 90 days. */
  readonly keepMs: number;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** Deletes executions that ended long ago, in slices, so that others are not held up. Returns how to stop. */
export function keepRetention(store: ExecutionStore, { keepMs, now, report }: RetentionOptions): () => void {
  let isAtWork = false;
  const look = async (): Promise<void> => {
    if (isAtWork) return;
    isAtWork = true;
    try {
      await store.deleteStopped({ before: now() - keepMs, limit: RETENTION_EXECUTIONS_MAX });
    } catch (fault) {
      report(`Old executions could not be deleted: ${fault instanceof Error ? fault.message : fault}`);
    }
    isAtWork = false;
  };
  const timer = setInterval(() => void look(), RETENTION_LOOK_MS).unref();
  return () => clearInterval(timer);
}
