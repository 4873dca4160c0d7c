import { apiError } from './errors.js';
import type { Action, ApiService } from './port.js';
import { parametersOf } from './protocols/aws-query.js';
import type { Codec, RawRequest, Target } from './protocols/protocol.js';

export interface DispatchedCall {
  readonly operation: string;
  readonly input: unknown;
  readonly action: Action;
}

/** The action that a request is for, and its decoded input. Throws ApiError. */
export function actionOf(
  services: ReadonlyMap<string, ApiService>,
  { service, codec }: Target,
  request: RawRequest,
): DispatchedCall {
  const found = services.get(service);
  if (found === undefined) throw noSuchService(service, services);
  const { operation, input } = codec.decode(request);
  const action = found.actions.get(operation);
  if (action === undefined) throw noSuchOperation(operation, found, codec, request);
  return { operation, input, action };
}

/** The parameter Version of a form. */
export function formVersion(request: RawRequest): string | null {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return isForm || request.query !== '' ? parametersOf(request).get('Version') : null;
}

function noSuchService(service: string, services: ReadonlyMap<string, ApiService>): Error {
  const known = [...services.keys()].sort().join(', ');
  return apiError(
    'NotImplemented',
    `Treadle does not run the service '${service}'. It runs: ${known}. Point this client at an endpoint that has it.`,
  );
}

function noSuchOperation(operation: string, service: ApiService, codec: Codec, request: RawRequest): Error {
  if (codec.protocol === 'query') {
    const version = parametersOf(request).get('Version') ?? '';
    return apiError('InvalidAction', `Could not find operation ${operation} for version ${version}`);
  }
  const message = `Treadle does not know the operation '${operation}' of the service '${service.name}'.`;
  return apiError('UnknownOperationException', message);
}
