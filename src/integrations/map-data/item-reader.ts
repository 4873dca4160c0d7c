import { csvItems } from './csv.js';
import { asMapDataError } from './faults.js';
import { type Item, type ItemText, objectSource } from './item.js';
import { jsonItems, jsonLineItems } from './json-items.js';
import { athenaDataFiles, inventoryFiles } from './manifests.js';
import { listedObjects, listItems } from './object-list.js';
import { textOfObject } from './open-file.js';
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
    for await (const { source, items } of plannedFiles(plan, objects)) {
      for await (const item of items) {
        yield { ...item, source };
        left -= 1;
        if (left === 0) return;
      }
    }
  } catch (thrown) {
    throw asMapDataError(thrown, 'States.ItemReaderFailed');
  }
}

interface ItemFile {
  readonly source: string;
  readonly items: AsyncIterable<ItemText>;
}

async function* plannedFiles(plan: ReaderPlan, objects: ObjectReader): AsyncGenerator<ItemFile> {
  switch (plan.type) {
    case 'object':
      yield openItems(plan.place, plan.format, objects);
      return;
    case 'list':
      yield { source: `S3://${plan.place.bucket}`, items: listItems(plan.place, objects) };
      return;
    case 'flattenedList':
      for await (const { key, bytes } of listedObjects(plan.place, objects)) {
        if (bytes === 0 && key.endsWith('/')) continue; // a folder made in the console is no file
        yield openItems({ bucket: plan.place.bucket, key }, plan.format, objects);
      }
      return;
    case 'inventory':
      for await (const { place, form } of inventoryFiles(plan.place, objects)) yield openItems(place, form, objects);
      return;
    case 'athenaManifest':
      for await (const place of athenaDataFiles(plan.place, objects)) yield openItems(place, plan.format, objects);
      return;
    default:
      return plan satisfies never;
  }
}

const openItems = (place: ObjectPlace, format: ItemFormat, objects: ObjectReader): ItemFile => ({
  source: objectSource(place),
  items: format.type === 'PARQUET' ? parquetItems(place, objects) : textItems(textOfObject(place, objects), format),
});

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
