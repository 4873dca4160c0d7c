import type { Decision } from '../../interpreter/index.js';
import type { CommitOutcome, NewExecution, RecordWrite } from '../../store/ports.js';
import { childWrites } from '../map-runs/child-writes.js';
import type { Alongside } from '../ports.js';
import { calleeWrites } from './callees.js';
import { isReopened } from './commit-entry.js';
import type { EmbeddedHostOptions } from './host-options.js';
import { waitWrites } from './keyed-waits.js';
import type { LiveExecution } from './live-execution.js';
import { NO_WRITES } from './open-waits.js';

/** A promise only where keys of ended waits are read. */
export type Writes = readonly RecordWrite[] | Promise<readonly RecordWrite[]>;

/** What a decision leaves besides its records: for the execution's map run, its caller, the list of open waits, and others. */
export function documentWrites(
  { revision, execution, id }: LiveExecution,
  decision: Decision,
  {
    start,
    besides,
    options,
  }: {
    /** Null: it has started before. */
    readonly start: NewExecution | null;
    /** What whoever asked wants to have written as well. */
    readonly besides: readonly RecordWrite[];
    readonly options: Pick<EmbeddedHostOptions, 'alongside' | 'store' | 'waitKeys'>;
  },
): {
  readonly writes: Writes;
  /** Tells the others what has become of the commit. */
  readonly settled: (outcome: Promise<CommitOutcome>) => Promise<CommitOutcome>;
} {
  const isStart = start !== null;
  const { records } = decision;
  const others = records.length === 0 ? null : (options.alongside?.({ revision, execution, records }) ?? null);
  const waits = waitWrites(options, execution, id, decision);
  if (execution.child === null && execution.caller === null && others === null && waits === NO_WRITES)
    return { writes: besides, settled: asItIs }; // most decisions
  const own = [
    ...besides,
    ...childWrites(execution, id, { isStart, isReopened: isReopened(decision) }),
    ...calleeWrites(execution, id, { isStart }),
    ...(others?.writes ?? []),
  ];
  const writes = waits instanceof Promise ? waits.then((later) => [...own, ...later]) : [...own, ...waits];
  return { writes, settled: others === null ? asItIs : (outcome) => tell(outcome, others) };
}

const asItIs = (outcome: Promise<CommitOutcome>): Promise<CommitOutcome> => outcome;

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
