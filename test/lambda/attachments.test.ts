import {
  AddPermissionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed, createFunction, returning, zipOf } from './bed.js';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:shop';
const FunctionName = 'shop';
let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
});
afterEach(() => bed.close());

test('reserved concurrency holds for the function and its versions, and can be taken away', async () => {
  await createFunction(bed, 'shop', returning('1'), { Publish: true });
  expect(await bed.lambda.send(new InvokeCommand({ FunctionName, Qualifier: '1' }))).toMatchObject({ StatusCode: 200 });
  await bed.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  await bed.restart();
  for (const Qualifier of ['1', '$LATEST']) {
    await expect(bed.lambda.send(new InvokeCommand({ FunctionName, Qualifier }))).rejects.toMatchObject({
      name: 'TooManyRequestsException',
    });
  }
  const get = () => bed.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
  expect(await get()).toMatchObject({ ReservedConcurrentExecutions: 0 });
  await bed.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect((await get()).ReservedConcurrentExecutions).toBeUndefined();
  expect(await bed.lambda.send(new InvokeCommand({ FunctionName, Qualifier: '1' }))).toMatchObject({ StatusCode: 200 });
});

test('permissions are kept and listed', async () => {
  await createFunction(bed, 'shop', returning('1'));
  const SourceArn = 'arn:aws:events:us-east-1:000000000000:rule/r';
  const permission = { Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn };
  const add = () => bed.lambda.send(new AddPermissionCommand({ FunctionName, StatementId: 'e', ...permission }));
  await add();
  await expect(add()).rejects.toMatchObject({ name: 'ResourceConflictException' });
  await bed.restart();
  const policy = async () => JSON.parse((await bed.lambda.send(new GetPolicyCommand({ FunctionName }))).Policy ?? '');
  expect(await policy()).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'e',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } },
        Resource: ARN,
      },
    ],
  });
  await bed.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'e' }));
  await expect(policy()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('tags and the account are shown', async () => {
  await createFunction(bed, 'shop', returning('1'), { Tags: { team: 'a' } });
  await bed.lambda.send(new TagResourceCommand({ Resource: ARN, Tags: { stage: 'x', size: 'm' } }));
  await bed.lambda.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['team', 'size'] }));
  await bed.restart();
  expect((await bed.lambda.send(new ListTagsCommand({ Resource: ARN }))).Tags).toEqual({ stage: 'x' });
  expect((await bed.lambda.send(new GetFunctionCommand({ FunctionName }))).Tags).toEqual({ stage: 'x' });
  expect(await bed.lambda.send(new GetAccountSettingsCommand({}))).toMatchObject({
    AccountLimit: { ConcurrentExecutions: 1000 },
    AccountUsage: { FunctionCount: 1 },
  });
});

describe('asynchronous calls', () => {
  const put = (more: Partial<PutFunctionEventInvokeConfigCommandInput>) =>
    bed.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...more }));

  test('have settings, which are shown, changed and deleted', async () => {
    await createFunction(bed, 'shop', returning('1'));
    await put({ MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 });
    await bed.lambda.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }));
    await bed.restart();
    const shown = { FunctionArn: `${ARN}:$LATEST`, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 };
    const get = () => bed.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(await get()).toMatchObject({ ...shown, DestinationConfig: { OnSuccess: {}, OnFailure: {} } });
    const list = new ListFunctionEventInvokeConfigsCommand({ FunctionName });
    expect((await bed.lambda.send(list)).FunctionEventInvokeConfigs).toMatchObject([shown]);
    await bed.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    await expect(get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `The function ${ARN}:$LATEST doesn't have an EventInvokeConfig`,
    });
  });

  test.each([
    ['queue', 'arn:aws:sqs:us-east-1:000000000000:dead'],
    ['topic', 'arn:aws:sns:us-east-1:000000000000:dead'],
  ])('that fail go to a dead-letter %s', async (kind, TargetArn) => {
    const { QueueUrl } = await bed.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    if (kind === 'topic') {
      await bed.sns.send(new CreateTopicCommand({ Name: 'dead' }));
      await bed.sns.send(
        new SubscribeCommand({
          TopicArn: TargetArn,
          Protocol: 'sqs',
          Endpoint: 'arn:aws:sqs:us-east-1:000000000000:dead',
          Attributes: { RawMessageDelivery: 'true' },
        }),
      );
    }
    const made = await createFunction(bed, 'shop', zipOf('export const handler = () => { throw new Error("no"); };'), {
      DeadLetterConfig: { TargetArn },
    });
    expect(made.DeadLetterConfig).toEqual({ TargetArn });
    await put({ MaximumRetryAttempts: 0 });
    await bed.restart();
    await bed.lambda.send(
      new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from('{"order": 1}') }),
    );
    const letter = { QueueUrl, WaitTimeSeconds: 10, MessageAttributeNames: ['All'] };
    const { Messages } = await bed.sqs.send(new ReceiveMessageCommand(letter));
    expect(Messages?.[0]).toMatchObject({
      Body: '{"order": 1}',
      MessageAttributes: {
        RequestID: { DataType: 'String', StringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String', StringValue: 'no' },
      },
    });
    const taken = await bed.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, DeadLetterConfig: { TargetArn: '' } }),
    );
    expect(taken.DeadLetterConfig).toBeUndefined();
    await expect(
      bed.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, DeadLetterConfig: { TargetArn: 'x' } })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('tell a queue how they ended', async () => {
    const { QueueUrl } = await bed.sqs.send(new CreateQueueCommand({ QueueName: 'outcomes' }));
    const Destination = 'arn:aws:sqs:us-east-1:000000000000:outcomes';
    const handler = 'if (event.bad) throw new TypeError("no"); return event;';
    await createFunction(bed, 'shop', zipOf(`export const handler = async (event) => { ${handler} };`));
    const DestinationConfig = { OnSuccess: { Destination }, OnFailure: { Destination } };
    await put({ MaximumRetryAttempts: 0, DestinationConfig });
    const outcomes: unknown[] = [];
    for (const event of ['{"good":1.0}', '{"bad":1}']) {
      const Payload = Buffer.from(event);
      await bed.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
      const { Messages } = await bed.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
      outcomes.push(JSON.parse(Messages?.[0]?.Body ?? ''));
    }
    const context = { requestId: expect.any(String), functionArn: `${ARN}:$LATEST`, approximateInvokeCount: 1 };
    expect(outcomes).toEqual([
      {
        version: '1.0',
        timestamp: expect.stringMatching(/Z$/),
        requestContext: { ...context, condition: 'Success' },
        requestPayload: { good: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload: { good: 1 },
      },
      {
        version: '1.0',
        timestamp: expect.stringMatching(/Z$/),
        requestContext: { ...context, condition: 'RetriesExhausted' },
        requestPayload: { bad: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'TypeError', errorMessage: 'no', trace: expect.any(Array) },
      },
    ]);
  });

  test.each([
    [{ MaximumRetryAttempts: 3 }, /less than or equal to 2/],
    [{ MaximumEventAgeInSeconds: 59 }, /greater than or equal to 60/],
    [{ DestinationConfig: { OnFailure: { Destination: 'arn:aws:kinesis:x:0:stream/s' } } }, /that Treadle sends to/],
  ])('%j is refused', async (more, message) => {
    await createFunction(bed, 'shop', returning('1'));
    await expect(put(more)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(message),
    });
  });
});
