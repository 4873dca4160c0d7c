import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);

const bed = openBed();
let sfn: SFNClient;
let sqs: SQSClient;
let queueUrl: string;
let topicArn: string;
let childArn: string;

beforeAll(async () => {
  [sfn, sqs] = [bed.use(new SFNClient({})), bed.use(new SQSClient({}))];
  await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'shelf' }));
  await new DynamoDBClient({}).send(
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }))).QueueUrl ?? '';
  topicArn = (await new SNSClient({}).send(new CreateTopicCommand({ Name: 'news' }))).TopicArn ?? '';
  childArn = await machine('child', { S: { Type: 'Succeed' } });
});

async function machine(name: string, states: object): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const made = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE }));
  return made.stateMachineArn ?? '';
}

let machines = 0;

/** Runs one Task; what it answered, or how it failed. */
async function run(resource: string, parameters: object, more: object = {}) {
  machines += 1;
  const task = { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Parameters: parameters, ...more, End: true };
  const stateMachineArn = await machine(`m${machines}`, { T: task });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  return { executionArn, result: async () => ended(executionArn) };
}

const ended = (executionArn: string | undefined) =>
  eventually(async () => {
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') return null;
    return status === 'SUCCEEDED' ? (JSON.parse(output ?? '') as unknown) : { error, cause };
  });

const outcome = async (resource: string, parameters: object): Promise<unknown> =>
  (await run(resource, parameters)).result();

test.each([
  ['aws-sdk:dynamodb:putItem', () => ({ TableName: 'orders', Item: { id: { S: '1' }, old: { Nul: true } } }), {}],
  [
    'aws-sdk:dynamodb:query',
    () => ({
      TableName: 'orders',
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: '1' } },
    }),
    { Count: 1, ScannedCount: 1, Items: [{ id: { S: '1' }, old: { Nul: true } }] },
  ],
  ['aws-sdk:dynamodb:listTables', () => ({}), { TableNames: ['orders'] }],
  [
    'aws-sdk:s3:putObject',
    () => ({ Bucket: 'shelf', Key: 'a/b.json', Body: { x: 1 } }),
    { ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/), ChecksumCRC32: expect.any(String) },
  ],
  [
    'aws-sdk:s3:getObject',
    () => ({ Bucket: 'shelf', Key: 'a/b.json' }),
    { Body: '{"x":1}', ContentLength: 7, LastModified: ISO, Metadata: {} },
  ],
  [
    'aws-sdk:s3:listObjectsV2',
    () => ({ Bucket: 'shelf', Prefix: 'a/' }),
    { KeyCount: 1, IsTruncated: false, Contents: [{ Key: 'a/b.json', Size: 7 }] },
  ],
  ['aws-sdk:sqs:sendMessage', () => ({ QueueUrl: queueUrl, MessageBody: { x: 1 } }), { MessageId: UUID }],
  ['aws-sdk:sns:publish', () => ({ TopicArn: topicArn, Message: 'x' }), { MessageId: UUID }],
  ['aws-sdk:sns:listTopics', () => ({}), { Topics: [{ TopicArn: expect.stringContaining(':news') }] }],
  ['aws-sdk:sts:getCallerIdentity', () => ({}), { Account: '000000000000' }],
  [
    'aws-sdk:sfn:describeStateMachine',
    () => ({ StateMachineArn: childArn }),
    { StateMachineArn: expect.stringContaining(':child'), CreationDate: ISO, Status: 'ACTIVE', Type: 'STANDARD' },
  ],
  ['aws-sdk:lambda:listFunctions', () => ({}), { Functions: [] }],
  ['aws-sdk:cloudwatchlogs:describeLogGroups', () => ({}), { LogGroups: [] }],
  [
    'aws-sdk:eventbridge:putEvents',
    () => ({ Entries: [{ Source: 'shop', DetailType: 'order', Detail: { id: 1 } }] }),
    { FailedEntryCount: 0, Entries: [{ EventId: UUID }] },
  ],
  ['aws-sdk:scheduler:listSchedules', () => ({}), { Schedules: [] }],
  ['aws-sdk:cloudwatch:listMetrics', () => ({ Namespace: 'none' }), { Metrics: [] }],
])('%s', async (resource, parameters, expected) => {
  const answer = await outcome(resource, parameters());
  expect(answer).toMatchObject(expected);
  expect(answer).not.toHaveProperty('SdkHttpMetadata');
});

test('what was sent and stored is there for clients', async () => {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }));
  expect(Messages.map(({ Body }) => Body)).toEqual(['{"x":1}']);
  const object = await new S3Client({ forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: 'shelf', Key: 'a/b.json' }),
  );
  expect(await object.Body?.transformToString()).toBe('{"x":1}');
  expect(object.ContentType).toBe('text/plain; charset=UTF-8');
});

test('aws-sdk:sfn:startExecution starts, once for one call', async () => {
  const answer = await outcome('aws-sdk:sfn:startExecution', { StateMachineArn: childArn, Input: { a: 1 } });
  expect(answer).toEqual({ ExecutionArn: expect.stringContaining(':execution:child:'), StartDate: ISO });
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: childArn }));
  expect(executions).toHaveLength(1);
});

test('.waitForTaskToken waits for the answer to the token', async () => {
  const QueueName = 'callbacks';
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const { result } = await run('aws-sdk:sqs:sendMessage.waitForTaskToken', {
    QueueUrl,
    'MessageBody.$': '$$.Task.Token',
  });
  const taskToken = await eventually(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    return Messages[0]?.Body ?? null;
  });
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":true}' }));
  expect(await result()).toEqual({ done: true });
});

const REQUEST = 'Request ID: [0-9a-f-]{36}';

test.each([
  [
    'aws-sdk:dynamodb:getItem',
    { TableName: 'nothing', Key: { id: { S: '1' } } },
    'DynamoDb.ResourceNotFoundException',
    `^Requested resource not found \\(Service: DynamoDb, Status Code: 400, ${REQUEST}\\)$`,
  ],
  [
    'aws-sdk:s3:getObject',
    { Bucket: 'shelf', Key: 'nothing' },
    'S3.NoSuchKeyException',
    `^The specified key does not exist\\. \\(Service: S3, Status Code: 404, ${REQUEST}, Extended ${REQUEST}\\)$`,
  ],
  ['aws-sdk:s3:headObject', { Bucket: 'shelf', Key: 'nothing' }, 'S3.NoSuchKeyException', 'Status Code: 404'],
  [
    'aws-sdk:sns:publish',
    { TopicArn: 'arn:aws:sns:eu-west-1:000000000000:nothing', Message: 'x' },
    'Sns.NotFoundException',
    'Topic does not exist \\(Service: Sns, Status Code: 404',
  ],
  [
    'aws-sdk:sqs:getQueueUrl',
    { QueueName: 'nothing' },
    'Sqs.QueueDoesNotExistException',
    'The specified queue does not exist',
  ],
  [
    'aws-sdk:sfn:sendTaskSuccess',
    { TaskToken: 'nonsense', Output: '{}' },
    'Sfn.InvalidTokenException',
    'Service: Sfn, Status Code: 400',
  ],
  ['aws-sdk:lambda:getFunction', { FunctionName: 'nothing' }, 'Lambda.ResourceNotFoundException', 'Service: Lambda'],
  [
    'aws-sdk:sqs:sendMessage',
    { QueueURL: 'x' },
    'States.Runtime',
    'could not be used to start the Task: \\[The field "QueueURL" is not supported by Step Functions\\]',
  ],
  ['aws-sdk:kms:listKeys', {}, 'Treadle.ResourceNotAvailable', 'aws-sdk:kms:listKeys'],
  ['aws-sdk:s3:getBucketCors', { Bucket: 'shelf' }, 'Treadle.ResourceNotAvailable', 'aws-sdk:s3:getBucketCors'],
])('%s with %j fails', async (resource, parameters, error, cause) => {
  expect(await outcome(resource, parameters)).toMatchObject({ error, cause: expect.stringMatching(cause) });
});
