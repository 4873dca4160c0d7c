import type { Place } from '../../arn.js';
import type { ObjectStore } from '../../services/s3/object-store.js';
import type { ObjectReader, ObjectWriter } from './ports.js';

/** The embedded S3 as map runs use it; its refusals have the shape of an `ObjectFault`. */
export function s3Objects(store: ObjectStore, place: Place): ObjectReader & ObjectWriter {
  return {
    getObject: (request) => store.getObject(place, request),
    listObjects: (request) => store.listObjects(place, request),
    async getRange({ bucket, key, start, end }) {
      const range = { from: start, to: end - 1 };
      const { body } = await store.getObject(place, { bucket, key, range });
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    async putObject({ bucket, key, body, contentType }) {
      await store.putObject(place, { bucket, key, body: typeof body === 'string' ? bytesOf(body) : body, contentType });
    },
  };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
