import { isAbsolute } from 'node:path';
import { type Context, Hono } from 'hono';
import { FOLLOW_HEARTBEAT_MS } from '../../limits.js';
import { ApiError } from '../port.js';
import { backupRoutes } from './backup-routes.js';
import { eventStream, type StreamMessage } from './event-stream.js';
import { FollowBuffer } from './follow-buffer.js';
import type { DeployRequest, FollowedRecord, LogLine, TreadlePorts } from './ports.js';
import {
  deployBody,
  executionQuery,
  executionsQuery,
  followQuery,
  logsQuery,
  mailsQuery,
  openWaitsQuery,
  waitAnswer,
  waitId,
} from './queries.js';
import { parse, readJson } from './request.js';
import { staticFile } from './static-files.js';

export const TREADLE_PATH = '/_treadle';

/**
 * Treadle's own HTTP API and its console, all under `/_treadle/`. Errors are JSON `{ error, message }`.
 * The caller has refused foreign hosts and origins already (`access.ts`).
 */
export function treadleApi(ports: TreadlePorts): (request: Request) => Promise<Response> {
  const app = new Hono().basePath(TREADLE_PATH);
  app.get('/metrics', async (c) => {
    const { text, contentType } = await ports.prometheus();
    return c.body(text, 200, { 'content-type': contentType });
  });
  app.get('/health', async (c) => c.json(await ports.health()));
  app.get('/api/machines', async (c) => c.json({ machines: await ports.machines() }));
  app.get('/api/functions', async (c) => c.json({ functions: await ports.functions() }));
  app.get('/api/executions', async (c) => c.json(await ports.executions(parse(executionsQuery, c.req.query()))));
  app.get('/api/executions/why', (c) => why(ports, c));
  app.get('/api/executions/follow', (c) => follow(ports, c));
  app.get('/api/executions/end', (c) => end(ports, c));
  app.get('/api/logs', (c) => logs(ports, c));
  app.get('/api/mail', async (c) => c.json(await ports.mails(parse(mailsQuery, c.req.query()))));
  app.get('/api/tokens', async (c) => c.json(await ports.openWaits(parse(openWaitsQuery, c.req.query()))));
  app.post('/api/tokens/answer', async (c) => {
    await ports.answerWait(parse(waitAnswer, await readJson(c)));
    return c.json({});
  });
  app.post('/api/tokens/send', async (c) => {
    await ports.sendAgain(parse(waitId, await readJson(c)).id);
    return c.json({});
  });
  app.post('/api/deploy', (c) => deploy(ports, c));
  backupRoutes(app, ports);
  app.all('/api/*', (c) => {
    throw new ApiError(
      'NotFound',
      `Expected an address of the Treadle API, but there is no ${c.req.method} ${c.req.path}.`,
      404,
    );
  });
  app.get('/*', (c) => consolePage(ports.consoleFolder, c.req.path.slice(TREADLE_PATH.length)));
  app.get('/', () => consolePage(ports.consoleFolder, '/'));
  app.onError((error) => errorResponse(error));
  app.notFound((c) =>
    errorResponse(
      new ApiError('NotFound', `Expected an address under ${TREADLE_PATH}/, but it is ${c.req.path}.`, 404),
    ),
  );
  return async (request) => app.fetch(request);
}

async function why(ports: TreadlePorts, c: Context): Promise<Response> {
  const { arn } = parse(executionQuery, c.req.query());
  const answer = await ports.why(arn);
  if (answer === null) throw noExecution(arn);
  return c.json(answer);
}

async function follow(ports: TreadlePorts, c: Context): Promise<Response> {
  const query = parse(followQuery, c.req.query());
  const lastSeen = Number(c.req.header('last-event-id') ?? query.after);
  const after = Number.isSafeInteger(lastSeen) ? Math.max(lastSeen, query.after) : query.after;
  const stop = stopWith(c.req.raw.signal);
  const records = await ports.follow(query.arn, after, stop.signal);
  if (records === null) throw noExecution(query.arn);
  return eventStream(recordMessages(records), { heartbeatMs: FOLLOW_HEARTBEAT_MS, onClose: () => stop.abort() });
}

/** The record that has ended the execution; `end` is null where it has not ended within END_WAIT_MS_MAX: ask again. */
async function end(ports: TreadlePorts, c: Context): Promise<Response> {
  const { arn } = parse(executionQuery, c.req.query());
  const answer = await ports.end(arn, c.req.raw.signal);
  if (answer === null) throw noExecution(arn);
  return c.json(answer);
}

async function* recordMessages(records: AsyncIterable<FollowedRecord>): AsyncGenerator<StreamMessage> {
  for await (const record of records) yield { event: 'record', id: record.seq, data: record };
  yield { event: 'end', data: {} };
}

async function logs(ports: TreadlePorts, c: Context): Promise<Response> {
  const query = parse(logsQuery, c.req.query());
  if (query.follow === '0') return c.json(await ports.logs(query));
  const stop = stopWith(c.req.raw.signal);
  const { function: name, requestId, after } = query;
  const lines = await ports.followLogs({ function: name, requestId, after }, stop.signal);
  return eventStream(lineMessages(lines), { heartbeatMs: FOLLOW_HEARTBEAT_MS, onClose: () => stop.abort() });
}

async function* lineMessages(lines: AsyncIterable<LogLine>): AsyncGenerator<StreamMessage> {
  for await (const line of lines) yield { event: 'line', data: line };
}

async function deploy(ports: TreadlePorts, c: Context): Promise<Response> {
  const request = parse(deployBody, await readJson(c));
  if (!isAbsolute(request.template))
    throw new ApiError('BadRequest', `Expected 'template' to be an absolute path, but it is '${request.template}'.`);
  // Packages may be installed for minutes: whoever asks for a stream hears of it, and of the end.
  if (c.req.header('accept') !== 'text/event-stream') return c.json(await ports.deploy(request));
  return eventStream(deployMessages(ports, request), { heartbeatMs: FOLLOW_HEARTBEAT_MS, onClose: () => undefined });
}

async function* deployMessages(ports: TreadlePorts, request: DeployRequest): AsyncGenerator<StreamMessage> {
  const lines = new FollowBuffer<string>();
  const done = ports.deploy(request, (line) => lines.push(line)).finally(() => lines.end());
  done.catch(() => undefined); // told below
  for await (const line of lines) yield { event: 'progress', data: line };
  yield { event: 'report', data: await done };
}

async function consolePage(folder: string | null, path: string): Promise<Response> {
  const page = folder === null ? null : await staticFile(folder, path);
  if (page !== null) return page;
  const message =
    folder === null
      ? 'Expected the console to be built, but it is not. Build it with: npm run build'
      : `Expected a page of the console, but there is no '${path}'.`;
  return new Response(`${message}\n`, { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** Aborts with the client's request, or when the stream is over. */
function stopWith(signal: AbortSignal): AbortController {
  const stop = new AbortController();
  if (signal.aborted) stop.abort();
  else signal.addEventListener('abort', () => stop.abort(), { once: true });
  return stop;
}

const noExecution = (arn: string): ApiError =>
  new ApiError(
    'ExecutionDoesNotExist',
    `Expected an execution '${arn}', but there is none. List them with: treadle ls`,
    404,
  );

function errorResponse(error: unknown): Response {
  const known = error instanceof ApiError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  return Response.json(
    { error: known?.code ?? 'InternalFailure', message, ...known?.members },
    { status: known?.status ?? 500 },
  );
}
