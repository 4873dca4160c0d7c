import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
  UploadPartCommand,
  UploadPartCopyCommand,
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
const md5 = (body: string | Uint8Array) => createHash('md5').update(body).digest('hex');

/** Code, status and message of the exception. */
async function refusal(sent: Promise<unknown>): Promise<readonly [string, number | undefined, string]> {
  const fault = await sent.then(
    () => null,
    (reason: S3ServiceException) => reason,
  );
  return [fault?.name ?? 'none', fault?.$metadata.httpStatusCode, fault?.message ?? ''];
}

describe('uploads in parts', () => {
  const begin = async (Key: string, more: object = {}) =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket: 'orders', Key, ...more }))).UploadId ?? '';
  const part = (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array, more: object = {}) =>
    client.send(new UploadPartCommand({ Bucket: 'orders', Key, UploadId, PartNumber, Body, ...more }));
  const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
    client.send(
      new CompleteMultipartUploadCommand({ Bucket: 'orders', Key, UploadId, MultipartUpload: { Parts }, ...more }),
    );

  test('become one object', async () => {
    const [one, two] = [randomBytes(5 * MIB), randomBytes(1000)];
    const id = await begin('big', { ContentType: 'video/x', Metadata: { a: 'b' } });
    await part('big', id, 7, randomBytes(100)); // replaced
    const second = await part('big', id, 7, two);
    const first = await part('big', id, 2, one);
    await part('big', id, 9, randomBytes(10)); // not named at the end
    const listed = await client.send(new ListPartsCommand({ Bucket: 'orders', Key: 'big', UploadId: id, MaxParts: 2 }));
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [2, 5 * MIB],
      [7, 1000],
    ]);
    expect([listed.IsTruncated, listed.NextPartNumberMarker]).toEqual([true, '7']);
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: 'orders' }));
    expect(uploads.Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([['big', id]]);
    const named = [
      { PartNumber: 2, ETag: first.ETag },
      { PartNumber: 7, ETag: second.ETag },
    ];
    const etag = `"${createHash('md5')
      .update(Buffer.from(md5(one) + md5(two), 'hex'))
      .digest('hex')}-2"`;
    expect((await complete('big', id, named)).ETag).toBe(etag);
    expect((await complete('big', id, named)).ETag).toBe(etag); // a client that did not hear the answer
    expect(await bed.files()).toBe(2);
    const whole = Buffer.concat([one, two]);
    const got = await get('big');
    expect([got.ContentType, got.Metadata, got.ContentLength]).toEqual(['video/x', { a: 'b' }, whole.length]);
    expect(md5((await got.Body?.transformToByteArray()) ?? '')).toBe(md5(whole));
    const across = await get('big', { Range: `bytes=${5 * MIB - 3}-${5 * MIB + 2}` });
    expect(Buffer.from((await across.Body?.transformToByteArray()) ?? [])).toEqual(
      whole.subarray(5 * MIB - 3, 5 * MIB + 3),
    );
    expect(await get('big', { PartNumber: 7 })).toMatchObject({ ContentLength: 1000, PartsCount: 2 });
    await put('big', 'small');
    expect(await bed.files()).toBe(1);
  });

  test.each([
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('have a checksum of their own, %s %s', async (ChecksumAlgorithm, ChecksumType) => {
    const [one, two] = [randomBytes(5 * MIB), randomBytes(1000)];
    const id = await begin('sum', { ChecksumAlgorithm, ChecksumType });
    const sums = await Promise.all([
      part('sum', id, 1, one, { ChecksumAlgorithm }),
      part('sum', id, 2, two, { ChecksumAlgorithm }),
    ]);
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const named = sums.map((sum, index) => ({ PartNumber: index + 1, ETag: sum.ETag, [name]: sum[name] }));
    const done = await complete('sum', id, named, { ChecksumType });
    if (ChecksumType === 'FULL_OBJECT') {
      const whole = await put('whole', Buffer.concat([one, two]), { ChecksumAlgorithm });
      expect(done[name]).toBe(whole[name]);
    } else expect(done[name]).toMatch(/-2$/);
    const head = await client.send(new HeadObjectCommand({ Bucket: 'orders', Key: 'sum', ChecksumMode: 'ENABLED' }));
    expect([head[name], head.ChecksumType]).toEqual([done[name], ChecksumType]);
  });

  test('are refused as on AWS', async () => {
    const id = await begin('bad');
    const [one, two] = [await part('bad', id, 1, randomBytes(10)), await part('bad', id, 2, randomBytes(10))];
    const [first, second] = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    expect((await refusal(complete('bad', id, [second, first])))[0]).toBe('InvalidPartOrder');
    expect((await refusal(complete('bad', id, [first, { PartNumber: 3, ETag: one.ETag }])))[0]).toBe('InvalidPart');
    expect(await refusal(complete('bad', id, [first, second]))).toEqual([
      'EntityTooSmall',
      400,
      'Your proposed upload is smaller than the minimum allowed size',
    ]);
    expect((await refusal(complete('bad', id, [])))[0]).toBe('MalformedXML');
    expect((await refusal(part('bad', id, 10_001, Buffer.alloc(1))))[0]).toBe('InvalidArgument');
    expect((await refusal(part('bad', 'ff', 1, Buffer.alloc(1)))).slice(0, 2)).toEqual(['NoSuchUpload', 404]);
    await client.send(new AbortMultipartUploadCommand({ Bucket: 'orders', Key: 'bad', UploadId: id }));
    expect((await refusal(complete('bad', id, [first])))[0]).toBe('NoSuchUpload');
    expect(await bed.files()).toBe(0);
  });

  test('copy parts of other objects', async () => {
    const source = randomBytes(6 * MIB);
    await put('source', source);
    const id = await begin('copy');
    const copy = (PartNumber: number, CopySourceRange: string) =>
      client.send(
        new UploadPartCopyCommand({
          ...{ Bucket: 'orders', Key: 'copy', UploadId: id, CopySource: 'orders/source' },
          PartNumber,
          CopySourceRange,
        }),
      );
    const parts = [await copy(1, `bytes=0-${5 * MIB - 1}`), await copy(2, `bytes=${5 * MIB}-${6 * MIB - 1}`)];
    expect((await refusal(copy(3, 'bytes=0-99999999')))[0]).toBe('InvalidArgument');
    await complete(
      'copy',
      id,
      parts.map(({ CopyPartResult }, index) => ({ PartNumber: index + 1, ETag: CopyPartResult?.ETag })),
    );
    expect(md5((await (await get('copy')).Body?.transformToByteArray()) ?? '')).toBe(md5(source));
  });

  test('go with their bucket', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'short' }));
    const created = await client.send(new CreateMultipartUploadCommand({ Bucket: 'short', Key: 'k' }));
    const place = { Bucket: 'short', Key: 'k', UploadId: created.UploadId };
    await client.send(new UploadPartCommand({ ...place, PartNumber: 1, Body: 'x' }));
    await client.send(new DeleteBucketCommand({ Bucket: 'short' }));
    expect(await bed.files()).toBe(0);
  });
});
