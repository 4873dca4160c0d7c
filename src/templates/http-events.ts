import { HTTP_INTEGRATION_MS_MAX, REST_INTEGRATION_MS_MAX } from '../limits/services.js';
import type { Integration, RoutePart } from '../services/http/part.js';
import { impliedApi } from './http-implied.js';
import { accessOf, textList } from './http-members.js';
import { apiIdOf } from './http-names.js';
import type { PlannedFront } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, flag, integer, member, requiredText, type Section, section, text, word } from './properties.js';
import type { StartEvent } from './start-events.js';

const HTTP_MEMBERS = ['ApiId', 'Auth', 'Method', 'Path', 'PayloadFormatVersion', 'RouteSettings', 'TimeoutInMillis'];
const REST_MEMBERS = [
  'Auth',
  'Method',
  'Path',
  'RequestModel',
  'RequestParameters',
  'ResponseTransferMode',
  'RestApiId',
  'TimeoutInMillis',
  'UnescapeMappingTemplate',
];

/** A route that calls the function or starts the machine with this ARN; null for an event of another type. */
export function planHttpEvent(
  planning: Planning,
  type: string,
  start: StartEvent,
  target: { readonly kind: 'function' | 'machine'; readonly arn: string },
): readonly PlannedFront[] | null {
  if (type !== 'Api' && (type !== 'HttpApi' || target.kind === 'machine')) return null;
  const { common, own, stack } = planning;
  const { key, keyAt, event } = start;
  const properties = member(event, 'Properties') === null ? null : section(event, 'Properties');
  if (properties !== null) allowOnly(properties, type === 'Api' ? REST_MEMBERS : HTTP_MEMBERS);
  if (type === 'Api' && properties === null) {
    refuse(own.findings, keyAt, `Expected Events.${key}.Properties with Path and Method, but it is missing.`);
    return [];
  }
  const apiId =
    (properties && text(properties, type === 'Api' ? 'RestApiId' : 'ApiId')) ?? apiIdOf(stack, impliedApi(type));
  const route = type === 'Api' ? restRoute(properties, target) : httpRoute(properties, target.arn);
  const settings: RoutePart = {
    ...route,
    ...accessIn(properties),
    part: 'route',
    name: `route ${apiId} ${route.method} ${route.path}`,
    region: stack.place.region,
    apiId,
  };
  const resourceType = type === 'Api' ? 'AWS::ApiGateway::Method' : 'AWS::ApiGatewayV2::Route';
  const logicalId = `${common.logicalId}.${key}`;
  return [{ ...common, logicalId, at: keyAt, resourceType, kind: 'front', arn: settings.name, settings }];
}

type Route = Pick<RoutePart, 'method' | 'path' | 'integration'>;

function httpRoute(properties: Section | null, functionArn: string): Route {
  const timeoutMs = timeoutOf(properties, HTTP_INTEGRATION_MS_MAX);
  const payload = (properties && word(properties, 'PayloadFormatVersion', ['1.0', '2.0'])) ?? '2.0';
  const integration: Integration = { type: 'function', functionArn, payload, timeoutMs };
  const path = properties === null ? null : text(properties, 'Path');
  if (path === null) return { method: 'ANY', path: '$default', integration };
  const method = (properties && text(properties, 'Method')) ?? 'ANY';
  return { method: methodOf(method), path, integration };
}

function restRoute(properties: Section | null, { kind, arn }: { kind: 'function' | 'machine'; arn: string }): Route {
  const timeoutMs = timeoutOf(properties, REST_INTEGRATION_MS_MAX);
  const integration: Integration =
    kind === 'function'
      ? { type: 'function', functionArn: arn, payload: '1.0', timeoutMs }
      : { type: 'start', machineArn: arn, timeoutMs };
  if (properties === null) return { method: 'ANY', path: '/', integration };
  for (const later of ['RequestModel', 'RequestParameters', 'UnescapeMappingTemplate']) {
    const value = member(properties, later);
    if (value !== null)
      refuse(
        properties.findings,
        value.at,
        `Expected no ${later}, but there is one: requests are not checked or mapped here yet.`,
        'unsupported',
      );
  }
  return { method: methodOf(requiredText(properties, 'Method')), path: requiredText(properties, 'Path'), integration };
}

const methodOf = (given: string): string => (given === '*' ? 'ANY' : given.toUpperCase());

const timeoutOf = (properties: Section | null, max: number): number =>
  (properties && integer(properties, 'TimeoutInMillis', { min: 50, max })) ?? max;

function accessIn(properties: Section | null): Pick<RoutePart, 'access' | 'scopes' | 'needsKey'> {
  const auth = properties === null ? null : section(properties, 'Auth');
  if (auth === null) return { access: null, scopes: [], needsKey: null };
  allowOnly(auth, [
    'ApiKeyRequired',
    'AuthorizationScopes',
    'Authorizer',
    'InvokeRole',
    'OverrideApiAuth',
    'ResourcePolicy',
  ]);
  const policy = member(auth, 'ResourcePolicy');
  if (policy !== null)
    refuse(
      auth.findings,
      policy.at,
      'Expected no ResourcePolicy, but there is one: it is not enforced here.',
      'unsupported',
    );
  return {
    access: accessOf(text(auth, 'Authorizer')),
    scopes: textList(auth, 'AuthorizationScopes'),
    needsKey: flag(auth, 'ApiKeyRequired'),
  };
}
