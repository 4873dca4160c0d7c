import type { Decision } from '../../interpreter/index.js';
import type { CommitOutcome, RecordWrite } from '../../store/ports.js';
import { childWrites } from '../map-runs/child-writes.js';
import type { Alongside } from '../ports.js';
import { calleeWrites } from './callees.js';
import { isReopened } from './commit-entry.js';
import type { EmbeddedHostOptions } from './host-options.js';
import type { LiveExecution } from './live-execution.js';
import { openWaitWrites } from './open-waits.js';

/** What a decision leaves besides its records: for the execution's map run, its caller, the list of open waits, and others. */
export function documentWrites(
  { revision, execution, id }: LiveExecution,
  decision: Decision,
  {
    isStart,
    alongside,
  }: { readonly isStart: boolean; readonly alongside: EmbeddedHostOptions['alongside'] | undefined },
): {
  readonly writes: readonly RecordWrite[];
  /** Tells the others what has become of the commit. */
  readonly settled: (outcome: Promise<CommitOutcome>) => Promise<CommitOutcome>;
} {
  const own = [
    ...childWrites(execution, id, { isStart, isReopened: isReopened(decision) }),
    ...calleeWrites(execution, id, { isStart }),
    ...openWaitWrites(execution, id, decision),
  ];
  const { records } = decision;
  const others = records.length === 0 ? null : (alongside?.({ revision, execution, records }) ?? null);
  if (others === null) return { writes: own, settled: (outcome) => outcome };
  return { writes: [...own, ...others.writes], settled: (outcome) => tell(outcome, others) };
}

async function tell(outcome: Promise<CommitOutcome>, { accept, lookAgain }: Alongside): Promise<CommitOutcome> {
  try {
    const settled = await outcome;
    if (settled.type === 'committed') accept();
    return settled;
  } catch (fault) {
    lookAgain();
    throw fault;
  }
}
