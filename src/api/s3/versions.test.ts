import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  S3Client,
  type S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../testing/memory-store.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { openBed, type S3Bed } from './test-bed.js';

const DAY_MS = 86_400_000;
let bed: S3Bed;
let clock: VirtualClock;
let client: S3Client;

beforeEach(async () => {
  clock = new VirtualClock(Date.parse('2026-03-01T10:00:00Z'));
  bed = await openBed(memoryStore().records, { clock });
  client = new S3Client({
    endpoint: `http://127.0.0.1:${bed.port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'orders' }));
});
afterEach(async () => {
  client.destroy();
  await bed.close();
  expect(bed.reports).toEqual([]);
});

const versioning = (Status: 'Enabled' | 'Suspended', Bucket = 'orders') =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
async function put(Key: string, Body: string, more: object = {}): Promise<string> {
  clock.goTo(clock.now() + 1);
  return (await client.send(new PutObjectCommand({ Bucket: 'orders', Key, Body, ...more }))).VersionId ?? '';
}
async function text(Key: string, VersionId?: string): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'orders', Key, VersionId }));
  return (await Body?.transformToString()) ?? '';
}
const remove = (Key: string, VersionId?: string, more: object = {}) =>
  client.send(new DeleteObjectCommand({ Bucket: 'orders', Key, VersionId, ...more }));
const code = (sent: Promise<unknown>) =>
  sent.then(
    () => 'none',
    (fault: S3ServiceException) => fault.name,
  );
/** `a*` is the latest of key a, `a-` a delete marker. */
async function versions(more: object = {}): Promise<readonly string[]> {
  const found = await client.send(new ListObjectVersionsCommand({ Bucket: 'orders', ...more }));
  return [
    ...(found.Versions ?? []).map(({ Key, IsLatest, Size }) => `${Key}${IsLatest ? '*' : ''} ${Size}`),
    ...(found.DeleteMarkers ?? []).map(({ Key, IsLatest }) => `${Key}-${IsLatest ? '*' : ''}`),
  ];
}

describe('versions', () => {
  test('are kept, read by id, hidden by a marker and brought back', async () => {
    await put('a', '1');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: 'orders' }))).Status).toBeUndefined();
    await versioning('Enabled');
    const [second, third] = [await put('a', '22'), await put('a', '333')];
    expect([await text('a'), await text('a', second), await text('a', 'null')]).toEqual(['333', '22', '1']);
    const marked = await remove('a');
    expect(marked.DeleteMarker).toBe(true);
    expect(await code(text('a'))).toBe('NoSuchKey');
    expect(await code(text('a', marked.VersionId))).toBe('MethodNotAllowed');
    expect((await client.send(new ListObjectsV2Command({ Bucket: 'orders' }))).KeyCount).toBe(0);
    expect(await versions()).toEqual(['a 3', 'a 2', 'a 1', 'a-*']);
    await remove('a', marked.VersionId);
    expect(await text('a')).toBe('333');
    await remove('a', third);
    expect([await text('a'), await versions()]).toEqual(['22', ['a* 2', 'a 1']]);
    expect(await code(text('a', third))).toBe('NoSuchVersion');
    expect(await bed.files()).toBe(2);
    expect(await code(client.send(new DeleteBucketCommand({ Bucket: 'orders' })))).toBe('BucketNotEmpty');
    await remove('a', second);
    await remove('a', 'null');
    expect([await bed.files(), await versions()]).toEqual([0, []]);
    await client.send(new DeleteBucketCommand({ Bucket: 'orders' }));
  });

  test('a suspended bucket has one null version', async () => {
    await versioning('Enabled');
    const first = await put('a', '1');
    await versioning('Suspended');
    await put('a', '22');
    await put('a', '333');
    expect(await versions()).toEqual(['a* 3', 'a 1']);
    await versioning('Enabled');
    await put('a', '4444');
    await versioning('Suspended');
    expect((await remove('a')).VersionId).toBe('null');
    expect(await versions()).toEqual(['a 4', 'a 1', 'a-*']); // the null version went for the null marker
    await put('a', '55555');
    expect(await versions()).toEqual(['a* 5', 'a 4', 'a 1']);
    expect(await text('a', first)).toBe('1');
    expect(await bed.files()).toBe(3);
  });

  test('are listed in pages, folded and by prefix', async () => {
    await put('x/0', '1');
    await versioning('Enabled');
    for (const key of ['a', 'a', 'b', 'x/0', 'x/1', 'z']) await put(key, '22');
    await remove('b');
    const all: string[] = [];
    for (let markers: { KeyMarker?: string; VersionIdMarker?: string } = {}; ; ) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: 'orders', MaxKeys: 2, ...markers }));
      const found = [
        ...(page.Versions ?? []).map(({ Key }) => `${Key}`),
        ...(page.DeleteMarkers ?? []).map(({ Key }) => `-${Key}`),
      ];
      expect(found.length).toBeLessThanOrEqual(2);
      all.push(...found);
      if (page.IsTruncated !== true) break;
      const { NextKeyMarker: KeyMarker = '', NextVersionIdMarker: VersionIdMarker = '' } = page;
      markers = { KeyMarker, VersionIdMarker };
    }
    expect(all.sort()).toEqual(['-b', 'a', 'a', 'b', 'x/0', 'x/0', 'x/1', 'z']);
    expect(await versions({ Prefix: 'x/' })).toEqual(['x/0* 2', 'x/0 1', 'x/1* 2']);
    const folded = await client.send(new ListObjectVersionsCommand({ Bucket: 'orders', Delimiter: '/' }));
    expect(folded.CommonPrefixes).toEqual([{ Prefix: 'x/' }]);
  });

  test('of uploads in parts and of copies are versions as well, and are deleted together', async () => {
    await versioning('Enabled');
    const first = await put('a', '1');
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'orders', Key: 'a' }));
    const part = await client.send(
      new UploadPartCommand({ Bucket: 'orders', Key: 'a', UploadId, PartNumber: 1, Body: '22' }),
    );
    const done = await client.send(
      new CompleteMultipartUploadCommand({
        ...{ Bucket: 'orders', Key: 'a', UploadId },
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
      }),
    );
    const source = `orders/a?versionId=${first}`;
    const copied = await client.send(new CopyObjectCommand({ Bucket: 'orders', Key: 'b', CopySource: source }));
    expect([await text('a', done.VersionId), await text('b', copied.VersionId)]).toEqual(['22', '1']);
    const Objects = [{ Key: 'a', VersionId: first }, { Key: 'a' }, { Key: 'b', VersionId: copied.VersionId }];
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket: 'orders', Delete: { Objects } }));
    expect(Deleted?.map(({ Key, DeleteMarker }) => [Key, DeleteMarker])).toEqual([
      ['a', undefined],
      ['a', true],
      ['b', undefined],
    ]);
    expect(await versions()).toEqual(['a 2', 'a-*']);
  });
});

describe('tags', () => {
  test('of objects and of buckets are kept, counted, copied and deleted', async () => {
    await put('a', '1', { Tagging: 'colour=red&size=xl' });
    const which = { Bucket: 'orders', Key: 'a' };
    expect((await client.send(new HeadObjectCommand(which))).TagCount).toBe(2);
    await client.send(new CopyObjectCommand({ Bucket: 'orders', Key: 'b', CopySource: 'orders/a' }));
    const copied = await client.send(new GetObjectTaggingCommand({ Bucket: 'orders', Key: 'b' }));
    expect(copied.TagSet).toEqual([
      { Key: 'colour', Value: 'red' },
      { Key: 'size', Value: 'xl' },
    ]);
    const TagSet = [{ Key: 'a', Value: '1' }];
    await client.send(new PutObjectTaggingCommand({ ...which, Tagging: { TagSet } }));
    expect((await client.send(new GetObjectTaggingCommand(which))).TagSet).toEqual(TagSet);
    await client.send(new DeleteObjectTaggingCommand(which));
    expect((await client.send(new GetObjectTaggingCommand(which))).TagSet).toEqual([]);
    expect(await text('a')).toBe('1');
    const tooMany = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    expect(await code(client.send(new PutObjectTaggingCommand({ ...which, Tagging: { TagSet: tooMany } })))).toBe(
      'InvalidTag',
    );
    expect(await code(client.send(new GetBucketTaggingCommand({ Bucket: 'orders' })))).toBe('NoSuchTagSet');
    await client.send(new PutBucketTaggingCommand({ Bucket: 'orders', Tagging: { TagSet } }));
    expect((await client.send(new GetBucketTaggingCommand({ Bucket: 'orders' }))).TagSet).toEqual(TagSet);
  });
});

describe('object lock', () => {
  const locked = { Bucket: 'audit' } as const;
  const write = async (Key: string, more: object = {}) =>
    (await client.send(new PutObjectCommand({ ...locked, Key, Body: 'entry', ...more }))).VersionId ?? '';
  const drop = (Key: string, VersionId: string, BypassGovernanceRetention = false) =>
    code(client.send(new DeleteObjectCommand({ ...locked, Key, VersionId, BypassGovernanceRetention })));

  beforeEach(async () => {
    await client.send(new CreateBucketCommand({ ...locked, ObjectLockEnabledForBucket: true }));
  });

  test('the bucket’s rule keeps every version until its time, whoever asks', async () => {
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } } as const;
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const;
    await client.send(new PutObjectLockConfigurationCommand({ ...locked, ObjectLockConfiguration }));
    const kept = await client.send(new GetObjectLockConfigurationCommand(locked));
    expect(kept.ObjectLockConfiguration).toEqual(ObjectLockConfiguration);
    const version = await write('log/1');
    const { Retention } = await client.send(new GetObjectRetentionCommand({ ...locked, Key: 'log/1' }));
    expect(Retention).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: new Date(clock.now() + 30 * DAY_MS) });
    await write('log/1', { Body: 'forged' }); // a version of its own: the first one stays
    expect(await drop('log/1', version)).toBe('AccessDenied');
    expect(await drop('log/1', version, true)).toBe('AccessDenied');
    const { Errors } = await client.send(
      new DeleteObjectsCommand({ ...locked, Delete: { Objects: [{ Key: 'log/1', VersionId: version }] } }),
    );
    expect(Errors?.[0]?.Code).toBe('AccessDenied');
    const earlier = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(clock.now() + DAY_MS) } as const;
    const which = { ...locked, Key: 'log/1', VersionId: version };
    expect(await code(client.send(new PutObjectRetentionCommand({ ...which, Retention: earlier })))).toBe(
      'AccessDenied',
    );
    const suspended = { Status: 'Suspended' } as const;
    const suspend = new PutBucketVersioningCommand({ ...locked, VersioningConfiguration: suspended });
    expect(await code(client.send(suspend))).toBe('InvalidBucketState');
    clock.goTo(clock.now() + 31 * DAY_MS);
    expect(await drop('log/1', version)).toBe('none');
  });

  test('governance may be passed by, a legal hold may not', async () => {
    const until = new Date(clock.now() + DAY_MS);
    const governed = await write('a', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: until });
    expect([await drop('a', governed), await drop('a', governed, true)]).toEqual(['AccessDenied', 'none']);
    const held = await write('b', { ObjectLockLegalHoldStatus: 'ON' });
    expect(await drop('b', held, true)).toBe('AccessDenied');
    await client.send(new PutObjectLegalHoldCommand({ ...locked, Key: 'b', LegalHold: { Status: 'OFF' } }));
    expect((await client.send(new GetObjectLegalHoldCommand({ ...locked, Key: 'b' }))).LegalHold?.Status).toBe('OFF');
    expect(await drop('b', held)).toBe('none');
    const past = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(clock.now() - 1000) };
    expect(await code(write('c', past))).toBe('InvalidArgument');
    const elsewhere = client.send(
      new PutObjectCommand({ Bucket: 'orders', Key: 'a', Body: '', ObjectLockLegalHoldStatus: 'ON' }),
    );
    expect(await code(elsewhere)).toBe('InvalidRequest');
  });
});

describe('lifecycle rules', () => {
  const rules = (...Rules: readonly object[]) =>
    client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: 'orders',
        LifecycleConfiguration: { Rules: Rules.map((rule) => ({ Status: 'Enabled', ...rule })) as never },
      }),
    );
  const days = async (count: number): Promise<void> => {
    clock.goTo(clock.now() + count * DAY_MS);
    await bed.s3.lifecycle?.run();
  };
  const keys = async () =>
    (await client.send(new ListObjectsV2Command({ Bucket: 'orders' }))).Contents?.map(({ Key }) => Key) ?? [];

  test('objects expire by days at midnight, by date, size and tag', async () => {
    await rules(
      { ID: 'tmp', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } },
      {
        ID: 'red',
        Filter: { And: { Prefix: 'x', Tags: [{ Key: 'c', Value: 'red' }], ObjectSizeGreaterThan: 1 } },
        Expiration: { Days: 2 },
      },
      { ID: 'end', Filter: { Prefix: 'old' }, Expiration: { Date: new Date('2026-03-05T00:00:00Z') } },
      { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    );
    await put('tmp/a', '1');
    await put('x1', '22', { Tagging: 'c=red' });
    await put('x2', '1', { Tagging: 'c=red' });
    await put('x3', '22', { Tagging: 'c=blue' });
    await put('old', '1');
    await days(1);
    expect(await keys()).toContain('tmp/a'); // ten in the morning: a day has passed, but not to midnight
    await days(1);
    expect(await keys()).toEqual(['old', 'x1', 'x2', 'x3']);
    await days(1);
    expect(await keys()).toEqual(['old', 'x2', 'x3']);
    await days(1);
    expect(await keys()).toEqual(['x2', 'x3']);
    expect(await bed.files()).toBe(2);
  });

  test('old versions go but for the newest, lone markers and forgotten uploads too; what is locked stays', async () => {
    await rules(
      {
        ID: 'v',
        Filter: { Prefix: '' },
        NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
      },
      { ID: 'm', Filter: { Prefix: '' }, Expiration: { ExpiredObjectDeleteMarker: true } },
      { ID: 'u', Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } },
    );
    await versioning('Enabled');
    for (const body of ['1', '22', '333']) await put('a', body);
    const only = await put('b', '1');
    await remove('b');
    await remove('b', only);
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'orders', Key: 'up' }));
    await days(1);
    expect(await versions()).toEqual(['a* 3', 'a 2', 'a 1']);
    await days(2);
    expect(await versions()).toEqual(['a* 3', 'a 2']);
    await days(1);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'orders' }))).Uploads ?? []).toEqual([]);
  });

  test('an expired object of a versioned bucket is hidden; the timer runs by itself', async () => {
    await rules({ ID: 'all', Filter: { Prefix: '' }, Expiration: { Days: 1 } });
    await versioning('Enabled');
    await put('a', '1');
    bed.s3.lifecycle?.start();
    await bed.s3.lifecycle?.run();
    while (clock.now() < Date.parse('2026-03-03T02:00:00Z')) {
      clock.advance();
      await bed.s3.lifecycle?.idle();
    }
    expect(await versions()).toEqual(['a 1', 'a-*']);
  });

  test('wrong rules are refused', async () => {
    expect(await code(rules({ ID: 'a', Filter: { Prefix: '' } }))).toBe('InvalidRequest');
    const transition = { Transitions: [{ Days: 1, StorageClass: 'GLACIER' }], Expiration: { Days: 2 } };
    expect(await code(rules({ ID: 'a', Filter: { Prefix: '' }, ...transition }))).toBe('NotImplemented');
  });
});
