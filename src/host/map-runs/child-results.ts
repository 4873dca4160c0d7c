import { executionArn } from '../../arn.js';
import type { RecordStore } from '../../store/ports.js';
import type { ChildResult } from '../ports.js';
import { ChildInputReader } from './child-inputs.js';
import { type ChildDocument, childName, childrenBelow, runIdOf } from './documents.js';

/** Every child with its input and how it ended, in the items' order, a chunk at a time. */
export async function* childResults(
  records: RecordStore,
  run: { readonly mapRunArn: string; readonly machineArn: string },
): AsyncGenerator<ChildResult & { readonly itemCount: number }> {
  const runId = runIdOf(run.mapRunArn);
  const reader = new ChildInputReader(records, runId);
  for (let chunk = await reader.chunkAfter(null); chunk !== null; chunk = await reader.chunkAfter(chunk)) {
    const { first, inputs } = chunk;
    const page = await childrenBelow(records, runId, { before: first + inputs.length, limit: inputs.length });
    const byIndex = new Map(page.map((child) => [child.index, child]));
    for (const [i, { text, itemCount }] of inputs.entries()) {
      const index = first + i;
      yield { ...resultOf(run, index, byIndex.get(index)), input: text, itemCount };
    }
  }
}

function resultOf(
  { mapRunArn, machineArn }: { readonly mapRunArn: string; readonly machineArn: string },
  index: number,
  child: ChildDocument | undefined,
): Omit<ChildResult, 'input'> {
  const name = childName(mapRunArn, index);
  const place = { executionArn: executionArn(machineArn, name), stateMachineArn: machineArn, name };
  if (child === undefined || child.status === 'RUNNING') return { ...place, status: 'PENDING' };
  const { status, output, error, cause, startedAt, stoppedAt } = child;
  return {
    ...place,
    status,
    startedAt,
    ...(stoppedAt !== null && { stoppedAt }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount: 0,
    ...(status === 'SUCCEEDED'
      ? {
          redriveStatus: 'NOT_REDRIVABLE',
          redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        }
      : { redriveStatus: 'REDRIVABLE' }),
  };
}
