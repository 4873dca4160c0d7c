import type { HistoryRecord } from '../interpreter/index.js';
import type { ExecutionId, ExecutionStore } from './ports.js';
import { PayloadNumbers, SegmentReader } from './segment.js';

/** Every durable record of an execution, in order; empty when there is no such execution. */
export async function readHistory(
  store: Pick<ExecutionStore, 'load'>,
  execution: ExecutionId,
): Promise<readonly HistoryRecord[]> {
  const stored = await store.load(execution, { from: 'start' });
  const reader = new SegmentReader(new PayloadNumbers());
  return (stored?.segments ?? []).flatMap((segment) => reader.read(segment.data));
}
