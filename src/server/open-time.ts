import { type EmbeddedHost, ExecutionQuarantined, HostClosed } from '../host/index.js';
import { OPEN_TIME_LOOK_MS, OPEN_TIME_PAGE_EXECUTIONS, type Quotas } from '../limits.js';
import type { ExecutionQuery, ExecutionRow, ExecutionStore } from '../store/ports.js';

export interface OpenTimeOptions {
  readonly store: Pick<ExecutionStore, 'list'>;
  readonly host: Pick<EmbeddedHost, 'deliver'>;
  readonly quotas: Pick<Quotas, 'executionSecondsMax'>;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/**
 * Times out executions that have been open longer than any may (AWS: a year). A timer for each would be a row more for
 * every execution, so they are looked for instead: now and every hour. Returns how to stop.
 */
export function keepOpenTime(options: OpenTimeOptions): () => void {
  let isAtWork = false;
  const look = async (): Promise<void> => {
    if (isAtWork) return;
    isAtWork = true;
    try {
      await timeOutOverdue(options);
    } catch (fault) {
      if (!(fault instanceof HostClosed)) {
        options.report(
          `Executions that are open too long could not be timed out: ${fault instanceof Error ? fault.message : fault}`,
        );
      }
    }
    isAtWork = false;
  };
  void look();
  const timer = setInterval(() => void look(), OPEN_TIME_LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** One look; page by page, from the youngest that is overdue to the oldest. */
export async function timeOutOverdue({ store, host, quotas, now }: OpenTimeOptions): Promise<void> {
  const openMs = quotas.executionSecondsMax * 1000;
  let after: ExecutionQuery['after'] = { startAt: now() - openMs + 1, execution: 0 };
  for (;;) {
    const page: readonly ExecutionRow[] = await store.list({
      machine: null,
      status: 'RUNNING',
      after,
      limit: OPEN_TIME_PAGE_EXECUTIONS,
    });
    for (const { execution, startAt } of page) {
      await host.deliver(execution, { type: 'TimerFired', timer: 1, dueAt: startAt + openMs }).catch(leaveQuarantined);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < OPEN_TIME_PAGE_EXECUTIONS) return;
    after = last;
  }
}

/** One that was set aside keeps its history as it is. */
function leaveQuarantined(fault: unknown): void {
  if (!(fault instanceof ExecutionQuarantined)) throw fault;
}
