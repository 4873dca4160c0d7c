import type { MapData } from '../../host/ports.js';
import { STATE_DATA } from './item.js';
import { batchItems } from './item-batcher.js';
import { readItems } from './item-reader.js';
import { itemsOfValue } from './json-items.js';
import type { ObjectReader, ObjectWriter } from './ports.js';
import { writeResults } from './result-writer.js';
import { stateOutput } from './state-output.js';

/** The data of map runs, in this object store. */
export function mapData(objects: ObjectReader & ObjectWriter): MapData {
  return {
    *itemsOf(items) {
      for (const item of (items && itemsOfValue(items.value)) ?? []) yield { ...item, source: STATE_DATA };
    },
    readItems: (request) => readItems(request, objects),
    batchItems,
    stateOutput,
    writeResults: (request, results) => writeResults(request, results, objects),
  };
}
