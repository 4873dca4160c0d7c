import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ConnectionAuthorizationType,
  type CreateConnectionAuthRequestParameters,
  CreateConnectionCommand,
  DeauthorizeConnectionCommand,
  DeleteConnectionCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  ListConnectionsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed } from './client-server.js';

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Someone else's API: it keeps what it was asked, and answers by the path. */
class OtherApi {
  readonly seen: Seen[] = [];
  readonly #server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const { pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/token')
      return response.end(JSON.stringify({ access_token: `t${this.seen.length}`, expires_in: 3600 }));
    if (pathname === '/refused') return response.writeHead(403, 'Not You').end('{"why":"because"}');
    if (pathname === '/moved') return response.writeHead(302, { location: '/ok' }).end();
    if (pathname === '/image') return response.writeHead(200, { 'content-type': 'image/png' }).end('x');
    if (pathname === '/text') return response.writeHead(200, { 'content-type': 'text/plain' }).end('plain');
    if (pathname === '/cut') return request.socket.destroy();
    if (pathname === '/expired' && request.headers.authorization === 'Bearer t1') return response.writeHead(401).end();
    return response.writeHead(200, { 'content-type': 'application/json', 'x-a': ['1', '2'] }).end('{"ok":true}');
  });

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

const ROLE = 'arn:aws:iam::000000000000:role/any';
const bed = openBed();
let sfn: SFNClient;
let events: EventBridgeClient;
let api: OtherApi;
let origin: string;
let count = 0;

beforeAll(async () => {
  [sfn, events] = [bed.use(new SFNClient({})), bed.use(new EventBridgeClient({}))];
});
beforeEach(async () => {
  api = new OtherApi();
  origin = await api.open();
  return () => api.close();
});

async function call(parameters: object): Promise<unknown> {
  count += 1;
  const states = { T: { Type: 'Task', Resource: 'arn:aws:states:::http:invoke', Parameters: parameters, End: true } };
  const definition = JSON.stringify({ StartAt: 'T', States: states });
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name: `m${count}`, definition, roleArn: ROLE }),
  );
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  return eventually(async () => {
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') return null;
    return status === 'SUCCEEDED' ? (JSON.parse(output ?? '') as unknown) : { error, cause };
  });
}

async function connect(
  AuthorizationType: ConnectionAuthorizationType,
  AuthParameters: CreateConnectionAuthRequestParameters,
) {
  count += 1;
  const made = await events.send(new CreateConnectionCommand({ Name: `c${count}`, AuthorizationType, AuthParameters }));
  return { Authentication: { ConnectionArn: made.ConnectionArn }, name: `c${count}` };
}

describe('http:invoke', () => {
  test('sends what the Task says, and shows the whole answer', async () => {
    const answer = await call({
      Method: 'POST',
      ApiEndpoint: `${origin}/orders?a=1`,
      Headers: { 'X-Order': '7' },
      QueryParameters: { b: [2, 'x y'], c: true },
      RequestBody: { total: 1.5 },
    });
    expect(answer).toEqual({
      Headers: expect.objectContaining({ 'content-type': ['application/json'], 'x-a': ['1', '2'] }),
      ResponseBody: { ok: true },
      StatusCode: 200,
      StatusText: 'OK',
    });
    expect(api.seen).toEqual([
      {
        line: 'POST /orders?a=1&b=2&b=x+y&c=true',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'x-order': '7',
          'user-agent': 'Amazon|StepFunctions|HttpInvoke|eu-west-1',
          range: 'bytes=0-262144',
          'content-length': '13',
        }),
        body: '{"total":1.5}',
      },
    ]);
  });

  test('sends a form', async () => {
    await call({
      Method: 'PUT',
      ApiEndpoint: `${origin}/`,
      RequestBody: { a: [1, 2] },
      Transform: { RequestBodyEncoding: 'URL_ENCODED', RequestEncodingOptions: { ArrayFormat: 'BRACKETS' } },
    });
    expect(api.seen[0]).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a%5B%5D=1&a%5B%5D=2',
    });
  });

  test.each([
    ['/text', { ResponseBody: 'plain', StatusCode: 200 }],
    ['/refused', { error: 'States.Http.StatusCode.403', cause: '{"why":"because"}' }],
    ['/moved', { error: 'States.Http.StatusCode.302', cause: 'Found' }],
    ['/image', { error: 'States.Runtime', cause: expect.stringContaining("content type 'image/png'") }],
    ['/cut', { error: 'States.Http.Socket', cause: expect.any(String) }],
  ])('%s', async (path, expected) => {
    expect(await call({ Method: 'GET', ApiEndpoint: origin + path })).toMatchObject(expected);
  });

  test('a header that AWS does not let through', async () => {
    const parameters = { Method: 'GET', ApiEndpoint: origin, Headers: { Authorization: 'x' } };
    expect(await call(parameters)).toEqual({
      error: 'States.Runtime',
      cause: expect.stringMatching(
        /^.*The Parameters '.*' could not be used to start the Task: \[The header 'Authorization' is not allowed/s,
      ),
    });
    expect(api.seen).toEqual([]);
  });
});

describe('connections', () => {
  test('basic, with parameters that win over the Task', async () => {
    const { Authentication } = await connect('BASIC', {
      BasicAuthParameters: { Username: 'me', Password: 'secret' },
      InvocationHttpParameters: {
        HeaderParameters: [{ Key: 'X-A', Value: 'connection', IsValueSecret: true }],
        QueryStringParameters: [{ Key: 'q', Value: 'connection' }],
        BodyParameters: [{ Key: 'b', Value: 'connection' }],
      },
    });
    await call({
      Method: 'POST',
      ApiEndpoint: `${origin}/`,
      Authentication,
      Headers: { 'x-a': 'task', 'x-b': 'task' },
      QueryParameters: { q: 'task', r: 'task' },
      RequestBody: { b: 'task', c: 'task' },
    });
    expect(api.seen[0]).toMatchObject({
      line: 'POST /?r=task&q=connection',
      headers: { authorization: 'Basic bWU6c2VjcmV0', 'x-a': 'connection', 'x-b': 'task' },
      body: '{"b":"connection","c":"task"}',
    });
  });

  test('an API key', async () => {
    const { Authentication } = await connect('API_KEY', {
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'k' },
    });
    await call({ Method: 'GET', ApiEndpoint: `${origin}/`, Authentication });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-key': 'k' });
  });

  test('client credentials: the token is fetched once, and again when it is refused', async () => {
    const { Authentication } = await connect('OAUTH_CLIENT_CREDENTIALS', {
      OAuthParameters: {
        ClientParameters: { ClientID: 'id', ClientSecret: 's3' },
        AuthorizationEndpoint: `${origin}/token`,
        HttpMethod: 'POST',
        OAuthHttpParameters: { BodyParameters: [{ Key: 'audience', Value: 'a' }] },
      },
    });
    const parameters = { Method: 'GET', ApiEndpoint: `${origin}/`, Authentication };
    await call(parameters);
    await call(parameters);
    expect(await call({ ...parameters, ApiEndpoint: `${origin}/expired` })).toMatchObject({ StatusCode: 200 });
    expect(api.seen.map(({ line, headers }) => `${line} ${headers.authorization ?? ''}`)).toEqual([
      'POST /token ',
      'GET / Bearer t1',
      'GET / Bearer t1',
      'GET /expired Bearer t1',
      'POST /token ',
      'GET /expired Bearer t5',
    ]);
    expect(api.seen[0]?.body).toBe('audience=a&grant_type=client_credentials&client_id=id&client_secret=s3');
  });

  test('one that is not there, or has lost its credentials', async () => {
    const { Authentication, name } = await connect('BASIC', { BasicAuthParameters: { Username: 'a', Password: 'b' } });
    await events.send(new DeauthorizeConnectionCommand({ Name: name }));
    const parameters = { Method: 'GET', ApiEndpoint: `${origin}/`, Authentication };
    expect(await call(parameters)).toMatchObject({ error: 'Events.ConnectionResource.InvalidConnectionState' });
    await events.send(new DeleteConnectionCommand({ Name: name }));
    expect(await call(parameters)).toMatchObject({ error: 'Events.ConnectionResource.ResourceNotFound' });
    expect(api.seen).toEqual([]);
  });

  test('are described without their secrets, updated and listed', async () => {
    const { name } = await connect('API_KEY', {
      ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'hidden-1' },
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: 'h', Value: 'hidden-2', IsValueSecret: true },
          { Key: 'i', Value: 'v' },
        ],
      },
    });
    const described = await events.send(new DescribeConnectionCommand({ Name: name }));
    expect(JSON.stringify(described)).not.toContain('hidden');
    expect(described).toMatchObject({
      ConnectionState: 'AUTHORIZED',
      AuthorizationType: 'API_KEY',
      CreationTime: expect.any(Date),
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: 'k' },
        InvocationHttpParameters: {
          HeaderParameters: [
            { Key: 'h', IsValueSecret: true },
            { Key: 'i', Value: 'v', IsValueSecret: false },
          ],
        },
      },
    });
    await events.send(new UpdateConnectionCommand({ Name: name, Description: 'new' }));
    expect(await events.send(new DescribeConnectionCommand({ Name: name }))).toMatchObject({
      Description: 'new',
      AuthParameters: described.AuthParameters,
    });
    const listed = await events.send(new ListConnectionsCommand({ NamePrefix: name }));
    expect(listed.Connections?.map(({ Name }) => Name)).toEqual([name]);
    const again = {
      Name: name,
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters: { Username: 'a', Password: 'b' } },
    } as const;
    await expect(events.send(new CreateConnectionCommand(again))).rejects.toThrow(ResourceAlreadyExistsException);
    await expect(events.send(new DescribeConnectionCommand({ Name: 'none' }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    await expect(
      events.send(new CreateConnectionCommand({ Name: 'bad', AuthorizationType: 'BASIC', AuthParameters: {} })),
    ).rejects.toThrow('Expected AuthParameters of the authorization type BASIC');
  });
});
