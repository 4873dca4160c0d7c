import type { Decision } from '../../interpreter/index.js';
import type { RecordWrite } from '../../store/ports.js';
import { childWrites } from '../map-runs/child-writes.js';
import { calleeWrites } from './callees.js';
import { isReopened } from './commit-entry.js';
import type { LiveExecution } from './live-execution.js';
import { openWaitWrites } from './open-waits.js';

/** What a decision leaves besides its records: for the execution's map run, its caller, and the list of open waits. */
export function documentWrites(
  { execution, id }: LiveExecution,
  decision: Decision,
  { isStart }: { readonly isStart: boolean },
): readonly RecordWrite[] {
  return [
    ...childWrites(execution, id, { isStart, isReopened: isReopened(decision) }),
    ...calleeWrites(execution, id, { isStart }),
    ...openWaitWrites(execution, id, decision.commands),
  ];
}
