import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePayload } from '../payload/index.js';
import { ActivityQueue } from '../services/activity-queue.js';
import { AsyncInvocations } from '../services/async-invocations.js';
import { Tables } from '../services/dynamodb/tables.js';
import { Events } from '../services/events/events.js';
import type { Invocation, InvocationResult, TargetCall } from '../services/ports.js';
import { Sns } from '../services/sns/sns.js';
import { Sqs } from '../services/sqs/sqs.js';
import { memoryStore } from '../testing/memory-store.js';
import { integrations, performer } from './integrations.js';
import type { TaskAnswer } from './port.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const clock = { now: () => Date.UTC(2026, 0, 1) };
const SDK = {
  SdkHttpMetadata: { HttpStatusCode: 200, HttpHeaders: { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' } },
  SdkResponseMetadata: {
    RequestId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  },
};

let folder: string;
let sns: Sns;
let sqs: Sqs;
let buses: Events;
let sent: TargetCall[];
let events: AsyncInvocations;
let tables: Tables;
let activities: ActivityQueue;
let invocations: Invocation[];
let answer: InvocationResult;
const executions = { start: () => Promise.reject(new Error('nothing is started here')) };

const invoker = {
  invoke: async (invocation: Invocation) => {
    invocations.push(invocation);
    return answer;
  },
  onLine: (
    listener: (line: { at: number; requestId: string; stream: 'stdout'; text: string; functionArn: string }) => void,
  ) => {
    const requestId = '9f8f3a7f-0000-8000-8000-000000000000';
    listener({ at: 0, requestId, stream: 'stdout', text: 'of another call', functionArn: '' });
    return () => undefined;
  },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-integrations-'));
  const { records } = memoryStore();
  activities = new ActivityQueue(records, clock);
  invocations = [];
  answer = { type: 'succeeded', payload: '{"a": 1.0}', executedVersion: '$LATEST' };
  const report = () => undefined;
  sns = new Sns({
    records,
    invoker,
    clock,
    mailFolder: folder,
    mailer: null,
    queues: { send: async () => ({ type: 'sent' }) },
    endpointUrl: () => '',
    report,
  });
  sqs = await Sqs.open({ records, clock, report });
  sent = [];
  const send = async (call: TargetCall) => {
    sent.push(call);
    return { type: 'done' } as const;
  };
  const timekeeper = { ...clock, after: () => () => undefined };
  buses = await Events.open({
    records,
    clock: timekeeper,
    targets: { send, giveUp: async () => ({ type: 'done' }) },
    report,
  });
  events = new AsyncInvocations({ records, invoker, clock, report });
  tables = await Tables.open({ records, clock, report, endpointUrl: () => '' });
  await Promise.all([sns.start(), events.start(), buses.start()]);
});
afterEach(async () => {
  await Promise.all([sns.close(), events.close(), tables.close(), sqs.close(), buses.close()]);
  await rm(folder, { recursive: true });
});

function perform(resourceType: string, resource: string, parameters: string, key = 'arn#7'): Promise<TaskAnswer> {
  const call = {
    ...PLACE,
    key,
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
    stateName: 'S',
    resourceType,
    resource,
    parameters: parsePayload(parameters),
  };
  const known = integrations({
    executions,
    functions: invoker,
    events,
    tables,
    topics: sns,
    queues: sqs,
    buses,
    connections: { find: async () => null },
    endpointUrl: () => 'http://127.0.0.1:1',
    activities,
    clock,
  });
  return performer(known, {
    rulesFor: async () => [],
    local: () => null,
    remote: () => expect.fail('nothing goes elsewhere'),
  }).perform(call, new AbortController());
}

const outputOf = (given: TaskAnswer): unknown => ('output' in given ? JSON.parse(given.output.text) : given);
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

describe('a function by its ARN', () => {
  test('passes input and answer as they are', async () => {
    const given = await perform('function', ARN, '{"x":  0.0}');
    expect(given).toMatchObject({ type: 'succeeded', output: { text: '{"a": 1.0}' } });
    expect(invocations).toMatchObject([{ functionName: ARN, event: '{"x":  0.0}' }]);
  });

  test('the same call has the same request id, another one has another', async () => {
    for (const key of ['arn#7', 'arn#7', 'arn#8']) await perform('function', ARN, '{}', key);
    const [first, repeated, other] = invocations.map(({ requestId }) => requestId);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(repeated).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe.each([
  ['function', ARN, '{}'],
  ['lambda', 'invoke', '{"FunctionName":"f"}'],
])('errors of %s', (resourceType, resource, parameters) => {
  test('a raised error has its own name, and its object as cause', async () => {
    const payload = '{"errorMessage": "no", "errorType": "CustomException", "stackTrace": []}';
    answer = { type: 'failed', payload, executedVersion: '$LATEST' };
    expect(await perform(resourceType, resource, parameters)).toEqual({
      type: 'failed',
      error: 'CustomException',
      cause: resource === 'invoke' ? '{"errorMessage":"no","errorType":"CustomException","stackTrace":[]}' : payload,
    });
  });

  test('an error without a type is Lambda.Unknown', async () => {
    answer = { type: 'failed', payload: '{"errorMessage":"x"}', executedVersion: '$LATEST' };
    expect(await perform(resourceType, resource, parameters)).toEqual({
      type: 'failed',
      error: 'Lambda.Unknown',
      cause:
        'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"x"}',
    });
  });

  test('a missing function', async () => {
    answer = {
      type: 'refused',
      code: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}:$LATEST`,
      status: 404,
    };
    expect(await perform(resourceType, resource, parameters)).toEqual({
      type: 'failed',
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(
        /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:\$LATEST \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
      ),
    });
  });
});

describe('lambda:invoke', () => {
  test('the result has the parsed payload, numbers with their digits, and members in order', async () => {
    const given = await perform('lambda', 'invoke', '{"FunctionName":"f","Payload":{"b": [1.50]}}');
    expect(invocations).toMatchObject([{ functionName: ARN, event: '{"b":[1.50]}' }]);
    expect(outputOf(given)).toMatchObject({ ExecutedVersion: '$LATEST', Payload: { a: 1 }, StatusCode: 200, ...SDK });
    expect('output' in given && given.output.text).toContain('"Payload":{"a":1.0},"SdkHttpMetadata":');
    expect(Object.keys(Object(outputOf(given)))).toEqual([
      'ExecutedVersion',
      'Payload',
      'SdkHttpMetadata',
      'SdkResponseMetadata',
      'StatusCode',
    ]);
  });

  test.each([
    ['"0"', '0'],
    ['"\\"HelloWorld\\""', '"HelloWorld"'],
    ['"HelloWorld"', '"HelloWorld"'],
    ['null', '{}'],
    ['[1]', '[1]'],
    ['true', 'true'],
  ])('Payload %s is sent as %s', async (payload, event) => {
    await perform('lambda', 'invoke', `{"FunctionName":"f","Payload":${payload}}`);
    expect(invocations[0]?.event).toBe(event);
  });

  test('waiting for a task token, the answer is what was submitted', async () => {
    expect(await perform('lambda', 'invoke.waitForTaskToken', '{"FunctionName":"f"}')).toMatchObject({
      type: 'submitted',
    });
  });

  test('LogType Tail adds the log of this call only', async () => {
    const given = await perform('lambda', 'invoke', '{"FunctionName":"f","LogType":"Tail"}');
    expect(outputOf(given)).toMatchObject({ LogResult: '' });
  });

  test('Event is queued once', async () => {
    for (let i = 0; i < 2; i++) {
      const given = await perform('lambda', 'invoke', '{"FunctionName":"f","InvocationType":"Event"}');
      expect(outputOf(given)).toMatchObject({ Payload: '', StatusCode: 202 });
    }
    await events.idle();
    expect(invocations).toHaveLength(1);
  });

  test.each([
    ['{"FunctionName":"f","Nonsense":1}', '[The field "Nonsense" is not supported by Step Functions]'],
    ['{"FunctionName":1}', "[The value for the field 'FunctionName' must be a STRING]"],
  ])('%s cannot be sent', async (parameters, fault) => {
    expect(await perform('lambda', 'invoke', parameters)).toEqual({
      type: 'failed',
      error: 'States.Runtime',
      cause: `The Parameters '${parameters}' could not be used to start the Task: ${fault}`,
      phase: 'start',
    });
  });
});

describe('dynamodb', () => {
  beforeEach(async () => {
    await tables.call(
      'CreateTable',
      {
        TableName: 'Orders',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
      PLACE,
    );
  });

  test('items are put, updated, read and deleted', async () => {
    const Key = '"TableName":"Orders","Key":{"id":{"S":"1"}}';
    const put = await perform('dynamodb', 'putItem', '{"TableName":"Orders","Item":{"id":{"S":"1"},"data":{"S":"x"}}}');
    expect(Object.keys(Object(outputOf(put)))).toEqual(['SdkHttpMetadata', 'SdkResponseMetadata']);
    const update = `{${Key},"UpdateExpression":"set S=:r","ExpressionAttributeValues":{":r":{"S":"y"}},"ReturnValues":"UPDATED_NEW"}`;
    expect(outputOf(await perform('dynamodb', 'updateItem', update, 'arn#9'))).toMatchObject({
      Attributes: { S: { S: 'y' } },
    });
    expect(outputOf(await perform('dynamodb', 'getItem', `{${Key}}`))).toMatchObject({
      Item: { id: { S: '1' }, data: { S: 'x' }, S: { S: 'y' } },
      ...SDK,
    });
    expect((await perform('dynamodb', 'deleteItem', `{${Key}}`, 'arn#11')).type).toBe('succeeded');
    expect(outputOf(await perform('dynamodb', 'getItem', `{${Key}}`))).not.toHaveProperty('Item');
  });

  test.each([
    [
      '{"TableName":"Orders","Item":null}',
      'DynamoDB.AmazonDynamoDBException',
      "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null",
      'ValidationException',
    ],
    [
      '{"TableName":"Nowhere","Item":{"id":{"S":"1"}}}',
      'DynamoDB.ResourceNotFoundException',
      'Requested resource not found',
      'ResourceNotFoundException',
    ],
    [
      '{"TableName":"Orders","Item":{"id":{"S":"1"}},"ConditionExpression":"attribute_exists(id)"}',
      'DynamoDB.ConditionalCheckFailedException',
      'The conditional request failed',
      'ConditionalCheckFailedException',
    ],
  ])('%s fails', async (parameters, error, message, code) => {
    const given = await perform('dynamodb', 'putItem', parameters);
    expect(given).toMatchObject({ type: 'failed', error });
    const cause = 'cause' in given ? given.cause.replace(/Request ID: [0-9a-f-]{36}/, 'Request ID: R') : '';
    expect(cause).toBe(
      `${message} (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ${code}; Request ID: R; Proxy: null)`,
    );
  });

  test('a number where a text belongs', async () => {
    const parameters = '{"TableName":"Orders","Item":{"id":{"S":"1"},"n":{"L":[{"N":5}]}}}';
    expect(await perform('dynamodb', 'putItem', parameters)).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining("[The value for the field 'N' must be a STRING, but it is 5]"),
    });
  });
});

describe('sns:publish', () => {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:orders';
  beforeEach(async () => {
    await sns.topics.create(PLACE, 'orders', {});
    await sns.topics.subscribe({ topicArn: TopicArn, protocol: 'email', endpoint: 'jo@shop.example', attributes: {} });
  });

  test('an object is sent as JSON text, once for one call', async () => {
    const parameters = `{"TopicArn":"${TopicArn}","Message":{"Message": "HelloWorld!"},"Subject":"s"}`;
    const first = outputOf(await perform('sns', 'publish', parameters));
    expect(first).toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/), ...SDK });
    expect(outputOf(await perform('sns', 'publish', parameters))).toEqual(first);
    await sns.idle();
    expect(await sns.outbox.mails({ limit: 10 })).toMatchObject([{ body: '{"Message":"HelloWorld!"}', subject: 's' }]);
  });

  test.each([
    [
      `{"TopicArn":"${TopicArn}s","Message":"x"}`,
      'SNS.NotFoundException',
      'Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; ',
    ],
    [
      `{"TopicArn":"${TopicArn}","Message":""}`,
      'SNS.InvalidParameterException',
      'Invalid parameter: Empty message (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; ',
    ],
    [
      `{"TopicArn":"${TopicArn}"}`,
      'SNS.AmazonSNSException',
      "1 validation error detected: Value null at 'message' failed",
    ],
    [
      `{"TopicArn":"${TopicArn}","Message":"x","Colour":1}`,
      'States.Runtime',
      `The Parameters '{"TopicArn":"${TopicArn}","Message":"x","Colour":1}' could not be used`,
    ],
  ])('%s fails', async (parameters, error, cause) => {
    const given = await perform('sns', 'publish', parameters);
    expect(given).toMatchObject({ type: 'failed', error });
    expect('cause' in given && given.cause).toContain(cause);
  });
});

describe('events:putEvents', () => {
  const entry = { Detail: { order: 7 }, DetailType: 'Order Placed', Source: 'shop' };
  beforeEach(async () => {
    const base = { busName: undefined, schedule: null, isEnabled: true, description: null, roleArn: null, tags: {} };
    const rule = await buses.rules.put(PLACE, { ...base, name: 'orders', pattern: '{"source":["shop"]}' });
    const none = { roleArn: null, input: null, inputPath: null, inputTransformer: null, messageGroupId: null };
    const target = { ...none, id: 'f', arn: ARN, deadLetterArn: null, retriesMax: null, ageSecondsMax: null };
    await buses.rules.putTargets(rule, [target]);
  });

  test('machine and execution are resources of the event, which is put once for one call', async () => {
    const parameters = JSON.stringify({ Entries: [{ ...entry, Time: '2026-01-01T10:00:00Z', Resources: ['r'] }] });
    const first = outputOf(await perform('events', 'putEvents', parameters));
    expect(first).toMatchObject({ Entries: [{ EventId: expect.any(String) }], FailedEntryCount: 0, ...SDK });
    expect(outputOf(await perform('events', 'putEvents', parameters))).toEqual(first);
    await buses.idle();
    expect(sent.map(({ input }) => JSON.parse(input))).toMatchObject([
      {
        detail: { order: 7 },
        time: '2026-01-01T10:00:00Z',
        resources: [
          'r',
          'arn:aws:states:us-east-1:000000000000:stateMachine:m',
          'arn:aws:states:us-east-1:000000000000:execution:m:e',
        ],
      },
    ]);
  });

  test('.waitForTaskToken waits after the event is put', async () => {
    const parameters = JSON.stringify({ Entries: [entry] });
    expect((await perform('events', 'putEvents.waitForTaskToken', parameters)).type).toBe('submitted');
  });

  test.each([
    [
      { Entries: [entry, { ...entry, Detail: '"text"' }] },
      'EventBridge.FailedEntry',
      '{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}',
    ],
    [{ Entries: [] }, 'EventBridge.AmazonEventBridgeException', "'entries' failed to satisfy constraint"],
    [{}, 'States.Runtime', "[The field 'Entries' is required but was missing]"],
    [{ Entries: [{ ...entry, Source: 1 }] }, 'States.Runtime', "[The value for the field 'Source' must be a STRING]"],
  ])('%j fails', async (parameters, error, cause) => {
    const given = await perform('events', 'putEvents', JSON.stringify(parameters));
    expect(given).toMatchObject({ type: 'failed', error });
    expect('cause' in given && given.cause).toContain(cause);
  });
});

test.each([
  ['batch', 'submitJob', "'arn:aws:states:::batch:submitJob'"],
  ['aws-sdk:s3', 'getObject', "'arn:aws:states:::aws-sdk:s3:getObject'"],
])('%s:%s is not run here, and says so', async (resourceType, resource, text) => {
  expect(await perform(resourceType, resource, '{}')).toMatchObject({
    type: 'failed',
    error: 'Treadle.ResourceNotAvailable',
    cause: expect.stringContaining(text),
    phase: 'start',
  });
});
