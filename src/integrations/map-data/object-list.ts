import { PAGE_ITEMS_MAX } from '../../limits.js';
import { writeJson } from '../../payload/index.js';
import type { ItemText } from './item.js';
import type { ListedObject, ObjectReader } from './ports.js';

/** All objects under a prefix, page by page. */
export async function* listedObjects(
  place: { readonly bucket: string; readonly prefix?: string },
  objects: ObjectReader,
): AsyncGenerator<ListedObject> {
  let startAfter: string | undefined;
  for (;;) {
    const page = await objects.listObjects({
      ...place,
      ...(startAfter !== undefined && { startAfter }),
      limit: PAGE_ITEMS_MAX,
    });
    yield* page.objects;
    startAfter = page.objects.at(-1)?.key;
    if (!page.isTruncated || startAfter === undefined) return;
  }
}

/** The objects themselves as items. */
export async function* listItems(
  place: { readonly bucket: string; readonly prefix?: string },
  objects: ObjectReader,
): AsyncGenerator<ItemText> {
  for await (const object of listedObjects(place, objects)) yield { text: listItem(object) };
}

/** An object as an item, as AWS's Java code writes it: the ETag in quotes, the time as a Java double of seconds. */
function listItem({ key, etag, lastModified, bytes, storageClass }: ListedObject): string {
  const quotedEtag = etag.startsWith('"') ? etag : `"${etag}"`;
  const seconds = javaDouble(Math.floor(lastModified / 1000)); // S3 lists whole seconds
  return `{"Etag":${writeJson(quotedEtag)},"Key":${writeJson(key)},"LastModified":${seconds},"Size":${bytes},"StorageClass":${writeJson(storageClass)}}`;
}

/** `Double.toString`: from ten million on, digits with a point after the first one, and the exponent. */
function javaDouble(value: number): string {
  if (Math.abs(value) < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e+');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent}`;
}
