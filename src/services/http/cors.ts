import type { Cors } from './part.js';

/** The answer's headers for a page of this origin; none where the API says nothing of it. */
export function corsHeaders(cors: Cors | null, origin: string | undefined): Readonly<Record<string, string>> {
  if (cors === null || origin === undefined || !allowsOrigin(cors, origin)) return {};
  const isAny = cors.allowOrigins.includes('*') && !cors.allowCredentials;
  return {
    'access-control-allow-origin': isAny ? '*' : origin,
    ...(isAny ? {} : { vary: 'Origin' }),
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.exposeHeaders.length > 0 && { 'access-control-expose-headers': cors.exposeHeaders.join(',') }),
  };
}

/** The answer to a browser that asks before it sends. Null: it does not ask, or nobody configured an answer. */
export function preflight(
  cors: Cors | null,
  method: string,
  headers: { readonly origin?: string | undefined; readonly 'access-control-request-method'?: string | undefined },
): { readonly status: number; readonly headers: Readonly<Record<string, string>> } | null {
  const { origin } = headers;
  if (cors === null || method !== 'OPTIONS' || origin === undefined) return null;
  if (headers['access-control-request-method'] === undefined) return null;
  if (!allowsOrigin(cors, origin)) return { status: 204, headers: {} };
  return {
    status: 204,
    headers: {
      ...corsHeaders(cors, origin),
      'access-control-allow-methods': cors.allowMethods.join(','),
      'access-control-allow-headers': cors.allowHeaders.join(','),
      ...(cors.maxAgeSeconds !== null && { 'access-control-max-age': String(cors.maxAgeSeconds) }),
    },
  };
}

/** `https://*.example.com` and `http://*` are patterns of HTTP APIs. */
const allowsOrigin = (cors: Cors, origin: string): boolean =>
  cors.allowOrigins.some((allowed) => {
    const star = allowed.indexOf('*');
    if (star < 0) return allowed.toLowerCase() === origin.toLowerCase();
    const [before, after] = [allowed.slice(0, star), allowed.slice(star + 1)];
    return origin.startsWith(before) && origin.endsWith(after) && origin.length >= before.length + after.length;
  });
