import { MAP_FILE_BYTES_MAX } from '../../limits.js';
import { readerError } from './faults.js';
import type { ObjectReader, StoredObject } from './ports.js';
import type { ObjectPlace } from './reader-plan.js';
import { textOf } from './text-stream.js';

/** The text of an object that holds items; it is opened when the first piece is asked for. */
export async function* textOfObject(place: ObjectPlace, objects: ObjectReader): AsyncGenerator<string> {
  const object = await openObject(place, objects);
  yield* textOf(object.body);
}

export async function openObject(place: ObjectPlace, objects: ObjectReader): Promise<StoredObject> {
  const object = await objects.getObject(place);
  if (object.bytes > MAP_FILE_BYTES_MAX) {
    await closeBody(object);
    throw readerError(
      `Expected a file of at most ${MAP_FILE_BYTES_MAX} bytes, but ${place.key} in ${place.bucket} has ${object.bytes}.`,
    );
  }
  return object;
}

/** Gives back what an unread body holds open. */
export async function closeBody(object: StoredObject): Promise<void> {
  await object.body[Symbol.asyncIterator]().return?.();
}
