import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  TestEventPatternCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateStateMachineCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

const ARN = 'arn:aws:events:us-east-1:000000000000';
let folder: string;
let server: RunningServer;
let events: EventBridgeClient;
let sqs: SQSClient;
let states: SFNClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-events-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
  const options = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  events = new EventBridgeClient(options);
  sqs = new SQSClient(options);
  states = new SFNClient(options);
});
afterEach(async () => {
  for (const client of [events, sqs, states]) client.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function createQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

async function receive(name: string, most = 1): Promise<readonly Message[]> {
  const messages: Message[] = [];
  while (messages.length < most) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: `${server.endpoint}/000000000000/${name}`,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 5,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) break;
    messages.push(...Messages);
  }
  return messages;
}

/** A rule for events of the source `shop`, or of another pattern. */
async function putRule(targets: readonly Target[], more: object = {}): Promise<void> {
  const rule = { Name: 'orders', EventPattern: '{"source":["shop"]}', ...more };
  await events.send(new PutRuleCommand(rule));
  const bus = 'EventBusName' in more ? more : {};
  await events.send(new PutTargetsCommand({ Rule: 'orders', ...bus, Targets: [...targets] }));
}

const put = (entry: object = {}) =>
  events.send(
    new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Order', Detail: '{"order":7}', ...entry }] }),
  );

describe('buses', () => {
  test('are created, described, listed and deleted', async () => {
    const Name = 'shop';
    const tags = [{ Key: 'a', Value: '1' }];
    const { EventBusArn } = await events.send(new CreateEventBusCommand({ Name, Tags: tags }));
    expect(EventBusArn).toBe(`${ARN}:event-bus/shop`);
    await expect(events.send(new CreateEventBusCommand({ Name }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'Event bus shop already exists.',
    });
    expect(await events.send(new DescribeEventBusCommand({ Name }))).toMatchObject({ Name, Arn: EventBusArn });
    const { EventBuses = [] } = await events.send(new ListEventBusesCommand({}));
    expect(EventBuses.map((bus) => bus.Name)).toEqual(['default', 'shop']);
    const page = await events.send(new ListEventBusesCommand({ Limit: 1 }));
    expect(page.EventBuses).toHaveLength(1);
    const rest = await events.send(new ListEventBusesCommand({ NextToken: page.NextToken }));
    expect(rest.EventBuses?.map((bus) => bus.Name)).toEqual(['shop']);
    await putRule([], { EventBusName: Name }).catch(() => undefined);
    await expect(events.send(new DeleteEventBusCommand({ Name }))).rejects.toThrow('it has rules');
    await events.send(new DeleteRuleCommand({ Name: 'orders', EventBusName: Name }));
    await events.send(new DeleteEventBusCommand({ Name }));
    await expect(events.send(new DescribeEventBusCommand({ Name }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus shop does not exist.',
    });
  });
});

describe('rules', () => {
  test('are put, described, listed, tagged and deleted with their targets', async () => {
    const queue = await createQueue('q');
    await putRule([{ Id: 'q', Arn: queue, Input: '{"a":1}' }]);
    const rule = await events.send(new DescribeRuleCommand({ Name: 'orders' }));
    expect(rule).toMatchObject({ Arn: `${ARN}:rule/orders`, State: 'ENABLED', EventBusName: 'default' });
    expect((await events.send(new ListRulesCommand({ NamePrefix: 'ord' }))).Rules).toHaveLength(1);
    const targets = await events.send(new ListTargetsByRuleCommand({ Rule: 'orders' }));
    expect(targets.Targets).toEqual([{ Id: 'q', Arn: queue, Input: '{"a":1}' }]);
    const names = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: queue }));
    expect(names.RuleNames).toEqual(['orders']);
    const ResourceARN = `${ARN}:rule/orders`;
    await events.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'a', Value: '1' }] }));
    await events.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] }));
    await events.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    const tags = await events.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(tags.Tags).toEqual([{ Key: 'b', Value: '2' }]);
    await expect(events.send(new DeleteRuleCommand({ Name: 'orders' }))).rejects.toThrow(
      "Rule can't be deleted since it has targets.",
    );
    await events.send(new RemoveTargetsCommand({ Rule: 'orders', Ids: ['q'] }));
    await events.send(new DeleteRuleCommand({ Name: 'orders' }));
    await expect(events.send(new DescribeRuleCommand({ Name: 'orders' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Rule orders does not exist on EventBus default.',
    });
  });

  test.each([
    [{ EventPattern: undefined }, 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    [{ EventPattern: '{"source":"x"}' }, 'Event pattern is not valid. Reason: "source" must be an object or an array'],
    [{ ScheduleExpression: 'rate(1 second)' }, 'Parameter ScheduleExpression is not valid.'],
    [{ EventBusName: 'nowhere' }, 'Event bus nowhere does not exist.'],
    [{ Name: 'a b' }, "Value 'a b' at 'name' failed to satisfy constraint"],
  ])('%j is refused', async (more, message) => {
    await expect(putRule([], more)).rejects.toThrow(message);
  });

  test.each<[Target, string]>([
    [{ Id: 'x', Arn: 'queue' }, 'Provided Arn is not in correct format.'],
    [{ Id: 'x', Arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }, 'Treadle does not deliver events to'],
    [{ Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:q.fifo' }, 'Parameter(s) MessageGroupId must be specified'],
    [
      { Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target x.',
    ],
    [{ Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', Input: 'text' }, 'JSON syntax error in input'],
    [
      { Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', EcsParameters: { TaskDefinitionArn: 'x' } },
      'EcsParameters',
    ],
  ])('target %j is refused', async (target, message) => {
    await expect(putRule([target])).rejects.toThrow(message);
  });
});

describe('events', () => {
  test('reach a queue, each target with its own input', async () => {
    const [whole, path, template, constant] = await Promise.all(['a', 'b', 'c', 'd'].map((name) => createQueue(name)));
    await putRule([
      { Id: 'a', Arn: whole },
      { Id: 'b', Arn: path, InputPath: '$.detail' },
      {
        Id: 'c',
        Arn: template,
        InputTransformer: { InputPathsMap: { order: '$.detail.order' }, InputTemplate: '"order <order>"' },
      },
      { Id: 'd', Arn: constant, Input: '{"constant":true}' },
    ]);
    const { Entries = [], FailedEntryCount } = await put({ Time: new Date('2026-01-01T00:00:00Z'), Resources: ['r'] });
    expect(FailedEntryCount).toBe(0);
    const [message] = await receive('a');
    expect(JSON.parse(message?.Body ?? '')).toEqual({
      version: '0',
      id: Entries[0]?.EventId,
      'detail-type': 'Order',
      source: 'shop',
      account: '000000000000',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: ['r'],
      detail: { order: 7 },
    });
    expect((await receive('b'))[0]?.Body).toBe('{"order":7}');
    expect((await receive('c'))[0]?.Body).toBe('"order 7"');
    expect((await receive('d'))[0]?.Body).toBe('{"constant":true}');
  });

  test('start executions', async () => {
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    const role = 'arn:aws:iam::000000000000:role/r';
    const created = await states.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn: role }));
    const queue = await createQueue('q');
    await putRule([
      { Id: 'm', Arn: created.stateMachineArn, RoleArn: role },
      { Id: 'q', Arn: queue },
    ]);
    const { Entries = [] } = await put();
    await receive('q');
    const { stateMachineArn } = created;
    await expect
      .poll(async () => (await states.send(new ListExecutionsCommand({ stateMachineArn }))).executions)
      .toMatchObject([{ name: expect.stringContaining(`${Entries[0]?.EventId}_`) }]);
  });

  test('go to a FIFO queue in a group, and over another bus', async () => {
    const fifo = await createQueue('q.fifo', { FifoQueue: 'true' });
    await events.send(new CreateEventBusCommand({ Name: 'other' }));
    await putRule([{ Id: 'q', Arn: fifo, SqsParameters: { MessageGroupId: 'g' } }], { EventBusName: 'other' });
    await putRule([{ Id: 'bus', Arn: `${ARN}:event-bus/other` }]);
    await put();
    const [message] = await receive('q.fifo');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ source: 'shop', detail: { order: 7 } });
    expect(message?.Attributes).toMatchObject({ MessageGroupId: 'g' });
  });

  test('that a target does not take go to its dead-letter queue, with the reason', async () => {
    const dead = await createQueue('dead');
    const missing = 'arn:aws:lambda:us-east-1:000000000000:function:missing';
    await putRule([{ Id: 'f', Arn: missing, DeadLetterConfig: { Arn: dead } }]);
    await put();
    const [message] = await receive('dead');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ source: 'shop' });
    const attributes = Object.entries(message?.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      value.StringValue,
    ]);
    expect(Object.fromEntries(attributes)).toEqual({
      RULE_ARN: `${ARN}:rule/orders`,
      TARGET_ARN: missing,
      ERROR_CODE: 'RESOURCE_NOT_FOUND',
      ERROR_MESSAGE: `Function not found: ${missing}`,
      RETRY_ATTEMPTS: '0',
    });
  });

  test('are not for rules that are disabled, or that want others', async () => {
    const queue = await createQueue('q');
    await putRule([{ Id: 'q', Arn: queue }]);
    await events.send(new DisableRuleCommand({ Name: 'orders' }));
    await put({ Detail: '{"order":1}' });
    await events.send(new EnableRuleCommand({ Name: 'orders' }));
    await put({ Source: 'store' });
    await put({ Detail: '{"order":2}' });
    expect((await receive('q')).map(({ Body = '' }) => JSON.parse(Body).detail)).toEqual([{ order: 2 }]);
  });

  test('an entry that is refused does not keep the others', async () => {
    const good = { Source: 'shop', DetailType: 'Order', Detail: '{}' };
    const Entries = [
      good,
      { ...good, Detail: '[]' },
      { ...good, DetailType: undefined },
      { ...good, Source: 'aws.ec2' },
      { ...good, EventBusName: 'nowhere' }, // AWS takes it too, and nobody gets it
    ];
    const answer = await events.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries?.map(({ ErrorCode, ErrorMessage }) => [ErrorCode, ErrorMessage])).toEqual([
      [undefined, undefined],
      ['MalformedDetail', 'Detail is malformed.'],
      ['InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.'],
      ['NotAuthorizedForSource', 'Not authorized for the source.'],
      [undefined, undefined],
    ]);
  });

  test.each([
    [Array.from({ length: 11 }, () => ({})), 'Member must have length less than or equal to 10'],
    [[], 'Member must have length greater than or equal to 1'],
    [[{ Source: 's', DetailType: 'd', Detail: `{"x":"${'x'.repeat(1_048_570)}"}` }], 'Total size of the entries'],
  ])('a request that is refused as a whole', async (Entries, message) => {
    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toThrow(message);
  });
});

test('an execution that starts and one that ends are events of aws.states', async () => {
  const queue = await createQueue('q');
  const EventPattern = JSON.stringify({ source: ['aws.states'], detail: { name: ['wanted'] } });
  await putRule([{ Id: 'q', Arn: queue }], { EventPattern });
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Fail', Error: 'No', Cause: 'never' } } });
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const { stateMachineArn } = await states.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  await states.send(new StartExecutionCommand({ stateMachineArn, name: 'other' }));
  const start = new StartExecutionCommand({ stateMachineArn, name: 'wanted', input: '{"a":1}' });
  const { executionArn, startDate } = await states.send(start);
  const received = (await receive('q', 2)).map(({ Body = '' }) => JSON.parse(Body));
  const [running, failed] = received.sort((a) => (a.detail.status === 'RUNNING' ? -1 : 1));
  expect(received).toHaveLength(2);
  const common = {
    executionArn,
    stateMachineArn,
    name: 'wanted',
    startDate: startDate?.getTime(),
    input: '{"a":1}',
    inputDetails: { included: true },
    output: null,
    outputDetails: null,
    redriveCount: 0,
    redriveDate: null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
  };
  expect(running).toMatchObject({
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: { ...common, status: 'RUNNING', stopDate: null, error: null, redriveStatus: 'NOT_REDRIVABLE' },
  });
  expect(failed).toMatchObject({
    detail: { ...common, status: 'FAILED', stopDate: expect.any(Number), error: 'No', cause: 'never' },
  });
});

test('a pattern is tried on an event', async () => {
  const Event = JSON.stringify({ source: 'shop', detail: { order: 7 } });
  const tried = (EventPattern: string) => events.send(new TestEventPatternCommand({ EventPattern, Event }));
  expect((await tried('{"detail":{"order":[7]}}')).Result).toBe(true);
  expect((await tried('{"detail":{"order":[8]}}')).Result).toBe(false);
  await expect(tried('{')).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
});
