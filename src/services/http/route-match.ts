import type { RoutePart } from './part.js';

export interface RouteMatch {
  readonly route: RoutePart;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The catch-all of HTTP APIs. */
export const DEFAULT_ROUTE = '$default';

/**
 * The most specific route, as API Gateway chooses: the more of the path is written out the better, a greedy variable (`{proxy+}`)
 * comes after everything else, a method before ANY, and `$default` last. Null: none. Values are decoded.
 */
export function matchRoute(routes: readonly RoutePart[], method: string, path: string): RouteMatch | null {
  const wanted = segmentsOf(path);
  let best: (RouteMatch & { readonly rank: readonly number[] }) | null = null;
  for (const route of routes) {
    const isAny = route.method === 'ANY' || route.method === '*';
    if (!isAny && route.method !== method) continue;
    const found = route.path === DEFAULT_ROUTE ? { parameters: {}, rank: [9] } : matchPath(route.path, wanted);
    if (found === null) continue;
    const rank = [...found.rank, isAny ? 1 : 0];
    if (best === null || isBefore(rank, best.rank)) best = { route, parameters: found.parameters, rank };
  }
  return best === null ? null : { route: best.route, parameters: best.parameters };
}

/** `/a/b/` and `/a/b` are one path. */
const segmentsOf = (path: string): readonly string[] => {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
};

/** One number a segment: 0 written out, 1 variable, 2 greedy. */
function matchPath(
  pattern: string,
  wanted: readonly string[],
): { readonly parameters: Record<string, string>; readonly rank: readonly number[] } | null {
  const parts = segmentsOf(pattern);
  const parameters: Record<string, string> = {};
  const rank: number[] = [];
  for (const [index, part] of parts.entries()) {
    const variable = /^\{([^{}+]+)(\+?)\}$/.exec(part);
    const segment = wanted[index];
    if (segment === undefined) return null;
    if (variable === null) {
      if (decoded(segment) !== part) return null;
      rank.push(0);
    } else if (variable[2] === '+') {
      parameters[variable[1] ?? ''] = wanted.slice(index).map(decoded).join('/');
      return { parameters, rank: [...rank, 2] };
    } else {
      parameters[variable[1] ?? ''] = decoded(segment);
      rank.push(1);
    }
  }
  return parts.length === wanted.length ? { parameters, rank } : null;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (value !== other) return value < other;
  }
  return a.length < b.length;
}

/** As it came, where it cannot be decoded. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
