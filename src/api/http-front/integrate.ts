import { FUNCTION_PAYLOAD_BYTES_MAX } from '../../limits/services.js';
import type { Integration } from '../../services/http/part.js';
import type { Invoker } from '../../services/ports.js';
import type { Action } from '../port.js';
import { ApiError } from '../port.js';
import { evaluateExpression, parsedBody } from './expressions.js';
import { type FrontAnswer, type FrontRequest, jsonAnswer, messageAnswer } from './front-request.js';
import { answerV1, answerV2 } from './function-answer.js';
import { type EventContext, eventV1, eventV2 } from './function-event.js';

export interface IntegrateOptions {
  readonly invoker: Invoker;
  /** An action of this server's services; undefined: there is none. */
  readonly action: (service: string, operation: string) => Action | undefined;
}

interface Integrating {
  readonly protocol: 'HTTP' | 'REST';
  readonly region: string;
  readonly request: FrontRequest;
  readonly context: EventContext;
}

/** The gateway's own error, as each kind of API words it. */
export const gatewayError = (protocol: 'HTTP' | 'REST'): FrontAnswer =>
  protocol === 'REST' ? messageAnswer(502, 'Internal server error') : messageAnswer(500, 'Internal Server Error');

/** What the integration answers, in time. */
export async function integrate(
  integration: Integration,
  about: Integrating,
  options: IntegrateOptions,
): Promise<FrontAnswer> {
  const answer = integrateWith(integration, about, options);
  const late = await withinTime(answer, integration.timeoutMs);
  if (late !== null) return late;
  return about.protocol === 'REST'
    ? messageAnswer(504, 'Endpoint request timed out')
    : messageAnswer(503, 'Service Unavailable');
}

function integrateWith(integration: Integration, about: Integrating, options: IntegrateOptions): Promise<FrontAnswer> {
  switch (integration.type) {
    case 'function':
      return callFunction(integration, about, options);
    case 'action':
      return callAction(integration, about, options);
    case 'start':
      return startExecution(integration.machineArn, about, options);
    default:
      return integration satisfies never;
  }
}

/** Null when it takes longer; what it does goes on, as on AWS. */
async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // nobody waits any more
  }
}

async function callFunction(
  { functionArn, payload }: Integration & { type: 'function' },
  { protocol, request, context }: Integrating,
  { invoker }: IntegrateOptions,
): Promise<FrontAnswer> {
  const isRest = protocol === 'REST';
  const event = payload === '2.0' ? eventV2(request, context) : eventV1(request, context, { isRest });
  if (Buffer.byteLength(event) > FUNCTION_PAYLOAD_BYTES_MAX) return messageAnswer(413, 'Request Entity Too Large');
  const result = await invoker.invoke({ functionName: functionArn, event, requestId: request.id });
  if (result.type !== 'succeeded') return gatewayError(protocol);
  return (payload === '2.0' ? answerV2(result.payload) : answerV1(result.payload)) ?? gatewayError(protocol);
}

/** Members of an input whose names begin in lower case in the service model, unlike in API Gateway's mappings. */
const LOWER_CASE = new Set(['states']);

async function callAction(
  { service, operation, parameters }: Integration & { type: 'action' },
  about: Integrating,
  options: IntegrateOptions,
): Promise<FrontAnswer> {
  const { request, context } = about;
  const scope = {
    request,
    parameters: context.parameters,
    stageVariables: context.stageVariables,
    context: { requestId: request.id, apiId: context.apiId, stage: context.stage },
  };
  const input: Record<string, unknown> = {};
  for (const [name, expression] of Object.entries(parameters)) {
    const value = evaluateExpression(expression, scope);
    if (value === null || name === 'Region') continue;
    input[LOWER_CASE.has(service) ? name.slice(0, 1).toLowerCase() + name.slice(1) : name] = value;
  }
  return perform({ service, operation, input: shaped(operation, input) }, about, options);
}

/** API Gateway's mapping of PutEvents names the members of one entry. */
function shaped(operation: string, input: Readonly<Record<string, unknown>>): unknown {
  if (operation !== 'PutEvents') return input;
  const { Resources, Time, ...entry } = input;
  const resources = typeof Resources === 'string' ? parsedBody(Resources) : undefined;
  return { Entries: [{ ...entry, ...(Array.isArray(resources) && { Resources: resources }) }] };
}

/** SAM's integration of a machine: the body is the input, an empty one an empty object. */
function startExecution(stateMachineArn: string, about: Integrating, options: IntegrateOptions): Promise<FrontAnswer> {
  const text = about.request.body.toString('utf8');
  const input = text.trim() === '' ? '{}' : text;
  if (parsedBody(input) === undefined) {
    return Promise.resolve(messageAnswer(400, 'Could not parse request body into json'));
  }
  return perform({ service: 'states', operation: 'StartExecution', input: { stateMachineArn, input } }, about, options);
}

async function perform(
  { service, operation, input }: { readonly service: string; readonly operation: string; readonly input: unknown },
  { region, request, context, protocol }: Integrating,
  { action }: IntegrateOptions,
): Promise<FrontAnswer> {
  const known = action(service, operation);
  if (known === undefined) return gatewayError(protocol);
  const place = { region, account: context.account };
  const call = { place, input, requestId: request.id, signal: new AbortController().signal };
  try {
    return jsonAnswer(200, (await known(call)) ?? {});
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    return jsonAnswer(fault.status, { __type: fault.code, message: fault.message });
  }
}
