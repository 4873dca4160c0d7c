import type { Command, Frame } from '../../interpreter/index.js';
import type { ExecutionId, ExecutionStore, OutboxRow } from '../../store/ports.js';
import type { Recovery } from '../ports.js';
import type { LiveExecution } from './live-execution.js';

const OUTBOX_PAGE = 1000;
/** Executions that were set aside. */
export const QUARANTINE = 'quarantine';

/** Takes up every command that stands in the outbox, until `takeUp` says that there is no room for more. */
export async function recoverCommands(
  store: Pick<ExecutionStore, 'outbox'>,
  takeUp: (row: OutboxRow) => Promise<boolean>,
): Promise<Omit<Recovery, 'timersOverdue'>> {
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

/**
 * Of a decision whose commit may have been written: the commands that stop what nobody waits for any more, if they stand in the outbox. A
 * revived execution does not know of them itself.
 */
export async function leftStops(
  store: Pick<ExecutionStore, 'outbox'>,
  { id, execution }: LiveExecution,
  commands: readonly Command[],
): Promise<readonly Command[]> {
  // The frames of one that has ended stay as they were, for a redrive.
  const frames = execution.status === 'RUNNING' ? [...execution.frames.values()] : [];
  const awaited = new Set(frames.map(({ awaits }) => seqOf(awaits)));
  const stops = commands.filter((command) => stoppedBy(command) !== null && !awaited.has(stoppedBy(command)));
  if (stops.length === 0) return [];
  const left = new Set<number | null>();
  await recoverCommands(
    { outbox: ({ after, limit }) => store.outbox({ after: after ?? { execution: id, seq: 0 }, limit }) },
    async (row) => {
      if (row.execution !== id) return false;
      left.add(row.seq);
      return true;
    },
  );
  return stops.filter((command) => left.has(stoppedBy(command)));
}

function stoppedBy(command: Command): number | null {
  if (command.type === 'StopCallee') return command.task;
  return command.type === 'StopMapRun' ? command.mapRun : null;
}

const seqOf = (awaits: Frame['awaits']): number | null => (awaits !== null && 'seq' in awaits ? awaits.seq : null);

export const asError = (fault: unknown): Error => (fault instanceof Error ? fault : new Error(String(fault)));
