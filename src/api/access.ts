import type { IncomingHttpHeaders } from 'node:http';

/** A request that no AWS client would send from this machine; `message` tells the person what to do. */
export interface Refusal {
  readonly message: string;
}

/** Names that always mean this machine; a name of this list cannot be made to point at it from outside. */
const LOOPBACK = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1)$/;

/** A bucket in front of the host: `<bucket>.s3.<host>`, and what is left is the host. */
const BUCKET_PREFIX = /^[a-z0-9.-]+\.s3\.(?=.)/;

/** AWS clients put this in front of the host for StartSyncExecution and TestState. */
const SYNC_PREFIX = 'sync-';

/** Answers whether a Host header names this server: loopback or one of `names`, any port. Case does not matter. */
export function hostChecker(names: readonly string[]): (host: string | undefined) => boolean {
  const configured = new Set(names.map((name) => name.toLowerCase()));
  const seen = new Map<string, boolean>();
  const isKnown = (name: string): boolean => LOOPBACK.test(name) || configured.has(name);
  return (host) => {
    if (host === undefined) return false;
    const before = seen.get(host);
    if (before !== undefined) return before;
    const name = host.toLowerCase().replace(/:\d+$/, '');
    const known =
      isKnown(name) ||
      (name.startsWith(SYNC_PREFIX) && isKnown(name.slice(SYNC_PREFIX.length))) ||
      isKnown(name.replace(BUCKET_PREFIX, ''));
    if (known && seen.size < HOSTS_REMEMBERED_MAX) seen.set(host, known);
    return known;
  };
}

/** Spellings of this server's own name (each with its port) that are remembered, so that the check costs one look-up. */
const HOSTS_REMEMBERED_MAX = 64;

/**
 * Refuses what a web page of another site could make a browser send: any page may otherwise create and invoke a function
 * on its reader's machine. Null when the request may go on.
 */
export function refuseForeign(
  method: string,
  headers: IncomingHttpHeaders,
  isOwnHost: (host: string | undefined) => boolean,
): Refusal | null {
  const host = headers.host;
  const foreign = refuseForeignHost(host, isOwnHost);
  if (foreign !== null) return foreign;
  const origin = headers.origin;
  if (origin !== undefined && !isSameOrigin(origin, host ?? '')) {
    return {
      message: `Expected no Origin header or this server's own, but it is '${origin}'. Pages of other sites may not call Treadle.`,
    };
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation(method, headers)) {
    return { message: `Expected a request of this server's own pages, but Sec-Fetch-Site is '${site}'.` };
  }
  return null;
}

/** Refuses names that were made to point at this machine from outside: all there is to check of what anybody may call. */
export function refuseForeignHost(
  host: string | undefined,
  isOwnHost: (host: string | undefined) => boolean,
): Refusal | null {
  if (isOwnHost(host)) return null;
  return {
    message:
      `Expected a Host header that names this server (localhost, 127.0.0.1, [::1] or a configured name), but it is ` +
      `'${host ?? ''}'. Use http://localhost, or start Treadle with --allow-host and this name.`,
  };
}

function isSameOrigin(origin: string, host: string): boolean {
  const at = origin.indexOf('://');
  return at > 0 && origin.slice(at + 3).toLowerCase() === host.toLowerCase();
}

/** A link that a person follows: it shows a page and changes nothing. */
const isNavigation = (method: string, headers: IncomingHttpHeaders): boolean =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
