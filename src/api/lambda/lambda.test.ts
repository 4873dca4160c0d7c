import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Functions } from '../../functions/index.js';
import { functionRecords } from '../../server/function-records.js';
import { AsyncInvocations } from '../../services/async-invocations.js';
import { EventSources } from '../../services/event-sources/event-sources.js';
import { FrontParts } from '../../services/http/front-parts.js';
import { FunctionUrls } from '../../services/http/function-urls.js';
import { S3 } from '../../services/s3/s3.js';
import { queueReader } from '../../services/sqs/reader.js';
import { Sqs } from '../../services/sqs/sqs.js';
import { memoryStore } from '../../testing/memory-store.js';
import { createHttpApi, type HttpApi } from '../http.js';
import { lambdaService } from './lambda.js';

const PLACE = { account: '000000000000', region: 'eu-west-1' };
let folder: string;
let functions: Functions;
let events: AsyncInvocations;
let api: HttpApi;
let client: LambdaClient;
let reports: string[];
let objects: S3;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-lambda-'));
  const { records } = memoryStore();
  functions = await Functions.open({
    dataFolder: folder,
    records: functionRecords(records),
    endpointUrl: () => 'http://127.0.0.1:1',
    place: { ...PLACE, region: 'us-east-1' },
  });
  const sqs = await Sqs.open({ records, clock: { now: () => Date.now() }, report: () => undefined });
  reports = [];
  const report = (line: string) => reports.push(line);
  events = new AsyncInvocations({
    records,
    invoker: functions,
    clock: { now: () => Date.now() },
    retryDelaysMs: [1, 1],
    report,
  });
  await events.start();
  const doors = {
    queues: queueReader(sqs),
    functionOf: () => null,
    streams: { exists: () => false, start: () => '', read: async () => [] },
    parsePattern: () => ({ matches: () => true }),
    invoker: functions,
    clock: { now: () => Date.now() },
  };
  const sources = await EventSources.open({ ...doors, records, report });
  objects = new S3({ records, clock: { now: () => Date.now() }, folder: join(folder, 'objects'), report });
  const urls = new FunctionUrls(
    await FrontParts.open({ records }),
    { now: () => Date.now() },
    () => 'http://localhost:4566',
  );
  api = createHttpApi({ services: [lambdaService({ functions, events, objects, sources, urls })], place: PLACE });
  const port = await api.listen({ port: 0, host: '127.0.0.1' });
  client = new LambdaClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: PLACE.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await api.close(0);
  const closing = events.close();
  await functions.close();
  await closing;
  await rm(folder, { recursive: true });
});

const zip = (source: string) => zipSync({ 'app.mjs': strToU8(source) });
const ECHO = 'export const handler = async (event) => { console.log("seen", JSON.stringify(event)); return event; };';
const FAIL = 'export const handler = async () => { throw new TypeError("no"); };';

const create = (FunctionName: string, source = ECHO, more: Partial<CreateFunctionCommandInput> = {}) =>
  client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs20.x',
      Role: 'arn:aws:iam::000000000000:role/r',
      Handler: 'app.handler',
      Code: { ZipFile: zip(source) },
      ...more,
    }),
  );

describe('functions', () => {
  test('are created, shown, changed and deleted', async () => {
    const created = await create('echo', ECHO, {
      Timeout: 7,
      Environment: { Variables: { SHOP: 'x' } },
      Description: 'd',
    });
    expect(created).toMatchObject({
      FunctionName: 'echo',
      FunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:echo',
      Runtime: 'nodejs20.x',
      Timeout: 7,
      MemorySize: 128,
      State: 'Active',
      Version: '$LATEST',
      Environment: { Variables: { SHOP: 'x' } },
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+0000$/),
      $metadata: { httpStatusCode: 201 },
    });
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 5 }, { FunctionName: 'echo' });
    const changed = await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'echo', Timeout: 9 }));
    expect(changed).toMatchObject({ Timeout: 9, Environment: { Variables: { SHOP: 'x' } } });
    expect(changed.RevisionId).not.toBe(created.RevisionId);
    await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'echo', ZipFile: zip('export const handler = () => 2;') }),
    );
    const shown = await client.send(
      new GetFunctionCommand({ FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:echo' }),
    );
    expect(shown.Configuration?.CodeSha256).not.toBe(created.CodeSha256);
    expect((await client.send(new InvokeCommand({ FunctionName: 'echo' }))).Payload?.transformToString()).toBe('2');
    expect((await client.send(new DeleteFunctionCommand({ FunctionName: 'echo' }))).$metadata.httpStatusCode).toBe(204);
    await expect(client.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:eu-west-1:000000000000:function:echo',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('are listed page by page', async () => {
    for (const name of ['c', 'a', 'b']) await create(name);
    const first = await client.send(new ListFunctionsCommand({ MaxItems: 2 }));
    expect(first.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['a', 'b']);
    const second = await client.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect(second.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['c']);
    expect(second.NextMarker).toBeUndefined();
  });

  test('a name is taken once', async () => {
    await create('echo');
    await expect(create('echo')).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: 'Function already exist: echo',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test.each<[string, Partial<CreateFunctionCommandInput>, string]>([
    [
      'code that is not in S3',
      { Code: { S3Bucket: 'none', S3Key: 'k' } },
      'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
    ],
    ['an image', { Code: { ImageUri: 'i' } }, 'Treadle does not run container images'],
    ['no code', { Code: {} }, 'Please provide a source for function code.'],
    ['layers', { Layers: ['arn:aws:lambda:eu-west-1:000000000000:layer:l:1'] }, 'layer:l:1 does not exist'],
    ['tracing', { TracingConfig: { Mode: 'Active' } }, "Treadle does not do what 'TracingConfig' asks for"],
    ['Java', { Runtime: 'java21' }, 'Expected a runtime that Treadle runs'],
    ['a time-out over 15 minutes', { Timeout: 901 }, 'Member must have value less than or equal to 900'],
  ])('%s is refused', async (_, more, text) => {
    await expect(create('f', ECHO, more)).rejects.toThrow(text);
  });

  test('code may lie in S3', async () => {
    await objects.buckets.create(PLACE, 'code-of-the-shop');
    const stored = { bucket: 'code-of-the-shop', key: 'shop.zip' };
    const put = (source: string) =>
      objects.putObject(PLACE, {
        ...stored,
        body: (async function* () {
          yield zip(source);
        })(),
      });
    await put('export const handler = () => 3;');
    const Code = { S3Bucket: stored.bucket, S3Key: stored.key };
    await create('shop', ECHO, { Code });
    const call = async () =>
      (await client.send(new InvokeCommand({ FunctionName: 'shop' }))).Payload?.transformToString();
    expect(await call()).toBe('3');
    await put('export const handler = () => 4;');
    await client.send(new UpdateFunctionCodeCommand({ FunctionName: 'shop', ...Code }));
    expect(await call()).toBe('4');
  });

  test('what asks for nothing is not refused', async () => {
    await create('f', ECHO, {
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      PackageType: 'Zip',
      Tags: {},
    });
  });

  test('a change of a function that somebody else has changed is refused', async () => {
    await create('f');
    await expect(
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: 5, RevisionId: 'old' })),
    ).rejects.toMatchObject({
      name: 'PreconditionFailedException',
    });
  });
});

describe('Invoke', () => {
  test('answers with the payload, and with the log when asked', async () => {
    await create('echo');
    const answer = await client.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"a": 1}', LogType: 'Tail' }));
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload?.transformToString()).toBe('{"a":1}');
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
    expect(log).toContain('START RequestId: ');
    expect(log).toContain('seen {"a":1}');
    expect(log).toContain('REPORT RequestId: ');
  });

  test("a function's error is an answer", async () => {
    await create('fail', FAIL);
    const answer = await client.send(new InvokeCommand({ FunctionName: 'fail' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no',
    });
  });

  test.each([
    ['nowhere', undefined, 'Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nowhere:$LATEST'],
    ['echo', '1', 'Function not found: arn:aws:lambda:eu-west-1:000000000000:function:echo:1'],
  ])('%s in version %s is not found', async (FunctionName, Qualifier, message) => {
    await create('echo');
    const input = { FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) };
    await expect(client.send(new InvokeCommand(input))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message,
    });
  });

  test('a payload that is not JSON is refused', async () => {
    await create('echo');
    await expect(client.send(new InvokeCommand({ FunctionName: 'echo', Payload: 'no' }))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringContaining("Could not parse request body into json: Unrecognized token 'no'"),
    });
  });

  test('DryRun only looks', async () => {
    await create('fail', FAIL);
    expect((await client.send(new InvokeCommand({ FunctionName: 'fail', InvocationType: 'DryRun' }))).StatusCode).toBe(
      204,
    );
  });

  test('Event is accepted at once, and a failing function gets it three times', async () => {
    await create('fail', FAIL);
    expect((await client.send(new InvokeCommand({ FunctionName: 'fail', InvocationType: 'Event' }))).StatusCode).toBe(
      202,
    );
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBe(1);
    const { lines } = await functions.logs({ name: 'fail', place: PLACE, limit: 100 });
    expect(lines.filter(({ text }) => text.startsWith('START')).length).toBe(3);
    expect(reports[0]).toContain('TypeError');
  });
});
