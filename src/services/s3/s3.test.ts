import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Store, StoreUnavailable } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { S3 } from './s3.js';
import { multipartEtag } from './uploads.js';

const PLACE = { account: '000000000000', region: 'us-east-1' };

let folder: string;
let store: Store;
let s3: S3;
let reports: string[];

const open = (records = store.records) =>
  new S3({ records, folder, clock: { now: () => Date.now() }, report: (line) => reports.push(line) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-objects-'));
  store = memoryStore();
  reports = [];
  s3 = open();
  await s3.buckets.create(PLACE, 'orders');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* bytesOf(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(300_000);
  throw new Error('The client has gone.');
}
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const put = (key: string, ...parts: readonly (string | Uint8Array)[]) =>
  s3.putObject(PLACE, { bucket: 'orders', key, body: bytesOf(...parts) });

describe('the door for integrations', () => {
  test('puts, gets, heads and lists', async () => {
    const etag = createHash('md5').update('abcdef').digest('hex');
    expect(await put('k', 'abc', 'def')).toEqual({ etag, bytes: 6 });
    const { body, ...head } = await s3.getObject(PLACE, { bucket: 'orders', key: 'k' });
    expect(await textOf(body)).toBe('abcdef');
    expect(head).toMatchObject({ bytes: 6, etag, contentType: 'binary/octet-stream', metadata: {} });
    expect(await s3.headObject(PLACE, { bucket: 'orders', key: 'k' })).toEqual(head);
    const range = await s3.getObject(PLACE, { bucket: 'orders', key: 'k', range: { from: 4, to: null } });
    expect([await textOf(range.body), range.bytes]).toEqual(['ef', 6]);
    await put('l', '');
    const { objects, isTruncated } = await s3.listObjects(PLACE, { bucket: 'orders', limit: 1 });
    expect([objects.map(({ key, bytes }) => [key, bytes]), isTruncated]).toEqual([[['k', 6]], true]);
    const rest = await s3.listObjects(PLACE, { bucket: 'orders', startAfter: 'k', limit: 1 });
    expect([rest.objects.map(({ key }) => key), rest.isTruncated]).toEqual([['l'], false]);
  });

  test.each([
    ['NoSuchKey', 404, 'orders', 'nope'],
    ['NoSuchBucket', 404, 'nope', 'k'],
  ])('throws %s', async (code, status, bucket, key) => {
    await expect(s3.getObject(PLACE, { bucket, key })).rejects.toMatchObject({ name: 'S3Fault', code, status });
  });
});

describe('nothing is left behind', () => {
  test('by a body that fails, of an object or a part', async () => {
    const failed = s3.putObject(PLACE, { bucket: 'orders', key: 'k', body: failing() });
    await expect(failed).rejects.toThrow('The client has gone.');
    const headers = { contentType: 'x', metadata: {}, storageClass: 'STANDARD' };
    const { id } = await s3.uploads.create('orders', { ...headers, key: 'u', checksum: null });
    const place = { bucket: 'orders', key: 'u', upload: id };
    await expect(s3.uploads.putPart(place, { number: 1, body: failing(), claims: {} })).rejects.toThrow('has gone');
    expect(files()).toEqual([]);
    await expect(s3.headObject(PLACE, { bucket: 'orders', key: 'k' })).rejects.toThrow('does not exist');
  });

  test('by an earlier process: files that no record names are swept, the others stay', async () => {
    await put('k', 'kept');
    const [kept = ''] = files();
    const orphan = `${kept.slice(0, 2)}${'0'.repeat(30)}`;
    writeFileSync(join(folder, kept.slice(0, 2), orphan), 'an upload that nobody heard of');
    writeFileSync(join(folder, kept.slice(0, 2), `${'1'.repeat(32)}.part`), 'half an upload');
    mkdirSync(join(folder, 'zz'));
    writeFileSync(join(folder, 'zz', 'something-else'), 'not ours');
    const next = open();
    next.start();
    await next.swept();
    expect(files().sort()).toEqual([kept, 'something-else'].sort());
    expect(reports).toEqual(['Deleted 2 unfinished uploads of an earlier process.']);
    const found = await next.getObject(PLACE, { bucket: 'orders', key: 'k' });
    expect(await textOf(found.body)).toBe('kept');
  });

  test('by a sweep during an upload', async () => {
    let goOn = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000);
      await waiting;
      yield Buffer.from('end');
    }
    const sent = s3.putObject(PLACE, { bucket: 'orders', key: 'k', body: slow() });
    while (files().length === 0) await new Promise(setImmediate);
    s3.start();
    await s3.swept();
    goOn();
    await sent;
    expect((await s3.headObject(PLACE, { bucket: 'orders', key: 'k' })).bytes).toBe(300_003);
    expect(files()).toHaveLength(1);
  });
});

test('no body is deleted while somebody holds removals, and then all are', async () => {
  await put('k', 'old');
  const release = s3.holdRemovals();
  const other = s3.holdRemovals();
  await put('k', 'new');
  await s3.objects.remove({ bucket: 'orders', key: 'k', conditions: {} });
  other();
  other();
  expect(files()).toHaveLength(2);
  release();
  while (files().length > 0) await new Promise(setImmediate);
});

test('a body has its name when it is whole', async () => {
  async function* seen(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(3_000_000);
    expect(files().map((name) => name.slice(32))).toEqual(['.part']);
  }
  await s3.putObject(PLACE, { bucket: 'orders', key: 'k', body: seen() });
  expect(files().map((name) => name.slice(32))).toEqual(['']);
});

test('whoever reads an object gets it whole, although it is replaced meanwhile; then its file goes', async () => {
  const before = randomBytes(1_000_000);
  await put('k', before);
  const { body } = await s3.getObject(PLACE, { bucket: 'orders', key: 'k' });
  await put('k', 'new');
  expect(files()).toHaveLength(2);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(before)).toBe(true);
  while (files().length > 1) await new Promise(setImmediate);
});

test('a commit whose outcome is not known keeps the file, for the next start to see', async () => {
  const { records } = store;
  const unsure = open({
    get: (collection, key) => records.get(collection, key),
    scan: (query) => records.scan(query),
    write: async (writes) => {
      await records.write(writes);
      throw new StoreUnavailable('It is not known.');
    },
  });
  const sent = unsure.putObject(PLACE, { bucket: 'orders', key: 'k', body: bytesOf('here') });
  await expect(sent).rejects.toThrow('not known');
  const next = open();
  next.start();
  await next.swept();
  expect(await textOf((await next.getObject(PLACE, { bucket: 'orders', key: 'k' })).body)).toBe('here');
});

test('puts, deletes and the deletion of the bucket at once leave no record without its bucket', async () => {
  const headers = { contentType: 'x', metadata: {}, storageClass: 'STANDARD' };
  for (let round = 0; round < 20; round += 1) {
    const bucket = `round-${round}`;
    await s3.buckets.create(PLACE, bucket);
    const { id } = await s3.uploads.create(bucket, { ...headers, key: 'u', checksum: null });
    const part = { number: 1, body: bytesOf('part'), claims: {} };
    await Promise.allSettled([
      ...['a', 'b'].map((key) => s3.putObject(PLACE, { bucket, key, body: bytesOf('x') })),
      s3.uploads.putPart({ bucket, key: 'u', upload: id }, part),
      s3.buckets.remove(bucket),
      s3.objects.remove({ bucket, key: 'a', conditions: {} }),
    ]);
    await s3.buckets.remove(bucket).catch(async () => {
      for (const key of ['a', 'b']) await s3.objects.remove({ bucket, key, conditions: {} }).catch(() => undefined);
      await s3.buckets.remove(bucket).catch(() => undefined);
    });
  }
  expect(files()).toEqual([]);
  for (const collection of ['s3.objects', 's3.uploads', 's3.parts', 's3.files']) {
    expect(await store.records.scan({ collection, prefix: '', after: null, limit: 10 })).toEqual([]);
  }
});

test('a bucket is not deleted while an object is being written into it', async () => {
  const { records } = store;
  let reached = (): void => undefined;
  let goOn = (): void => undefined;
  const isWriting = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const mayWrite = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = open({
    get: (collection, key) => records.get(collection, key),
    scan: (query) => records.scan(query),
    write: async (writes) => {
      if (writes.some(({ collection }) => collection === 's3.objects')) {
        reached();
        await mayWrite;
      }
      await records.write(writes);
    },
  });
  const sent = slow.putObject(PLACE, { bucket: 'orders', key: 'k', body: bytesOf('x') });
  await isWriting;
  const removed = slow.buckets.remove('orders').then(
    () => 'removed',
    (fault: Error) => fault.message,
  );
  await new Promise(setImmediate);
  goOn();
  await sent;
  expect(await removed).toBe('The bucket you tried to delete is not empty');
});

test('the ETag of parts is that of their MD5s', () => {
  // AWS's documented form: the MD5 of the concatenated binary MD5s, and the number of parts.
  const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex');
  const parts = [{ etag: md5('a') }, { etag: md5('b') }];
  expect(multipartEtag(parts)).toBe(`${md5(Buffer.from(md5('a') + md5('b'), 'hex'))}-2`);
});
