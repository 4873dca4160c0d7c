import { HTTP_TASK_MS_MAX, OAUTH_TOKENS_MAX } from '../../limits.js';
import { isNumber, isObject, memberOf, numberOf, parseJson } from '../../payload/index.js';
import type { Authorization, Connection } from '../../services/events/connections.js';
import { exchange, type HttpReply } from '../../services/http-exchange.js';
import type { Clock } from '../../services/ports.js';

type ClientCredentials = Extract<Authorization, { type: 'OAUTH_CLIENT_CREDENTIALS' }>;

/** The authorization server gave no token; the message says what it said instead. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
}

const TOKEN_BYTES_MAX = 64 * 1024;
/** A token that ends during the request is of no use. */
const EARLY_MS = 30_000;

/** Tokens of OAuth client credentials, kept in memory until shortly before they end. */
export class OAuthTokens {
  readonly #kept = new Map<string, { readonly header: string; readonly endsAt: number }>();

  constructor(private readonly clock: Clock) {}

  /** What stands in the header Authorization. Throws NoToken. */
  async header(connection: Connection, credentials: ClientCredentials, signal: AbortSignal): Promise<string> {
    const key = `${connection.arn} ${connection.modifiedAt}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.endsAt > this.clock.now()) return kept.header;
    const { header, seconds } = await fetchToken(credentials, signal);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= OAUTH_TOKENS_MAX && !oldest.done) this.#kept.delete(oldest.value);
    this.#kept.set(key, { header, endsAt: this.clock.now() + seconds * 1000 - EARLY_MS });
    return header;
  }

  /** The token was refused: the next one is fetched. */
  forget(connection: Connection): void {
    this.#kept.delete(`${connection.arn} ${connection.modifiedAt}`);
  }
}

/** Client id and secret go with the other parameters: in the form, or in the query of a GET. */
async function fetchToken(credentials: ClientCredentials, signal: AbortSignal) {
  const { endpoint, method, parameters, clientId, clientSecret } = credentials;
  if (!URL.canParse(endpoint))
    throw new NoToken(`Expected the authorization endpoint to be a URL, but it is '${endpoint}'.`);
  const url = new URL(endpoint);
  const form = new URLSearchParams(parameters.body.map(({ key, value }): [string, string] => [key, value]));
  if (!form.has('grant_type')) form.set('grant_type', 'client_credentials');
  form.set('client_id', clientId);
  form.set('client_secret', clientSecret);
  for (const { key, value } of parameters.query) url.searchParams.append(key, value);
  if (method === 'GET') for (const [name, value] of form) url.searchParams.append(name, value);
  const headers: [string, string][] = [['accept', 'application/json']];
  if (method !== 'GET') headers.push(['content-type', 'application/x-www-form-urlencoded']);
  for (const { key, value } of parameters.headers) headers.push([key.toLowerCase(), value]);
  const request = { method, url, headers, body: method === 'GET' ? null : form.toString() };
  let reply: HttpReply;
  try {
    reply = await exchange(request, { timeoutMs: HTTP_TASK_MS_MAX, answerBytesMax: TOKEN_BYTES_MAX }, signal);
  } catch (fault) {
    throw new NoToken(`${url.origin} gave no token: ${fault instanceof Error ? fault.message : fault}`);
  }
  return readToken(reply, url);
}

function readToken(
  { status, body }: HttpReply,
  { origin }: URL,
): { readonly header: string; readonly seconds: number } {
  if (status < 200 || status > 299) throw new NoToken(`${origin} gave no token, but answered with status ${status}.`);
  try {
    const answer = parseJson(body.toString('utf8'));
    const token = isObject(answer) ? memberOf(answer, 'access_token') : undefined;
    if (isObject(answer) && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
      const seconds = memberOf(answer, 'expires_in');
      return { header: `Bearer ${token}`, seconds: isNumber(seconds) ? numberOf(seconds) : 0 };
    }
  } catch {
    // Said below.
  }
  throw new NoToken(`Expected ${origin} to answer with a JSON object that has access_token, but it has not.`);
}
