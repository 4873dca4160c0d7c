import { z } from 'zod';
import type { FrontParts } from '../../services/http/front-parts.js';
import type { KeyPart } from '../../services/http/part.js';
import { apiError } from '../errors.js';
import { readInput } from '../input.js';
import { type ApiCall, ApiError, type ApiService } from '../port.js';
import type { RestRoute } from '../protocols/rest-json.js';
import { serviceOf } from '../service.js';

/** What of API Gateway's REST surface is served: the keys that deployed templates have made. */
export const APIGATEWAY_ROUTES: readonly RestRoute[] = [
  {
    operation: 'GetApiKeys',
    method: 'GET',
    path: '/apikeys',
    status: 200,
    query: { includeValues: 'includeValues', name: 'nameQuery', limit: 'limit', position: 'position' },
  },
  {
    operation: 'GetApiKey',
    method: 'GET',
    path: '/apikeys/{apiKey}',
    status: 200,
    query: { includeValue: 'includeValue' },
  },
];

const FLAG = z.enum(['true', 'false']).optional();
const LIST = z.object({ includeValues: FLAG, nameQuery: z.string().optional() });
const NAMED = z.object({ apiKey: z.string(), includeValue: FLAG });

const read = <T>(schema: z.ZodType<T>, call: ApiCall): T =>
  readInput(schema, call.input, (member, expectation) => apiError('BadRequestException', `${member}: ${expectation}`));

export function apiGatewayService(parts: Pick<FrontParts, 'keys'>): ApiService {
  const keysIn = (call: ApiCall): readonly KeyPart[] =>
    parts.keys().filter(({ region }) => region === call.place.region);
  return serviceOf(
    'apigateway',
    {
      GetApiKeys: async (call) => {
        const { includeValues, nameQuery = '' } = read(LIST, call);
        const found = keysIn(call).filter(({ title }) => title.startsWith(nameQuery));
        return { item: found.map((key) => members(key, includeValues === 'true')) };
      },
      GetApiKey: async (call) => {
        const { apiKey, includeValue } = read(NAMED, call);
        const found = keysIn(call).find(({ id }) => id === apiKey);
        if (found === undefined) throw new ApiError('NotFoundException', 'Invalid API Key identifier specified', 404);
        return members(found, includeValue === 'true');
      },
    },
    () => null,
  );
}

const members = ({ id, title, value, isEnabled }: KeyPart, hasValue: boolean): object => ({
  id,
  ...(hasValue && { value }),
  name: title,
  enabled: isEnabled,
  stageKeys: [],
});
