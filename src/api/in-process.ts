import { randomUUID } from 'node:crypto';
import type { Place } from '../arn.js';
import { SDK_ANSWER_BYTES_MAX } from '../limits.js';
import { actionOf, formVersion } from './dispatch.js';
import { visibleError } from './errors.js';
import type { ApiCall, ApiService } from './port.js';
import type { Codec, RawAnswer, RawRequest } from './protocols/protocol.js';
import { scopeOf, targetOf } from './routing.js';
import { traceHeaderOf } from './trace-header.js';

export interface InProcessOptions {
  readonly services: readonly ApiService[];
  readonly place: Pick<Place, 'account'>;
  readonly report: (fault: unknown, about: { readonly service: string; readonly requestId: string }) => void;
}

/** A request as an AWS client would send it, without the socket between. */
export interface InProcessRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** As in the credential scope. */
  readonly service: string;
  readonly region: string;
  readonly signal: AbortSignal;
  /** Calls with the same key are one: what they do is done once where the action can know. */
  readonly key: string;
}

export interface InProcessAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The services as this server's own Tasks reach them: by the same protocols and actions as clients. */
export class InProcessApi {
  readonly #services: ReadonlyMap<string, ApiService>;

  constructor(private readonly options: InProcessOptions) {
    this.#services = new Map(options.services.map((service) => [service.name, service]));
  }

  has(service: string, operation: string): boolean {
    return this.#services.get(service)?.actions.has(operation) ?? false;
  }

  /** Rejects when the answer is larger than any Task's result may be. */
  async send(request: InProcessRequest): Promise<InProcessAnswer> {
    const requestId = randomUUID();
    const raw = rawRequest(request);
    const scope = scopeOf(raw.headers, raw.query);
    const { service, codec } = targetOf(raw, scope, () => formVersion(raw));
    const place: Place = { account: this.options.place.account, region: scope.region };
    const answer = await this.#answer({ service, codec }, raw, { ...request, place, requestId });
    const headers = lowerCase(answer.headers);
    return {
      status: answer.status,
      headers: { ...headers, 'x-amzn-requestid': requestId },
      body: await bodyOf(answer),
    };
  }

  async #answer(
    target: { readonly service: string; readonly codec: Codec },
    raw: RawRequest,
    { place, requestId, signal, key }: Pick<ApiCall, 'place' | 'requestId' | 'signal'> & { readonly key: string },
  ): Promise<RawAnswer> {
    const { codec, service } = target;
    try {
      const { operation, input, action } = actionOf(this.#services, target, raw);
      return codec.encode(
        await action({ place, input, requestId, signal, key, traceHeader: traceHeaderOf(raw) }),
        operation,
        requestId,
      );
    } catch (fault) {
      const { error, isOurs } = visibleError(fault);
      if (isOurs) this.options.report(fault, { service, requestId });
      return codec.encodeError(error, requestId);
    }
  }
}

/** Signed by nobody: any credentials will do, but the scope of a signature says which service and region are meant. */
function rawRequest({ method, path, query, headers, body, service, region }: InProcessRequest): RawRequest {
  const credential = `treadle/20260101/${region}/${service}/aws4_request`;
  return {
    method,
    path,
    query,
    headers: {
      host: 'localhost',
      'content-length': String(body.length),
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
    },
    body,
  };
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function bodyOf({ body, stream }: RawAnswer): Promise<Buffer> {
  if (stream === undefined) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > SDK_ANSWER_BYTES_MAX) {
      throw new Error(`the answer has more than ${SDK_ANSWER_BYTES_MAX} bytes, which no Task can take`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
