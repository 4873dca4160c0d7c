import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTPayload,
  errors as jose,
  jwtVerify,
} from 'jose';
import { JWKS_BYTES_MAX, JWKS_MS_MAX, JWT_ISSUERS_MAX } from '../../limits/services.js';
import { exchange } from '../http-exchange.js';
import type { Clock } from '../ports.js';
import type { JwtAuthorizer } from './part.js';

export type JwtOutcome =
  | { readonly type: 'allowed'; readonly claims: JWTPayload; readonly scopes: readonly string[] }
  /** Missing (then `reason` is empty), forged, expired, of somebody else. */
  | { readonly type: 'unauthorized'; readonly reason: string }
  /** Genuine, but without a scope that the route asks for. */
  | { readonly type: 'forbidden' };

type KeySource = Parameters<typeof jwtVerify>[1] & ((...given: never[]) => unknown);

/** Checks bearer tokens as API Gateway's JWT authorizers do: RSA signatures, issuer, audience, times, scopes. */
export class JwtChecks {
  /** By what names the keys: each fetches its set when it meets a key that it does not know, and not more often than every 30 s. */
  readonly #sources = new Map<string, Promise<KeySource>>();

  constructor(private readonly clock: Clock) {}

  async check(authorizer: JwtAuthorizer, token: string | null, scopes: readonly string[]): Promise<JwtOutcome> {
    if (token === null || token === '') return { type: 'unauthorized', reason: '' };
    let claims: JWTPayload;
    try {
      const keys = await this.#keys(authorizer);
      const verified = await jwtVerify(token, keys, {
        issuer: authorizer.issuer,
        algorithms: ['RS256', 'RS384', 'RS512'],
        currentDate: new Date(this.clock.now()),
        requiredClaims: ['exp'],
      });
      claims = verified.payload;
    } catch (fault) {
      return { type: 'unauthorized', reason: reasonOf(fault) };
    }
    if (!isFor(authorizer, claims)) {
      return { type: 'unauthorized', reason: 'the token does not have a valid audience' };
    }
    const given = scopesOf(claims);
    if (scopes.length > 0 && !scopes.some((scope) => given.includes(scope))) return { type: 'forbidden' };
    return { type: 'allowed', claims, scopes: scopes.length > 0 ? given : [] };
  }

  #keys(authorizer: JwtAuthorizer): Promise<KeySource> {
    const name = authorizer.keys ?? authorizer.issuer;
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const source = keySource(authorizer);
    if (this.#sources.size >= JWT_ISSUERS_MAX) this.#sources.clear();
    this.#sources.set(name, source);
    source.catch(() => this.#sources.delete(name)); // the next token asks again
    return source;
  }
}

async function keySource({ keys, issuer }: JwtAuthorizer): Promise<KeySource> {
  if (keys?.trimStart().startsWith('{')) return createLocalJWKSet(JSON.parse(keys) as JSONWebKeySet); // checked by jose
  const options = { timeoutDuration: JWKS_MS_MAX, cooldownDuration: 30_000 };
  return createRemoteJWKSet(new URL(keys ?? (await discovered(issuer))), options);
}

/** Where the issuer says that its keys are (OpenID Connect Discovery). */
async function discovered(issuer: string): Promise<string> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const bounds = { timeoutMs: JWKS_MS_MAX, answerBytesMax: JWKS_BYTES_MAX };
  const request = { method: 'GET', url, headers: [], body: null };
  const reply = await exchange(request, bounds, new AbortController().signal);
  const document: unknown = JSON.parse(reply.body.toString('utf8'));
  if (typeof document === 'object' && document !== null && 'jwks_uri' in document) {
    if (typeof document.jwks_uri === 'string') return document.jwks_uri;
  }
  throw new Error(`Expected ${url.href} to name a jwks_uri, but it does not.`);
}

/** AWS: `client_id` counts where the token has no `aud`. */
function isFor({ audience }: JwtAuthorizer, claims: JWTPayload): boolean {
  const { aud, client_id: client } = claims;
  const given = aud === undefined ? [client] : typeof aud === 'string' ? [aud] : aud;
  return given.some((one) => typeof one === 'string' && audience.includes(one));
}

function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === 'string') return given.split(' ').filter((one) => one !== '');
  return Array.isArray(given) ? given.filter((one): one is string => typeof one === 'string') : [];
}

function reasonOf(fault: unknown): string {
  if (fault instanceof jose.JWTExpired) return 'the token has expired';
  if (fault instanceof jose.JWTClaimValidationFailed && fault.claim === 'iss') {
    return 'the token has an invalid issuer';
  }
  return 'signature is invalid';
}
