import { type JsonValue, parseJson, writeJson } from '../../payload/index.js';
import { parseJsonPath } from '../../services/events/json-path.js';
import type { FrontRequest } from './front-request.js';
import { queryPairs } from './front-request.js';

/** What expressions of HTTP APIs are read from. */
export interface ExpressionScope {
  readonly request: FrontRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, string>>;
}

const EXPRESSION = /^\$(request\.(?:body|header|path|querystring|method)|context|stageVariables)(?:\.(.+))?$/;

/**
 * `$request.header.X`, `$request.querystring.x`, `$request.path`, `$request.path.id`, `$request.body`, `$request.body.a.b`,
 * `$context.requestId`, `$stageVariables.x`; any other text is itself, with `${…}` in it replaced. Null: there is no such value.
 */
export function evaluateExpression(text: string, scope: ExpressionScope): string | null {
  if (text.includes('${')) {
    return text.replace(/\$\{([^}]+)\}/g, (_, inner: string) => evaluateExpression(`$${inner}`, scope) ?? '');
  }
  const found = EXPRESSION.exec(text);
  if (found === null) return text;
  const [, root = '', rest] = found;
  const { request } = scope;
  switch (root) {
    case 'request.body':
      return bodyPart(request.body, rest);
    case 'request.header':
      return request.headers[(rest ?? '').toLowerCase()] ?? null;
    case 'request.querystring': {
      const values = queryPairs(request.query).flatMap(([name, value]) => (name === rest ? [value] : []));
      return values.length === 0 ? null : values.join(',');
    }
    case 'request.path':
      return rest === undefined ? request.path : (scope.parameters[rest] ?? null);
    case 'request.method':
      return request.method;
    case 'context':
      return scope.context[rest ?? ''] ?? null;
    default:
      return scope.stageVariables[rest ?? ''] ?? null;
  }
}

function bodyPart(body: Buffer, path: string | undefined): string | null {
  const text = body.toString('utf8');
  if (path === undefined) return text === '' ? null : text;
  const value = parsedBody(text);
  const found = value === undefined ? undefined : parseJsonPath(`$.${path}`)?.read(value);
  if (found === undefined || found === null) return null;
  return typeof found === 'string' ? found : writeJson(found);
}

/** Undefined for what is no JSON. */
export function parsedBody(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
