import { AWS_QUOTAS } from '../../limits.js';
import { MapDataError } from './faults.js';

export interface BatchRule {
  /** Items of one batch; 0 or absent: as many as its bytes allow. */
  readonly maxItemsPerBatch?: number;
  /** Bytes of one child's whole input; 0, absent, or more than AWS's 262,144: that many. */
  readonly maxInputBytesPerBatch?: number;
  /** The evaluated BatchInput as JSON text. It counts for the size. */
  readonly batchInputText?: string;
}

export interface Batch {
  /** A child's input: `{"BatchInput":…,"Items":[…]}`, or `{"Items":[…]}` without a BatchInput. */
  readonly text: string;
  readonly itemCount: number;
}

/** Groups items, what ItemSelector made of them, in order. An item that alone is too large for a batch is an error. */
export async function* batchItems(
  items: AsyncIterable<{ readonly text: string }>,
  rule: BatchRule,
): AsyncGenerator<Batch> {
  const itemsMax = rule.maxItemsPerBatch || Number.POSITIVE_INFINITY;
  const bytesMax = Math.min(rule.maxInputBytesPerBatch || AWS_QUOTAS.payloadBytesMax, AWS_QUOTAS.payloadBytesMax);
  const head = rule.batchInputText === undefined ? '{"Items":[' : `{"BatchInput":${rule.batchInputText},"Items":[`;
  const frameBytes = Buffer.byteLength(head) + FOOT.length;
  let texts: string[] = [];
  let bytes = frameBytes;
  let index = 0;
  for await (const { text } of items) {
    const itemBytes = Buffer.byteLength(text);
    if (frameBytes + itemBytes > bytesMax) throw itemTooLarge({ index, itemBytes, frameBytes, bytesMax });
    const isFull = texts.length >= itemsMax || bytes + itemBytes + (texts.length > 0 ? 1 : 0) > bytesMax;
    if (isFull) {
      yield batchOf(head, texts);
      texts = [];
      bytes = frameBytes;
    }
    bytes += itemBytes + (texts.length > 0 ? 1 : 0);
    texts.push(text);
    index += 1;
  }
  if (texts.length > 0) yield batchOf(head, texts);
}

const FOOT = ']}';

const batchOf = (head: string, texts: readonly string[]): Batch => ({
  text: `${head}${texts.join(',')}${FOOT}`,
  itemCount: texts.length,
});

const itemTooLarge = (sizes: {
  readonly index: number;
  readonly itemBytes: number;
  readonly frameBytes: number;
  readonly bytesMax: number;
}): MapDataError =>
  new MapDataError(
    'States.DataLimitExceeded',
    `The item at index ${sizes.index} has ${sizes.itemBytes} bytes and cannot be batched: with the ${sizes.frameBytes} bytes of its batch's other input it exceeds the maximum of ${sizes.bytesMax} bytes per batch.`,
  );
