import type { ExecutionId, ExecutionStore, OutboxRow } from '../../store/ports.js';
import type { Recovery } from '../ports.js';

const OUTBOX_PAGE = 1000;

/** Takes up every command that stands in the outbox, until `takeUp` says that there is no room for more. */
export async function recoverCommands(
  store: Pick<ExecutionStore, 'outbox'>,
  takeUp: (row: OutboxRow) => Promise<boolean>,
): Promise<Recovery> {
  const executions = new Set<ExecutionId>();
  let commands = 0;
  for (let after: OutboxRow | null = null; ; ) {
    const page: readonly OutboxRow[] = await store.outbox({ after, limit: OUTBOX_PAGE });
    for (const row of page) {
      if (!(await takeUp(row))) return { executions: executions.size, commands };
      executions.add(row.execution);
      commands += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < OUTBOX_PAGE) return { executions: executions.size, commands };
  }
}
