import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_REQUEST_BYTES_MAX, FUNCTION_PAYLOAD_BYTES_MAX, WEBHOOK_BYTES_MAX } from '../../limits/services.js';
import { corsHeaders, preflight } from '../../services/http/cors.js';
import type { Address, FrontParts } from '../../services/http/front-parts.js';
import { JwtChecks } from '../../services/http/jwt.js';
import type { ApiPart, Cors, StagePart, UrlPart } from '../../services/http/part.js';
import { matchRoute, type RouteMatch } from '../../services/http/route-match.js';
import type { Clock, Invoker } from '../../services/ports.js';
import type { Action } from '../port.js';
import { readBody } from '../request-body.js';
import { expectsContinue } from '../streaming.js';
import { authorize } from './authorize.js';
import {
  type FrontAnswer,
  type FrontRequest,
  headersOf,
  jsonAnswer,
  messageAnswer,
  namedAddress,
} from './front-request.js';
import { answerV2 } from './function-answer.js';
import { type EventContext, eventV2 } from './function-event.js';
import { gatewayError, integrate } from './integrate.js';
import { redirectToOrigin, withoutOrigin } from './page-origin.js';
import { isSigned } from './signature.js';
import type { Webhooks } from './webhooks.js';

export interface HttpFrontOptions {
  readonly parts: FrontParts;
  readonly invoker: Invoker;
  readonly webhooks: Webhooks;
  readonly action: (service: string, operation: string) => Action | undefined;
  readonly clock: Clock;
  readonly account: string;
  /** Hears of faults that are ours. */
  readonly report: (fault: unknown, about: { readonly service: string; readonly requestId: string }) => void;
}

/** What may be called from everywhere: APIs, functions' own addresses, webhooks. Pages of other sites as far as CORS says. */
export class HttpFront {
  readonly #jwt: JwtChecks;

  constructor(private readonly options: HttpFrontOptions) {
    this.#jwt = new JwtChecks(options.clock);
  }

  /** Whether the request is meant for an address of the front door. */
  claims(request: IncomingMessage): boolean {
    return namedAddress(request.headers.host, request.url ?? '/') !== null;
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const named = namedAddress(request.headers.host, request.url ?? '/');
    const address = named === null ? null : this.options.parts.address(named.name);
    if (expectsContinue(request)) response.writeContinue();
    const body = await readBody(request, bytesMaxOf(address));
    if (body === 'aborted') return;
    const read: FrontRequest = {
      ...headersOf(request),
      id: randomUUID(),
      at: this.options.clock.now(),
      method: request.method ?? 'GET',
      path: named?.path ?? '/',
      query: named?.query ?? '',
      host: request.headers.host ?? '',
      isByPath: named?.isByPath ?? true,
      sourceIp: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
      body: body === 'tooLarge' ? Buffer.alloc(0) : body,
    };
    let answer: FrontAnswer;
    try {
      const fullPath = (request.url ?? '/').split('?')[0] ?? '/';
      const redirect = redirectToOrigin(address, read);
      answer = body === 'tooLarge' ? tooLarge(address) : (redirect ?? (await this.#answer(address, read, fullPath)));
    } catch (fault) {
      this.options.report(fault, { service: 'http', requestId: read.id });
      answer = messageAnswer(500, 'Internal Server Error');
    }
    send(response, withoutOrigin(answer, read), read);
  }

  #answer(address: Address | null, request: FrontRequest, fullPath: string): Promise<FrontAnswer> | FrontAnswer {
    switch (address?.part) {
      case undefined:
        return messageAnswer(404, 'Not Found');
      case 'webhook':
        return this.options.webhooks.serve(address, request);
      case 'url':
        return this.#withCors(address.cors, request, () => this.#callUrl(address, request, fullPath));
      case 'api': {
        const work = (): Promise<FrontAnswer> => this.#callApi(address, request, fullPath);
        if (address.protocol === 'HTTP') return this.#withCors(address.cors, request, work);
        // REST APIs answer the browser's question; the rest is the function's own affair.
        const asked = preflight(address.cors, request.method, request.headers);
        return asked === null ? work() : { status: 200, headers: asked.headers, body: '' };
      }
      default:
        return address satisfies never;
    }
  }

  async #withCors(cors: Cors | null, request: FrontRequest, work: () => Promise<FrontAnswer>): Promise<FrontAnswer> {
    const asked = preflight(cors, request.method, request.headers);
    if (asked !== null) return { ...asked, body: '' };
    const answer = await work();
    // What is configured wins over what the function says, as on AWS.
    return { ...answer, headers: { ...answer.headers, ...corsHeaders(cors, request.headers.origin) } };
  }

  async #callUrl(url: UrlPart, request: FrontRequest, fullPath: string): Promise<FrontAnswer> {
    const isOpen = url.authType === 'NONE' || isSigned(request, 'lambda', fullPath);
    if (!isOpen) return jsonAnswer(403, { Message: 'Forbidden' });
    const context: EventContext = {
      ...NO_CONTEXT,
      account: url.authType === 'NONE' ? 'anonymous' : this.options.account,
      apiId: url.id,
      path: request.path,
    };
    const event = eventV2(request, context);
    const result = await this.options.invoker.invoke({ functionName: url.functionArn, event, requestId: request.id });
    if (result.type === 'refused' && result.status === 429) return jsonAnswer(429, { Message: 'Rate Exceeded.' });
    const answer = result.type === 'succeeded' ? answerV2(result.payload) : null;
    return answer ?? { status: 502, headers: { 'content-type': 'application/json' }, body: 'Internal Server Error' };
  }

  async #callApi(api: ApiPart, request: FrontRequest, fullPath: string): Promise<FrontAnswer> {
    const { parts } = this.options;
    const staged = stageOf(parts.stages(api.id), request.path);
    const missing =
      api.protocol === 'REST' ? messageAnswer(403, 'Missing Authentication Token') : messageAnswer(404, 'Not Found');
    if (staged === null) return api.protocol === 'REST' ? messageAnswer(403, 'Forbidden') : missing;
    const match = matchRoute(parts.routes(api.id), request.method, staged.path);
    const integration = match === null ? null : parts.integration(match.route);
    if (match === null) return missing;
    if (integration === null) return gatewayError(api.protocol);
    const { protocol, region } = api;
    const { route } = match;
    const context = contextOf(match, { stage: staged.stage, path: staged.path, account: this.options.account });
    const access = route.access ?? api.defaults.access;
    const needsKey = route.needsKey ?? api.defaults.needsKey;
    const asked = { protocol, region, access, scopes: route.scopes, needsKey, request, fullPath, context };
    const found = await authorize(asked, { parts, invoker: this.options.invoker, jwt: this.#jwt });
    if (found.type === 'refused') return found.answer;
    const known = { ...context, authorizer: found.authorizer, apiKey: found.apiKey };
    return integrate(integration, { protocol, region, request, context: known }, this.options);
  }
}

const NO_CONTEXT = {
  stage: '$default',
  stageVariables: {},
  routeKey: '$default',
  resource: '$default',
  parameters: {},
  authorizer: null,
  apiKey: null,
} as const;

/** A stage by the first part of the path; else `$default`, which takes the path as it is. */
function stageOf(
  stages: readonly StagePart[],
  path: string,
): { readonly stage: StagePart; readonly path: string } | null {
  const first = path.split('/')[1] ?? '';
  const named = stages.find(({ stage }) => stage !== '$default' && stage === first);
  if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
  const byDefault = stages.find(({ stage }) => stage === '$default');
  return byDefault === undefined ? null : { stage: byDefault, path };
}

function contextOf(
  { route, parameters }: RouteMatch,
  { stage, path, account }: { readonly stage: StagePart; readonly path: string; readonly account: string },
): EventContext {
  return {
    ...NO_CONTEXT,
    account,
    apiId: stage.apiId,
    stage: stage.stage,
    stageVariables: stage.variables,
    routeKey: route.path === '$default' ? '$default' : `${route.method === '*' ? 'ANY' : route.method} ${route.path}`,
    resource: route.path,
    parameters,
    path,
  };
}

function bytesMaxOf(address: Address | null): number {
  if (address?.part === 'webhook') return WEBHOOK_BYTES_MAX;
  return address?.part === 'url' ? FUNCTION_PAYLOAD_BYTES_MAX : API_REQUEST_BYTES_MAX;
}

const tooLarge = (address: Address | null): FrontAnswer =>
  address?.part === 'url'
    ? jsonAnswer(413, {
        Message: `Request must be smaller than ${FUNCTION_PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation`,
      })
    : messageAnswer(413, 'Request Entity Too Large');

function send(response: ServerResponse, { status, headers, body }: FrontAnswer, { id, method }: FrontRequest): void {
  if (response.destroyed) return;
  const hasBody = status >= 200 && status !== 204 && status !== 304;
  const length = Buffer.byteLength(body);
  // A header's values are one text or several; Node writes a line for each of the latter.
  const all = Object.entries(headers).map(([name, value]): [string, string | string[]] => [
    name,
    typeof value === 'string' ? value : [...value],
  ]);
  response.writeHead(status, {
    ...Object.fromEntries(all),
    'apigw-requestid': id,
    'x-amzn-requestid': id,
    ...(hasBody && { 'content-length': length }),
  });
  response.end(hasBody && method !== 'HEAD' ? body : undefined);
}
