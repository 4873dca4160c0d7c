import { HTTP_INTEGRATION_MS_MAX } from '../limits/services.js';
import { urlPart } from '../services/http/function-urls.js';
import type { Access, FrontPart, Integration } from '../services/http/part.js';
import { httpCors, integratedFunction, readCors, textList } from './http-members.js';
import { apiIdOf, urlFunctionArn } from './http-names.js';
import { httpApiParts, keySetOf, readJwt, restApiParts } from './http-sam.js';
import type { PlannedFront } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { flag, integer, member, requiredText, section, sections, text, texts, word } from './properties.js';

/** A resource of the HTTP front door, as the parts that it is made of. */
export function planFront(planning: Planning): readonly PlannedFront[] | null {
  const parts = partsOf(planning);
  if (planning.own.findings.problems.some(({ kind }) => kind === 'invalid')) return null;
  return plannedParts(planning, parts);
}

/** The first part is the resource itself; the others are named behind it. */
export const plannedParts = (
  { common }: Pick<Planning, 'common'>,
  parts: readonly FrontPart[],
): readonly PlannedFront[] =>
  parts.map((settings, index) => ({
    ...common,
    logicalId: index === 0 ? common.logicalId : `${common.logicalId}.${settings.part}${index}`,
    kind: 'front',
    arn: settings.name,
    settings,
  }));

function partsOf(planning: Planning): readonly FrontPart[] {
  switch (planning.resource.type) {
    case 'AWS::Serverless::HttpApi':
      return httpApiParts(planning);
    case 'AWS::Serverless::Api':
      return restApiParts(planning);
    case 'AWS::ApiGatewayV2::Api':
      return apiParts(planning);
    case 'AWS::ApiGatewayV2::Integration':
      return integrationParts(planning);
    case 'AWS::ApiGatewayV2::Route':
      return routeParts(planning);
    case 'AWS::ApiGatewayV2::Stage':
      return stageParts(planning);
    case 'AWS::ApiGatewayV2::Authorizer':
      return authorizerParts(planning);
    case 'AWS::Lambda::Url':
      return urlParts(planning);
    default:
      return keyParts(planning);
  }
}

function apiParts({ own, name: title, common, stack }: Planning): readonly FrontPart[] {
  const { region } = stack.place;
  const id = apiIdOf(stack, common.logicalId);
  if (word(own, 'ProtocolType', ['HTTP', 'WEBSOCKET']) === 'WEBSOCKET') {
    refuse(
      own.findings,
      own.at,
      "Expected ProtocolType 'HTTP', but it is 'WEBSOCKET', which is not served here.",
      'unsupported',
    );
  }
  const defaults = { access: { type: 'NONE' }, needsKey: false } as const;
  const api = {
    part: 'api',
    name: `api ${id}`,
    region,
    protocol: 'HTTP',
    id,
    title,
    cors: httpCors(own),
    defaults,
  } as const;
  const target = text(own, 'Target');
  if (target === null) return [api];
  // Quick create: a catch-all and the stage that serves it.
  const integration = functionIntegration(target, '2.0');
  if (integration === null) {
    refuse(own.findings, own.at, `Expected Target to be a function's ARN, but it is '${target}'.`, 'unsupported');
    return [api];
  }
  const { method, path } = readRouteKey(text(own, 'RouteKey') ?? '$default');
  const stage = {
    part: 'stage',
    name: `stage ${id} $default`,
    region,
    apiId: id,
    stage: '$default',
    variables: {},
  } as const;
  const name = `route ${id} ${method} ${path}`;
  return [
    api,
    stage,
    { part: 'route', name, region, apiId: id, method, path, integration, access: null, scopes: [], needsKey: null },
  ];
}

/** Null for what is no function of Lambda. */
export function functionIntegration(
  uri: string,
  payload: '1.0' | '2.0',
  timeoutMs = HTTP_INTEGRATION_MS_MAX,
): Integration | null {
  const functionArn = integratedFunction(uri);
  return functionArn === null ? null : { type: 'function', functionArn, payload, timeoutMs };
}

/** `GET /orders/{id}`; `$default` and a path alone take every method. */
export function readRouteKey(key: string): { readonly method: string; readonly path: string } {
  const [method = '', path] = key.split(' ');
  return path === undefined ? { method: 'ANY', path: method } : { method: method.toUpperCase(), path };
}

/** API Gateway's names of actions that an HTTP API calls by itself. */
const SUBTYPES: Readonly<Record<string, { readonly service: string; readonly operation: string }>> = {
  'EventBridge-PutEvents': { service: 'events', operation: 'PutEvents' },
  'SQS-SendMessage': { service: 'sqs', operation: 'SendMessage' },
  'StepFunctions-StartExecution': { service: 'states', operation: 'StartExecution' },
  'StepFunctions-StartSyncExecution': { service: 'states', operation: 'StartSyncExecution' },
  'StepFunctions-StopExecution': { service: 'states', operation: 'StopExecution' },
};

function integrationParts({ own, common, stack }: Planning): readonly FrontPart[] {
  const apiId = requiredText(own, 'ApiId');
  const id = apiIdOf(stack, common.logicalId);
  const integration = readIntegration(own);
  if (integration === null) return [];
  return [
    { part: 'integration', name: `integration ${apiId} ${id}`, region: stack.place.region, apiId, id, integration },
  ];
}

function readIntegration(own: Planning['own']): Integration | null {
  const timeoutMs =
    integer(own, 'TimeoutInMillis', { min: 50, max: HTTP_INTEGRATION_MS_MAX }) ?? HTTP_INTEGRATION_MS_MAX;
  const type = text(own, 'IntegrationType');
  const subtype = text(own, 'IntegrationSubtype');
  if (type !== 'AWS_PROXY') {
    const at = member(own, 'IntegrationType')?.at ?? own.at;
    refuse(
      own.findings,
      at,
      `Expected IntegrationType 'AWS_PROXY', but it is '${type ?? ''}', which is not done here.`,
      'unsupported',
    );
    return null;
  }
  if (subtype !== null) {
    const action = Object.hasOwn(SUBTYPES, subtype) ? SUBTYPES[subtype] : undefined;
    if (action === undefined) {
      const at = member(own, 'IntegrationSubtype')?.at ?? own.at;
      refuse(
        own.findings,
        at,
        `Expected one of ${Object.keys(SUBTYPES).join(', ')}, but it is '${subtype}'.`,
        'unsupported',
      );
      return null;
    }
    const parameters = section(own, 'RequestParameters');
    return { type: 'action', ...action, parameters: parameters === null ? {} : texts(parameters), timeoutMs };
  }
  const uri = requiredText(own, 'IntegrationUri');
  const found = functionIntegration(uri, word(own, 'PayloadFormatVersion', ['1.0', '2.0']) ?? '1.0', timeoutMs);
  if (found === null) {
    const at = member(own, 'IntegrationUri')?.at ?? own.at;
    refuse(own.findings, at, `Expected IntegrationUri to be a function's ARN, but it is '${uri}'.`, 'unsupported');
  }
  return found;
}

function routeParts({ own, stack }: Planning): readonly FrontPart[] {
  const apiId = requiredText(own, 'ApiId');
  const { method, path } = readRouteKey(requiredText(own, 'RouteKey'));
  const target = requiredText(own, 'Target');
  const id = /^integrations\/(.+)$/.exec(target)?.[1];
  if (id === undefined) {
    refuse(own.findings, own.at, `Expected Target to be 'integrations/<id>', but it is '${target}'.`);
    return [];
  }
  const common = { region: stack.place.region, apiId, method, path, needsKey: null } as const;
  const name = `route ${apiId} ${method} ${path}`;
  return [
    {
      ...common,
      part: 'route',
      name,
      integration: { type: 'part', id },
      access: routeAccess(own),
      scopes: textList(own, 'AuthorizationScopes'),
    },
  ];
}

function routeAccess(own: Planning['own']): Access {
  const type = word(own, 'AuthorizationType', ['NONE', 'JWT', 'AWS_IAM', 'CUSTOM']) ?? 'NONE';
  if (type === 'NONE' || type === 'AWS_IAM') return { type };
  return { type: 'AUTHORIZER', authorizer: requiredText(own, 'AuthorizerId') };
}

function stageParts({ own, stack }: Planning): readonly FrontPart[] {
  const apiId = requiredText(own, 'ApiId');
  const stage = requiredText(own, 'StageName');
  const variables = section(own, 'StageVariables');
  const values = variables === null ? {} : texts(variables);
  return [
    { part: 'stage', name: `stage ${apiId} ${stage}`, region: stack.place.region, apiId, stage, variables: values },
  ];
}

function authorizerParts({ own, common, stack, treadle }: Planning): readonly FrontPart[] {
  const apiId = requiredText(own, 'ApiId');
  const id = apiIdOf(stack, common.logicalId);
  const type = word(own, 'AuthorizerType', ['JWT', 'REQUEST']);
  const part = {
    part: 'authorizer',
    name: `authorizer ${apiId} ${id}`,
    region: stack.place.region,
    apiId,
    id,
    scopes: [],
  } as const;
  if (type === 'JWT') {
    const keys = treadle === null ? null : keySetOf(treadle, 'Jwks');
    return [{ ...part, authorizer: readJwt(own, keys, ['Issuer', 'Audience']) }];
  }
  if (text(own, 'AuthorizerPayloadFormatVersion') !== '2.0') {
    refuse(
      own.findings,
      own.at,
      "Expected AuthorizerPayloadFormatVersion '2.0', but it is another, which HTTP APIs do not send here.",
      'unsupported',
    );
  }
  const uri = requiredText(own, 'AuthorizerUri');
  const functionArn = integratedFunction(uri);
  if (functionArn === null)
    refuse(own.findings, own.at, `Expected AuthorizerUri to be a function's, but it is '${uri}'.`);
  const form = flag(own, 'EnableSimpleResponses') === true ? 'simple' : 'policy';
  const identitySources = textList(own, 'IdentitySource');
  return [{ ...part, authorizer: { type: 'function', functionArn: functionArn ?? '', form, identitySources } }];
}

function urlParts({ own, stack }: Planning): readonly FrontPart[] {
  const authType = word(own, 'AuthType', ['NONE', 'AWS_IAM']);
  if (authType === null) refuse(own.findings, own.at, "Expected AuthType 'NONE' or 'AWS_IAM', but it is missing.");
  if (word(own, 'InvokeMode', ['BUFFERED', 'RESPONSE_STREAM']) === 'RESPONSE_STREAM') {
    const at = member(own, 'InvokeMode')?.at ?? own.at;
    refuse(
      own.findings,
      at,
      "Expected InvokeMode 'BUFFERED', but it is 'RESPONSE_STREAM': answers are not streamed here yet.",
      'unsupported',
    );
  }
  const functionArn = urlFunctionArn(stack, requiredText(own, 'TargetFunctionArn'), text(own, 'Qualifier'));
  const cors = section(own, 'Cors');
  return [urlPart({ functionArn, authType: authType ?? 'AWS_IAM', cors: cors === null ? null : readCors(cors) }, 0)];
}

/** API keys, and the plans that say what they open. */
function keyParts({ own, name: title, common, stack, resource }: Planning): readonly FrontPart[] {
  const { region } = stack.place;
  const id = apiIdOf(stack, common.logicalId);
  if (resource.type === 'AWS::ApiGateway::UsagePlanKey') {
    word(own, 'KeyType', ['API_KEY']);
    const [planId, keyId] = [requiredText(own, 'UsagePlanId'), requiredText(own, 'KeyId')];
    return [{ part: 'planKey', name: `planKey ${planId} ${keyId}`, region, planId, keyId }];
  }
  const isPlan = resource.type === 'AWS::ApiGateway::UsagePlan';
  const stages = sections(own, isPlan ? 'ApiStages' : 'StageKeys').map((from) => ({
    apiId: requiredText(from, isPlan ? 'ApiId' : 'RestApiId'),
    stage: requiredText(from, isPlan ? 'Stage' : 'StageName'),
  }));
  if (isPlan) return [{ part: 'plan', name: `plan ${id}`, region, id, stages }];
  const isEnabled = flag(own, 'Enabled') ?? false;
  const key = {
    part: 'key',
    name: `key ${id}`,
    region,
    id,
    title,
    value: text(own, 'Value') ?? '',
    isEnabled,
  } as const;
  if (stages.length === 0) return [key];
  const planId = `${id}plan`;
  return [
    key,
    { part: 'plan', name: `plan ${planId}`, region, id: planId, stages },
    { part: 'planKey', name: `planKey ${planId} ${id}`, region, planId, keyId: id },
  ];
}
