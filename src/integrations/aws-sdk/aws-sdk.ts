import { Payload } from '../../payload/index.js';
import { type OperationModel, type ServiceModel, serviceModel } from '../../services/models/index.js';
import type { TaskAnswer, TaskCall } from '../port.js';
import { answered, requestIdOf, unusableParameters } from '../sdk.js';
import { decodeAnswer } from './decode-answer.js';
import { encodeRequest, MissingMember } from './encode-request.js';
import { clientFailure, sdkV2Failure } from './failure.js';
import { readParameters } from './parameters.js';
import type { WireAnswer, WireMembers, WireRequest } from './wire.js';

/** One operation of one service, to be called in a region. */
export interface ServiceCall {
  /** As in `aws-sdk:<service>`. */
  readonly service: string;
  readonly model: ServiceModel;
  readonly operation: OperationModel;
  readonly request: WireRequest;
  readonly region: string;
  /** The same at every performance of the same call. */
  readonly key: string;
}

/** Where AWS's services answer: this server's own, or real ones. */
export interface AwsEndpoint {
  /** Rejects when no answer came. */
  send(call: ServiceCall, signal: AbortSignal): Promise<WireAnswer>;
}

/** Chooses who answers; null where nobody has the operation. */
export type EndpointOf = (
  call: TaskCall,
  asked: Pick<ServiceCall, 'service' | 'model' | 'operation'>,
) => AwsEndpoint | null;

/** `aws-sdk:<service>:<action>`. Null where nobody has the operation. */
export async function awsSdk(endpointOf: EndpointOf, call: TaskCall, signal: AbortSignal): Promise<TaskAnswer | null> {
  const service = call.resourceType.slice('aws-sdk:'.length);
  const [action = ''] = call.resource.split('.');
  const model = serviceModel(service);
  const operation = model?.operation(action) ?? null;
  if (model === null || operation === null) return null;
  const endpoint = endpointOf(call, { service, model, operation });
  if (endpoint === null) return null;
  const { input, faults } = readParameters(operation.input, call.parameters.value);
  if (faults.length > 0) return unusableParameters(call, faults);
  let request: WireRequest;
  try {
    request = encodeRequest(model, operation, withTokens(operation, input, call));
  } catch (fault) {
    if (fault instanceof MissingMember) return clientFailure(model, fault.message);
    throw fault;
  }
  const { region, key } = call;
  return perform({ service, model, operation, request, region, key }, endpoint, { call, signal });
}

/** A token that makes a repeated call the same one, where the service takes it and nobody gave one. */
function withTokens({ input: shape }: OperationModel, input: WireMembers, call: TaskCall): WireMembers {
  const tokens = [...(shape?.wires ?? [])].filter(([name, wire]) => wire.isIdempotencyToken && !input.has(name));
  if (tokens.length === 0) return input;
  return new Map([...input, ...tokens.map(([name]): [string, string] => [name, requestIdOf(call)])]);
}

async function perform(
  service: ServiceCall,
  endpoint: AwsEndpoint,
  { call, signal }: { readonly call: TaskCall; readonly signal: AbortSignal },
): Promise<TaskAnswer> {
  const { model, operation } = service;
  let answer: WireAnswer;
  try {
    answer = await endpoint.send(service, signal);
  } catch (fault) {
    return clientFailure(model, `Unable to execute HTTP request: ${fault instanceof Error ? fault.message : fault}`);
  }
  if (answer.status >= 300) return sdkV2Failure(model, operation, answer);
  try {
    return answered(call, Payload.ofValue(decodeAnswer(model, operation, answer)));
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    return clientFailure(model, `Unable to unmarshall response (${reason}). Response Code: ${answer.status}`);
  }
}
