import type { Place } from '../../arn.js';
import { S3Fault } from './fault.js';
import type { ObjectName, ObjectStore } from './object-store.js';

/** The bytes of an object. Throws S3Fault: what S3 refuses, and EntityTooLarge for more than `bytesMax`. */
export async function wholeObject(
  store: Pick<ObjectStore, 'getObject'>,
  place: Place,
  { bytesMax, ...object }: ObjectName & { readonly bytesMax: number },
): Promise<Uint8Array> {
  const { bytes, body } = await store.getObject(place, object);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > bytesMax) break; // which lets the body go
    pieces.push(piece);
  }
  if (length <= bytesMax) return Buffer.concat(pieces);
  throw new S3Fault('EntityTooLarge', `Expected at most ${bytesMax} bytes, but the object has ${bytes}.`);
}
