import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketWebsiteCommand,
  GetObjectCommand,
  GetObjectTorrentCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../testing/memory-store.js';
import { openBed, type S3Bed } from './test-bed.js';

const MIB = 1024 * 1024;

let bed: S3Bed;
let client: S3Client;

const clientIn = (region: string) =>
  new S3Client({
    endpoint: `http://127.0.0.1:${bed.port}`,
    region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

beforeEach(async () => {
  bed = await openBed(memoryStore().records);
  client = clientIn('eu-west-1');
  await client.send(new CreateBucketCommand({ Bucket: 'orders' }));
});

afterEach(async () => {
  client.destroy();
  await bed.close();
  expect(bed.reports).toEqual([]); // nothing of this is our fault
});

const put = (Key: string, Body: string | Uint8Array = 'x', more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'orders', Key, Body, ...more }));
const get = (Key: string, more: object = {}) => client.send(new GetObjectCommand({ Bucket: 'orders', Key, ...more }));
const text = async (Key: string, more: object = {}) => (await get(Key, more)).Body?.transformToString();
const md5 = (body: string | Uint8Array) => createHash('md5').update(body).digest('hex');

/** Code, status and message of the exception. */
async function refusal(sent: Promise<unknown>): Promise<readonly [string, number | undefined, string]> {
  const fault = await sent.then(
    () => null,
    (reason: S3ServiceException) => reason,
  );
  return [fault?.name ?? 'none', fault?.$metadata.httpStatusCode, fault?.message ?? ''];
}

describe('buckets', () => {
  test('are made, found, listed and deleted', async () => {
    expect(await client.send(new HeadBucketCommand({ Bucket: 'orders' }))).toMatchObject({ BucketRegion: 'eu-west-1' });
    const location = await client.send(new GetBucketLocationCommand({ Bucket: 'orders' }));
    expect(location.LocationConstraint).toBe('eu-west-1');
    const { Buckets, Owner } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['orders']);
    expect(Owner?.ID).toBe('000000000000');
    await put('a');
    expect(await refusal(client.send(new DeleteBucketCommand({ Bucket: 'orders' })))).toEqual([
      'BucketNotEmpty',
      409,
      'The bucket you tried to delete is not empty',
    ]);
    await client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'a' }));
    await client.send(new DeleteBucketCommand({ Bucket: 'orders' }));
    expect((await refusal(client.send(new HeadBucketCommand({ Bucket: 'orders' })))).slice(0, 2)).toEqual([
      'NotFound',
      404,
    ]);
  });

  test('belong to whoever made them, in all regions', async () => {
    expect(await refusal(client.send(new CreateBucketCommand({ Bucket: 'orders' })))).toEqual([
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
    ]);
    const other = clientIn('us-east-1');
    await other.send(new PutObjectCommand({ Bucket: 'orders', Key: 'from-afar', Body: 'x' }));
    await other.send(new CreateBucketCommand({ Bucket: 'again' }));
    await other.send(new CreateBucketCommand({ Bucket: 'again' })); // us-east-1 alone allows it
    other.destroy();
    expect(await text('from-afar')).toBe('x');
  });

  test.each(['ab', 'Orders', 'or..ders', '192.168.1.1', 'xn--a', '-orders'])('%s is no name of one', async (name) => {
    expect(await refusal(client.send(new CreateBucketCommand({ Bucket: name })))).toEqual([
      'InvalidBucketName',
      400,
      'The specified bucket is not valid.',
    ]);
  });

  test('a region that is not the request’s is refused', async () => {
    const configuration = { CreateBucketConfiguration: { LocationConstraint: 'us-west-2' as const } };
    expect((await refusal(client.send(new CreateBucketCommand({ Bucket: 'far', ...configuration }))))[0]).toBe(
      'IllegalLocationConstraintException',
    );
  });
});

describe('objects', () => {
  test('come back as they were put, with their headers', async () => {
    const body = randomBytes(300_000);
    const sent = await put('dir/ä b+c&<>.bin', body, {
      ContentType: 'application/x-thing',
      CacheControl: 'max-age=5',
      ContentDisposition: 'attachment',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      Metadata: { Order: '17', empty: '' },
    });
    expect(sent.ETag).toBe(`"${md5(body)}"`);
    const got = await get('dir/ä b+c&<>.bin', { ChecksumMode: 'ENABLED' });
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    expect(got).toMatchObject({
      ContentLength: 300_000,
      ContentType: 'application/x-thing',
      CacheControl: 'max-age=5',
      ContentDisposition: 'attachment',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      Metadata: { order: '17', empty: '' },
      ETag: sent.ETag,
      ChecksumCRC32: sent.ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
      AcceptRanges: 'bytes',
    });
    expect(sent.ChecksumCRC32).toMatch(/^[A-Za-z0-9+/]{6}==$/);
    expect(await client.send(new HeadObjectCommand({ Bucket: 'orders', Key: 'dir/ä b+c&<>.bin' }))).toMatchObject({
      ContentLength: 300_000,
      ETag: sent.ETag,
    });
  });

  test('are empty, replaced and deleted; no file stays', async () => {
    await put('a', '');
    expect(await text('a')).toBe('');
    await put('a', 'new');
    expect(await text('a')).toBe('new');
    expect(await bed.files()).toBe(1);
    await client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'a' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'a' }));
    expect(await bed.files()).toBe(0);
    expect(await refusal(get('a'))).toEqual(['NoSuchKey', 404, 'The specified key does not exist.']);
    expect((await refusal(client.send(new HeadObjectCommand({ Bucket: 'orders', Key: 'a' })))).slice(0, 2)).toEqual([
      'NotFound',
      404,
    ]);
    expect((await refusal(client.send(new GetObjectCommand({ Bucket: 'nope', Key: 'a' })))).slice(0, 2)).toEqual([
      'NoSuchBucket',
      404,
    ]);
  });

  test('stream in with a trailing checksum', async () => {
    const body = randomBytes(3 * MIB + 17);
    const pieces = Readable.from([body.subarray(0, 100_001), body.subarray(100_001)]);
    await client.send(
      new PutObjectCommand({
        Bucket: 'orders',
        Key: 's',
        Body: pieces,
        ContentLength: body.length,
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    const got = await get('s');
    expect(got.ContentEncoding).toBeUndefined();
    expect(md5((await got.Body?.transformToByteArray()) ?? '')).toBe(md5(body));
  });

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
    '%s is verified, kept and given back',
    async (algorithm) => {
      const sent = await put('sum', 'hello', { ChecksumAlgorithm: algorithm });
      const value = sent[`Checksum${algorithm}`];
      expect(value).toBeTruthy();
      expect((await get('sum', { ChecksumMode: 'ENABLED' }))[`Checksum${algorithm}`]).toBe(value);
      const wrong = Buffer.from(value ?? '', 'base64')
        .fill(1)
        .toString('base64');
      expect(await refusal(put('sum', 'hello', { [`Checksum${algorithm}`]: wrong }))).toEqual([
        'BadDigest',
        400,
        `The ${algorithm} you specified did not match the calculated checksum.`,
      ]);
      expect(await bed.files()).toBe(1);
    },
  );

  test('CRC64NVME and Content-MD5 are verified', async () => {
    // The check value of the catalogue of CRC algorithms: "123456789" → ae8b14860a799888.
    const value = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
    expect((await put('c', '123456789', { ChecksumCRC64NVME: value })).ChecksumCRC64NVME).toBe(value);
    expect((await refusal(put('c', '12345678', { ChecksumCRC64NVME: value })))[0]).toBe('BadDigest');
    const wrong = Buffer.alloc(16).toString('base64');
    expect((await refusal(put('c', 'x', { ContentMD5: wrong })))[2]).toBe(
      'The Content-MD5 you specified did not match what we received.',
    );
    expect((await refusal(put('c', 'x', { ContentMD5: 'AA==' })))[0]).toBe('InvalidDigest');
  });

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=3-5', '345', 'bytes 3-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-100', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=5-3', '0123456789', undefined],
    ['lines=1-2', '0123456789', undefined],
  ])('%s reads %s', async (Range, expected, ContentRange) => {
    await put('r', '0123456789');
    const got = await get('r', { Range });
    expect([await got.Body?.transformToString(), got.ContentRange]).toEqual([expected, ContentRange]);
  });

  test('a range behind the end is refused', async () => {
    await put('r', '0123456789');
    for (const Range of ['bytes=10-', 'bytes=-0']) {
      expect(await refusal(get('r', { Range }))).toEqual([
        'InvalidRange',
        416,
        'The requested range is not satisfiable',
      ]);
    }
  });

  test('conditions hold', async () => {
    const { ETag } = await put('c', 'one');
    expect(await text('c', { IfMatch: ETag })).toBe('one');
    expect((await refusal(get('c', { IfMatch: '"other"' }))).slice(0, 2)).toEqual(['PreconditionFailed', 412]);
    expect((await refusal(get('c', { IfNoneMatch: ETag })))[1]).toBe(304);
    expect((await refusal(get('c', { IfModifiedSince: new Date(Date.now() + 60_000) })))[1]).toBe(304);
    expect((await refusal(get('c', { IfUnmodifiedSince: new Date(0) })))[1]).toBe(412);
    expect((await refusal(put('c', 'two', { IfNoneMatch: '*' }))).slice(0, 2)).toEqual(['PreconditionFailed', 412]);
    expect((await refusal(put('c', 'two', { IfMatch: '"other"' }))).slice(0, 2)).toEqual(['PreconditionFailed', 412]);
    expect((await refusal(put('new', 'two', { IfMatch: ETag }))).slice(0, 2)).toEqual(['NoSuchKey', 404]);
    await put('c', 'two', { IfMatch: ETag });
    await put('new', 'two', { IfNoneMatch: '*' });
    expect([await text('c'), await bed.files()]).toEqual(['two', 2]);
  });

  test('response-* parameters override headers', async () => {
    await put('o', 'x', { ContentType: 'text/plain' });
    const got = await get('o', { ResponseContentType: 'text/csv', ResponseContentDisposition: 'inline' });
    expect([got.ContentType, got.ContentDisposition]).toEqual(['text/csv', 'inline']);
    expect((await refusal(get('o', { ResponseContentType: 'a\r\nb: c' })))[0]).toBe('InvalidArgument');
  });

  test('keys are bounded', async () => {
    await put('k'.repeat(1024));
    expect((await refusal(put('ä'.repeat(513)))).slice(0, 3)).toEqual(['KeyTooLongError', 400, 'Your key is too long']);
    expect((await refusal(put('m', 'x', { Metadata: { a: 'x'.repeat(2048) } })))[0]).toBe('MetadataTooLarge');
  });

  test('are copied, with their headers or new ones', async () => {
    await put('from ä', 'body', { ContentType: 'text/x', Metadata: { a: '1' } });
    const source = `orders/${encodeURIComponent('from ä')}`;
    const copied = await client.send(new CopyObjectCommand({ Bucket: 'orders', Key: 'to', CopySource: source }));
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5('body')}"`);
    expect(await get('to')).toMatchObject({ ContentType: 'text/x', Metadata: { a: '1' } });
    const replaced = { MetadataDirective: 'REPLACE' as const, ContentType: 'text/y', Metadata: { b: '2' } };
    await client.send(new CopyObjectCommand({ Bucket: 'orders', Key: 'from ä', CopySource: source, ...replaced }));
    expect(await get('from ä')).toMatchObject({ ContentType: 'text/y', Metadata: { b: '2' } });
    expect(await text('from ä')).toBe('body');
    const same = new CopyObjectCommand({ Bucket: 'orders', Key: 'to', CopySource: 'orders/to' });
    expect((await refusal(client.send(same)))[0]).toBe('InvalidRequest');
    const changed = new CopyObjectCommand({
      Bucket: 'orders',
      Key: 'x',
      CopySource: 'orders/to',
      CopySourceIfMatch: '"no"',
    });
    expect((await refusal(client.send(changed)))[0]).toBe('PreconditionFailed');
    const missing = new CopyObjectCommand({ Bucket: 'orders', Key: 'x', CopySource: 'orders/nope' });
    expect((await refusal(client.send(missing)))[0]).toBe('NoSuchKey');
    expect(await bed.files()).toBe(2);
  });

  test('are deleted together', async () => {
    const keys = ['a', 'b & c', 'line\rbreak', '<x>'];
    for (const key of keys) await put(key);
    const Objects = [...keys, 'never-there'].map((Key) => ({ Key }));
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket: 'orders', Delete: { Objects } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual([...keys, 'never-there']);
    expect(await bed.files()).toBe(0);
    const quiet = await client.send(new DeleteObjectsCommand({ Bucket: 'orders', Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
  });
});

describe('lists', () => {
  const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'é', '\u{1f600}', '\uff5e'];
  beforeEach(async () => {
    for (const key of keys) await put(key, key);
  });
  const list = (more: object = {}) => client.send(new ListObjectsV2Command({ Bucket: 'orders', ...more }));

  test('are in the order of UTF-8 bytes', async () => {
    const { Contents, KeyCount, IsTruncated } = await list();
    expect(Contents?.map(({ Key }) => Key)).toEqual(['a', 'b/1', 'b/2', 'b/c/3', 'd', 'é', '\uff5e', '\u{1f600}']);
    expect(Contents?.[0]).toMatchObject({ ETag: `"${md5('a')}"`, Size: 1, StorageClass: 'STANDARD' });
    expect([KeyCount, IsTruncated]).toEqual([8, false]);
  });

  test('fold by a delimiter, in pages', async () => {
    const names: (string | undefined)[] = [];
    const pages = paginateListObjectsV2({ client, pageSize: 2 }, { Bucket: 'orders', Delimiter: '/' });
    for await (const page of pages) {
      names.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
    }
    expect(names).toEqual(['a', 'b/', 'd', 'é', '\uff5e', '\u{1f600}']);
    const inner = await list({ Prefix: 'b/', Delimiter: '/' });
    expect(inner.Contents?.map(({ Key }) => Key)).toEqual(['b/1', 'b/2']);
    expect(inner.CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);
  });

  test('start after a key, and say names encoded when asked', async () => {
    const { Contents } = await list({ StartAfter: 'b/2', EncodingType: 'url' });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['b/c/3', 'd', '%C3%A9', '%EF%BD%9E', '%F0%9F%98%80']);
    expect((await refusal(list({ ContinuationToken: '%%%' })))[0]).toBe('InvalidArgument');
    expect((await refusal(client.send(new ListObjectsV2Command({ Bucket: 'nope' }))))[0]).toBe('NoSuchBucket');
  });

  test('of the first version have markers', async () => {
    const first = await client.send(new ListObjectsCommand({ Bucket: 'orders', MaxKeys: 2, Delimiter: '/' }));
    expect([first.Contents?.length, first.CommonPrefixes, first.NextMarker]).toEqual([1, [{ Prefix: 'b/' }], 'b/']);
    const second = await client.send(
      new ListObjectsCommand({ Bucket: 'orders', MaxKeys: 2, Delimiter: '/', Marker: first.NextMarker }),
    );
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['d', 'é']);
  });
});

describe('what is not here', () => {
  test.each([
    [
      'websites',
      () => client.send(new GetBucketWebsiteCommand({ Bucket: 'orders' })),
      "'?website' of S3 (GET on a bucket)",
    ],
    [
      'torrents',
      () => client.send(new GetObjectTorrentCommand({ Bucket: 'orders', Key: 'a' })),
      "'?torrent' of S3 (GET on an object)",
    ],
    ['ACLs', () => put('a', 'x', { ACL: 'public-read' }), "'x-amz-acl: public-read' of S3"],
    [
      'encryption',
      () => put('a', 'x', { ServerSideEncryption: 'aws:kms' }),
      "'x-amz-server-side-encryption: aws:kms' of S3",
    ],
    ['grants', () => put('a', 'x', { GrantRead: 'id=1' }), "'x-amz-grant-read' of S3"],
  ])('%s is refused by name', async (_, send, what) => {
    expect(await refusal(send())).toEqual([
      'NotImplemented',
      501,
      `Treadle's object store does not do ${what} yet. Leave it out.`,
    ]);
  });

  test('another account’s bucket is nobody’s', async () => {
    expect((await refusal(get('a', { ExpectedBucketOwner: '111122223333' })))[0]).toBe('AccessDenied');
  });
});
