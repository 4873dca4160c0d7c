import type { Access, Cors, FunctionAuthorizer } from '../services/http/part.js';
import { refuse } from './problem.js';
import { allowOnly, flag, integer, items, member, type Section, section, text } from './properties.js';
import { describeValue } from './template-value.js';

/** A list of texts; a single text counts as a list of one. */
export function textList(from: Section, key: string): readonly string[] {
  const value = member(from, key);
  if (value?.kind === 'scalar') return [value.text];
  return items(from, key).flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
}

/** `CorsConfiguration` of HTTP APIs: true, or what is allowed. */
export function httpCors(own: Section): Cors | null {
  const value = member(own, 'CorsConfiguration');
  if (value === null) return null;
  if (value.kind === 'scalar')
    return value.value === true || value.text === 'true' ? { ...NO_CORS, allowOrigins: ['*'] } : null;
  const from = section(own, 'CorsConfiguration');
  return from === null ? null : readCors(from);
}

const NO_CORS: Cors = {
  allowOrigins: [],
  allowMethods: [],
  allowHeaders: [],
  exposeHeaders: [],
  allowCredentials: false,
  maxAgeSeconds: null,
};

const CORS_MEMBERS = ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge'];

/** Of HTTP APIs and of functions' addresses. */
export function readCors(from: Section): Cors {
  allowOnly(from, CORS_MEMBERS);
  const cors: Cors = {
    allowOrigins: textList(from, 'AllowOrigins'),
    allowMethods: textList(from, 'AllowMethods'),
    allowHeaders: textList(from, 'AllowHeaders'),
    exposeHeaders: textList(from, 'ExposeHeaders'),
    allowCredentials: flag(from, 'AllowCredentials') ?? false,
    maxAgeSeconds: integer(from, 'MaxAge', { min: 0, max: 86_400 }),
  };
  if (cors.allowCredentials && cors.allowOrigins.includes('*')) {
    refuse(from.findings, from.at, "Expected origins by name where AllowCredentials is true, but one is '*'.");
  }
  return cors;
}

/** `Cors` of REST APIs: an origin, or what is allowed, all of it in single quotes. */
export function restCors(own: Section): Cors | null {
  const value = member(own, 'Cors');
  if (value === null) return null;
  if (value.kind === 'scalar') return { ...NO_CORS, allowOrigins: [unquoted(value.text)], allowMethods: ['*'] };
  const from = section(own, 'Cors');
  if (from === null) return null;
  allowOnly(from, ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigin', 'MaxAge']);
  const list = (key: string): readonly string[] => {
    const given = text(from, key);
    return given === null
      ? []
      : unquoted(given)
          .split(',')
          .map((one) => one.trim());
  };
  const age = unquoted(text(from, 'MaxAge') ?? '');
  return {
    ...NO_CORS,
    allowOrigins: list('AllowOrigin'),
    allowMethods: list('AllowMethods').length === 0 ? ['*'] : list('AllowMethods'),
    allowHeaders: list('AllowHeaders'),
    allowCredentials: flag(from, 'AllowCredentials') ?? false,
    maxAgeSeconds: /^\d{1,6}$/.test(age) ? Number(age) : null,
  };
}

const unquoted = (given: string): string => given.trim().replace(/^'(.*)'$/, '$1');

/** An authorizer by its name, `NONE` or `AWS_IAM`; null where nothing is said. */
export function accessOf(name: string | null): Access | null {
  if (name === null) return null;
  if (name === 'NONE') return { type: 'NONE' };
  return name === 'AWS_IAM' ? { type: 'AWS_IAM' } : { type: 'AUTHORIZER', authorizer: name };
}

/** The function in `arn:…:lambda:path/2015-03-31/functions/<ARN>/invocations`, or the ARN itself; null for others. */
export function integratedFunction(uri: string): string | null {
  const wrapped = /:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/.exec(uri);
  const arn = wrapped?.[1] ?? uri;
  return /^arn:[^:]+:lambda:/.test(arn) ? arn : null;
}

/** What must have a value before the function of an authorizer is asked, as expressions. */
export function identityOf(from: Section | null, fallback: FunctionAuthorizer['identitySources']): readonly string[] {
  if (from === null) return fallback;
  allowOnly(from, [
    'Context',
    'Header',
    'Headers',
    'QueryStrings',
    'ReauthorizeEvery',
    'StageVariables',
    'ValidationExpression',
  ]);
  const validation = member(from, 'ValidationExpression');
  if (validation !== null) {
    const message = `Expected no ValidationExpression, but found ${describeValue(validation)}: the function checks the token here.`;
    refuse(from.findings, validation.at, message, 'unsupported');
  }
  const sources = [
    ...[...textList(from, 'Header'), ...textList(from, 'Headers')].map((name) => `$request.header.${name}`),
    ...textList(from, 'QueryStrings').map((name) => `$request.querystring.${name}`),
    ...textList(from, 'StageVariables').map((name) => `$stageVariables.${name}`),
    ...textList(from, 'Context').map((name) => `$context.${name}`),
  ];
  return sources.length === 0 ? fallback : sources;
}
