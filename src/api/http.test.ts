import { request as httpRequest } from 'node:http';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpApi, type HttpApi, type HttpApiOptions } from './http.js';
import { type Action, ApiError, type ApiService } from './port.js';
import { stsService } from './sts/sts.js';

const open: HttpApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close(100)));
});

async function start(options: Partial<HttpApiOptions> = {}): Promise<{ api: HttpApi; port: number }> {
  const api = createHttpApi({
    services: [statesService(), stsService()],
    place: { account: '111122223333' },
    ...options,
  });
  open.push(api);
  return { api, port: await api.listen({ port: 0, host: '127.0.0.1' }) };
}

function statesService(): ApiService {
  const actions: [string, Action][] = [
    ['Echo', async ({ input, place }) => ({ input, place })],
    ['Nothing', async () => undefined],
    [
      'Refuse',
      async () => {
        throw new ApiError('ExecutionDoesNotExist', "Execution Does Not Exist: 'x'", 400, { reason: 'why' });
      },
    ],
    [
      'Break',
      async () => {
        throw new Error('a secret path');
      },
    ],
    ['Wait', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({})))],
  ];
  return { name: 'states', actions: new Map(actions) };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function send(port: number, { method = 'POST', path = '/', headers = {}, body = '' }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const json = (operation: string, more: Record<string, string> = {}) => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': `AWSStepFunctions.${operation}`,
  ...more,
});
const signed = (service: string, region: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=any/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

describe('awsJson', () => {
  test('an action gets the input and the region of the signature', async () => {
    const { port } = await start();
    const answer = await send(port, { headers: json('Echo', signed('states', 'eu-west-1')), body: '{"a":1}' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      input: { a: 1 },
      place: { account: '111122223333', region: 'eu-west-1' },
    });
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.0');
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('an unsigned request speaks for us-east-1', async () => {
    const { port } = await start();
    expect((await send(port, { headers: json('Echo') })).text).toContain('"region":"us-east-1"');
  });

  test('exceptions keep their name, message and members', async () => {
    const { port } = await start();
    const answer = await send(port, { headers: json('Refuse'), body: '{}' });
    expect(answer.status).toBe(400);
    expect(answer.headers['x-amzn-errortype']).toBe('ExecutionDoesNotExist');
    expect(JSON.parse(answer.text)).toEqual({
      __type: 'ExecutionDoesNotExist',
      message: "Execution Does Not Exist: 'x'",
      reason: 'why',
    });
  });

  test('our own faults are reported and show nothing', async () => {
    const faults: unknown[] = [];
    const { port } = await start({ report: (fault) => faults.push(fault) });
    const answer = await send(port, { headers: json('Break'), body: '{}' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    expect(String(faults[0])).toContain('a secret path');
  });

  test.each([
    ['not JSON', 'SerializationException', 'Expected the body to be JSON'],
    ['[]', 'SerializationException', 'expected a JSON object'],
  ])('%s is refused', async (body, code, text) => {
    const { port } = await start();
    const answer = await send(port, { headers: json('Echo'), body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).__type).toBe(code);
    expect(answer.text).toContain(text);
  });

  test('unknown operations and services are named', async () => {
    const { port } = await start();
    const operation = await send(port, { headers: json('Frobnicate'), body: '{}' });
    expect(operation.status).toBe(404);
    expect(operation.text).toContain("'Frobnicate' of the service 'states'");
    const service = await send(port, { headers: { 'x-amz-target': 'AmazonSQS.SendMessage' }, body: '{}' });
    expect(service.status).toBe(501);
    expect(service.text).toContain("does not run the service 'sqs'. It runs: states, sts.");
  });
});

describe('who may call', () => {
  test.each([
    'localhost:1',
    '127.0.0.1',
    '[::1]:4566',
    'sync-localhost:4566',
    'orders.localhost',
    'Treadle.Example',
    'sync-treadle.example',
  ])('host %s is this server', async (host) => {
    const { port } = await start({ hosts: ['treadle.example'] });
    expect((await send(port, { headers: json('Nothing', { host }) })).status).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '10.0.0.1:4566', 'sync-evil.example'])(
    'host %s is refused',
    async (host) => {
      const { port } = await start();
      const answer = await send(port, { headers: json('Nothing', { host }) });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('Expected a Host header that names this server');
    },
  );

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a file', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://localhost:3000', host: 'localhost:4566' }],
    ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('a page of %s is refused', async (_, headers) => {
    const { port } = await start();
    expect((await send(port, { headers: { ...json('Nothing'), ...headers } })).status).toBe(403);
  });

  test("the server's own pages may call", async () => {
    const { port } = await start();
    const headers = json('Nothing', {
      host: 'localhost:4566',
      origin: 'http://localhost:4566',
      'sec-fetch-site': 'same-origin',
    });
    expect((await send(port, { headers })).status).toBe(200);
  });

  test('an unsigned GET with an Action is refused', async () => {
    const { port } = await start();
    const answer = await send(port, { method: 'GET', path: '/?Action=GetCallerIdentity&Version=2011-06-15' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('<Code>AccessDenied</Code>');
  });
});

describe('bounds', () => {
  test('a body over the limit is 413', async () => {
    const { port } = await start({ requestBytesMax: 1000 });
    const answer = await send(port, { headers: json('Nothing'), body: `{"a":"${'x'.repeat(1500)}"}` });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text).__type).toBe('RequestTooLargeException');
  });

  test('a region that could leave its folder is refused', async () => {
    const { port } = await start();
    const answer = await send(port, { headers: json('Nothing', signed('states', '..')), body: '{}' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Expected a credential scope');
  });

  test('close waits for requests under way, and aborts them at the end', async () => {
    const { api, port } = await start();
    const waiting = send(port, { headers: json('Wait'), body: '{}' });
    await new Promise((resolve) => api.server.once('request', resolve));
    await api.close(50);
    await expect(waiting).rejects.toThrow();
  });
});

describe('other protocols', () => {
  test('STS answers the real client', async () => {
    const { port } = await start();
    const client = new STSClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '111122223333' });
    client.destroy();
  });

  test('an unsigned form finds its service by Version', async () => {
    const { port } = await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send(port, { headers, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    expect(answer.text).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts[^>]+><GetCallerIdentityResult>.*<Account>111122223333<\/Account>.*<\/GetCallerIdentityResult><ResponseMetadata><RequestId>/,
    );
    const unknown = await send(port, { headers, body: 'Action=Nope&Version=2011-06-15' });
    expect(unknown.status).toBe(400);
    expect(unknown.text).toContain('<Code>InvalidAction</Code><Message>Could not find operation Nope');
  });

  test('rpc-v2-cbor is refused by name', async () => {
    const { port } = await start();
    const answer = await send(port, { path: '/service/GraniteServiceVersion20100801/operation/PutMetricData' });
    expect(answer.status).toBe(501);
    expect(answer.text).toContain("'monitoring'");
    const own = await send(port, { path: '/service/AWSStepFunctions/operation/Echo' });
    expect(own.status).toBe(415);
  });

  test('what nothing claims is an S3 request', async () => {
    const { port } = await start();
    const answer = await send(port, { method: 'PUT', path: '/bucket', headers: signed('s3', 'us-east-1') });
    expect(answer.status).toBe(501);
    expect(answer.text).toContain('<Code>NotImplemented</Code>');
    expect(answer.text).toContain("service 's3'");
  });

  test('a browser at the root goes to the console, and /_treadle is handed over', async () => {
    const { port } = await start({ treadle: async (request) => new Response(`own ${new URL(request.url).pathname}`) });
    const visit = await send(port, { method: 'GET', headers: { accept: 'text/html,*/*' } });
    expect([visit.status, visit.headers.location]).toEqual([302, '/_treadle/']);
    expect((await send(port, { method: 'GET', path: '/_treadle/health' })).text).toBe('own /_treadle/health');
  });
});
