import type { ObjectReader, ObjectWriter, StoredObject } from '../integrations/map-data/index.js';

/** Buckets in memory, for tests of what reads and writes objects. Objects arrive in pieces of `pieceBytes`. */
export class MemoryObjects implements ObjectReader, ObjectWriter {
  readonly #objects = new Map<string, Uint8Array>();
  /** Bodies that were opened and neither read to the end nor closed. */
  openBodies = 0;
  /** Everything asked of the store: `get key`, `list prefix startAfter`, `put key`. */
  readonly requests: string[] = [];
  /** Refusals by key. */
  readonly faults = new Map<string, unknown>();

  constructor(
    private readonly bucket: string,
    private readonly pieceBytes = 7,
  ) {}

  set(key: string, content: string | Uint8Array): this {
    this.#objects.set(key, typeof content === 'string' ? Buffer.from(content) : content);
    return this;
  }

  text(key: string): string | undefined {
    const bytes = this.#objects.get(key);
    return bytes && Buffer.from(bytes).toString();
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()].sort();
  }

  async getObject({ bucket, key }: { readonly bucket: string; readonly key: string }): Promise<StoredObject> {
    this.requests.push(`get ${key}`);
    this.#check(bucket, key);
    const bytes = this.#objects.get(key);
    if (bytes === undefined) throw fault('NoSuchKey', 'The specified key does not exist.');
    return { bytes: bytes.length, body: this.#body(bytes) };
  }

  async listObjects(request: { bucket: string; prefix?: string; startAfter?: string; limit: number }) {
    const { bucket, prefix = '', startAfter = '', limit } = request;
    this.requests.push(`list ${prefix} ${startAfter} ${limit}`);
    this.#check(bucket, prefix);
    const all = this.keys().filter((key) => key.startsWith(prefix) && key > startAfter);
    const objects = all.slice(0, limit).map((key) => ({
      key,
      etag: '"401b30e3b8b5d629635a5c613cdb7919"',
      bytes: this.#objects.get(key)?.length ?? 0,
      lastModified: Date.parse('2026-09-12T01:57:02Z'),
      storageClass: 'STANDARD',
    }));
    return { objects, isTruncated: all.length > limit };
  }

  async putObject(request: { bucket: string; key: string; body: AsyncIterable<Uint8Array> | string }): Promise<void> {
    this.requests.push(`put ${request.key}`);
    this.#check(request.bucket, request.key);
    const pieces: Uint8Array[] = [];
    if (typeof request.body === 'string') pieces.push(Buffer.from(request.body));
    else for await (const piece of request.body) pieces.push(piece);
    this.#objects.set(request.key, Buffer.concat(pieces));
  }

  /** Open from now on, as a file is, until it is read to its end or its iterator is closed. */
  #body(bytes: Uint8Array): AsyncIterable<Uint8Array> {
    this.openBodies += 1;
    let at = 0;
    let isOpen = true;
    const close = (): { done: true; value: undefined } => {
      if (isOpen) this.openBodies -= 1;
      isOpen = false;
      return { done: true, value: undefined };
    };
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (at >= bytes.length || !isOpen) return close();
      const value = bytes.subarray(at, at + this.pieceBytes);
      at += this.pieceBytes;
      return { done: false, value };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: async () => close() }) };
  }

  #check(bucket: string, key: string): void {
    if (bucket !== this.bucket) throw fault('NoSuchBucket', 'The specified bucket does not exist');
    if (this.faults.has(key)) throw this.faults.get(key);
  }
}

const fault = (code: string, message: string) => ({
  code,
  message,
  status: 404,
  requestId: 'REQ',
  extendedRequestId: 'EXT',
});
