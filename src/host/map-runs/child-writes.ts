import type { Execution } from '../../interpreter/index.js';
import type { ExecutionId, RecordWrite } from '../../store/ports.js';
import { childWrite } from './documents.js';

/** What a child's start or end writes for its run, in its own commit; nothing for other decisions and executions. */
export function childWrites(
  execution: Execution,
  id: ExecutionId,
  { isStart }: { readonly isStart: boolean },
): readonly RecordWrite[] {
  const { child, status, failure, output, identity, at } = execution;
  const hasEnded = status !== 'RUNNING';
  if (child === null || (!isStart && !hasEnded)) return [];
  const document = {
    index: child.index,
    name: identity.name,
    execution: id,
    status,
    itemCount: child.itemCount,
    startedAt: execution.startedAt,
    stoppedAt: hasEnded ? at : null,
    ...(output !== null && { output: output.text }),
    ...failure,
  };
  return [childWrite(child.mapRunArn, document, isStart ? 'absent' : 'any')];
}
