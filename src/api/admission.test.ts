import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpApi, type HttpApi } from './http.js';

const BOUNDS = { requestsMax: 2, bytesMax: 100_000 };
let api: HttpApi;
let port = 0;
let open: (() => void)[] = [];
const agent = new Agent({ keepAlive: true });

beforeEach(async () => {
  open = [];
  const hang = () => new Promise((then) => open.push(() => then({ done: true })));
  const actions = new Map(
    ['StartExecution', 'SendTaskSuccess', 'GetActivityTask'].map((operation) => [operation, hang] as const),
  );
  api = createHttpApi({
    services: [{ name: 'states', actions }],
    place: { account: '000000000000' },
    admission: BOUNDS,
    treadle: () => new Response('healthy'),
  });
  port = await api.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  for (const answer of open) answer();
  agent.destroy();
  await api.close(0);
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Resolves with the answer; `open` grows when the request is at work. */
async function ask(operation: string, bytes = 10, path = '/'): Promise<Answer> {
  const isStates = operation !== '';
  const sent = request({
    ...{ port, agent, path, method: isStates ? 'POST' : 'GET' },
    ...(isStates && {
      headers: { 'x-amz-target': `AWSStepFunctions.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
    }),
  });
  sent.end(isStates ? JSON.stringify({ text: 'x'.repeat(bytes) }) : '');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

const atWork = async (count: number): Promise<void> => {
  while (open.length < count) await new Promise((next) => setImmediate(next));
};

const THROTTLED = { status: 400, body: expect.stringContaining('"ThrottlingException","message":"Rate exceeded"') };

describe('more requests than there is room for', () => {
  it('are refused at once where they bring work; what ends work has twice the room, and health answers always', async () => {
    const taken = [ask('StartExecution'), ask('StartExecution')];
    await atWork(2);
    expect(await ask('StartExecution')).toEqual(THROTTLED);
    taken.push(ask('SendTaskSuccess'), ask('SendTaskSuccess'));
    await atWork(4);
    expect(await ask('SendTaskSuccess')).toEqual(THROTTLED);
    expect(await ask('', 0, '/_treadle/health')).toEqual({ status: 200, body: 'healthy' });
    for (const answer of open) answer();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const again = ask('StartExecution');
    await atWork(5);
    open[4]?.();
    expect((await again).status).toBe(200);
  });

  it('wait for something without being in the way of others', async () => {
    const polls = Array.from({ length: 5 }, () => ask('GetActivityTask'));
    await atWork(5);
    const start = ask('StartExecution');
    await atWork(6);
    for (const answer of open) answer();
    expect((await Promise.all([...polls, start])).map(({ status }) => status)).toEqual(Array(6).fill(200));
  });

  it('are refused by their bytes before their bodies are read; a large one may come alone', async () => {
    const large = ask('StartExecution', 150_000);
    await atWork(1);
    expect(await ask('StartExecution', 10)).toEqual(THROTTLED);
    open[0]?.();
    expect((await large).status).toBe(200);
    const half = ask('StartExecution', 60_000);
    await atWork(2);
    expect(await ask('StartExecution', 60_000)).toEqual(THROTTLED);
    open[1]?.();
    expect((await half).status).toBe(200);
  });
});
