import { fileURLToPath } from 'node:url';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenWaitsPage } from '../../src/api/treadle/index.js';
import { eventually, startSkipping } from '../durability/server-process.js';
import { clientEnvironment, openBed, output, pythonWithBoto3, startProgram } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const HOUR = 3_600_000;
const EXECUTIONS = 10_000;
const AT_ONCE = 100;

const file = (name: string): string => fileURLToPath(new URL(`clients/${name}`, import.meta.url));

/** Unmodified clients, each in processes of its own that know of Treadle by the environment only. */
const CLIENTS: readonly (readonly [name: string, command: () => readonly string[]])[] = [
  ['the AWS SDK for JavaScript', () => [process.execPath, file('client.mjs')]],
  ['boto3', () => [pythonWithBoto3(), '-B', file('client.py')]],
  ['the aws command', () => ['bash', file('client.sh')]],
];

const bed = openBed(startSkipping);
let sfn: SFNClient;
let many: string;
beforeAll(async () => {
  sfn = bed.use(new SFNClient({ requestHandler: { httpAgent: { maxSockets: AT_ONCE } } }));
  many = await create('many', { S: { Type: 'Succeed' } });
  let next = 0;
  const starter = async (): Promise<void> => {
    while (next < EXECUTIONS) {
      await sfn.send(new StartExecutionCommand({ stateMachineArn: many, name: `execution-${next++}` }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, starter));
}, 120_000);

async function create(name: string, states: object): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const { stateMachineArn = '' } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE }));
  return stateMachineArn;
}

const ended = (executionArn: string) =>
  eventually(async () => {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === 'RUNNING' ? null : described;
  });

describe.each(CLIENTS)('through %s', (client, command) => {
  const id = client.replaceAll(' ', '-');
  const run = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const [program = '', ...given] = command();
    return JSON.parse(await output(bed.server, program, [...given, ...args], clientEnvironment(bed.server))) as Record<
      string,
      unknown
    >; // our own programs
  };
  const worker = (...args: readonly string[]) => {
    const [program = '', ...given] = command();
    return startProgram(bed.server, program, [...given, 'work', ...args]);
  };

  test('a worker that is killed misses its heartbeat, and another one gets the task', async () => {
    const { activityArn = '' } = await sfn.send(new CreateActivityCommand({ name: `pack-${id}` }));
    const stateMachineArn = await create(`packs-${id}`, {
      Pack: {
        Type: 'Task',
        Resource: activityArn,
        HeartbeatSeconds: 600,
        Retry: [{ ErrorEquals: ['States.HeartbeatTimeout', 'States.Timeout'], IntervalSeconds: 1, MaxAttempts: 3 }],
        End: true,
      },
    });
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    const first = worker(activityArn, 'first', 'hang');
    await first.printed('has it');
    await first.kill();
    const second = worker(activityArn, 'second', 'finish');
    await second.printed('polls');
    // A server whose timers are late spares heartbeats for some intervals: it cannot know that nobody was there to send them.
    await eventually(async () => {
      await bed.server.process.skip(700_000);
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      return events.some(({ type }) => type === 'ActivityTimedOut') ? true : null;
    });
    await second.printed('done');
    await second.kill();
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"by":"second"}' });
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.flatMap(({ type = '' }) => (type.startsWith('Activity') ? [type] : []))).toEqual([
      ...['ActivityScheduled', 'ActivityStarted', 'ActivityTimedOut'],
      ...['ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
    ]);
    const names = events.flatMap(({ activityStartedEventDetails: details }) => details?.workerName ?? []);
    expect(names).toEqual(['first', 'second']);
  }, 120_000);

  test('an answer that comes after an hour is taken, and one after the time-out is refused', async () => {
    const { TopicArn } = await bed.use(new SNSClient({})).send(new CreateTopicCommand({ Name: 'approvals' }));
    const asking = (TimeoutSeconds: number) => ({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
        Parameters: { TopicArn, 'Message.$': '$$.Task.Token' },
        TimeoutSeconds,
        End: true,
      },
    });
    const [patient, hasty] = [`patient-${id}`, `hasty-${id}`];
    const executions: string[] = [];
    for (const [name, seconds] of [
      [patient, 7200],
      [hasty, 1800],
    ] as const) {
      const stateMachineArn = await create(name, asking(seconds));
      executions.push((await sfn.send(new StartExecutionCommand({ stateMachineArn }))).executionArn ?? '');
    }
    const tokenOf = (machine: string) =>
      eventually(async () => {
        const response = await fetch(`${bed.server.endpoint}/_treadle/api/tokens?machine=${machine}`);
        const { waits } = (await response.json()) as OpenWaitsPage;
        return waits[0] === undefined ? null : (JSON.parse(waits[0].parameters) as { Message: string }).Message;
      });
    const [early, late] = [await tokenOf(patient), await tokenOf(hasty)];
    await bed.server.process.skip(HOUR);
    expect(await run('answer', early, '{"approved":true}')).toEqual({});
    expect(await run('answer', late, '{}')).toEqual({ refused: 'TaskTimedOut' });
    const { startDate, stopDate, ...first } = await ended(executions[0] ?? '');
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: '{"approved":true}' });
    expect((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)).toBeGreaterThanOrEqual(HOUR);
    expect(await ended(executions[1] ?? '')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  }, 120_000);

  test('a request that is sent again with the same name or token does nothing twice', async () => {
    const stateMachineArn = await create(`waits-${id}`, { W: { Type: 'Wait', Seconds: 99_999_999, End: true } });
    const first = await run('start', stateMachineArn, 'order-1', '{"order":1}');
    expect(first).toEqual({ arn: expect.stringContaining(':order-1'), at: expect.anything() });
    expect(await run('start', stateMachineArn, 'order-1', '{"order":1}')).toEqual(first);
    expect(await run('start', stateMachineArn, 'order-1', '{"order":2}')).toEqual({
      refused: 'ExecutionAlreadyExists',
    });
    const executionArn = String(first.arn);
    await sfn.send(new StopExecutionCommand({ executionArn }));
    const redriven = await run('redrive', executionArn, 'token-1');
    expect(await run('redrive', executionArn, 'token-1')).toEqual(redriven);
    if ('unknown' in redriven) return; // clients of before November 2023, as Debian 12 has them, cannot redrive
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ redriveCount: 1 });
  }, 120_000);

  test(`${EXECUTIONS} executions are paged, each once`, async () => {
    expect(await run('count', many)).toEqual({ all: EXECUTIONS, different: EXECUTIONS });
  }, 120_000);
});
