import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ActivityDoesNotExist,
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListTagsForResourceCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';

const roleArn = 'arn:aws:iam::000000000000:role/test';

let folder: string;
let server: RunningServer;
let sfn: SFNClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-activities-'));
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
  sfn = new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

async function close(): Promise<void> {
  sfn.destroy();
  await server.close();
}

async function createActivity(name = 'pack'): Promise<string> {
  return (await sfn.send(new CreateActivityCommand({ name }))).activityArn ?? '';
}

async function createMachine(activityArn: string, fields: object = {}): Promise<string> {
  const definition = {
    StartAt: 'Pack',
    States: { Pack: { Type: 'Task', Resource: activityArn, End: true, ...fields } },
  };
  const created = await sfn.send(
    new CreateStateMachineCommand({ name: 'packing', definition: JSON.stringify(definition), roleArn }),
  );
  return created.stateMachineArn ?? '';
}

async function start(stateMachineArn: string, input = '{}'): Promise<string> {
  return (await sfn.send(new StartExecutionCommand({ stateMachineArn, input }))).executionArn ?? '';
}

const take = (activityArn: string, workerName?: string) =>
  sfn.send(new GetActivityTaskCommand({ activityArn, ...(workerName && { workerName }) }));

const describe = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));

async function eventsOf(executionArn: string): Promise<readonly string[]> {
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  return events.map(({ id, previousEventId, type }) => `${id}<-${previousEventId} ${type}`);
}

test('a worker takes a task, and answers it', async () => {
  const activity = await createActivity();
  const execution = await start(await createMachine(activity), '{"order":  7}');
  const task = await take(activity, 'Ann');
  expect(task.input).toBe('{"order":  7}');
  await sfn.send(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: '{"packed": true}' }));
  expect(await describe(execution)).toMatchObject({ status: 'SUCCEEDED', output: '{"packed": true}' });
  expect(await eventsOf(execution)).toEqual([
    '1<-0 ExecutionStarted',
    '2<-0 TaskStateEntered',
    '3<-2 ActivityScheduled',
    '4<-3 ActivityStarted',
    '5<-4 ActivitySucceeded',
    '6<-5 TaskStateExited',
    '7<-6 ExecutionSucceeded',
  ]);
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: execution }));
  expect(events?.[3]?.activityStartedEventDetails).toEqual({ workerName: 'Ann' });
  const late = new SendTaskSuccessCommand({ taskToken: task.taskToken, output: '1' });
  await expect(sfn.send(late)).rejects.toThrow(TaskTimedOut);
});

test('a worker that waits is told as soon as there is a task, and ten workers get ten tasks, each once', async () => {
  const activity = await createActivity();
  const machine = await createMachine(activity);
  const workers = Array.from({ length: 10 }, () => take(activity));
  const inputs = Array.from({ length: 10 }, (_, index) => String(index));
  await Promise.all(inputs.map((input) => start(machine, input)));
  const tasks = await Promise.all(workers);
  expect(tasks.map(({ input }) => input).sort()).toEqual(inputs);
  expect(new Set(tasks.map(({ taskToken }) => taskToken)).size).toBe(10);
});

test('tasks come in the order in which they were scheduled, also after a restart', async () => {
  const activity = await createActivity();
  const machine = await createMachine(activity);
  for (const input of ['1', '2', '3']) await start(machine, input);
  const first = await take(activity);
  await close();
  await open();
  expect([first.input, (await take(activity)).input, (await take(activity)).input]).toEqual(['1', '2', '3']);
  await sfn.send(new SendTaskFailureCommand({ taskToken: first.taskToken, error: 'Torn', cause: 'the box' }));
});

test('a worker that dies: heartbeats and time-outs count from when it took the task, and a retry is a new task', async () => {
  const activity = await createActivity();
  const retry = {
    HeartbeatSeconds: 1,
    TimeoutSeconds: 30,
    Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 0 }],
  };
  const execution = await start(await createMachine(activity, retry));
  const lost = await take(activity);
  const again = await take(activity); // comes when the first has missed its beat
  expect(again.taskToken).not.toBe(lost.taskToken);
  await sfn.send(new SendTaskSuccessCommand({ taskToken: again.taskToken, output: '"done"' }));
  expect(await describe(execution)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  const types = (await eventsOf(execution)).map((event) => event.split(' ')[1]);
  expect(types.filter((type) => type?.startsWith('Activity'))).toEqual([
    'ActivityScheduled',
    'ActivityStarted',
    'ActivityTimedOut',
    'ActivityScheduled',
    'ActivityStarted',
    'ActivitySucceeded',
  ]);
});

test('a failure is what Retry and Catch see; a task of a stopped execution is given to nobody', async () => {
  const activity = await createActivity();
  const machine = await createMachine(activity);
  const stopped = await start(machine, '"stopped"');
  await sfn.send(new StopExecutionCommand({ executionArn: stopped }));
  const execution = await start(machine, '"second"');
  const task = await take(activity);
  expect(task.input).toBe('"second"');
  await sfn.send(new SendTaskFailureCommand({ taskToken: task.taskToken, error: 'Torn', cause: 'the box' }));
  expect(await describe(execution)).toMatchObject({ status: 'FAILED', error: 'Torn', cause: 'the box' });
});

test('an activity that does not exist fails the state, uncaught', async () => {
  const activity = await createActivity();
  const machine = await createMachine(activity, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Pack' }] });
  await sfn.send(new DeleteActivityCommand({ activityArn: activity }));
  const execution = await start(machine);
  await eventually(async () => expect((await describe(execution)).status).toBe('FAILED'));
  expect(await describe(execution)).toMatchObject({
    error: 'States.Runtime',
    cause: `An error occurred while executing the state 'Pack' (entered at the event id #2). The activity ${activity} does not exist.`,
  });
  await expect(take(activity)).rejects.toThrow(ActivityDoesNotExist);
});

test('activities are created once, described, tagged, listed in pages and deleted', async () => {
  const tags = [{ key: 'team', value: 'shop' }];
  const { activityArn, creationDate } = await sfn.send(new CreateActivityCommand({ name: 'a', tags }));
  expect((await sfn.send(new CreateActivityCommand({ name: 'a' }))).creationDate).toEqual(creationDate);
  await createActivity('b');
  expect(await sfn.send(new DescribeActivityCommand({ activityArn }))).toMatchObject({ name: 'a', creationDate });
  expect((await sfn.send(new ListTagsForResourceCommand({ resourceArn: activityArn }))).tags).toEqual(tags);
  const { activities, nextToken } = await sfn.send(new ListActivitiesCommand({ maxResults: 1 }));
  expect(activities?.map(({ name }) => name)).toEqual(['a']);
  const rest = await sfn.send(new ListActivitiesCommand({ ...(nextToken && { nextToken }) }));
  expect(rest.activities?.map(({ name }) => name)).toEqual(['b']);
  await sfn.send(new DeleteActivityCommand({ activityArn }));
  await sfn.send(new DeleteActivityCommand({ activityArn }));
  await expect(sfn.send(new DescribeActivityCommand({ activityArn }))).rejects.toThrow(ActivityDoesNotExist);
});
