import { INVENTORY_MANIFEST_BYTES_MAX } from '../../limits.js';
import { isArray, isObject, type JsonObject, JsonSyntaxError, memberOf, parseJson } from '../../payload/index.js';
import { readerError } from './faults.js';
import { splitLines } from './lines.js';
import { textOfObject } from './open-file.js';
import type { ObjectReader } from './ports.js';
import type { ItemFormat, ObjectPlace } from './reader-plan.js';

interface InventoryFile {
  readonly place: ObjectPlace;
  readonly form: ItemFormat;
}

/** The data files of an S3 inventory: its manifest.json names CSV files and their columns. */
export async function* inventoryFiles(place: ObjectPlace, objects: ObjectReader): AsyncGenerator<InventoryFile> {
  const manifest = await readManifest(place, objects);
  const fileFormat = memberOf(manifest, 'fileFormat');
  if (fileFormat !== 'CSV') {
    throw readerError(`Expected an inventory in CSV format, but the manifest's fileFormat is ${quoted(fileFormat)}.`);
  }
  const headers = textMember(manifest, 'fileSchema')
    .split(',')
    .map((column) => column.trim());
  // An ARN, `arn:aws:s3:::bucket`: the data files lie where the inventory was delivered to.
  const destination = memberOf(manifest, 'destinationBucket');
  const bucket = typeof destination === 'string' ? destination.slice(destination.lastIndexOf(':') + 1) : place.bucket;
  const files = memberOf(manifest, 'files');
  if (!isArray(files)) throw readerError(`Expected the manifest's 'files' to be an array, but it is ${quoted(files)}.`);
  for (const file of files) {
    const key = isObject(file) ? textMember(file, 'key') : '';
    yield { place: { bucket, key }, form: { type: 'CSV', delimiter: ',', headers } };
  }
}

/** The data files that an Athena manifest names, a line each. */
export async function* athenaDataFiles(place: ObjectPlace, objects: ObjectReader): AsyncGenerator<ObjectPlace> {
  for await (const line of splitLines(textOfObject(place, objects))) {
    const uri = line.trim().replace(/^"(.*)"$/, '$1');
    if (uri === '') continue;
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(uri) ?? [];
    if (bucket === undefined || key === undefined) {
      throw readerError(
        `Expected each line of the manifest to be the address of a data file such as s3://bucket/key, but one is '${uri.slice(0, 200)}'.`,
      );
    }
    yield { bucket, key };
  }
}

async function readManifest(place: ObjectPlace, objects: ObjectReader): Promise<JsonObject> {
  let text = '';
  for await (const chunk of textOfObject(place, objects)) {
    text += chunk;
    if (text.length > INVENTORY_MANIFEST_BYTES_MAX) {
      throw readerError(
        `Expected a manifest of at most ${INVENTORY_MANIFEST_BYTES_MAX} bytes, but ${place.key} is longer.`,
      );
    }
  }
  try {
    const manifest = parseJson(text);
    if (isObject(manifest)) return manifest;
  } catch (thrown) {
    if (!(thrown instanceof JsonSyntaxError)) throw thrown;
    throw readerError(`The manifest ${place.key} is not valid JSON: ${thrown.message}.`);
  }
  throw readerError(`Expected the manifest ${place.key} to be a JSON object, but it is none.`);
}

function textMember(object: JsonObject, name: string): string {
  const value = memberOf(object, name);
  if (typeof value === 'string') return value;
  throw readerError(`Expected the manifest's '${name}' to be a string, but it is ${quoted(value)}.`);
}

const quoted = (value: unknown): string => {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? `'${value}'` : 'something else';
};
