import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../index.js';

const spans = new InMemorySpanExporter();
let folder: string;
let server: RunningServer;
let states: SFNClient;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  folder = await mkdtemp(join(tmpdir(), 'treadle-metrics-'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  states = new SFNClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  cloudwatch = new CloudWatchClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  await server.close();
  trace.disable();
  await rm(folder, { recursive: true, force: true });
});

const ROLE = 'arn:aws:iam::000000000000:role/any';

async function create(name: string, definition: object, rest: object = {}): Promise<string> {
  const input = { name, definition: JSON.stringify(definition), roleArn: ROLE, ...rest };
  const { stateMachineArn = '', stateMachineVersionArn } = await states.send(new CreateStateMachineCommand(input));
  return stateMachineVersionArn ?? stateMachineArn;
}

async function run(stateMachineArn: string, traceHeader?: string): Promise<string> {
  const { executionArn = '' } = await states.send(new StartExecutionCommand({ stateMachineArn, traceHeader }));
  for (;;) {
    const { status = '' } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return status;
    await new Promise((next) => setTimeout(next, 10));
  }
}

/** The statistic of a metric over the last hour; null without any value. */
async function metric(
  MetricName: string,
  dimensions: Record<string, string> = {},
  Stat = 'Sum',
  Namespace = 'AWS/States',
) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const { MetricDataResults } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 60_000),
      MetricDataQueries: [
        { Id: 'a', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 7200, Stat } },
      ],
    }),
  );
  return MetricDataResults?.[0]?.Values?.[0] ?? null;
}

const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } } };
const FAIL = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Nope' } } };

describe('what AWS measures of Step Functions', () => {
  test('executions, of the account, the machine, its versions and aliases', async () => {
    const version = await create('counted', PASS, { publish: true });
    const machine = version.slice(0, version.lastIndexOf(':'));
    const { stateMachineAliasArn = '' } = await states.send(
      new CreateStateMachineAliasCommand({
        name: 'live',
        routingConfiguration: [{ stateMachineVersionArn: version, weight: 100 }],
      }),
    );
    for (const arn of [machine, version, stateMachineAliasArn]) expect(await run(arn)).toBe('SUCCEEDED');
    expect(await run(await create('failing', FAIL))).toBe('FAILED');
    const StateMachineArn = machine;
    expect(await metric('ExecutionsStarted')).toBe(4);
    expect(await metric('ExecutionsStarted', { StateMachineArn })).toBe(3);
    expect(await metric('ExecutionsSucceeded', { StateMachineArn })).toBe(3);
    expect(await metric('ExecutionsFailed', { StateMachineArn })).toBeNull();
    expect(await metric('ExecutionsFailed')).toBe(1);
    expect(await metric('ExecutionsSucceeded', { StateMachineArn, Version: '1' })).toBe(2);
    expect(await metric('ExecutionsSucceeded', { StateMachineArn, Alias: 'live' })).toBe(1);
    expect(await metric('ExecutionTime', { StateMachineArn }, 'SampleCount')).toBe(3);
    expect(await metric('ConsumedCapacity', { ServiceMetric: 'StateTransition' })).toBe(7);
  });

  test('redrives', async () => {
    const machine = await create('redriven', FAIL);
    expect(await run(machine)).toBe('FAILED');
    const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    const executionArn = executions?.[0]?.executionArn;
    await states.send(new RedriveExecutionCommand({ executionArn }));
    const StateMachineArn = machine;
    expect(await metric('ExecutionsRedriven', { StateMachineArn })).toBe(1);
    expect(await metric('RedrivenExecutionsFailed', { StateMachineArn })).toBe(1);
    expect(await metric('ExecutionsStarted', { StateMachineArn })).toBe(1);
    expect(await metric('RedrivenExecutionsSucceeded', { StateMachineArn })).toBeNull();
  });

  test('service integrations, direct functions and activities', async () => {
    const { activityArn = '' } = await states.send(new CreateActivityCommand({ name: 'work' }));
    const missing = 'arn:aws:lambda:us-east-1:000000000000:function:missing';
    const caught = (Resource: string, Next: string, Parameters?: object) => ({
      ...{ Type: 'Task', Resource, Next, Parameters },
      Catch: [{ ErrorEquals: ['States.ALL'], Next }],
    });
    const machine = await create('calls', {
      StartAt: 'Integration',
      States: {
        Integration: caught('arn:aws:states:::lambda:invoke', 'Function', { FunctionName: 'missing' }),
        Function: caught(missing, 'Activity'),
        Activity: { ...caught(activityArn, 'Done'), TimeoutSeconds: 60 },
        Done: { Type: 'Succeed' },
      },
    });
    const ended = run(machine);
    const { taskToken = '' } = await states.send(new GetActivityTaskCommand({ activityArn }));
    const page = await (await fetch(`${server.endpoint}/_treadle/metrics`)).text();
    expect(Number(/^treadle_oldest_open_wait_seconds (.+)$/m.exec(page)?.[1])).toBeGreaterThan(0);
    await states.send(new SendTaskFailureCommand({ taskToken, error: 'Tired' }));
    expect(await ended).toBe('SUCCEEDED');
    const integration = { ServiceIntegrationResourceArn: 'arn:aws:states:::lambda:invoke' };
    for (const [name, count, dimensions] of [
      ['ServiceIntegrationsScheduled', 1, integration],
      ['ServiceIntegrationsFailed', 1, integration],
      ['LambdaFunctionsScheduled', 1, { LambdaFunctionArn: missing }],
      ['LambdaFunctionsFailed', 1, { LambdaFunctionArn: missing }],
      ['ActivitiesScheduled', 1, { ActivityArn: activityArn }],
      ['ActivitiesStarted', 1, { ActivityArn: activityArn }],
      ['ActivitiesFailed', 1, { ActivityArn: activityArn }],
      ['ActivitiesTimedOut', null, { ActivityArn: activityArn }],
    ] as const)
      expect([name, await metric(name, dimensions)]).toEqual([name, count]);
    expect(await metric('ServiceIntegrationTime', integration, 'SampleCount')).toBe(1);
    expect(await metric('ActivityRunTime', { ActivityArn: activityArn }, 'SampleCount')).toBe(1);
    const later = await (await fetch(`${server.endpoint}/_treadle/metrics`)).text();
    expect(later).toContain('treadle_oldest_open_wait_seconds 0\n');
    expect(later).toContain('treadle_task_calls_total{resource="lambda:invoke",outcome="failed"} 1');
    expect(later).toContain('treadle_task_duration_seconds_count{resource="activity"} 1');
  });
});

test('an open wait is over when its execution is stopped', async () => {
  const { activityArn = '' } = await states.send(new CreateActivityCommand({ name: 'never' }));
  const stateMachineArn = await create('stopped', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Task', Resource: activityArn, End: true } },
  });
  const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
  const oldest = async () => {
    const page = await (await fetch(`${server.endpoint}/_treadle/metrics`)).text();
    return Number(/^treadle_oldest_open_wait_seconds (.+)$/m.exec(page)?.[1]);
  };
  expect(await oldest()).toBeGreaterThan(0);
  await states.send(new StopExecutionCommand({ executionArn }));
  expect(await oldest()).toBe(0);
  expect(await metric('ExecutionsAborted', { StateMachineArn: stateMachineArn })).toBe(1);
});

test('the Prometheus page has counters and the health, and names at most a hundred machines', async () => {
  for (let index = 0; index < 110; index += 1) expect(await run(await create(`many-${index}`, FAIL))).toBe('FAILED');
  const response = await fetch(`${server.endpoint}/_treadle/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const page = await response.text();
  const machines = new Set(
    [...page.matchAll(/^treadle_executions_total\{machine="([^"]+)"/gm)].map(([, name]) => name),
  );
  expect(machines.size).toBe(101);
  expect(machines).toContain('other');
  expect(page).toMatch(/^treadle_executions_total\{machine="counted",status="SUCCEEDED"\} 3$/m);
  for (const gauge of [
    'cpu_utilization_ratio',
    'memory_resident_bytes',
    'disk_free_bytes',
    'event_loop_lag_p99_seconds',
  ])
    expect(page).toMatch(new RegExp(`^treadle_${gauge} \\d`, 'm'));
  expect(page).toMatch(/^treadle_commits_total [1-9]/m);
}, 60_000);

test('the namespace Treadle is listed once the server has been measured', async () => {
  await expect
    .poll(
      async () =>
        (await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Treadle' }))).Metrics?.map((m) => m.MetricName),
      { timeout: 20_000, interval: 500 },
    )
    .toContain('DiskFree');
  expect(await metric('MemoryResident', {}, 'Maximum', 'Treadle')).toBeGreaterThan(1e7);
  expect(await metric('OpenExecutionCount', {}, 'Maximum')).toBe(0);
}, 30_000);

describe('traces', () => {
  const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  const enabled = { tracingConfiguration: { enabled: true } };

  test('tracingConfiguration is kept, shown, changed, and part of what makes a machine the same', async () => {
    const stateMachineArn = await create('traced', PASS, enabled);
    const shown = async () =>
      (await states.send(new DescribeStateMachineCommand({ stateMachineArn }))).tracingConfiguration;
    expect(await shown()).toEqual({ enabled: true });
    expect(await create('traced', PASS, enabled)).toBe(stateMachineArn);
    await expect(create('traced', PASS)).rejects.toThrow('State Machine Already Exists');
    const update = (rest: object) => states.send(new UpdateStateMachineCommand({ stateMachineArn, ...rest }));
    await update({ roleArn: `${ROLE}2` });
    expect(await shown()).toEqual({ enabled: true });
    await update({ tracingConfiguration: { enabled: false } });
    expect(await shown()).toEqual({ enabled: false });
  });

  test('an execution is a span with its states and tasks in it, below the span that the client names', async () => {
    const branches = { Type: 'Parallel', Branches: [PASS], End: true };
    const task = {
      ...{ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'missing' } },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Both' }],
      End: true,
    };
    const machine = await create('spans', { StartAt: 'Call', States: { Call: task, Both: branches } }, enabled);
    spans.reset();
    const before = Date.now();
    expect(await run(machine, HEADER)).toBe('SUCCEEDED');
    const found = spans.getFinishedSpans();
    const byName = (name: string) => found.find((span) => span.name === name);
    const root = byName('spans');
    expect(root).toMatchObject({
      kind: SpanKind.SERVER,
      attributes: { 'aws.xray.trace_header': HEADER, 'treadle.execution.status': 'SUCCEEDED' },
      parentSpanContext: { traceId: '5759e988bd862e3fe1be46a994272793', spanId: '53995c3f42cd8ad8' },
    });
    expect((root?.startTime[0] ?? 0) * 1000).toBeGreaterThan(before - 2000);
    const parentOf = (name: string) =>
      found.find((span) => span.spanContext().spanId === byName(name)?.parentSpanContext?.spanId)?.name;
    expect(['Call', 'lambda:invoke', 'Both', 'A', 'B'].map((name) => [name, parentOf(name)])).toEqual([
      ['Call', 'spans'],
      ['lambda:invoke', 'Call'],
      ['Both', 'spans'],
      ['A', 'Both'],
      ['B', 'Both'],
    ]);
    expect(byName('lambda:invoke')?.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'Lambda.ResourceNotFoundException',
    });
    expect(found).toHaveLength(6);
  });

  test('without tracingConfiguration there are none', async () => {
    spans.reset();
    expect(await run(await create('untraced', PASS))).toBe('SUCCEEDED');
    expect(spans.getFinishedSpans()).toEqual([]);
  });
});
