import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateStateMachineCommand,
  InvalidLoggingConfiguration,
  type LoggingConfiguration,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';

let folder: string;
let server: RunningServer;
let logs: CloudWatchLogsClient;
const clients = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-logs-'));
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
  logs = new CloudWatchLogsClient(clients());
}

async function close(): Promise<void> {
  logs.destroy();
  await server.close();
}

const logGroupName = '/shop/orders';
const group = (name = logGroupName) => logs.send(new CreateLogGroupCommand({ logGroupName: name }));
let lastTimestamp = 0;
/** Grows, so that the newest event is the last one. */
const nextTimestamp = (): number => {
  lastTimestamp = Math.max(Date.now(), lastTimestamp + 1);
  return lastTimestamp;
};
const stream = (logStreamName: string) => logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
const put = (logStreamName: string, ...messages: readonly string[]) => {
  const logEvents = messages.map((message) => ({ timestamp: nextTimestamp(), message }));
  return logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
};
async function found(query: object = {}): Promise<readonly (string | undefined)[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, ...query }));
  return events.map(({ message }) => message);
}

describe('events', () => {
  test('are found by stream, time and terms, in order, also after a restart', async () => {
    await group();
    await stream('a');
    await stream('b');
    await put('a', 'one error', 'two');
    await put('b', 'three error');
    await close();
    await open();
    expect(await found()).toEqual(['one error', 'two', 'three error']);
    expect(await found({ logStreamNames: ['b'] })).toEqual(['three error']);
    expect(await found({ filterPattern: 'error -three' })).toEqual(['one error']);
    expect(await found({ startTime: Date.now() + 60_000 })).toEqual([]);
    const streams = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true }),
    );
    expect(streams.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['b', 'a']);
  });

  test('are paged to the last one, whatever the page size', async () => {
    await group();
    await stream('a');
    const all = Array.from({ length: 1203 }, (_, index) => `event ${index}`);
    for (let from = 0; from < all.length; from += 400) await put('a', ...all.slice(from, from + 400));
    const paged: (string | undefined)[] = [];
    for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName, limit: 7 })) {
      paged.push(...(page.events ?? []).map(({ message }) => message));
    }
    expect([...paged].sort()).toEqual([...all].sort());
    const newest = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a', limit: 2 }));
    expect(newest.events?.map(({ message }) => message)).toEqual(['event 1201', 'event 1202']);
    await put('a', 'later');
    const later = await logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName: 'a', nextToken: newest.nextForwardToken }),
    );
    expect(later.events?.map(({ message }) => message)).toEqual(['later']);
    const end = await logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName: 'a', nextToken: later.nextForwardToken }),
    );
    expect([end.events, end.nextForwardToken]).toEqual([[], later.nextForwardToken]);
  });

  test('too old and too new ones are left out, and a batch out of order is refused', async () => {
    await group();
    await stream('a');
    const event = (offset: number, message: string) => ({ timestamp: Date.now() + offset, message });
    const day = 24 * 60 * 60_000;
    const answer = await logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName: 'a',
        logEvents: [event(-20 * day, 'old'), event(0, 'now'), event(day, 'new')],
      }),
    );
    expect(answer.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 });
    expect(await found()).toEqual(['now']);
    const wrong = { logGroupName, logStreamName: 'a', logEvents: [event(1000, 'b'), event(0, 'a')] };
    await expect(logs.send(new PutLogEventsCommand(wrong))).rejects.toThrow('must be in chronological order');
    const nowhere = new PutLogEventsCommand({ ...wrong, logStreamName: 'none', logEvents: [event(0, 'a')] });
    await expect(logs.send(nowhere)).rejects.toThrow('The specified log stream does not exist.');
  });
});

test('groups are made once, listed, kept for a time, tagged and deleted with their events', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { team: 'shop' } }));
  await expect(group()).rejects.toThrow('The specified log group already exists');
  await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 }));
  await expect(logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 8 }))).rejects.toThrow("'8'");
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/shop' }));
  expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: 7 }]);
  const resourceArn = logGroups?.[0]?.arn;
  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ team: 'shop' });
  await stream('a');
  await put('a', 'gone');
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  await expect(found()).rejects.toThrow(ResourceNotFoundException);
  await group();
  expect(await found()).toEqual([]);
});

describe('executions', () => {
  const definition = JSON.stringify({
    StartAt: 'P',
    States: { P: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'Wrong', Cause: 'as planned' } },
  });

  async function run(loggingConfiguration: LoggingConfiguration): Promise<void> {
    const sfn = new SFNClient(clients());
    const roleArn = 'arn:aws:iam::000000000000:role/any';
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({ name: 'm', definition, roleArn, loggingConfiguration }),
    );
    await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"secret": 1}' }));
    sfn.destroy();
  }

  const destinations = [
    { cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}:*` } },
  ];

  test.each([
    ['ALL', ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'FailStateEntered', 'ExecutionFailed']],
    ['ERROR', ['FailStateEntered', 'ExecutionFailed']],
    ['FATAL', ['ExecutionFailed']],
    ['OFF', []],
  ] as const)('at level %s', async (level, types) => {
    await group();
    await run({ level, includeExecutionData: level === 'ALL', destinations });
    const messages = (await found()).map((message) => JSON.parse(message ?? ''));
    expect(messages.map(({ type }) => type)).toEqual(types);
    expect(JSON.stringify(messages).includes('secret')).toBe(level === 'ALL');
  });

  test('need one group that is there', async () => {
    await expect(run({ level: 'ALL', destinations: [] })).rejects.toThrow(
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
    await expect(run({ level: 'ALL', destinations })).rejects.toThrow(InvalidLoggingConfiguration);
  });

  test('the aws command reads them', async (context) => {
    await group();
    await run({ level: 'FATAL', destinations });
    const args = ['logs', 'filter-log-events', '--log-group-name', logGroupName, '--endpoint-url', server.endpoint];
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    if (!hasAws()) return context.skip('the aws command is not here');
    const printed = await new Promise<string>((resolve, reject) =>
      execFile('aws', args, { env }, (fault, out) => (fault ? reject(fault) : resolve(out))),
    );
    expect(printed).toContain('ExecutionFailed');
  });
});

function hasAws(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
