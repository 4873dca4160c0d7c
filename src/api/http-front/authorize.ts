import type { FrontParts } from '../../services/http/front-parts.js';
import type { JwtChecks } from '../../services/http/jwt.js';
import type { Access, AuthorizerPart, FunctionAuthorizer } from '../../services/http/part.js';
import type { Invoker } from '../../services/ports.js';
import { matchesWildcard } from '../../services/wildcard.js';
import { evaluateExpression } from './expressions.js';
import { type FrontAnswer, type FrontRequest, messageAnswer } from './front-request.js';
import { type EventContext, eventV1, eventV2 } from './function-event.js';
import { isSigned } from './signature.js';

export interface AuthorizeOptions {
  readonly parts: Pick<FrontParts, 'authorizer' | 'key'>;
  readonly invoker: Invoker;
  readonly jwt: JwtChecks;
}

export interface Asked {
  readonly protocol: 'HTTP' | 'REST';
  readonly region: string;
  readonly access: Access;
  readonly scopes: readonly string[];
  readonly needsKey: boolean;
  readonly request: FrontRequest;
  /** As the client sent and signed it. */
  readonly fullPath: string;
  readonly context: EventContext;
}

export type Authorization =
  | { readonly type: 'allowed'; readonly authorizer: EventContext['authorizer']; readonly apiKey: string | null }
  | { readonly type: 'refused'; readonly answer: FrontAnswer };

const refused = (answer: FrontAnswer): Authorization => ({ type: 'refused', answer });
const allowed = (authorizer: EventContext['authorizer']): Authorization => ({
  type: 'allowed',
  authorizer,
  apiKey: null,
});
const FORBIDDEN = messageAnswer(403, 'Forbidden');
const unauthorized = (headers: Readonly<Record<string, string>> = {}): FrontAnswer =>
  messageAnswer(401, 'Unauthorized', headers);

/** Whether the request may use the route: its key, its signature, its token, or what a function says. */
export async function authorize(asked: Asked, options: AuthorizeOptions): Promise<Authorization> {
  const { needsKey, request, context } = asked;
  const found = await authorizeCaller(asked, options);
  if (found.type === 'refused' || !needsKey) return found;
  const value = request.headers['x-api-key'];
  const key = value === undefined ? null : options.parts.key(value, context.apiId, context.stage);
  return key === null ? refused(FORBIDDEN) : { ...found, apiKey: key.value };
}

async function authorizeCaller(asked: Asked, options: AuthorizeOptions): Promise<Authorization> {
  const { access, request, context, fullPath, protocol } = asked;
  switch (access.type) {
    case 'NONE':
      return allowed(null);
    case 'AWS_IAM':
      if (isSigned(request, 'execute-api', fullPath)) return allowed(null);
      return refused(protocol === 'REST' ? messageAnswer(403, 'Missing Authentication Token') : FORBIDDEN);
    case 'AUTHORIZER': {
      const part = options.parts.authorizer(context.apiId, access.authorizer);
      if (part === null) return refused(messageAnswer(500, 'Internal Server Error'));
      return part.authorizer.type === 'jwt'
        ? checkToken(asked, part, options)
        : askFunction(asked, part.authorizer, options);
    }
    default:
      return access satisfies never;
  }
}

const scopeOf = ({ request, context }: Asked) => ({
  request,
  parameters: context.parameters,
  stageVariables: context.stageVariables,
  context: {},
});

async function checkToken(asked: Asked, part: AuthorizerPart, { jwt }: AuthorizeOptions): Promise<Authorization> {
  const { authorizer } = part;
  if (authorizer.type !== 'jwt') return refused(unauthorized());
  const scopes = asked.scopes.length > 0 ? asked.scopes : part.scopes;
  const given = evaluateExpression(authorizer.identitySource, scopeOf(asked));
  const outcome = await jwt.check(authorizer, given?.replace(/^bearer /i, '') ?? null, scopes);
  switch (outcome.type) {
    case 'allowed':
      return allowed({
        jwt: { claims: texts(outcome.claims), scopes: outcome.scopes.length > 0 ? outcome.scopes : null },
      });
    case 'forbidden':
      return refused(FORBIDDEN);
    case 'unauthorized': {
      const why = outcome.reason === '' ? '' : ` error="invalid_token" error_description="${outcome.reason}"`;
      return refused(unauthorized({ 'www-authenticate': `Bearer scope=""${why}` }));
    }
    default:
      return outcome satisfies never;
  }
}

/** AWS shows every claim as text. */
const texts = (claims: object): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );

async function askFunction(
  asked: Asked,
  authorizer: FunctionAuthorizer,
  options: AuthorizeOptions,
): Promise<Authorization> {
  const { request, protocol } = asked;
  const identities = authorizer.identitySources.map((source) => evaluateExpression(source, scopeOf(asked)));
  if (identities.some((identity) => identity === null || identity === '')) return refused(unauthorized());
  const arn = methodArn(asked);
  const event = authorizerEvent(asked, authorizer, { arn, identities: identities.map((identity) => identity ?? '') });
  const invocation = { functionName: authorizer.functionArn, event, requestId: request.id };
  const result = await options.invoker.invoke(invocation);
  if (result.type !== 'succeeded') {
    const isRefusal = result.type === 'failed' && result.payload.includes('"Unauthorized"');
    if (isRefusal) return refused(unauthorized());
    return refused(messageAnswer(500, 'Internal Server Error'));
  }
  const answer = verdictOf(result.payload, authorizer, arn);
  if (answer === 'broken') return refused(messageAnswer(500, 'Internal Server Error'));
  if (answer !== null) return allowed(protocol === 'REST' ? answer : { lambda: answer });
  if (protocol === 'HTTP') return refused(FORBIDDEN);
  const Message = 'User is not authorized to access this resource with an explicit deny';
  const json = { 'content-type': 'application/json' };
  return refused({ status: 403, headers: json, body: JSON.stringify({ Message }) });
}

function authorizerEvent(
  { request, context, protocol }: Asked,
  { form }: FunctionAuthorizer,
  { arn, identities }: { readonly arn: string; readonly identities: readonly string[] },
): string {
  if (form === 'token')
    return JSON.stringify({ type: 'TOKEN', methodArn: arn, authorizationToken: identities[0] ?? '' });
  const isRest = protocol === 'REST';
  const event = JSON.parse(isRest ? eventV1(request, context, { isRest }) : eventV2(request, context)) as object; // our own text
  const { body: _, isBase64Encoded: __, ...about } = event as Record<string, unknown>;
  const named = isRest ? { methodArn: arn } : { routeArn: arn, identitySource: identities };
  return JSON.stringify({ ...about, type: 'REQUEST', ...named });
}

const methodArn = ({ region, request, context }: Asked): string =>
  `arn:aws:execute-api:${region}:${context.account}:${context.apiId}/${context.stage}/${request.method}${context.path}`;

/** The context that the function gives, null for a refusal. */
function verdictOf(
  payload: string,
  { form }: FunctionAuthorizer,
  arn: string,
): Readonly<Record<string, unknown>> | null | 'broken' {
  const answer: unknown = JSON.parse(payload === '' ? 'null' : payload);
  if (typeof answer !== 'object' || answer === null) return 'broken';
  const context =
    'context' in answer && typeof answer.context === 'object' && answer.context !== null ? answer.context : {};
  if (form === 'simple') {
    if (!('isAuthorized' in answer)) return 'broken';
    return answer.isAuthorized === true ? { ...context } : null;
  }
  const policy = 'policyDocument' in answer ? answer.policyDocument : null;
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) return 'broken';
  const given: unknown = policy.Statement;
  const statements: readonly unknown[] = Array.isArray(given) ? given : [given];
  const effects = statements.flatMap((statement) => effectOn(statement, arn));
  const principalId = 'principalId' in answer ? { principalId: answer.principalId } : {};
  return effects.includes('Allow') && !effects.includes('Deny') ? { ...principalId, ...context } : null;
}

function effectOn(statement: unknown, arn: string): readonly string[] {
  if (typeof statement !== 'object' || statement === null || !('Effect' in statement) || !('Resource' in statement))
    return [];
  const given: unknown = statement.Resource;
  const resources: readonly unknown[] = Array.isArray(given) ? given : [given];
  return resources.some((resource) => typeof resource === 'string' && matchesWildcard(resource, arn))
    ? [String(statement.Effect)]
    : [];
}
