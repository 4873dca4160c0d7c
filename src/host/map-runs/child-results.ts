import { executionArn, expressExecutionArn } from '../../arn.js';
import { type ChildStatus, HISTORY_FULL, type MapRunPlan, notRedrivable } from '../../interpreter/index.js';
import { MAP_RUN_PAGE_CHILDREN } from '../../limits.js';
import type { RecordStore } from '../../store/ports.js';
import type { ChildResult, MapData } from '../ports.js';
import { ChildInputReader } from './child-inputs.js';
import { type ChildDocument, childName, childrenBelow, runIdOf } from './documents.js';

interface ResultsOf {
  readonly mapRunArn: string;
  /** The children's, with the label. */
  readonly machineArn: string;
  readonly plan: MapRunPlan;
}

export interface Results {
  /** The state's output as JSON text; null where the run has failed. */
  readonly output: string | null;
  /** Children, and items of them, whose results are in it or in the export. */
  readonly childCount: number;
  readonly itemCount: number;
}

/** Brings the children's results together, in the items' order and a piece at a time. Throws `{ error, cause }`. */
export async function bringTogether(
  run: ResultsOf,
  options: {
    readonly records: RecordStore;
    readonly mapData: MapData;
    /** Of the state's output. */
    readonly bytesMax: number;
    readonly hasSucceeded: boolean;
  },
): Promise<Results> {
  const { records, mapData, bytesMax, hasSucceeded } = options;
  const { writer, stateName } = run.plan;
  const written = { childCount: 0, itemCount: 0 };
  const results = counted(childResults(records, run), written);
  const config = writer?.writerConfig ? { writerConfig: writer.writerConfig } : {};
  if (writer?.parameters) {
    const request = { parameters: writer.parameters, mapRunArn: run.mapRunArn, ...config };
    const { output } = await mapData.writeResults(request, results);
    return { output, ...written };
  }
  if (!hasSucceeded) return { output: null, ...written }; // there is nothing to write it to
  const output = await mapData.stateOutput({ stateName, bytesMax, ...config }, results);
  return { output, ...written };
}

type CountedResult = ChildResult & { readonly itemCount: number };

async function* counted(
  results: AsyncIterable<CountedResult>,
  written: { childCount: number; itemCount: number },
): AsyncGenerator<CountedResult> {
  for await (const result of results) {
    if (result.status !== 'PENDING') {
      written.childCount += 1;
      written.itemCount += result.itemCount;
    }
    yield result;
  }
}

/** Every child with its input and how it ended, in the items' order, a chunk at a time. */
async function* childResults(records: RecordStore, run: ResultsOf): AsyncGenerator<CountedResult> {
  const runId = runIdOf(run.mapRunArn);
  const reader = new ChildInputReader(records, runId);
  for (let chunk = await reader.chunkAfter(null); chunk !== null; chunk = await reader.chunkAfter(chunk)) {
    for (let from = 0; from < chunk.inputs.length; from += MAP_RUN_PAGE_CHILDREN) {
      const inputs = chunk.inputs.slice(from, from + MAP_RUN_PAGE_CHILDREN);
      const first = chunk.first + from;
      const page = await childrenBelow(records, runId, { before: first + inputs.length, limit: inputs.length });
      const byIndex = new Map(page.map((child) => [child.index, child]));
      for (const [i, { text, itemCount }] of inputs.entries()) {
        const index = first + i;
        yield { ...resultOf(run, index, byIndex.get(index)), input: text, itemCount };
      }
    }
  }
}

function resultOf(
  { mapRunArn, machineArn, plan }: ResultsOf,
  index: number,
  child: ChildDocument | undefined,
): Omit<ChildResult, 'input'> {
  const name = childName(mapRunArn, index);
  const arn =
    plan.executionType === 'EXPRESS'
      ? expressExecutionArn(machineArn, name, runIdOf(mapRunArn))
      : executionArn(machineArn, name);
  const place = { executionArn: arn, stateMachineArn: machineArn, name };
  if (child === undefined || child.status === 'RUNNING') return { ...place, status: 'PENDING' };
  const { status, output, error, cause, startedAt, stoppedAt, redriveCount, isRedrivable } = child;
  return {
    ...place,
    status,
    startedAt,
    ...(stoppedAt !== null && { stoppedAt }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount,
    ...redriveStatus(status, isRedrivable),
  };
}

function redriveStatus(
  status: ChildStatus,
  isRedrivable: boolean,
): Pick<ChildResult, 'redriveStatus' | 'redriveStatusReason'> {
  const redriveStatusReason = notRedrivable(status) ?? (isRedrivable ? null : HISTORY_FULL);
  return redriveStatusReason === null
    ? { redriveStatus: 'REDRIVABLE' }
    : { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
}
