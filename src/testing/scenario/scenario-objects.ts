import type { ObjectPage, ObjectReader, ObjectWriter, StoredObject } from '../../integrations/map-data/index.js';

/** The objects that a test gives to ItemReaders, and those that ResultWriters make, by `bucket/key`. */
export class ScenarioObjects implements ObjectReader, ObjectWriter {
  readonly #contents = new Map<string, Uint8Array>();

  constructor(given: Readonly<Record<string, string | Uint8Array>>) {
    for (const [name, content] of Object.entries(given)) this.#contents.set(name, Buffer.from(content));
  }

  /** As texts. */
  get all(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#contents].map(([name, content]) => [name, Buffer.from(content).toString()]));
  }

  async getObject({ bucket, key }: { readonly bucket: string; readonly key: string }): Promise<StoredObject> {
    const content = this.#contents.get(`${bucket}/${key}`);
    if (content === undefined)
      throw fault('NoSuchKey', `The specified key does not exist: give 'objects' the content of '${bucket}/${key}'.`);
    return { bytes: content.length, body: pieces(content) };
  }

  async listObjects(request: {
    readonly bucket: string;
    readonly prefix?: string;
    readonly startAfter?: string;
    readonly limit: number;
  }): Promise<ObjectPage> {
    const { bucket, prefix = '', startAfter = '', limit } = request;
    const all = [...this.#contents]
      .flatMap(([name, content]) =>
        name.startsWith(`${bucket}/`) ? [{ key: name.slice(bucket.length + 1), content }] : [],
      )
      .filter(({ key }) => key.startsWith(prefix) && key > startAfter)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const objects = all.slice(0, limit).map(({ key, content }) => ({
      key,
      etag: '"0"',
      bytes: content.length,
      lastModified: 0,
      storageClass: 'STANDARD',
    }));
    return { objects, isTruncated: all.length > limit };
  }

  async putObject({
    bucket,
    key,
    body,
  }: {
    readonly bucket: string;
    readonly key: string;
    readonly body: AsyncIterable<Uint8Array> | string;
  }): Promise<void> {
    const parts: Uint8Array[] = [];
    if (typeof body === 'string') parts.push(Buffer.from(body));
    else for await (const part of body) parts.push(part);
    this.#contents.set(`${bucket}/${key}`, Buffer.concat(parts));
  }
}

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

const fault = (code: string, message: string) =>
  Object.assign(new Error(message), { code, status: 404, requestId: 'test', extendedRequestId: 'test' });
