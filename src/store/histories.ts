import type { HistoryRecord } from '../interpreter/index.js';
import type { ExecutionId, ExecutionStore, StoredSegment } from './ports.js';
import { PayloadNumbers, SegmentReader } from './segment.js';

/** Every durable record of an execution, in order; empty when there is no such execution. */
export async function readHistory(
  store: Pick<ExecutionStore, 'load'>,
  execution: ExecutionId,
): Promise<readonly HistoryRecord[]> {
  return readSegments((await store.load(execution, { from: 'start' }))?.segments ?? []);
}

/** The records of an execution's segments, all from the first. */
export function readSegments(segments: readonly StoredSegment[]): readonly HistoryRecord[] {
  const reader = new SegmentReader(new PayloadNumbers());
  return segments.flatMap((segment) => reader.read(segment.data));
}
