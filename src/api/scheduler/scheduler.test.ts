import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

const ARN = 'arn:aws:scheduler:us-east-1:000000000000';
const INPUT: CreateScheduleCommandInput = {
  Name: 'nightly',
  ScheduleExpression: 'cron(0 3 * * ? *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
  StartDate: new Date('2026-01-01T00:00:00Z'),
  Target: {
    Arn: 'arn:aws:sqs:us-east-1:000000000000:q',
    RoleArn: 'arn:aws:iam::000000000000:role/r',
    Input: 'hello',
  },
};
let folder: string;
let server: RunningServer;
let scheduler: SchedulerClient;
let sqs: SQSClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-scheduler-'));
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
  scheduler = new SchedulerClient(options);
  sqs = new SQSClient(options);
});
afterEach(async () => {
  scheduler.destroy();
  sqs.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('schedules are created, shown, listed, updated and deleted', async () => {
  const { ScheduleArn } = await scheduler.send(new CreateScheduleCommand(INPUT));
  expect(ScheduleArn).toBe(`${ARN}:schedule/default/nightly`);
  await expect(scheduler.send(new CreateScheduleCommand(INPUT))).rejects.toMatchObject({
    name: 'ConflictException',
    message: 'Schedule nightly already exists.',
  });
  const { Name } = INPUT;
  expect(await scheduler.send(new GetScheduleCommand({ Name }))).toMatchObject({
    ...INPUT,
    Arn: ScheduleArn,
    GroupName: 'default',
    State: 'ENABLED',
    ActionAfterCompletion: 'NONE',
    CreationDate: expect.any(Date),
  });
  await scheduler.send(new UpdateScheduleCommand({ ...INPUT, State: 'DISABLED' }));
  expect((await scheduler.send(new ListSchedulesCommand({ State: 'ENABLED' }))).Schedules).toEqual([]);
  const disabled = await scheduler.send(new ListSchedulesCommand({ State: 'DISABLED', NamePrefix: 'night' }));
  expect(disabled.Schedules).toMatchObject([{ Name, Target: { Arn: INPUT.Target?.Arn } }]);
  await scheduler.send(new DeleteScheduleCommand({ Name }));
  await expect(scheduler.send(new GetScheduleCommand({ Name }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Schedule nightly does not exist.',
  });
});

test('groups hold schedules, which are listed page by page and go with them', async () => {
  await scheduler.send(new CreateScheduleGroupCommand({ Name: 'shop' }));
  for (const Name of ['a', 'b', 'c']) {
    await scheduler.send(new CreateScheduleCommand({ ...INPUT, Name, GroupName: 'shop' }));
  }
  expect(await scheduler.send(new GetScheduleGroupCommand({ Name: 'shop' }))).toMatchObject({ State: 'ACTIVE' });
  const groups = await scheduler.send(new ListScheduleGroupsCommand({}));
  expect(groups.ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default', 'shop']);
  const first = await scheduler.send(new ListSchedulesCommand({ GroupName: 'shop', MaxResults: 2 }));
  expect(first.Schedules?.map(({ Name }) => Name)).toEqual(['a', 'b']);
  const { NextToken } = first;
  const rest = await scheduler.send(new ListSchedulesCommand({ GroupName: 'shop', NextToken }));
  expect(rest).toMatchObject({ Schedules: [{ Name: 'c' }] });
  await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'shop' }));
  await expect(scheduler.send(new GetScheduleGroupCommand({ Name: 'shop' }))).rejects.toThrow(
    'Schedule group shop does not exist.',
  );
  expect((await scheduler.send(new ListSchedulesCommand({}))).Schedules).toEqual([]);
});

test('what is due reaches the queue', async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  const rate = { ...INPUT, ScheduleExpression: 'rate(1 hour)', StartDate: undefined };
  await scheduler.send(new CreateScheduleCommand(rate)); // begins at once
  const QueueUrl = `${server.endpoint}/000000000000/q`;
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages.map(({ Body }) => Body)).toEqual(['hello']);
});

test.each([
  [{ ScheduleExpression: 'rate(1 minutes)' }, 'Invalid Schedule Expression rate(1 minutes).'],
  [{ GroupName: 'nowhere' }, 'Schedule group nowhere does not exist.'],
  [{ KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k' }, 'KmsKeyArn'],
  [{ Target: { Arn: 'arn:aws:ecs:us-east-1:0:cluster/c', RoleArn: 'r' } }, 'Treadle does not deliver to'],
  [{ Name: 'a b' }, "Value 'a b' at 'name'"],
])('%j is refused', async (more, message) => {
  await expect(scheduler.send(new CreateScheduleCommand({ ...INPUT, ...more }))).rejects.toThrow(message);
});
