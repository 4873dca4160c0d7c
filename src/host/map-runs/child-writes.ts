import type { ChildPlace, ChildStatus, Execution } from '../../interpreter/index.js';
import { HISTORY_EVENTS_REDRIVABLE_MAX } from '../../limits.js';
import type { ExecutionId, RecordWrite } from '../../store/ports.js';
import { childWrite } from './documents.js';

/** What a child's start, redrive or end writes for its run, in its own commit; nothing for other decisions and executions. */
export function childWrites(
  execution: Execution,
  id: ExecutionId,
  { isStart, isReopened }: { readonly isStart: boolean; readonly isReopened: boolean },
): readonly RecordWrite[] {
  const { child, status, failure, output, identity, at } = execution;
  const hasEnded = status !== 'RUNNING';
  if (child === null || (!isStart && !isReopened && !hasEnded)) return [];
  const { mapRunArn, index, itemCount, runRedrive } = child;
  const document = {
    ...{ index, name: identity.name, execution: id, status, itemCount },
    startedAt: execution.startedAt,
    stoppedAt: hasEnded ? at : null,
    redriveCount: execution.redriveCount,
    redrivenAt: execution.redrivenAt,
    runRedrive,
    isRedrivable: isRedrivable(execution),
    ...(output !== null && { output: output.text }),
    ...failure,
  };
  return [childWrite(mapRunArn, document, isStart ? 'absent' : 'any')];
}

const isRedrivable = ({ eventId }: Execution): boolean => eventId < HISTORY_EVENTS_REDRIVABLE_MAX;

export interface ChildEnd extends ChildPlace {
  readonly status: ChildStatus;
  readonly isRedrivable: boolean;
}

/** What a run is told of its child's end; null for one that runs, and for executions that are no children. */
export function childEnd(execution: Execution): ChildEnd | null {
  const { child, status } = execution;
  return child === null || status === 'RUNNING' ? null : { ...child, status, isRedrivable: isRedrivable(execution) };
}
