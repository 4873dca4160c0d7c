import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TargetCall, TargetOutcome } from '../../services/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { openBed, type S3Bed } from './test-bed.js';

let bed: S3Bed;
let client: S3Client;
let sent: TargetCall[];
let outcome: TargetOutcome;
const LAMBDA = 'arn:aws:lambda:eu-west-1:000000000000:function:f';
const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:q';
const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:t';

beforeEach(async () => {
  sent = [];
  outcome = { type: 'done' };
  const targets = {
    send: async (call: TargetCall) => {
      sent.push(call);
      return outcome;
    },
    giveUp: async () => ({ type: 'done' }) as const,
  };
  bed = await openBed(memoryStore().records, { targets });
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
});

const put = (Key: string, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'orders', Key, Body: 'abc', ...more }));
const code = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (fault: S3ServiceException) => fault.name,
  );
const notify = (NotificationConfiguration: object) =>
  client.send(new PutBucketNotificationConfigurationCommand({ Bucket: 'orders', NotificationConfiguration }));

/** `<last part of the target> <event> <key>` of everything that was sent since. */
async function told(): Promise<readonly string[]> {
  await bed.s3.idle();
  return sent
    .splice(0)
    .map(({ arn, input }) => {
      const event = JSON.parse(input);
      const [record] = event.Records ?? [];
      const what =
        record === undefined
          ? [event['detail-type'], event.detail.object.key]
          : [record.eventName, record.s3.object.key];
      return [arn.split(/[:/]/).at(-1), ...what].join(' ');
    })
    .sort();
}

describe('a bucket tells', () => {
  test('functions, queues, topics and the event bus of what they asked for', async () => {
    await notify({
      LambdaFunctionConfigurations: [
        {
          Id: 'images',
          LambdaFunctionArn: LAMBDA,
          Events: ['s3:ObjectCreated:*'],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'prefix', Value: 'in/' },
                { Name: 'suffix', Value: '.jpg' },
              ],
            },
          },
        },
      ],
      QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:ObjectRemoved:Delete'] }],
      TopicConfigurations: [
        { TopicArn: TOPIC, Events: ['s3:ObjectCreated:CompleteMultipartUpload', 's3:ObjectTagging:Put'] },
      ],
      EventBridgeConfiguration: {},
    });
    await put('in/a b.jpg');
    expect(await told()).toEqual(['default Object Created in/a b.jpg', 'f ObjectCreated:Put in/a+b.jpg']);
    await put('in/a.txt');
    await put('a.jpg');
    expect(await told()).toEqual(['default Object Created a.jpg', 'default Object Created in/a.txt']);
    await client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'a.jpg' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'nothing' }));
    expect(await told()).toEqual(['default Object Deleted a.jpg', 'q ObjectRemoved:Delete a.jpg']);
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    await client.send(new PutObjectTaggingCommand({ Bucket: 'orders', Key: 'in/a.txt', Tagging }));
    expect(await told()).toEqual(['default Object Tags Added in/a.txt', 't ObjectTagging:Put in/a.txt']);
    const which = { Bucket: 'orders', Key: 'big' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(which));
    const { ETag } = await client.send(new UploadPartCommand({ ...which, UploadId, PartNumber: 1, Body: 'x' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...which, UploadId, MultipartUpload }));
    expect(await told()).toEqual(['default Object Created big', 't ObjectCreated:CompleteMultipartUpload big']);
  });

  test('in the words of AWS, and each delivery has a key of its own', async () => {
    const Events = ['s3:ObjectCreated:Put'];
    await notify({
      QueueConfigurations: [
        { Id: 'one', QueueArn: QUEUE, Events },
        { Id: 'two', QueueArn: `${QUEUE}2`, Events },
      ],
    });
    await put('a');
    await bed.s3.idle();
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
    expect(JSON.parse(sent[0]?.input ?? '').Records[0]).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      s3: {
        configurationId: 'one',
        bucket: { name: 'orders', arn: 'arn:aws:s3:::orders' },
        object: { key: 'a', size: 3, eTag: '900150983cd24fb0d6963f7d28e17f72' },
      },
    });
  });

  test('nobody of what is not written; what it is asked for can be read and taken back', async () => {
    const target = { Id: 'x', QueueArn: QUEUE, Events: ['s3:ObjectCreated:*' as const] };
    await notify({ QueueConfigurations: [target] });
    const kept = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'orders' }));
    expect(kept.QueueConfigurations).toEqual([target]);
    expect(await code(put('a', { IfMatch: '"other"' }))).toBe('NoSuchKey');
    expect(await told()).toEqual([]);
    await notify({});
    await put('a');
    expect(await told()).toEqual([]);
    expect(await code(notify({ QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:Replication:*'] }] }))).toBe(
      'InvalidArgument',
    );
    expect(await code(notify({ QueueConfigurations: [{ QueueArn: LAMBDA, Events: ['s3:ObjectCreated:*'] }] }))).toBe(
      'InvalidArgument',
    );
  });

  test('a target that takes nothing is given up, and said', async () => {
    await notify({ QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:ObjectCreated:*'] }] });
    outcome = { type: 'refused', code: 'AWS.SimpleQueueService.NonExistentQueue', message: 'There is none.' };
    await put('a');
    expect(await told()).toEqual(['q ObjectCreated:Put a']);
    expect(bed.reports).toHaveLength(1);
  });
});

describe('a policy', () => {
  const policy = (...Statement: readonly object[]) =>
    client.send(
      new PutBucketPolicyCommand({ Bucket: 'orders', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
  const deny = (more: object) => ({ Effect: 'Deny', Principal: '*', ...more });
  const get = (Key: string) => client.send(new GetObjectCommand({ Bucket: 'orders', Key }));

  test('refuses what it denies, one key of many too, and is taken back', async () => {
    await put('audit/1');
    await put('b');
    await policy(deny({ Sid: 'Keep', Action: ['s3:DeleteObject*'], Resource: 'arn:aws:s3:::orders/audit/*' }));
    const Objects = [{ Key: 'audit/1' }, { Key: 'b' }];
    const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket: 'orders', Delete: { Objects } }));
    expect([Deleted?.map(({ Key }) => Key), Errors?.map(({ Key, Code }) => [Key, Code])]).toEqual([
      ['b'],
      [['audit/1', 'AccessDenied']],
    ]);
    expect(await code(client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'audit/1' })))).toBe('AccessDenied');
    expect(await code(get('audit/1'))).toBe('none');
    expect((await client.send(new GetBucketPolicyCommand({ Bucket: 'orders' }))).Policy).toContain('Keep');
    await client.send(new DeleteBucketPolicyCommand({ Bucket: 'orders' }));
    expect(await code(client.send(new DeleteObjectCommand({ Bucket: 'orders', Key: 'audit/1' })))).toBe('none');
    expect(await code(client.send(new GetBucketPolicyCommand({ Bucket: 'orders' })))).toBe('NoSuchBucketPolicy');
  });

  test('looks at conditions: overwriting, tags, prefixes, encryption of the line', async () => {
    await put('secret', { Tagging: 'level=high' });
    await put('free');
    await policy(
      deny({
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::orders/log/*',
        Condition: { Null: { 's3:if-none-match': 'true' } },
      }),
      deny({
        Action: 's3:GetObject',
        Resource: '*',
        Condition: { StringEquals: { 's3:ExistingObjectTag/level': 'high' } },
      }),
      deny({
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::orders',
        Condition: { StringNotLike: { 's3:prefix': ['log/*'] } },
      }),
      deny({ Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      { Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Action: '*', Resource: '*' },
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' },
    );
    expect([await code(put('log/1')), await code(put('log/1', { IfNoneMatch: '*' }))]).toEqual([
      'AccessDenied',
      'none',
    ]);
    expect(await code(put('log/1', { IfNoneMatch: '*' }))).toBe('PreconditionFailed'); // nothing is written over
    expect([await code(get('secret')), await code(get('free'))]).toEqual(['AccessDenied', 'none']);
    const list = (Prefix?: string) => code(client.send(new ListObjectsV2Command({ Bucket: 'orders', Prefix })));
    expect([await list(), await list('log/2')]).toEqual(['AccessDenied', 'none']);
  });

  test('that could not be kept is refused by name', async () => {
    const odd = deny({ Action: 's3:*', Resource: '*', Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } });
    expect(await code(policy(odd))).toBe('NotImplemented');
    expect(await code(policy({ Effect: 'Deny', NotPrincipal: '*', Action: 's3:*', Resource: '*' }))).toBe(
      'NotImplemented',
    );
    expect(await code(policy({ Effect: 'Deny', Principal: '*', Resource: '*' }))).toBe('MalformedPolicy');
    expect(await code(client.send(new PutBucketPolicyCommand({ Bucket: 'orders', Policy: 'no' })))).toBe(
      'MalformedPolicy',
    );
  });
});
