import { type JsonValue, Payload } from '../../payload/index.js';
import { type OperationModel, type ServiceModel, serviceModel } from '../../services/models/index.js';
import type { TaskAnswer, TaskCall } from '../port.js';
import { answered, requestIdOf, traceOf, unusableParameters } from '../sdk.js';
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
  /** X-Amzn-Trace-Id of the execution. */
  readonly traceHeader?: string;
}

/** Where AWS's services answer: this server's own, or real ones. */
export interface AwsEndpoint {
  /** Rejects when no answer came. */
  send(call: ServiceCall, signal: AbortSignal): Promise<WireAnswer>;
}

/** One operation of one service. */
export type Asked = Pick<ServiceCall, 'service' | 'model' | 'operation'>;

/** Chooses who answers; null where nobody has the operation. */
export type EndpointOf = (call: TaskCall, asked: Asked) => AwsEndpoint | null;

/** `aws-sdk:<service>:<action>`. Null where nobody has the operation. */
export async function awsSdk(endpointOf: EndpointOf, call: TaskCall, signal: AbortSignal): Promise<TaskAnswer | null> {
  const service = call.resourceType.slice('aws-sdk:'.length);
  const [action = ''] = call.resource.split('.');
  const model = serviceModel(service);
  const operation = model?.operation(action) ?? null;
  if (model === null || operation === null) return null;
  const asked = { service, model, operation, parameters: call.parameters.value };
  const endpoint = endpointOf(call, asked);
  if (endpoint === null) return null;
  const outcome = await ask(endpoint, asked, call, signal);
  switch (outcome.type) {
    case 'unusable':
      return unusableParameters(call, outcome.faults);
    case 'unanswered':
      return clientFailure(model, outcome.reason);
    case 'answered':
      return answerOf(call, asked, outcome.answer);
    default:
      return outcome satisfies never;
  }
}

function answerOf(
  call: TaskCall,
  { model, operation }: Pick<ServiceCall, 'model' | 'operation'>,
  answer: WireAnswer,
): TaskAnswer {
  if (answer.status >= 300) return sdkV2Failure(model, operation, answer);
  try {
    return answered(call, Payload.ofValue(decodeAnswer(model, operation, answer)));
  } catch (fault) {
    return clientFailure(model, unreadable(fault, answer));
  }
}

/** In Java's words: an answer that is none of this operation. */
export const unreadable = (fault: unknown, { status }: WireAnswer): string =>
  `Unable to unmarshall response (${fault instanceof Error ? fault.message : fault}). Response Code: ${status}`;

export type Outcome =
  | { readonly type: 'answered'; readonly answer: WireAnswer }
  /** What is wrong with the parameters: nothing was sent. */
  | { readonly type: 'unusable'; readonly faults: readonly string[] }
  | { readonly type: 'unanswered'; readonly reason: string };

/** Sends one operation's parameters to an endpoint, whatever is made of the answer. */
export async function ask(
  endpoint: AwsEndpoint,
  { service, model, operation, parameters }: Asked & { readonly parameters: JsonValue },
  call: TaskCall,
  signal: AbortSignal,
): Promise<Outcome> {
  const { input, faults } = readParameters(operation.input, parameters);
  if (faults.length > 0) return { type: 'unusable', faults };
  try {
    const request = encodeRequest(model, operation, withTokens(operation, input, call));
    const { region, key } = call;
    const asked = { service, model, operation, request, region, key, ...traceOf(call) };
    return { type: 'answered', answer: await endpoint.send(asked, signal) };
  } catch (fault) {
    if (fault instanceof MissingMember) return { type: 'unanswered', reason: fault.message };
    const reason = `Unable to execute HTTP request: ${fault instanceof Error ? fault.message : fault}`;
    return { type: 'unanswered', reason };
  }
}

/** A token that makes a repeated call the same one, where the service takes it and nobody gave one. */
function withTokens({ input: shape }: OperationModel, input: WireMembers, call: TaskCall): WireMembers {
  const tokens = [...(shape?.wires ?? [])].filter(([name, wire]) => wire.isIdempotencyToken && !input.has(name));
  if (tokens.length === 0) return input;
  return new Map([...input, ...tokens.map(([name]): [string, string] => [name, requestIdOf(call)])]);
}
