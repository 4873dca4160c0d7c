import type { MapRunPlan, SelectItem } from '../../interpreter/index.js';
import { StatesError } from '../../language/index.js';
import type { Payload } from '../../payload/index.js';
import type { MapData } from '../ports.js';
import type { ChildInput } from './child-inputs.js';

interface ItemSource {
  readonly plan: MapRunPlan;
  /** Null where a reader brings them. */
  readonly items: Payload | null;
  readonly select: SelectItem;
  readonly mapData: MapData;
  /** Largest child input. */
  readonly bytesMax: number;
  /** Whether anybody still wants the items. */
  readonly isWanted: () => boolean;
}

/** What each child gets as its input: an item, what ItemSelector makes of it, or a batch of these. Throws `{ error, cause }`. */
export async function* childInputs(source: ItemSource): AsyncGenerator<ChildInput> {
  const { plan, mapData, bytesMax } = source;
  if (plan.batcher !== null) {
    const { batchInput, ...bounds } = plan.batcher;
    const rule = { ...bounds, ...(batchInput !== null && { batchInputText: batchInput }) };
    return yield* mapData.batchItems(selected(source), rule);
  }
  for await (const { text } of selected(source)) {
    if (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax) throw inputTooLarge(plan.stateName);
    yield { text, itemCount: 1 };
  }
}

async function* selected({ plan, items, select, mapData, isWanted }: ItemSource): AsyncGenerator<{ text: string }> {
  const source = plan.reader === null ? mapData.itemsOf(items) : mapData.readItems(plan.reader);
  let index = 0;
  for await (const item of source) {
    if (!isWanted()) return;
    yield { text: select({ ...item, index: index++ }).text };
  }
}

const inputTooLarge = (stateName: string): StatesError =>
  new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
