import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Payload } from '../../payload/index.js';
import { ApiError } from '../port.js';
import { FollowBuffer, FollowerTooSlow } from './follow-buffer.js';
import type { FollowedRecord, Health, TreadlePorts } from './ports.js';
import { followedRecord } from './record-json.js';
import { treadleApi } from './treadle-api.js';

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:orders:first';

const HEALTH: Health = {
  status: 'ok',
  problems: [],
  version: '0.0.1',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  account: '000000000000',
  dataFolder: '/data',
  startedAt: 0,
  uptimeMs: 5,
  memory: { residentBytes: 1, heapUsedBytes: 1, heapLimitBytes: 2 },
  cpuPercent: 0,
  eventLoopLagMs: { p50: 0, p99: 0, max: 0 },
  commitLatencyMs: { p50: 0, p99: 0, max: 0 },
  queue: { commitsWaiting: 0, tasksInFlight: 0, tasksWaiting: 0, timers: 0 },
  executions: { running: 0, liveInMemory: 0 },
  raisedQuotas: {},
};

const record = (seq: number, type: string): FollowedRecord => ({
  seq,
  id: seq,
  previousEventId: seq - 1,
  at: seq * 10,
  frame: 1,
  type,
  details: {},
});

/** A server that answers with what it was asked. */
function fakePorts(overrides: Partial<TreadlePorts> = {}): TreadlePorts {
  return {
    consoleFolder: null,
    health: async () => HEALTH,
    prometheus: async () => ({ text: 'treadle_commits_total 1\n', contentType: 'text/plain; version=0.0.4' }),
    machines: async () => [],
    executions: async (query) => ({ executions: [], next: JSON.stringify(query) }),
    why: async (arn) =>
      arn === ARN ? { arn, status: 'FAILED', sentence: 'It failed.', state: 'A', error: 'E', cause: null } : null,
    end: async (arn) => (arn === ARN ? { end: record(7, 'ExecutionSucceeded') } : null),
    follow: async (arn, after) => (arn === ARN ? fromArray([record(after + 1, 'ExecutionSucceeded')]) : null),
    functions: async () => [],
    logs: async (query) => {
      if (query.function !== 'charge')
        throw new ApiError('ResourceNotFoundException', 'There is no such function.', 404);
      return { lines: [], next: '1' };
    },
    followLogs: async () => fromArray([{ at: 1, requestId: null, stream: 'stdout', text: 'hello\nworld' }]),
    mails: async () => ({ mails: [], next: null }),
    openWaits: async (query) => ({ waits: [], next: JSON.stringify(query) }),
    sendAgain: async () => undefined,
    answerWait: async () => undefined,
    backups: async (folder) => ({ folder: folder ?? '/data/backups', isMaking: false, failure: null, backups: [] }),
    backUp: async () => ({ at: 1 }),
    restoreOne: async ({ at }) => ({ backup: 'one', at }),
    deploy: async (request, onProgress) => {
      onProgress?.('Installing …');
      const nothing = { resources: [], problems: [], canBeKept: false, warnings: [] };
      const { template, region, parameters: outputs } = request;
      return { template, region: region ?? 'us-east-1', ...nothing, outputs };
    },
    ...overrides,
  };
}

async function* fromArray<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const get = (path: string, ports = fakePorts(), headers: Record<string, string> = {}): Promise<Response> =>
  treadleApi(ports)(new Request(`http://127.0.0.1:4566${path}`, { headers }));

const post = (path: string, body: string, contentType = 'application/json'): Promise<Response> =>
  treadleApi(fakePorts())(
    new Request(`http://127.0.0.1:4566${path}`, { method: 'POST', body, headers: { 'content-type': contentType } }),
  );

describe('queries', () => {
  test('health is what the server says', async () => {
    expect(await (await get('/_treadle/health')).json()).toEqual(HEALTH);
  });

  test.each([
    ['', { machine: null, status: null, limit: 100, after: null }],
    ['?machine=orders&status=FAILED&limit=5&after=x', { machine: 'orders', status: 'FAILED', limit: 5, after: 'x' }],
  ])('executions%s', async (query, expected) => {
    const { next } = (await (await get(`/_treadle/api/executions${query}`)).json()) as { next: string };
    expect(JSON.parse(next)).toEqual(expected);
  });

  test.each([
    ['/api/executions?limit=0', 400, "Expected 'limit' to be a whole number from 1 to 1000."],
    ['/api/executions?limit=ten', 400, "Expected 'limit' to be a whole number from 1 to 1000."],
    [
      '/api/executions?status=DONE',
      400,
      '\'status\': Invalid option: expected one of "RUNNING"|"SUCCEEDED"|"FAILED"|"TIMED_OUT"|"ABORTED".',
    ],
    ['/api/executions/why', 400, "'arn': Invalid input: expected string, received undefined."],
    ['/api/executions/why?arn=x', 404, "Expected an execution 'x', but there is none. List them with: treadle ls"],
    ['/api/executions/follow?arn=x', 404, "Expected an execution 'x', but there is none. List them with: treadle ls"],
    ['/api/executions/end?arn=x', 404, "Expected an execution 'x', but there is none. List them with: treadle ls"],
    ['/api/logs?function=other', 404, 'There is no such function.'],
    ['/api/other', 404, 'Expected an address of the Treadle API, but there is no GET /_treadle/api/other.'],
  ])('%s is refused', async (path, status, message) => {
    const response = await get(`/_treadle${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ message });
  });

  test('our own fault is a 500 with its message', async () => {
    const broken = fakePorts({ health: () => Promise.reject(new Error('The disk is full.')) });
    const response = await get('/_treadle/health', broken);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'InternalFailure', message: 'The disk is full.' });
  });
});

describe('streams', () => {
  test('an execution is followed until its end', async () => {
    const response = await get(`/_treadle/api/executions/follow?arn=${ARN}&after=4`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe(
      `: following\n\nid: 5\nevent: record\ndata: ${JSON.stringify(record(5, 'ExecutionSucceeded'))}\n\nevent: end\ndata: {}\n\n`,
    );
  });

  test('a client that connects again goes on after its last event', async () => {
    const response = await get(`/_treadle/api/executions/follow?arn=${ARN}`, fakePorts(), { 'last-event-id': '9' });
    expect(await response.text()).toContain('id: 10\n');
  });

  test('a text with line breaks stays one data line', async () => {
    const response = await get('/_treadle/api/logs?function=charge&follow=1');
    expect(await response.text()).toContain(
      'event: line\ndata: {"at":1,"requestId":null,"stream":"stdout","text":"hello\\nworld"}\n\n',
    );
  });

  test('a client that goes away stops the source', async () => {
    let signalled: AbortSignal | null = null;
    const silent = fakePorts({
      follow: async (_arn, _after, signal) => {
        signalled = signal;
        return new FollowBuffer<FollowedRecord>(1);
      },
    });
    const response = await get(`/_treadle/api/executions/follow?arn=${ARN}`, silent);
    const reader = response.body?.getReader();
    await reader?.read();
    void reader?.cancel();
    await expect.poll(() => signalled?.aborted).toBe(true);
  });

  test('a follower that is too slow is told to ask again', async () => {
    const buffer = new FollowBuffer<FollowedRecord>(1);
    buffer.push(record(1, 'A'));
    buffer.push(record(2, 'B'));
    const response = await get(`/_treadle/api/executions/follow?arn=${ARN}`, fakePorts({ follow: async () => buffer }));
    expect(await response.text()).toContain('event: error\ndata: {"error":"FollowerTooSlow"');
  });
});

describe('the buffer of a follower', () => {
  test('keeps order, and what waits is read after the end', async () => {
    const buffer = new FollowBuffer<number>(2);
    buffer.push(1);
    buffer.push(2);
    buffer.end();
    buffer.push(3);
    const read: number[] = [];
    for await (const item of buffer) read.push(item);
    expect(read).toEqual([1, 2]);
  });

  test('wakes a waiting reader', async () => {
    const buffer = new FollowBuffer<number>(1);
    const first = buffer[Symbol.asyncIterator]().next();
    buffer.push(7);
    expect(await first).toEqual({ done: false, value: 7 });
  });

  test('an overflow is an error, not a gap', async () => {
    const buffer = new FollowBuffer<number>(1);
    buffer.push(1);
    buffer.push(2);
    await expect(buffer[Symbol.asyncIterator]().next()).rejects.toThrow(FollowerTooSlow);
  });
});

describe('deploy', () => {
  test('passes the request on', async () => {
    const response = await post('/_treadle/api/deploy', '{"template":"/a/template.yaml","parameters":{"A":"1"}}');
    expect(await response.json()).toMatchObject({ template: '/a/template.yaml', outputs: { A: '1' } });
  });

  test('tells what takes long to whoever asks for a stream', async () => {
    const response = await treadleApi(fakePorts())(
      new Request('http://127.0.0.1:4566/_treadle/api/deploy', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: '{"template":"/a/template.yaml","parameters":{"A":"1"}}',
      }),
    );
    const text = await response.text();
    expect(text).toContain(
      'event: progress\ndata: "Installing …"\n\nevent: report\ndata: {"template":"/a/template.yaml"',
    );
  });

  test.each([
    ['not JSON', '{', 'application/json', /^Expected a JSON body, but /],
    ['a relative path', '{"template":"a.yaml"}', 'application/json', /^Expected 'template' to be an absolute path/],
    ['no template', '{}', 'application/json', /^'template': /],
    ['a form', '{"template":"/a"}', 'text/plain', /^Expected Content-Type application\/json/],
  ])('%s is refused', async (_name, body, contentType, message) => {
    const response = await post('/_treadle/api/deploy', body, contentType);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toMatch(message);
  });
});

describe('console', () => {
  let folder = '';
  beforeAll(() => {
    const outer = mkdtempSync(join(tmpdir(), 'treadle-console-'));
    folder = join(outer, 'dist');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<html>');
    writeFileSync(join(folder, 'assets/page.js'), 'page()');
    writeFileSync(join(outer, 'secret.txt'), 'secret');
  });
  afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  test.each([
    ['/_treadle/', 200, 'text/html; charset=utf-8', '<html>'],
    ['/_treadle', 200, 'text/html; charset=utf-8', '<html>'],
    ['/_treadle/executions/one', 200, 'text/html; charset=utf-8', '<html>'],
    ['/_treadle/assets/page.js', 200, 'text/javascript; charset=utf-8', 'page()'],
    [
      '/_treadle/assets/none.js',
      404,
      'text/plain; charset=utf-8',
      "Expected a page of the console, but there is no '/assets/none.js'.\n",
    ],
    ['/_treadle/%2e%2e%2fsecret.txt', 404, 'text/plain; charset=utf-8', /^Expected a page/],
    ['/_treadle/..%2f..%2fsecret.txt', 404, 'text/plain; charset=utf-8', /^Expected a page/],
    ['/_treadle/assets/..%5c..%2f..%2fsecret.txt', 404, 'text/plain; charset=utf-8', /^Expected a page/],
    ['/_treadle/%ff.txt', 404, 'text/plain; charset=utf-8', /^Expected a page/],
  ])('%s', async (path, status, type, text) => {
    const response = await get(path, fakePorts({ consoleFolder: folder }));
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    const body = await response.text();
    if (typeof text === 'string') expect(body).toBe(text);
    else expect(body).toMatch(text);
  });

  test('says how to build it when it is not there', async () => {
    expect(await (await get('/_treadle/')).text()).toContain('npm run build');
  });
});

test('a record shows payloads as texts and nothing private', () => {
  expect(
    followedRecord({
      seq: 3,
      id: 2,
      previousEventId: 1,
      at: 5,
      frame: 1,
      type: 'PassStateExited',
      details: { name: 'A', output: Payload.ofText('{ "a": 1 }'), assigned: [['x', Payload.ofText('1')]] },
      private: { next: 'B' },
    }),
  ).toEqual({
    seq: 3,
    id: 2,
    previousEventId: 1,
    at: 5,
    frame: 1,
    type: 'PassStateExited',
    details: { name: 'A', output: '{ "a": 1 }', assignedVariables: { x: '1' } },
  });
});
