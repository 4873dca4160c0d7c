import { z } from 'zod';
import { functionUrl } from '../../services/http/function-urls.js';
import type { Cors, UrlPart } from '../../services/http/part.js';
import { apiError } from '../errors.js';
import { type Action, type ApiCall, ApiError } from '../port.js';
import { qualifiedName, read, refuseUndone } from './function-input.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';

const NAMED = z.object({ FunctionName: z.string(), Qualifier: z.string().optional() });
const LIST = z.object({ ...PAGE, FunctionName: z.string() });
const CORS = z.object({
  AllowCredentials: z.boolean().optional(),
  AllowHeaders: z.array(z.string()).optional(),
  AllowMethods: z.array(z.string()).optional(),
  AllowOrigins: z.array(z.string()).optional(),
  ExposeHeaders: z.array(z.string()).optional(),
  MaxAge: z.number().int().min(0).max(86_400).optional(),
});
const UPDATE = z.object({
  ...NAMED.shape,
  AuthType: z.enum(['NONE', 'AWS_IAM']).optional(),
  Cors: CORS.optional(),
  InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']).optional(),
});
const CREATE = UPDATE.required({ AuthType: true });

/** Functions' own addresses. */
export function urlActions(ports: LambdaPorts): Readonly<Record<string, Action>> {
  const { urls } = ports;
  return {
    CreateFunctionUrlConfig: async (call) => {
      const input = read(CREATE, call);
      refuseUndone(call.input, Object.keys(UPDATE.shape));
      const functionArn = namedArn(ports, call, input);
      if (urls.find(functionArn) !== null) {
        const message = `Failed to create function url config for [functionArn = ${functionArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`;
        throw apiError('ResourceConflictException', message);
      }
      return put(ports, { functionArn, input, authType: input.AuthType, cors: corsOf(input.Cors) });
    },
    UpdateFunctionUrlConfig: async (call) => {
      const input = read(UPDATE, call);
      refuseUndone(call.input, Object.keys(UPDATE.shape));
      const found = existing(ports, call, input);
      const authType = input.AuthType ?? found.authType;
      const cors = input.Cors === undefined ? found.cors : corsOf(input.Cors);
      return put(ports, { functionArn: found.functionArn, input, authType, cors });
    },
    GetFunctionUrlConfig: async (call) => members(ports, existing(ports, call, read(NAMED, call))),
    DeleteFunctionUrlConfig: async (call) => {
      await urls.remove(existing(ports, call, read(NAMED, call)).functionArn);
    },
    ListFunctionUrlConfigs: async (call) => {
      const input = read(LIST, call);
      const { arn } = ports.functions.get(input.FunctionName, call.place);
      const { items, marker } = pageOf(urls.list(arn), ({ functionArn }) => functionArn, input);
      return { FunctionUrlConfigs: items.map((url) => members(ports, url)), ...marker };
    },
  };
}

/** Of the function or its alias; a version has no address. Throws what Lambda says of the others. */
function namedArn({ functions }: LambdaPorts, call: ApiCall, input: z.infer<typeof NAMED>): string {
  const { configuration, qualifier } = functions.find(
    qualifiedName(input.FunctionName, input.Qualifier, call.place),
    call.place,
  );
  if (qualifier === null) return configuration.arn;
  if (!/^(?:\d+|\$LATEST)$/.test(qualifier)) return `${configuration.arn}:${qualifier}`;
  const message = `Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: (^\\$LATEST$)|((?!^[0-9]+$)([a-zA-Z0-9-_]+))`;
  throw apiError('ValidationException', `1 validation error detected: ${message}`);
}

function existing(ports: LambdaPorts, call: ApiCall, input: z.infer<typeof NAMED>): UrlPart {
  const found = ports.urls.find(namedArn(ports, call, input));
  if (found !== null) return found;
  throw new ApiError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
}

async function put(
  ports: LambdaPorts,
  {
    functionArn,
    input,
    authType,
    cors,
  }: {
    readonly functionArn: string;
    readonly input: z.infer<typeof UPDATE>;
    readonly authType: UrlPart['authType'];
    readonly cors: Cors | null;
  },
): Promise<unknown> {
  if (input.InvokeMode === 'RESPONSE_STREAM') {
    const message = "Treadle does not stream what a function answers yet. Use InvokeMode 'BUFFERED'.";
    throw apiError('InvalidParameterValueException', message);
  }
  return members(ports, await ports.urls.put({ functionArn, authType, cors }));
}

const members = ({ urls }: LambdaPorts, url: UrlPart): object => ({
  FunctionUrl: functionUrl(urls.endpointUrl(), url),
  FunctionArn: url.functionArn,
  AuthType: url.authType,
  ...(url.cors !== null && { Cors: corsMembers(url.cors) }),
  CreationTime: new Date(url.createdAt).toISOString(),
  LastModifiedTime: new Date(url.modifiedAt).toISOString(),
  InvokeMode: 'BUFFERED',
});

const corsMembers = (cors: Cors): object => ({
  AllowCredentials: cors.allowCredentials,
  AllowHeaders: cors.allowHeaders,
  AllowMethods: cors.allowMethods,
  AllowOrigins: cors.allowOrigins,
  ExposeHeaders: cors.exposeHeaders,
  MaxAge: cors.maxAgeSeconds ?? 0,
});

function corsOf(input: z.infer<typeof CORS> | undefined): Cors | null {
  if (input === undefined || Object.keys(input).length === 0) return null;
  return {
    allowOrigins: input.AllowOrigins ?? [],
    allowMethods: input.AllowMethods ?? [],
    allowHeaders: input.AllowHeaders ?? [],
    exposeHeaders: input.ExposeHeaders ?? [],
    allowCredentials: input.AllowCredentials ?? false,
    maxAgeSeconds: input.MaxAge ?? null,
  };
}
