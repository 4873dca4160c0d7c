import {
  awaitedMapRun,
  type Execution,
  type Inspection,
  type InspectionStep,
  itemSelection,
  type MapRunPlan,
  type Policy,
  ROOT_FRAME,
  readPlan,
  type Seed,
} from '../../interpreter/index.js';
import type { Definition } from '../../language/definition.js';
import { memberOf, Payload } from '../../payload/index.js';
import type { MapData, MapItemText } from '../ports.js';

/** The items of a distributed Map that is tried: how many iterations there would be, and what they would get. */
export interface MapItems {
  /** Null where a reader would bring them and nobody says what. */
  readonly iterations: number | null;
  readonly inspection: readonly Inspection[];
}

export interface MapItemsRequest {
  readonly definition: Definition;
  readonly execution: Execution;
  /** Seq of the awaited run. */
  readonly mapRun: number;
  readonly policy: Policy;
  readonly at: number;
  readonly seed: Seed;
  /** Reads what the caller gives in place of the reader's object; null: it gives nothing. */
  readonly mapData: MapData;
  readonly hasReaderData: boolean;
}

/** Reads, selects and batches as the map run would. Throws what the run would fail with. */
export async function mapItems(request: MapItemsRequest): Promise<MapItems> {
  const { definition, execution, mapRun, mapData } = request;
  const awaited = awaitedMapRun(execution, mapRun)?.awaits;
  const select = itemSelection(definition, execution, mapRun, request);
  if (awaited === undefined || select === null) throw new Error('Broken invariant: a tried Map awaits no map run');
  const plan = readPlan(awaited.plan);
  if (plan.reader !== null && !request.hasReaderData) return { iterations: null, inspection: [] };
  const items = await readAll(plan, awaited.items, mapData);
  const inspection: Inspection[] = [];
  const note = (step: InspectionStep, texts: readonly string[]): void => {
    inspection.push({ frame: ROOT_FRAME, step, value: Payload.ofText(`[${texts.join(',')}]`) });
  };
  const pointer = plan.reader === null ? undefined : memberOf(plan.reader.readerConfig, 'ItemsPointer');
  const texts = items.map(({ text }) => text);
  if (pointer !== undefined) note('afterItemsPointer', texts);
  const selected = items.map((item, index) => select({ ...item, index }).text);
  const { startAt } = definition;
  if (startAt.type === 'Map' && startAt.itemSelector !== null) note('afterItemSelector', selected);
  if (plan.batcher !== null) note('afterItemBatcher', await batch(plan.batcher, selected, mapData));
  return { iterations: items.length, inspection };
}

async function readAll({ reader }: MapRunPlan, given: Payload | null, mapData: MapData): Promise<MapItemText[]> {
  const items: MapItemText[] = [];
  const source = reader !== null ? mapData.readItems(reader) : given === null ? [] : mapData.itemsOf(given);
  for await (const item of source) items.push(item);
  return items;
}

async function batch(
  { batchInput, ...bounds }: NonNullable<MapRunPlan['batcher']>,
  texts: readonly string[],
  mapData: MapData,
): Promise<readonly string[]> {
  const rule = { ...bounds, ...(batchInput !== null && { batchInputText: batchInput }) };
  const batches: string[] = [];
  for await (const { text } of mapData.batchItems(each(texts), rule)) batches.push(text);
  return batches;
}

async function* each(texts: readonly string[]): AsyncGenerator<{ readonly text: string }> {
  for (const text of texts) yield { text };
}
