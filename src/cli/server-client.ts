import { CliError } from './cli-error.js';
import { readEventStream, type ServerMessage } from './event-stream-reader.js';
import { EXIT } from './exit-codes.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ServerClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly fetch: Fetch;
}

type Query = Readonly<Record<string, string | number | null>>;

/**
 * A Treadle server over HTTP: AWS's own protocol for Step Functions, and `/_treadle/api` for the rest.
 * Answers are those of a server of this release, so their shapes are taken on trust. Throws CliError.
 */
export class ServerClient {
  constructor(private readonly options: ServerClientOptions) {}

  get endpoint(): string {
    return this.options.endpoint;
  }

  get region(): string {
    return this.options.region;
  }

  /** One action of AWS Step Functions, e.g. `DescribeExecution`. */
  async states<Answer>(action: string, input: object): Promise<Answer> {
    const response = await this.#send('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AWSStepFunctions.${action}`,
        // The server asks for no signature yet, but learns the region from the scope.
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${this.options.region}/states/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    return answerOf<Answer>(response);
  }

  /** A GET under `/_treadle`; members of `query` that are null are left out. */
  async get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return answerOf<Answer>(await this.#send(treadlePath(path, query), { method: 'GET' }));
  }

  async post<Answer>(path: string, body: object): Promise<Answer> {
    const response = await this.#send(treadlePath(path, {}), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answerOf<Answer>(response);
  }

  /** As `post`, for what may take minutes: `onProgress` hears what the server says meanwhile. */
  async postFollowed<Answer>(path: string, body: object, onProgress: (line: string) => void): Promise<Answer> {
    const response = await this.#send(treadlePath(path, {}), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
    });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!response.ok || response.body === null || !isStream) return answerOf<Answer>(response);
    for await (const { event, data } of readEventStream(response.body)) {
      const value: unknown = JSON.parse(data);
      if (event === 'report') return value as Answer; // the border: a server of this release
      if (event === 'progress') onProgress(String(value));
      if (event === 'error') throw new CliError(stringMember(parseObject(data), 'message') ?? data, EXIT.failed, null);
    }
    throw new CliError('Expected the server to say how it ended, but the stream broke off.', EXIT.failed, null);
  }

  /** A stream under `/_treadle` until it ends or `signal` aborts. */
  async *stream(path: string, query: Query, signal: AbortSignal): AsyncGenerator<ServerMessage> {
    const response = await this.#send(treadlePath(path, query), {
      method: 'GET',
      headers: { accept: 'text/event-stream' },
      signal,
    });
    if (!response.ok || response.body === null) throw await refusalOf(response);
    yield* readEventStream(response.body);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.options.fetch(`${this.options.endpoint}${path}`, init);
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw noServer(this.options.endpoint);
    }
  }
}

export const noServer = (endpoint: string): CliError =>
  new CliError(
    `Expected a Treadle server at ${endpoint}, but nothing answers. Start one with: treadle up`,
    EXIT.noServer,
    'NoServer',
  );

function treadlePath(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) parameters.set(name, String(value));
  const text = parameters.toString();
  return `/_treadle${path}${text === '' ? '' : `?${text}`}`;
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as Answer; // the border: a server of this release
}

/** AWS's errors are `{ __type, message }`, ours `{ error, message }`. */
async function refusalOf(response: Response): Promise<CliError> {
  const text = await response.text();
  const body = parseObject(text);
  const code = stringMember(body, 'error') ?? stringMember(body, '__type')?.replace(/^.*#/, '') ?? null;
  const message = stringMember(body, 'message') ?? stringMember(body, 'Message') ?? text.slice(0, 300).trim();
  return new CliError(message === '' ? `The server answered ${response.status}.` : message, EXIT.failed, code);
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function stringMember(value: object, name: string): string | null {
  const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return typeof member === 'string' ? member : null;
}
