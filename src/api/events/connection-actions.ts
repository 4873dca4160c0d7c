import { z } from 'zod';
import type {
  Authorization,
  Connection,
  ConnectionSettings,
  Connections,
  HttpParameter,
  HttpParameters,
} from '../../services/events/connections.js';
import { invalidEvents } from '../../services/events/fault.js';
import { readInput } from '../input.js';
import { type Action, type ApiCall, ApiError } from '../port.js';

const NAME = z
  .string()
  .regex(/^[.\-_A-Za-z0-9]{1,64}$/, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+');
const TEXT = z.string().min(1).max(512);
const PARAMETER = z.strictObject({
  Key: z.string().max(512),
  Value: z.string().max(512),
  IsValueSecret: z.boolean().optional(),
});
const PARAMETERS = z.array(PARAMETER).max(100).optional();
const HTTP = z.strictObject({
  HeaderParameters: PARAMETERS,
  QueryStringParameters: PARAMETERS,
  BodyParameters: PARAMETERS,
});
const AUTH = z.strictObject({
  BasicAuthParameters: z.strictObject({ Username: TEXT, Password: TEXT }).optional(),
  ApiKeyAuthParameters: z.strictObject({ ApiKeyName: TEXT, ApiKeyValue: TEXT }).optional(),
  OAuthParameters: z
    .strictObject({
      ClientParameters: z.strictObject({ ClientID: TEXT, ClientSecret: TEXT }),
      AuthorizationEndpoint: z.string().min(1).max(2048),
      HttpMethod: z.enum(['GET', 'POST', 'PUT']),
      OAuthHttpParameters: HTTP.optional(),
    })
    .optional(),
  InvocationHttpParameters: HTTP.optional(),
});
const TYPE = z.enum(['BASIC', 'OAUTH_CLIENT_CREDENTIALS', 'API_KEY']);
const DESCRIPTION = z.string().max(512).optional();

/** Connections of EventBridge, to be spread among its actions. They throw EventsFault. Private ones (VPC Lattice) and keys of KMS are refused by name. */
export function connectionActions(connections: Connections): Record<string, Action> {
  return {
    CreateConnection: async (call) => {
      const shape = { Name: NAME, Description: DESCRIPTION, AuthorizationType: TYPE, AuthParameters: AUTH };
      const { Name, Description, AuthorizationType, AuthParameters } = read(shape, call);
      const settings: ConnectionSettings = {
        description: Description ?? null,
        authorization: authorizationOf(AuthorizationType, AuthParameters),
        invocation: parametersOf(AuthParameters.InvocationHttpParameters),
      };
      return summary(await connections.create(call.place, Name, settings));
    },
    UpdateConnection: async (call) => {
      const shape = {
        Name: NAME,
        Description: DESCRIPTION,
        AuthorizationType: TYPE.optional(),
        AuthParameters: AUTH.partial().optional(),
      };
      const { Name, Description, AuthorizationType, AuthParameters } = read(shape, call);
      const type = AuthorizationType ?? (await connections.get(call.place, Name)).authorization?.type;
      const isAuthorized = hasCredentials(AuthParameters) || AuthorizationType !== undefined;
      const invocation = AuthParameters?.InvocationHttpParameters;
      const updated = await connections.update(call.place, Name, {
        ...(Description !== undefined && { description: Description }),
        ...(isAuthorized && type !== undefined && { authorization: authorizationOf(type, AuthParameters ?? {}) }),
        ...(invocation !== undefined && { invocation: parametersOf(invocation) }),
      });
      return summary(updated);
    },
    DescribeConnection: async (call) => described(await connections.get(call.place, read({ Name: NAME }, call).Name)),
    ListConnections: async (call) => listConnections(connections, call),
    DeauthorizeConnection: async (call) => {
      const { Name } = read({ Name: NAME }, call);
      return summary(await connections.update(call.place, Name, { authorization: null }));
    },
    DeleteConnection: async (call) => {
      const removed = await connections.remove(call.place, read({ Name: NAME }, call).Name);
      return { ...summary(removed), ConnectionState: 'DELETING' };
    },
  };
}

function read<Shape extends z.ZodRawShape>(shape: Shape, { input }: ApiCall): z.infer<z.ZodObject<Shape>> {
  return readInput(z.strictObject(shape), input, (member, expectation) => {
    const where = member === '' ? '' : `Value at '${member}' failed to satisfy constraint: `;
    return new ApiError('ValidationException', `1 validation error detected: ${where}${expectation}`);
  });
}

const hasCredentials = (given: Partial<z.infer<typeof AUTH>> | undefined): boolean =>
  given?.BasicAuthParameters !== undefined ||
  given?.ApiKeyAuthParameters !== undefined ||
  given?.OAuthParameters !== undefined;

/** Throws EventsFault where the parameters of this type are missing. */
function authorizationOf(type: z.infer<typeof TYPE>, given: Partial<z.infer<typeof AUTH>>): Authorization {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = given;
  if (type === 'BASIC' && basic !== undefined) return { type, username: basic.Username, password: basic.Password };
  if (type === 'API_KEY' && key !== undefined) return { type, name: key.ApiKeyName, value: key.ApiKeyValue };
  if (type === 'OAUTH_CLIENT_CREDENTIALS' && oauth !== undefined) {
    return {
      type,
      clientId: oauth.ClientParameters.ClientID,
      clientSecret: oauth.ClientParameters.ClientSecret,
      endpoint: oauth.AuthorizationEndpoint,
      method: oauth.HttpMethod,
      parameters: parametersOf(oauth.OAuthHttpParameters),
    };
  }
  throw invalidEvents(`Expected AuthParameters of the authorization type ${type}, but there are none.`);
}

function parametersOf(given: z.infer<typeof HTTP> | undefined): HttpParameters {
  const list = (parameters: z.infer<typeof PARAMETERS>): HttpParameter[] =>
    (parameters ?? []).map(({ Key, Value, IsValueSecret }) => ({
      key: Key,
      value: Value,
      isSecret: IsValueSecret === true,
    }));
  return {
    headers: list(given?.HeaderParameters),
    query: list(given?.QueryStringParameters),
    body: list(given?.BodyParameters),
  };
}

const STATES = [
  'CREATING',
  'UPDATING',
  'DELETING',
  'AUTHORIZED',
  'DEAUTHORIZED',
  'AUTHORIZING',
  'DEAUTHORIZING',
] as const;

async function listConnections(connections: Connections, call: ApiCall): Promise<object> {
  const shape = {
    NamePrefix: NAME.optional(),
    ConnectionState: z.enum([...STATES, 'ACTIVE', 'FAILED_CONNECTIVITY']).optional(),
    NextToken: z.string().min(1).max(2048).optional(),
    Limit: z.number().int().min(1).max(100).optional(),
  };
  const { NamePrefix = '', ConnectionState, NextToken, Limit = 100 } = read(shape, call);
  const after = NextToken === undefined ? '' : Buffer.from(NextToken, 'base64url').toString();
  const found = (await connections.list(call.place)).filter(
    (connection) =>
      connection.name.startsWith(NamePrefix) &&
      connection.name > after &&
      (ConnectionState === undefined || stateOf(connection) === ConnectionState),
  );
  const shown = found.slice(0, Limit);
  const last = found.length > shown.length ? shown.at(-1) : undefined;
  return {
    Connections: shown.map((connection) => ({
      ...summary(connection),
      Name: connection.name,
      ...(connection.authorization !== null && { AuthorizationType: connection.authorization.type }),
    })),
    ...(last !== undefined && { NextToken: Buffer.from(last.name).toString('base64url') }),
  };
}

const stateOf = ({ authorization }: Connection): string => (authorization === null ? 'DEAUTHORIZED' : 'AUTHORIZED');

const summary = (connection: Connection): object => ({
  ConnectionArn: connection.arn,
  ConnectionState: stateOf(connection),
  CreationTime: connection.createdAt / 1000,
  LastModifiedTime: connection.modifiedAt / 1000,
  ...(connection.authorizedAt !== null && { LastAuthorizedTime: connection.authorizedAt / 1000 }),
});

/** Without what is secret. */
function described(connection: Connection): object {
  const { authorization, invocation, arn, name, description } = connection;
  const [, , , region, account] = arn.split(':');
  return {
    ...summary(connection),
    Name: name,
    ...(description !== null && { Description: description }),
    ...(authorization !== null && { AuthorizationType: authorization.type }),
    SecretArn: `arn:aws:secretsmanager:${region}:${account}:secret:events!connection/${name}/${arn.split('/').at(-1)}`,
    AuthParameters: { ...shownAuthorization(authorization), ...shownInvocation(invocation) },
  };
}

function shownAuthorization(authorization: Authorization | null): object {
  if (authorization === null) return {};
  switch (authorization.type) {
    case 'BASIC':
      return { BasicAuthParameters: { Username: authorization.username } };
    case 'API_KEY':
      return { ApiKeyAuthParameters: { ApiKeyName: authorization.name } };
    case 'OAUTH_CLIENT_CREDENTIALS':
      return {
        OAuthParameters: {
          ClientParameters: { ClientID: authorization.clientId },
          AuthorizationEndpoint: authorization.endpoint,
          HttpMethod: authorization.method,
          ...(hasAny(authorization.parameters) && { OAuthHttpParameters: shownParameters(authorization.parameters) }),
        },
      };
    default:
      return authorization satisfies never;
  }
}

const hasAny = ({ headers, query, body }: HttpParameters): boolean => headers.length + query.length + body.length > 0;

const shownInvocation = (invocation: HttpParameters): object =>
  hasAny(invocation) ? { InvocationHttpParameters: shownParameters(invocation) } : {};

function shownParameters({ headers, query, body }: HttpParameters): object {
  const list = (parameters: readonly HttpParameter[]): object[] =>
    parameters.map(({ key, value, isSecret }) => ({
      Key: key,
      ...(!isSecret && { Value: value }),
      IsValueSecret: isSecret,
    }));
  return {
    ...(headers.length > 0 && { HeaderParameters: list(headers) }),
    ...(query.length > 0 && { QueryStringParameters: list(query) }),
    ...(body.length > 0 && { BodyParameters: list(body) }),
  };
}
