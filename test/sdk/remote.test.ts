import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseRemoteRule } from '../../src/integrations/index.js';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';

/** Stands for a service of AWS that is run nowhere here; it checks nothing, and keeps what it was sent. */
class OtherService {
  readonly seen: { readonly line: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  readonly server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    if (body.includes('Invalid Name')) {
      response.writeHead(400, { 'x-amzn-requestid': 'r' });
      response.end('{"__type":"ValidationException","message":"Invalid name."}');
    } else response.end('{"SecretList":[{"Name":"n","CreatedDate":1767323045}]}');
  });
}

let folder: string;
/** The one that machines run in, … */
let here: RunningServer;
/** … and another one that stands for AWS. */
let there: RunningServer;
let other: OtherService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-remote-'));
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: 'AKIDHERE',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_REGION: 'eu-west-1',
  })) {
    vi.stubEnv(name, value);
  }
  other = new OtherService();
  other.server.listen(0, '127.0.0.1');
  await once(other.server, 'listening');
  const base = { port: 0, host: '127.0.0.1', region: 'eu-west-1', account: '000000000000' };
  there = await startServer({ ...base, dataFolder: join(folder, 'there') });
  const url = `http://127.0.0.1:${(other.server.address() as AddressInfo).port}`;
  const rules = [
    `dynamodb=${there.endpoint}`,
    `function/greet=${there.endpoint}`,
    `state/queue/T=${there.endpoint}`,
    `secretsmanager=${url}`,
    'kms=http://127.0.0.1:1',
  ];
  here = await startServer({ ...base, dataFolder: join(folder, 'here'), remote: rules.map(parseRemoteRule) });
  const client = { endpoint: there.endpoint };
  await new DynamoDBClient(client).send(
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await new SQSClient(client).send(new CreateQueueCommand({ QueueName: 'there' }));
  const source =
    'exports.handler = async (event) => { if (event.fail) throw new TypeError("no"); return { hello: event.name }; };';
  await new LambdaClient(client).send(
    new CreateFunctionCommand({
      FunctionName: 'greet',
      Runtime: 'nodejs20.x',
      Handler: 'app.handler',
      Role: ROLE,
      Code: { ZipFile: zipSync({ 'app.js': strToU8(source) }) },
    }),
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await here.close();
  await there.close();
  other.server.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;

async function run(Resource: string, Parameters: object | null, { name = '', input = {} } = {}): Promise<unknown> {
  count += 1;
  const sfn = new SFNClient({ endpoint: here.endpoint });
  const task = { Type: 'Task', Resource, ...(Parameters !== null && { Parameters }), End: true };
  const definition = JSON.stringify({ StartAt: 'T', States: { T: task } });
  const machine = { name: name === '' ? `m${count}` : name, definition, roleArn: ROLE };
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(machine));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return eventually(async () => {
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') return null;
    return status === 'SUCCEEDED' ? (JSON.parse(output ?? '') as unknown) : { error, cause };
  });
}

const OF = 'arn:aws:states:::';
const ITEM = { id: { S: '1' }, paid: { BOOL: true } };
const ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:greet';
const METADATA = { SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: { RequestId: expect.any(String) } };

test('both dialects of a service go there', async () => {
  expect(await run(`${OF}dynamodb:putItem`, { TableName: 'orders', Item: ITEM })).toMatchObject(METADATA);
  expect(await run(`${OF}dynamodb:getItem`, { TableName: 'orders', Key: { id: { S: '1' } } })).toMatchObject({
    Item: ITEM,
    ...METADATA,
  });
  expect(await run(`${OF}aws-sdk:dynamodb:scan`, { TableName: 'orders' })).toEqual({
    Count: 1,
    ScannedCount: 1,
    Items: [{ id: { S: '1' }, paid: { Bool: true } }],
  });
  expect(await run(`${OF}dynamodb:getItem`, { TableName: 'none', Key: { id: { S: '1' } } })).toMatchObject({
    error: 'DynamoDB.ResourceNotFoundException',
    cause: expect.stringMatching(
      /\(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: .*; Proxy: null\)$/,
    ),
  });
});

test('a function goes there, by name and by ARN, with its errors', async () => {
  const parameters = { FunctionName: 'greet', Payload: { name: 'Anna' } };
  expect(await run(`${OF}lambda:invoke`, parameters)).toMatchObject({
    Payload: { hello: 'Anna' },
    StatusCode: 200,
    ...METADATA,
  });
  expect(await run(`${OF}aws-sdk:lambda:invoke`, parameters)).toMatchObject({
    Payload: '{"hello":"Anna"}',
    StatusCode: 200,
  });
  expect(await run(ARN, null, { input: { name: 'Bo' } })).toEqual({ hello: 'Bo' });
  expect(await run(ARN, null, { input: { fail: true } })).toMatchObject({
    error: 'TypeError',
    cause: expect.stringContaining('"no"'),
  });
  expect(await run(`${OF}lambda:invoke`, { FunctionName: 'other' })).toMatchObject({
    error: 'Lambda.ResourceNotFoundException',
  });
});

test('a state goes there, others of its service stay here', async () => {
  const parameters = { QueueUrl: `${there.endpoint}/000000000000/there`, MessageBody: 'x' };
  expect(await run(`${OF}aws-sdk:sqs:sendMessage`, parameters, { name: 'queue' })).toMatchObject({
    MessageId: expect.any(String),
  });
  expect(await run(`${OF}aws-sdk:sqs:sendMessage`, parameters)).toMatchObject({
    error: 'Sqs.QueueDoesNotExistException',
  });
});

test('a service that is not run here, signed', async () => {
  expect(await run(`${OF}aws-sdk:secretsmanager:listSecrets`, {})).toEqual({
    SecretList: [{ Name: 'n', CreatedDate: '2026-01-02T03:04:05Z' }],
  });
  expect(other.seen[0]).toMatchObject({
    line: 'POST /',
    body: '{}',
    headers: {
      'x-amz-target': 'secretsmanager.ListSecrets',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDHERE\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$/,
      ),
    },
  });
  const parameters = { Name: 'Invalid Name', SecretString: 'x' };
  expect(await run(`${OF}aws-sdk:secretsmanager:createSecret`, parameters)).toEqual({
    error: 'SecretsManager.SecretsManagerException',
    cause: 'Invalid name. (Service: SecretsManager, Status Code: 400, Request ID: r)',
  });
  const { ClientRequestToken } = JSON.parse(other.seen[1]?.body ?? '') as Record<string, string>;
  expect(ClientRequestToken).toMatch(/^[0-9a-f-]{36}$/);
});

test('an endpoint that does not answer, and a service that nobody named', async () => {
  expect(await run(`${OF}aws-sdk:kms:listKeys`, {})).toMatchObject({
    error: 'Kms.SdkClientException',
    cause: expect.stringContaining('Unable to execute HTTP request: connect ECONNREFUSED'),
  });
  expect(await run(`${OF}aws-sdk:ssm:getParameter`, { Name: 'x' })).toMatchObject({
    error: 'Treadle.ResourceNotAvailable',
    cause: expect.stringContaining('treadle up --remote ssm=aws'),
  });
});
