import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Place } from '../arn.js';
import { REQUEST_MS_MAX } from '../limits/services.js';
import { CONNECTIONS_MAX, REQUEST_BYTES_MAX } from '../limits.js';
import { hostChecker, refuseForeign, refuseForeignHost } from './access.js';
import { Admission, type AdmissionBounds, throttled } from './admission.js';
import { actionOf, formVersion } from './dispatch.js';
import { apiError, visibleError } from './errors.js';
import type { ApiCall, ApiError, ApiService } from './port.js';
import type { Codec, RawAnswer, RawRequest, Target } from './protocols/protocol.js';
import { readBody } from './request-body.js';
import { isObjectRequest, OBJECTS, type Scope, scopeOf, targetOf } from './routing.js';
import { expectsContinue, RequestBody, sendStreamed } from './streaming.js';
import { traceHeaderOf } from './trace-header.js';

export interface HttpApiOptions {
  readonly services: readonly ApiService[];
  /** The account of every request; its region comes with the request. */
  readonly place: Pick<Place, 'account'>;
  /** A fetch handler for everything under `/_treadle/`. */
  readonly treadle?: (request: Request) => Response | Promise<Response>;
  /** What may be called from everywhere, at `/_http/` and under hosts of its own. */
  readonly front?: PublicDoor;
  /** Further names of this server in Host headers, without port. Loopback names always count. */
  readonly hosts?: readonly string[];
  /** Largest request body; REQUEST_BYTES_MAX when missing. */
  readonly requestBytesMax?: number;
  /** How much may be under way at once; REQUESTS_IN_FLIGHT_MAX and REQUESTS_BYTES_MAX when missing. */
  readonly admission?: AdmissionBounds;
  /** Hears of faults that are ours (answered with 5xx). */
  readonly report?: (fault: unknown, about: { readonly service: string; readonly requestId: string }) => void;
}

export interface PublicDoor {
  claims(request: IncomingMessage): boolean;
  /** Never rejects. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface HttpApi {
  readonly server: Server;
  /** Resolves with the port. Rejects when the address is taken (`EADDRINUSE`). */
  listen(address: { readonly port: number; readonly host: string }): Promise<number>;
  /** Takes no more requests, waits up to `graceMs` for those under way, then cuts the connections. */
  close(graceMs?: number): Promise<void>;
}

const TREADLE = '/_treadle';
const EMPTY = Buffer.alloc(0);
const CLOSE_GRACE_MS = 5000;

/** The one listener: AWS protocols at every path, Treadle's own pages under `/_treadle/`. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const front = new Front(options);
  const server = createServer(
    // Clients keep connections; a longer time than theirs keeps a request from meeting a socket that is being closed.
    { keepAliveTimeout: 75_000, headersTimeout: 80_000, requestTimeout: REQUEST_MS_MAX, noDelay: true },
    (request, response) => void front.serve(request, response),
  );
  server.maxConnections = CONNECTIONS_MAX;
  // Otherwise Node asks for every body at once, also for those that are refused.
  server.on('checkContinue', (request, response) => void front.serve(request, response));
  return {
    server,
    listen: ({ port, host }) => listen(server, port, host),
    close: (graceMs = CLOSE_GRACE_MS) => close(server, graceMs),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

class Front {
  readonly #services: ReadonlyMap<string, ApiService>;
  readonly #isOwnHost: (host: string | undefined) => boolean;
  readonly #treadle: ((request: IncomingMessage, response: ServerResponse) => unknown) | null;
  readonly #bytesMax: number;
  readonly #admission: Admission;

  constructor(private readonly options: HttpApiOptions) {
    this.#services = new Map(options.services.map((service) => [service.name, service]));
    this.#isOwnHost = hostChecker(options.hosts ?? []);
    this.#treadle = options.treadle ? getRequestListener(options.treadle, { overrideGlobalObjects: false }) : null;
    this.#bytesMax = options.requestBytesMax ?? REQUEST_BYTES_MAX;
    this.#admission = new Admission(options.admission);
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const isPublic = this.options.front?.claims(request) ?? false;
    const refusal = isPublic
      ? refuseForeignHost(request.headers.host, this.#isOwnHost)
      : refuseForeign(method, request.headers, this.#isOwnHost);
    if (refusal !== null) return refuse(request, response, refusal.message);
    if (isPublic) return this.options.front?.serve(request, response);
    if (isTreadle(url)) return this.#serveTreadle(request, response);
    if (isPageVisit(method, url, request)) return redirect(response);
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const query = at < 0 ? '' : url.slice(at + 1);
    const { headers } = request;
    if (!this.#admission.admits(request, response)) {
      request.resume(); // what comes of the body is thrown away
      const head = { method, path, query, headers, body: EMPTY };
      return this.#serveAws(response, { ...head, refusal: throttled });
    }
    if (isObjectRequest({ method, path, query, headers })) {
      return this.#serveObjects(request, response, { method, path, query, headers, body: EMPTY });
    }
    if (expectsContinue(request)) response.writeContinue();
    const body = await readBody(request, this.#bytesMax);
    if (body === 'aborted') return;
    const head = { method, path, query, headers };
    if (body !== 'tooLarge') return this.#serveAws(response, { ...head, body, refusal: null });
    await this.#serveAws(response, { ...head, body: EMPTY, refusal: () => tooLarge(this.#bytesMax) });
  }

  /** S3's bodies travel as streams, both ways: an object need not fit into memory. */
  async #serveObjects(request: IncomingMessage, response: ServerResponse, head: RawRequest): Promise<void> {
    const call = new Call(response);
    const { requestId } = call;
    const body = new RequestBody(request, response);
    let answer: RawAnswer;
    try {
      const scope = scopeOf(head.headers, head.query);
      call.place = { account: this.options.place.account, region: scope.region };
      answer = await this.#answer(OBJECTS, { ...head, stream: body }, call);
    } catch (fault) {
      if (request.destroyed && !request.complete) return; // the client has gone away in the middle of its body
      const { error, isOurs } = visibleError(fault);
      if (isOurs) this.options.report?.(fault, { service: OBJECTS.service, requestId });
      answer = OBJECTS.codec.encodeError(error, requestId);
    }
    await sendStreamed(response, answer, { body, requestId });
  }

  /** `refusal`: what a service's client is told instead. */
  async #serveAws(
    response: ServerResponse,
    request: RawRequest & { readonly refusal: ((service: string) => ApiError) | null },
  ): Promise<void> {
    const call = new Call(response);
    let { codec }: { codec: Codec } = OBJECTS;
    let service = '';
    try {
      const scope = scopeOf(request.headers, request.query);
      const target = targetOf(request, scope, () => formVersion(request));
      codec = target.codec;
      service = target.service;
      if (request.refusal !== null) throw request.refusal(service);
      refuseUnsignedGet(request, scope);
      call.place = { account: this.options.place.account, region: scope.region };
      send(response, await this.#answer(target, request, call), call.requestId);
    } catch (fault) {
      const { error, isOurs } = visibleError(fault);
      if (isOurs) this.options.report?.(fault, { service, requestId: call.requestId });
      send(response, codec.encodeError(error, call.requestId), call.requestId);
    }
  }

  async #answer(target: Target, request: RawRequest, call: Call): Promise<RawAnswer> {
    const { operation, input, action } = actionOf(this.#services, target, request);
    call.input = input;
    call.traceHeader = traceHeaderOf(request);
    return target.codec.encode(await action(call), operation, call.requestId);
  }

  #serveTreadle(request: IncomingMessage, response: ServerResponse): void {
    if (expectsContinue(request)) response.writeContinue();
    if (this.#treadle !== null) void this.#treadle(request, response);
    else plain(response, 404, 'This server has no console.');
  }
}

/** What an action gets. The abort signal is made at need: most actions never look at it. */
class Call implements ApiCall {
  place: Place = { account: '', region: '' };
  input: unknown = undefined;
  traceHeader: string | undefined = undefined;
  readonly requestId = randomUUID();
  #signal: AbortSignal | undefined;

  constructor(private readonly response: ServerResponse) {}

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      const stop = (): void => {
        if (!this.response.writableFinished) controller.abort();
      };
      if (this.response.destroyed) stop();
      else this.response.once('close', stop);
    }
    return this.#signal;
  }
}

const isTreadle = (url: string): boolean =>
  url.startsWith(TREADLE) &&
  (url.length === TREADLE.length || url[TREADLE.length] === '/' || url[TREADLE.length] === '?');

/** A person with a browser at the root, not a client. */
const isPageVisit = (method: string, url: string, request: IncomingMessage): boolean =>
  method === 'GET' &&
  url === '/' &&
  request.headers.authorization === undefined &&
  (request.headers.accept ?? '').includes('text/html');

/** An image's address in a foreign page is a GET without Origin; a signature is what such a page cannot make. */
function refuseUnsignedGet(request: RawRequest, scope: Scope): void {
  if (request.method !== 'GET' || scope.service !== null || TOKEN_VISIT.test(request.query)) return;
  if (request.query.includes('Action=')) {
    throw apiError(
      'AccessDenied',
      'Expected a GET with Action to be signed, but it is not. Send it as a POST, or sign it.',
    );
  }
}

/** Addresses in SNS's messages, made to be visited: nobody but the endpoint knows the token or the subscription's id in them. */
const TOKEN_VISIT = /^Action=(?:ConfirmSubscription|Unsubscribe)&/;

const tooLarge = (bytesMax: number): ApiError =>
  apiError('RequestTooLargeException', `Request must be smaller than ${bytesMax} bytes.`);

function send(response: ServerResponse, answer: RawAnswer, requestId: string): void {
  if (response.destroyed) return;
  const headers: Record<string, string | number> = { ...answer.headers, 'x-amzn-RequestId': requestId };
  if (answer.status !== 204) headers['content-length'] = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, headers);
  response.end(answer.status === 204 ? undefined : answer.body);
}

function refuse(request: IncomingMessage, response: ServerResponse, message: string): void {
  request.resume();
  const body = JSON.stringify({ __type: 'AccessDenied', message });
  response.writeHead(403, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-ErrorType': 'AccessDenied',
    'x-amzn-RequestId': randomUUID(),
    connection: 'close',
  });
  response.end(body);
}

function redirect(response: ServerResponse): void {
  response.writeHead(302, { location: `${TREADLE}/`, 'content-length': 0 });
  response.end();
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
