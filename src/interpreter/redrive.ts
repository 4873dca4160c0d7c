import { type Draft, stateOf } from './draft.js';
import type { Execution, Frame } from './execution.js';
import { openIterations } from './states/map.js';

/**
 * Opens an execution again that has ended without success. A running or a succeeded one decides nothing, nor does a child
 * of a map run that this redrive of the run has opened before.
 */
export function redrive(
  draft: Draft,
  { runRedrive }: { readonly runRedrive?: number },
  timeoutAt: number | null,
): void {
  const { execution } = draft;
  if (execution.seq === 0 || execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') return;
  if (runRedrive !== undefined && (execution.child?.runRedrive ?? 0) >= runRedrive) return;
  const record = draft.recordExecution(
    {
      type: 'ExecutionRedriven',
      details: { redriveCount: execution.redriveCount + 1 },
      private: { timeoutAt, ...(runRedrive !== undefined && { runRedrive }) },
    },
    execution.eventId,
  );
  if (timeoutAt !== null) draft.command({ type: 'StartTimer', timer: 1, dueAt: timeoutAt });
  for (const frame of [...execution.frames.values()]) reopenFrame(draft, frame, record.id ?? 0);
}

function reopenFrame(draft: Draft, frame: Frame, redriven: number): void {
  if (goesOn(frame)) return draft.makeReady(frame);
  const state = frame.state === null ? null : stateOf(draft, frame);
  if (state?.type === 'Map') openIterations(draft, frame, state, redriven);
}

/** Whether the frame has something to do that nobody has to tell it of. */
export const goesOn = (frame: Frame): boolean => frame.next !== null || frame.awaits?.type === 'redrive';

/** Whether any frame has. */
export const hasWaitingTurns = (execution: Execution): boolean => [...execution.frames.values()].some(goesOn);
