import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { readerError } from './faults.js';

/** The text of an object's bytes, unpacked where they are GZIP or ZSTD. A byte order mark is left out. */
export async function* textOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });
  for await (const bytes of unpacked(body)) {
    const text = decoder.decode(bytes, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

const MAGIC_BYTES = 4;

async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array();
    while (head.length < MAGIC_BYTES) {
      const next = await source.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const bytes = startingWith(head, source);
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(bytes);
    else if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) yield* unzstd(bytes);
    else yield* bytes;
  } finally {
    await source.return?.();
  }
}

async function* startingWith(head: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await source.next();
    if (next.done === true) return;
    yield next.value;
  }
}

async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // What the source throws need not be an Error, and a stream only passes Errors on: it is kept here.
  const source: { fault?: { readonly thrown: unknown } } = {};
  const guarded = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* packed;
    } catch (thrown) {
      source.fault = { thrown };
      throw thrown instanceof Error ? thrown : new Error('The object could not be read.');
    }
  };
  const gunzip = createGunzip();
  pipeline(guarded, gunzip, () => {}); // its errors come out of the loop below
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (thrown) {
    if (source.fault !== undefined) throw source.fault.thrown;
    throw readerError(`The object is not valid GZIP: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
  }
}

async function* unzstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const decompress = new Decompress((bytes) => {
    ready.push(bytes.slice()); // its window is used again
  });
  const push = (bytes: Uint8Array, isLast: boolean): readonly Uint8Array[] => {
    ready = [];
    try {
      decompress.push(bytes, isLast);
    } catch (thrown) {
      throw readerError(`The object is not valid ZSTD: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
    }
    return ready;
  };
  for await (const bytes of packed) yield* push(bytes, false);
  yield* push(new Uint8Array(), true);
}
