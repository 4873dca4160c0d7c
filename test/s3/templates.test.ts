import { readFile } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { FrontBed } from '../front/front-bed.js';

/** Buckets as templates write them, and whom they tell of what is put into them. */

const bed = new FrontBed();
let s3: S3Client;

const CODE = `
import { appendFileSync } from 'node:fs';
export const handler = async (event) => {
  for (const { s3, eventName } of event.Records) appendFileSync(process.env.SEEN, eventName + ' ' + s3.bucket.name + ' ' + s3.object.key + '\\n');
};`;

const template = (more = ''): string => `
Globals:
  Function: { CodeUri: code, Runtime: nodejs20.x, Handler: app.handler }
Resources:
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { SEEN: '${bed.folder}/seen' } }
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Uploads
            Events: s3:ObjectCreated:*
            Filter: { S3Key: { Rules: [{ Name: prefix, Value: in/ }] } }
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: uploads } }
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: uploads
      Tags: [{ Key: owner, Value: shop }]
      LifecycleConfiguration: { Rules: [{ Id: tmp, Status: Enabled, Prefix: tmp/, ExpirationInDays: 1 }] }
      NotificationConfiguration:
        QueueConfigurations: [{ Event: 's3:ObjectRemoved:*', Queue: !GetAtt Queue.Arn }]
        EventBridgeConfiguration: { EventBridgeEnabled: true }${more}
  Audit:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: audit
      ObjectLockEnabled: true
      ObjectLockConfiguration: { ObjectLockEnabled: Enabled, Rule: { DefaultRetention: { Mode: COMPLIANCE, Days: 365 } } }
  AuditPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Audit
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - { Effect: Deny, Principal: '*', Action: 's3:DeleteObject', Resource: !Sub '\${Audit.Arn}/*' }
          - { Effect: Deny, Principal: '*', Action: 's3:PutObject', Resource: !Sub '\${Audit.Arn}/*', Condition: { 'Null': { 's3:if-none-match': true } } }
  Pipeline:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: pipeline
      Definition: { StartAt: A, States: { A: { Type: Pass, InputPath: $.detail.object.key, End: true } } }
      Events:
        Upload: { Type: EventBridgeRule, Properties: { Pattern: { source: [aws.s3], detail-type: [Object Created], detail: { bucket: { name: [uploads] } } } } }
`;

beforeAll(async () => {
  await bed.open();
  await bed.deploy(template(), { 'code/app.mjs': CODE });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  s3 = new S3Client({ endpoint: bed.server.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
});
afterAll(async () => {
  s3.destroy();
  await bed.close();
});

const code = (sent: Promise<unknown>) =>
  sent.then(
    () => 'none',
    (fault: S3ServiceException) => fault.name,
  );
const put = (Bucket: string, Key: string, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));

test('buckets are what the template says, and deploying again changes nothing', async () => {
  const Bucket = 'uploads';
  expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: 'owner', Value: 'shop' }]);
  const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(Rules).toEqual([{ ID: 'tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } }]);
  const audit = { Bucket: 'audit' };
  expect((await s3.send(new GetBucketVersioningCommand(audit))).Status).toBe('Enabled');
  const lock = (await s3.send(new GetObjectLockConfigurationCommand(audit))).ObjectLockConfiguration;
  expect(lock?.Rule).toEqual({ DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } });
  const again = await bed.deploy(template());
  expect(again.filter((line) => !line.startsWith('unchanged'))).toEqual([]);
  const versioned = await bed.deploy(template('\n      VersioningConfiguration: { Status: Enabled }'));
  expect(versioned.filter((line) => !line.startsWith('unchanged'))).toEqual(['updated Uploads']);
});

test('an audit log takes entries once, and gives none away', async () => {
  expect(await code(put('audit', 'log/1'))).toBe('AccessDenied');
  const { VersionId } = await put('audit', 'log/1', { IfNoneMatch: '*' });
  expect(await code(put('audit', 'log/1', { IfNoneMatch: '*' }))).toBe('PreconditionFailed');
  expect(await code(s3.send(new DeleteObjectCommand({ Bucket: 'audit', Key: 'log/1' })))).toBe('AccessDenied');
  expect(await code(s3.send(new DeleteObjectCommand({ Bucket: 'audit', Key: 'log/1', VersionId })))).toBe(
    'AccessDenied',
  );
});

test('a function, a queue and a machine hear of objects', async () => {
  await put('uploads', 'in/order 1.json');
  await put('uploads', 'other');
  await s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'other' }));
  const seen = () => readFile(`${bed.folder}/seen`, 'utf8').catch(() => '');
  await eventually(async () => (await seen()) || null);
  expect(await seen()).toBe('ObjectCreated:Put uploads in/order+1.json\n');
  const { Messages = [] } = await bed.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: `${bed.server.endpoint}/000000000000/uploads`, WaitTimeSeconds: 5 }),
  );
  expect(JSON.parse(Messages[0]?.Body ?? '').Records[0].eventName).toMatch(/^ObjectRemoved:/);
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:pipeline';
  const started = async () => (await bed.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
  await eventually(async () => ((await started()).length === 2 ? true : null));
  const outputs = (await started()).map(
    async ({ executionArn }) => (await bed.sfn.send(new DescribeExecutionCommand({ executionArn }))).output,
  );
  expect((await Promise.all(outputs)).sort()).toEqual(['"in/order 1.json"', '"other"']);
});

test('what is no longer written goes', async () => {
  const smaller = template()
    .replace(/ {6}Events:\n {8}Upload:\n {10}Type: S3[\s\S]*?(?=\n {2}Queue)/, '')
    .replace(/ {2}AuditPolicy:[\s\S]*?(?=\n {2}Pipeline)/, '');
  const lines = await bed.deploy(smaller);
  expect(lines.filter((line) => line.startsWith('deleted')).sort()).toEqual([
    'deleted AuditPolicy',
    'deleted Reader.Upload',
  ]);
  expect(await code(s3.send(new GetBucketPolicyCommand({ Bucket: 'audit' })))).toBe('NoSuchBucketPolicy');
});
