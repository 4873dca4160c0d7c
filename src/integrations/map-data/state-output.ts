import { type JsonObject, writeJson } from '../../payload/index.js';
import { MapDataError } from './faults.js';
import type { ChildResult } from './result-entry.js';
import { lineOf, planWriting, resultTexts } from './writer-plan.js';

/** The output of a Map that exports nothing. */
export interface StateOutputRequest {
  readonly stateName: string;
  /** Of a ResultWriter without Resource. Absent: the outputs of the children (COMPACT). */
  readonly writerConfig?: JsonObject;
  /** The payload limit. */
  readonly bytesMax: number;
}

/**
 * The output as JSON text: an array of the results in order, or with JSONL a string of their lines. Stops reading with
 * States.DataLimitExceeded as soon as it is too long.
 */
export async function stateOutput(request: StateOutputRequest, results: AsyncIterable<ChildResult>): Promise<string> {
  const form = planWriting(request.writerConfig, 'COMPACT');
  const texts: string[] = [];
  let bytes = 2;
  for await (const child of results) {
    for (const text of resultTexts(child, form.transformation)) {
      bytes += Buffer.byteLength(text) + (texts.length > 0 ? 1 : 0);
      if (bytes > request.bytesMax) throw outputTooLarge(request.stateName);
      texts.push(form.outputType === 'JSONL' ? lineOf(text) : text);
    }
  }
  if (form.outputType === 'JSON') return `[${texts.join(',')}]`;
  const lines = writeJson(texts.join('\n'));
  if (Buffer.byteLength(lines) > request.bytesMax) throw outputTooLarge(request.stateName);
  return lines;
}

const outputTooLarge = (stateName: string): MapDataError =>
  new MapDataError(
    'States.DataLimitExceeded',
    `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
