import type { Decision } from '../../interpreter/index.js';
import type { RecordWrite } from '../../store/ports.js';
import { childWrites } from '../map-runs/child-writes.js';
import { calleeWrites } from './callees.js';
import type { LiveExecution } from './live-execution.js';
import { openWaitWrites } from './open-waits.js';

export const NO_WRITES: readonly RecordWrite[] = [];

/** The documents that change with a decision, in its commit: `besides`, and those of map runs, callers and waits for tokens. */
export function decisionWrites(
  { execution, id }: LiveExecution,
  { commands }: Decision,
  options: { readonly isStart: boolean; readonly besides: readonly RecordWrite[] },
): readonly RecordWrite[] {
  const { besides, isStart } = options;
  const isAlone = execution.child === null && execution.caller === null;
  const waits = openWaitWrites(execution, id, commands);
  if (isAlone && waits.length === 0) return besides;
  return [
    ...besides,
    ...childWrites(execution, id, { isStart }),
    ...calleeWrites(execution, id, { isStart }),
    ...waits,
  ];
}
