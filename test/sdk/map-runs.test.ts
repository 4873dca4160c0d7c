import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  GetExecutionHistoryCommand,
  InvalidArn,
  ListExecutionsCommand,
  ListMapRunsCommand,
  paginateListExecutions,
  RedriveExecutionCommand,
  ResourceNotFound,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const PLACE = 'arn:aws:states:eu-west-1:000000000000';

const bed = openBed();
let client: SFNClient;
let s3: S3Client;
beforeAll(async () => {
  client = bed.use(new SFNClient({}));
  s3 = bed.use(new S3Client({}));
});

const PASS = { P: { Type: 'Pass', End: true } };
const WAIT = { W: { Type: 'Wait', Seconds: 3600, End: true } };

/** Starts a machine of one distributed Map labelled `L`. */
async function startMap(
  name: string,
  states: Readonly<Record<string, object>>,
  {
    input,
    type = 'STANDARD',
    ...fields
  }: { readonly input: string; readonly type?: string; readonly [field: string]: unknown },
): Promise<string> {
  const ItemProcessor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
    StartAt: Object.keys(states)[0],
    States: states,
  };
  const definition = JSON.stringify({
    StartAt: 'M',
    States: { M: { Type: 'Map', Label: 'L', ItemProcessor, End: true, ...fields } },
  });
  const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE }));
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  return executionArn;
}

const ended = (executionArn: string): Promise<DescribeExecutionOutput> =>
  eventually(async () => {
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === 'RUNNING' ? null : execution;
  });

const runOf = (executionArn: string): Promise<string> =>
  eventually(async () => {
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    return mapRuns?.[0]?.mapRunArn ?? null;
  });

test.each(['STANDARD', 'EXPRESS'])('a run of %s children is listed, described and paged through', async (type) => {
  const name = `paged-${type.toLowerCase()}`;
  const states = {
    C: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 3, Next: 'F' }], Default: 'S' },
    S: { Type: 'Succeed' },
    F: { Type: 'Fail', Error: 'E', Cause: 'three' },
  };
  const executionArn = await startMap(name, states, { input: '[0,1,2,3,4]', type, ToleratedFailureCount: 1 });
  expect((await ended(executionArn)).status).toBe('SUCCEEDED');
  const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
  const [run] = mapRuns ?? [];
  const mapRunArn = run?.mapRunArn ?? '';
  expect(run).toMatchObject({ executionArn, stateMachineArn: `${PLACE}:stateMachine:${name}/L` });
  expect(mapRunArn).toMatch(new RegExp(`^${PLACE}:mapRun:${name}/L:[0-9a-f-]{36}$`));
  const counts = {
    pending: 0,
    running: 0,
    succeeded: 4,
    failed: 1,
    timedOut: 0,
    aborted: 0,
    total: 5,
    resultsWritten: 5,
  };
  expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    ...{ mapRunArn, executionArn, status: 'SUCCEEDED', maxConcurrency: 0, redriveCount: 0 },
    ...{ toleratedFailureCount: 1, toleratedFailurePercentage: 0, itemCounts: counts, executionCounts: counts },
    ...{ startDate: expect.any(Date), stopDate: expect.any(Date) },
  });
  const children = [];
  for await (const page of paginateListExecutions({ client, pageSize: 2 }, { mapRunArn })) {
    expect(page.executions?.length).toBeLessThanOrEqual(2);
    children.push(...(page.executions ?? []));
  }
  expect(children.map(({ status }) => status)).toEqual(['SUCCEEDED', 'FAILED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  expect(children.every((child) => child.mapRunArn === mapRunArn && child.itemCount === 1)).toBe(true);
  const failed = await client.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' }));
  const [child] = failed.executions ?? [];
  expect([failed.executions?.length, child?.executionArn]).toEqual([1, children[1]?.executionArn]);
  const kind = type === 'EXPRESS' ? 'express' : 'execution';
  expect(child?.executionArn).toMatch(new RegExp(`^${PLACE}:${kind}:${name}/L:`));
  expect(await client.send(new DescribeExecutionCommand({ executionArn: child?.executionArn }))).toMatchObject({
    ...{ status: 'FAILED', error: 'E', cause: 'three', input: '3', mapRunArn },
    ...{ stateMachineArn: `${PLACE}:stateMachine:${name}/L`, name: child?.name },
    ...(type === 'STANDARD' && { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' }),
  });
  if (type === 'EXPRESS') return;
  const redriven = client.send(new RedriveExecutionCommand({ executionArn: child?.executionArn }));
  await expect(redriven).rejects.toThrow(ExecutionNotRedrivable);
});

test('a run that has failed is redriven with its parent', async () => {
  const call = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:s3:getObject',
    Parameters: { Bucket: 'redriven', 'Key.$': "States.Format('{}', $)" },
    ResultSelector: { 'text.$': '$.Body' },
    End: true,
  };
  await s3.send(new CreateBucketCommand({ Bucket: 'redriven' }));
  for (const Key of ['0', '1', '3']) await s3.send(new PutObjectCommand({ Bucket: 'redriven', Key, Body: Key }));
  const executionArn = await startMap('redriven-run', { T: call }, { input: '[0,1,2,3]', MaxConcurrency: 1 });
  expect((await ended(executionArn)).error).toBe('States.ExceedToleratedFailureThreshold');
  const mapRunArn = await runOf(executionArn);
  const before = await client.send(new DescribeMapRunCommand({ mapRunArn }));
  expect(before).toMatchObject({ status: 'FAILED', redriveCount: 0 });
  expect(before.executionCounts).toMatchObject({ succeeded: 2, failed: 1, pending: 1, failuresNotRedrivable: 0 });
  await s3.send(new PutObjectCommand({ Bucket: 'redriven', Key: '2', Body: '2' }));
  await client.send(new RedriveExecutionCommand({ executionArn }));
  const { status, output } = await ended(executionArn);
  expect([status, output]).toEqual(['SUCCEEDED', '[{"text":"0"},{"text":"1"},{"text":"2"},{"text":"3"}]']);
  expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    ...{ status: 'SUCCEEDED', redriveCount: 1, redriveDate: expect.any(Date) },
    executionCounts: { succeeded: 4, failed: 0, pending: 0, total: 4, pendingRedrive: 0, failuresNotRedrivable: 0 },
  });
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  const redriven = events?.find(({ type }) => type === 'MapRunRedriven');
  expect(redriven).toMatchObject({ mapRunRedrivenEventDetails: { mapRunArn, redriveCount: 1 } });
  expect(events?.find(({ id }) => id === redriven?.previousEventId)?.type).toBe('ExecutionRedriven');
  const list = async (redriveFilter: 'REDRIVEN' | 'NOT_REDRIVEN') =>
    (await client.send(new ListExecutionsCommand({ mapRunArn, redriveFilter }))).executions ?? [];
  const [[child], others] = [await list('REDRIVEN'), await list('NOT_REDRIVEN')];
  expect(child).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, redriveDate: expect.any(Date) });
  expect(others).toHaveLength(3);
  const described = await client.send(new DescribeExecutionCommand({ executionArn: child?.executionArn }));
  expect(described).toMatchObject({ redriveCount: 1, output: '{"text":"2"}', redriveStatus: 'NOT_REDRIVABLE' });
  const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns?.map((run) => run.mapRunArn)).toEqual([mapRunArn]);
});

test('a child has a history and a machine of its own', async () => {
  const executionArn = await startMap('own-history', PASS, { input: '[7]' });
  await ended(executionArn);
  const mapRunArn = await runOf(executionArn);
  const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn }));
  const child = executions?.[0]?.executionArn ?? '';
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn: child }));
  expect(events?.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'PassStateEntered'],
    [3, 2, 'PassStateExited'],
    [4, 3, 'ExecutionSucceeded'],
  ]);
  expect(await client.send(new DescribeStateMachineForExecutionCommand({ executionArn: child }))).toMatchObject({
    ...{ stateMachineArn: `${PLACE}:stateMachine:own-history/L`, label: 'L', mapRunArn },
  });
  const { executions: ofMachine } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: `${PLACE}:stateMachine:own-history` }),
  );
  expect(ofMachine?.map((one) => one.executionArn)).toEqual([executionArn]);
});

test('a run takes new limits while it runs, and is aborted with its parent', async () => {
  const executionArn = await startMap('limits', WAIT, { input: '[0,1,2,3]', MaxConcurrency: 1 });
  const mapRunArn = await runOf(executionArn);
  const describe = () => client.send(new DescribeMapRunCommand({ mapRunArn }));
  await eventually(async () => ((await describe()).executionCounts?.running === 1 ? true : null));
  await client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3, toleratedFailurePercentage: 12.5 }));
  await eventually(async () => ((await describe()).executionCounts?.running === 3 ? true : null));
  expect(await describe()).toMatchObject({ maxConcurrency: 3, toleratedFailurePercentage: 12.5, status: 'RUNNING' });
  // A child counts from when it is being started, and is listed when that is durable.
  const executions = await eventually(async () => {
    const listed = await client.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'RUNNING' }));
    return listed.executions?.length === 3 ? listed.executions : null;
  });
  await client.send(new StopExecutionCommand({ executionArn: executions[0]?.executionArn }));
  await eventually(async () => ((await describe()).executionCounts?.aborted === 1 ? true : null));
  await client.send(new StopExecutionCommand({ executionArn }));
  const run = await eventually(async () => {
    const found = await describe();
    return found.status === 'RUNNING' ? null : found;
  });
  expect(run).toMatchObject({ status: 'ABORTED', executionCounts: { aborted: 4, running: 0, total: 4 } });
  const late = client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 }));
  await expect(late).rejects.toThrow(ValidationException);
  await expect(late).rejects.toMatchObject({ reason: 'CANNOT_UPDATE_COMPLETED_MAP_RUN' });
});

test('what is no map run is refused', async () => {
  const none = `${PLACE}:mapRun:limits/L:00000000-0000-0000-0000-000000000000`;
  for (const send of [
    () => client.send(new DescribeMapRunCommand({ mapRunArn: none })),
    () => client.send(new UpdateMapRunCommand({ mapRunArn: none, maxConcurrency: 1 })),
    () => client.send(new ListExecutionsCommand({ mapRunArn: none })),
  ]) {
    const answer = send();
    await expect(answer).rejects.toThrow(ResourceNotFound);
    await expect(answer).rejects.toThrow(`Resource not found: '${none}'`);
  }
  const noRun = client.send(new DescribeMapRunCommand({ mapRunArn: `${PLACE}:stateMachine:limits` }));
  await expect(noRun).rejects.toThrow(InvalidArn);
  const bad = client.send(
    new UpdateMapRunCommand({ mapRunArn: none, toleratedFailurePercentage: 101, maxConcurrency: -1 }),
  );
  await expect(bad).rejects.toThrow(
    "2 validation errors detected: Value '-1' at 'maxConcurrency' failed to satisfy constraint: Member must have value greater than or equal to 0; " +
      "Value '101' at 'toleratedFailurePercentage' failed to satisfy constraint: Member must have value less than or equal to 100",
  );
  const child = `${PLACE}:express:limits/L:00000000-0000-0000-0000-000000000001:00000000-0000-0000-0000-000000000000`;
  await expect(client.send(new DescribeExecutionCommand({ executionArn: child }))).rejects.toThrow(
    ExecutionDoesNotExist,
  );
  await expect(client.send(new ListMapRunsCommand({ executionArn: `${PLACE}:execution:no:no` }))).rejects.toThrow(
    ExecutionDoesNotExist,
  );
});

test('items come from S3, and results go there', async () => {
  await s3.send(
    new CreateBucketCommand({ Bucket: 'rows', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  );
  const Body = `n,name\n${Array.from({ length: 25 }, (_, i) => `${i},"customer, ${i}"\n`).join('')}`;
  await s3.send(new PutObjectCommand({ Bucket: 'rows', Key: 'in.csv', Body }));
  const executionArn = await startMap('files', PASS, {
    input: '{"key":"in.csv","max":20}',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      Parameters: { Bucket: 'rows', 'Key.$': '$.key' },
      ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', MaxItemsPath: '$.max' },
    },
    ItemBatcher: { MaxItemsPerBatch: 8 },
    ResultWriter: {
      Resource: 'arn:aws:states:::s3:putObject',
      Parameters: { Bucket: 'rows', Prefix: 'out' },
      WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' },
    },
  });
  const { status, output } = await ended(executionArn);
  expect(status).toBe('SUCCEEDED');
  const { ResultWriterDetails } = JSON.parse(output ?? '') as { ResultWriterDetails: { Key: string } };
  const folder = ResultWriterDetails.Key.replace(/manifest\.json$/, '');
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'rows', Prefix: 'out' }));
  expect(Contents?.map(({ Key }) => Key)).toEqual([`${folder}SUCCEEDED_0.json`, `${folder}manifest.json`]);
  const results = await s3.send(new GetObjectCommand({ Bucket: 'rows', Key: `${folder}SUCCEEDED_0.json` }));
  const batches = JSON.parse((await results.Body?.transformToString()) ?? '') as {
    Items: { n: string; name: string }[];
  }[];
  expect(batches.map(({ Items }) => Items.length)).toEqual([8, 8, 4]);
  expect(batches.flatMap(({ Items }) => Items)[19]).toEqual({ n: '19', name: 'customer, 19' });
  const run = await client.send(new DescribeMapRunCommand({ mapRunArn: await runOf(executionArn) }));
  expect(run).toMatchObject({ itemCounts: { succeeded: 20, total: 20 }, executionCounts: { succeeded: 3, total: 3 } });
});
