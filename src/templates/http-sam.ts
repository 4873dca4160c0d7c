import type { AuthorizerPart, FrontPart, FunctionAuthorizer, JwtAuthorizer } from '../services/http/part.js';
import { accessOf, httpCors, identityOf, restCors, textList } from './http-members.js';
import { apiIdOf } from './http-names.js';
import { jsonText } from './json-text.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import {
  allowOnly,
  flag,
  member,
  requiredText,
  type Section,
  section,
  sectionOf,
  text,
  texts,
  word,
} from './properties.js';

/** SAM's HTTP API: the API, its stage, its authorizers. */
export function httpApiParts({ own, name: title, common, stack, treadle }: Planning): readonly FrontPart[] {
  const { region } = stack.place;
  const id = apiIdOf(stack, common.logicalId);
  const auth = section(own, 'Auth');
  if (auth !== null) allowOnly(auth, ['Authorizers', 'DefaultAuthorizer', 'EnableIamAuthorizer']);
  const given = auth === null ? null : section(auth, 'Authorizers');
  const keySets = treadle === null ? null : section(treadle, 'Jwks');
  const authorizers = authorizerSections(given).map(({ key, from }): AuthorizerPart => {
    const scopes = textList(from, 'AuthorizationScopes');
    const authorizer =
      member(from, 'FunctionArn') === null ? tokenAuthorizer(from, keySets, key) : httpFunctionAuthorizer(from);
    return { part: 'authorizer', name: `authorizer ${id} ${key}`, region, apiId: id, id: key, scopes, authorizer };
  });
  const access = accessOf(auth === null ? null : text(auth, 'DefaultAuthorizer')) ?? { type: 'NONE' as const };
  const defaults = { access, needsKey: false };
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
  return [
    api,
    stagePart(own, { id, region, stage: text(own, 'StageName') ?? '$default', member: 'StageVariables' }),
    ...authorizers,
  ];
}

/** SAM's REST API: the API, its stage, its authorizers, and a usage plan with a key where it asks for one. */
export function restApiParts({ own, name: title, common, stack }: Planning): readonly FrontPart[] {
  const { region } = stack.place;
  const id = apiIdOf(stack, common.logicalId);
  const auth = section(own, 'Auth');
  if (auth !== null) {
    allowOnly(auth, [
      'AddApiKeyRequiredToCorsPreflight',
      'AddDefaultAuthorizerToCorsPreflight',
      'ApiKeyRequired',
      'Authorizers',
      'DefaultAuthorizer',
      'InvokeRole',
      'ResourcePolicy',
      'UsagePlan',
    ]);
    const policy = member(auth, 'ResourcePolicy');
    if (policy !== null)
      refuse(
        own.findings,
        policy.at,
        'Expected no ResourcePolicy, but there is one: it is not enforced here.',
        'unsupported',
      );
  }
  const given = auth === null ? null : section(auth, 'Authorizers');
  const authorizers = authorizerSections(given).flatMap(({ key, from }): readonly AuthorizerPart[] => {
    const authorizer = restAuthorizer(from);
    if (authorizer === null) return [];
    return [
      { part: 'authorizer', name: `authorizer ${id} ${key}`, region, apiId: id, id: key, scopes: [], authorizer },
    ];
  });
  const access = accessOf(auth === null ? null : text(auth, 'DefaultAuthorizer')) ?? { type: 'NONE' as const };
  const defaults = { access, needsKey: (auth === null ? null : flag(auth, 'ApiKeyRequired')) ?? false };
  const stage = requiredText(own, 'StageName');
  const api = {
    part: 'api',
    name: `api ${id}`,
    region,
    protocol: 'REST',
    id,
    title,
    cors: restCors(own),
    defaults,
  } as const;
  const usage = auth === null ? null : section(auth, 'UsagePlan');
  const plan = usage === null ? [] : usagePlan(usage, { apiId: id, stage, region, title });
  return [api, stagePart(own, { id, region, stage, member: 'Variables' }), ...authorizers, ...plan];
}

function stagePart(
  own: Section,
  { id, region, stage, member: name }: { id: string; region: string; stage: string; member: string },
): FrontPart {
  const variables = section(own, name);
  const values = variables === null ? {} : texts(variables);
  return { part: 'stage', name: `stage ${id} ${stage}`, region, apiId: id, stage, variables: values };
}

const authorizerSections = (given: Section | null): readonly { readonly key: string; readonly from: Section }[] =>
  (given?.map.entries ?? []).flatMap(({ key, value }) => {
    const from = given === null ? null : sectionOf(value, `Auth.Authorizers.${key}`, given.findings);
    return from === null ? [] : [{ key, from }];
  });

function tokenAuthorizer(from: Section, keySets: Section | null, name: string): JwtAuthorizer {
  allowOnly(from, ['AuthorizationScopes', 'IdentitySource', 'JwtConfiguration']);
  return readJwt(from, keySets === null ? null : keySetOf(keySets, name), ['issuer', 'audience']);
}

/** `JwtConfiguration`, whose members SAM writes in lower case and CloudFormation does not. */
export function readJwt(
  from: Section,
  keys: string | null,
  [issuer, audience]: readonly [string, string],
): JwtAuthorizer {
  const jwt = section(from, 'JwtConfiguration');
  if (jwt === null)
    refuse(from.findings, from.at, `Expected JwtConfiguration with ${issuer} and ${audience}, but it is missing.`);
  else allowOnly(jwt, [issuer, audience]);
  const url = jwt === null ? '' : requiredText(jwt, issuer);
  if (jwt !== null && !URL.canParse(url))
    refuse(from.findings, jwt.at, `Expected ${issuer} to be a URL, but it is '${url}'.`);
  return {
    type: 'jwt',
    issuer: url,
    audience: jwt === null ? [] : textList(jwt, audience),
    identitySource: textList(from, 'IdentitySource')[0] ?? '$request.header.Authorization',
    keys,
  };
}

/** `Metadata: Treadle: Jwks`: the URL of the keys, or the keys themselves. */
export function keySetOf(from: Section, key: string): string | null {
  const value = member(from, key);
  if (value === null) return null;
  const found = jsonText(value);
  if (value.kind === 'map' || URL.canParse(found)) return found;
  refuse(from.findings, value.at, `Expected Jwks to be a URL or a key set ({keys: […]}), but it is '${found}'.`);
  return null;
}

function httpFunctionAuthorizer(from: Section): FunctionAuthorizer {
  allowOnly(from, [
    'AuthorizerPayloadFormatVersion',
    'EnableFunctionDefaultPermissions',
    'EnableSimpleResponses',
    'FunctionArn',
    'FunctionInvokeRole',
    'Identity',
  ]);
  const version = word(from, 'AuthorizerPayloadFormatVersion', ['1.0', '2.0']);
  if (version === '1.0') {
    refuse(
      from.findings,
      from.at,
      "Expected AuthorizerPayloadFormatVersion '2.0', but it is '1.0', which HTTP APIs do not send here.",
      'unsupported',
    );
  }
  return {
    type: 'function',
    functionArn: requiredText(from, 'FunctionArn'),
    form: flag(from, 'EnableSimpleResponses') === true ? 'simple' : 'policy',
    identitySources: identityOf(section(from, 'Identity'), []),
  };
}

function restAuthorizer(from: Section): FunctionAuthorizer | null {
  const pool = member(from, 'UserPoolArn');
  if (pool !== null) {
    refuse(
      from.findings,
      pool.at,
      'Expected the FunctionArn of an authorizer, but it is a user pool of Cognito, which is not here.',
      'unsupported',
    );
    return null;
  }
  allowOnly(from, [
    'AuthorizationScopes',
    'DisableFunctionDefaultPermissions',
    'FunctionArn',
    'FunctionInvokeRole',
    'FunctionPayloadType',
    'Identity',
  ]);
  const isRequest = word(from, 'FunctionPayloadType', ['TOKEN', 'REQUEST']) === 'REQUEST';
  return {
    type: 'function',
    functionArn: requiredText(from, 'FunctionArn'),
    form: isRequest ? 'request' : 'token',
    identitySources: identityOf(section(from, 'Identity'), isRequest ? [] : ['$request.header.Authorization']),
  };
}

function usagePlan(
  usage: Section,
  { apiId, stage, region, title }: { apiId: string; stage: string; region: string; title: string },
): readonly FrontPart[] {
  allowOnly(usage, ['CreateUsagePlan', 'Description', 'Quota', 'Tags', 'Throttle', 'UsagePlanName']);
  const kind = word(usage, 'CreateUsagePlan', ['PER_API', 'SHARED', 'NONE']) ?? 'NONE';
  if (kind === 'NONE') return [];
  if (kind === 'SHARED') {
    refuse(
      usage.findings,
      usage.at,
      "Expected CreateUsagePlan 'PER_API', but it is 'SHARED', which is not made here.",
      'unsupported',
    );
    return [];
  }
  const [planId, keyId] = [`${apiId}plan`, `${apiId}key`];
  return [
    { part: 'plan', name: `plan ${planId}`, region, id: planId, stages: [{ apiId, stage }] },
    // An empty value: one is drawn when the key is made.
    { part: 'key', name: `key ${keyId}`, region, id: keyId, title: `${title} key`, value: '', isEnabled: true },
    { part: 'planKey', name: `planKey ${planId} ${keyId}`, region, planId, keyId },
  ];
}
