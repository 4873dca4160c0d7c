import { csvItems } from './csv.js';
import { asMapDataError } from './faults.js';
import { type Item, objectSource } from './item.js';
import { jsonItems, jsonLineItems } from './json-items.js';
import { athenaDataFiles, inventoryItems } from './manifests.js';
import { listedObjects, listItem } from './object-list.js';
import { openFile } from './open-file.js';
import { parquetItems } from './parquet.js';
import type { ObjectReader } from './ports.js';
import {
  type ItemFormat,
  type ItemReaderRequest,
  type ObjectPlace,
  planReading,
  type ReaderPlan,
} from './reader-plan.js';

/**
 * The items of an ItemReader, in order, at most MaxItems. Memory holds a piece of the file and one item (Parquet: one row
 * group), whatever the file's size. Throws MapDataError; its end may be left out, the object's body is closed then.
 */
export async function* readItems(request: ItemReaderRequest, objects: ObjectReader): AsyncGenerator<Item> {
  const plan = planReading(request);
  let left = plan.itemsMax;
  try {
    for await (const item of plannedItems(plan, objects)) {
      yield item;
      left -= 1;
      if (left === 0) return;
    }
  } catch (thrown) {
    throw asMapDataError(thrown, 'States.ItemReaderFailed');
  }
}

async function* plannedItems(plan: ReaderPlan, objects: ObjectReader): AsyncGenerator<Item> {
  switch (plan.type) {
    case 'object':
      return yield* fileItems(plan.place, plan.format, objects);
    case 'list':
      for await (const object of listedObjects(plan.place, objects)) {
        yield { text: listItem(object), source: `S3://${plan.place.bucket}` };
      }
      return;
    case 'flattenedList':
      for await (const { key, bytes } of listedObjects(plan.place, objects)) {
        if (bytes === 0 && key.endsWith('/')) continue; // a folder made in the console is no file
        yield* fileItems({ bucket: plan.place.bucket, key }, plan.format, objects);
      }
      return;
    case 'inventory':
      return yield* inventoryItems(plan.place, objects);
    case 'athenaManifest':
      for await (const place of athenaDataFiles(plan.place, objects)) yield* fileItems(place, plan.format, objects);
      return;
    default:
      return plan satisfies never;
  }
}

async function* fileItems(place: ObjectPlace, format: ItemFormat, objects: ObjectReader): AsyncGenerator<Item> {
  const source = objectSource(place);
  const items =
    format.type === 'PARQUET' ? parquetItems(place, objects) : textItems(await openFile(place, objects), format);
  for await (const item of items) yield { ...item, source };
}

function textItems(text: AsyncIterable<string>, format: Exclude<ItemFormat, { type: 'PARQUET' }>) {
  switch (format.type) {
    case 'JSON':
      return jsonItems(text, format.pointer);
    case 'JSONL':
      return jsonLineItems(text);
    case 'CSV':
      return csvItems(text, format);
    default:
      return format satisfies never;
  }
}
