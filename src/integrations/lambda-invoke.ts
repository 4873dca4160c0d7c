import { parseFunctionReference } from '../functions/index.js';
import {
  isJsonText,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  parseJson,
  writeJson,
} from '../payload/index.js';
import type { AsyncInvocations } from '../services/async-invocations.js';
import { type LogLines, withLogTail } from '../services/log-tail.js';
import type { Clock, Invocation, InvocationResult, Invoker } from '../services/ports.js';
import { functionFailure, invocationRefusal } from './function-error.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, foreignFields, requestIdOf, sdkFailure, sdkOutput, traceOf, unusableParameters } from './sdk.js';

export interface LambdaInvokeOptions {
  readonly invoker: Invoker;
  readonly lines: LogLines;
  /** Takes invocations of type Event. */
  readonly events: Pick<AsyncInvocations, 'enqueue'>;
  readonly clock: Clock;
}

/** ClientContext is AWS's too, but functions here would not see it. */
const FIELDS: ReadonlySet<string> = new Set(['FunctionName', 'Payload', 'InvocationType', 'LogType', 'Qualifier']);

/** `lambda:invoke`: the result has the parsed Payload, the status and the SDK's metadata. */
export const lambdaInvoke = (options: LambdaInvokeOptions): Integration => ({
  resource: 'lambda:invoke',
  perform: async (call, { signal }) => {
    const parameters = call.parameters.value;
    if (!isObject(parameters)) return unusableParameters(call, ['Expected an object of fields']);
    const faults = faultsOf(parameters);
    if (faults.length > 0) return unusableParameters(call, faults);
    const functionName = targetOf(call, parameters);
    if (functionName === null) return nameMissing(call);
    const event = eventOf(memberOf(parameters, 'Payload'));
    const invocation = { functionName, event, requestId: requestIdOf(call), ...traceOf(call) };
    const type = memberOf(parameters, 'InvocationType') ?? 'RequestResponse';
    if (type === 'Event') return invokeLater(options, call, invocation);
    if (memberOf(parameters, 'LogType') !== 'Tail') {
      return answerOf(options, call, invocation, { answer: await options.invoker.invoke(invocation, signal) });
    }
    const work = (): Promise<InvocationResult> => options.invoker.invoke(invocation, signal);
    return answerOf(options, call, invocation, await withLogTail(options.lines, invocation.requestId, work));
  },
});

function faultsOf(parameters: JsonObject): readonly string[] {
  const faults = [...foreignFields(keysOf(parameters), FIELDS)];
  for (const name of ['FunctionName', 'InvocationType', 'LogType', 'Qualifier']) {
    const value = memberOf(parameters, name);
    if (value !== undefined && value !== null && typeof value !== 'string') {
      faults.push(`The value for the field '${name}' must be a STRING`);
    }
  }
  const type = memberOf(parameters, 'InvocationType') ?? 'RequestResponse';
  if (type !== 'RequestResponse' && type !== 'Event') {
    faults.push("The value for the field 'InvocationType' must be RequestResponse or Event");
  }
  return faults;
}

function targetOf(call: TaskCall, parameters: JsonObject): string | null {
  const name = memberOf(parameters, 'FunctionName');
  if (typeof name !== 'string') return null;
  const qualifier = memberOf(parameters, 'Qualifier');
  const text = typeof qualifier === 'string' ? `${name}:${qualifier}` : name;
  const reference = parseFunctionReference(text, { region: call.region, account: call.account });
  if (reference === null) return text; // refused by the functions, with their text
  return reference.qualifier === null ? reference.arn : `${reference.arn}:${reference.qualifier}`;
}

/** A text that is JSON is sent as it is (recorded); any other text as a JSON string. Nothing is an empty object. */
function eventOf(payload: JsonValue | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  return typeof payload === 'string' && isJsonText(payload) ? payload : writeJson(payload);
}

/** This integration writes the error object anew (recorded); of a function called by its ARN it stays as it came. */
const compactText = (text: string): string => (isJsonText(text) ? writeJson(parseJson(text)) : text);

function answerOf(
  { clock }: LambdaInvokeOptions,
  call: TaskCall,
  { requestId }: Invocation,
  { answer, logResult }: { readonly answer: InvocationResult; readonly logResult?: string },
): TaskAnswer {
  if (answer.type === 'refused') return invocationRefusal(answer, requestId);
  if (answer.type === 'failed') return functionFailure(compactText(answer.payload));
  const members = new Map<string, JsonValue>([
    ['ExecutedVersion', answer.executedVersion],
    ['Payload', parseJson(answer.payload)],
    ['StatusCode', 200],
  ]);
  if (logResult !== undefined) members.set('LogResult', logResult);
  const headers = {
    'Content-Length': String(Buffer.byteLength(answer.payload)),
    'Content-Type': 'application/json',
    'X-Amz-Executed-Version': answer.executedVersion,
    ...(logResult === undefined ? {} : { 'X-Amz-Log-Result': logResult }),
  };
  return answered(call, sdkOutput(members, { status: 200, requestId, at: clock.now(), headers }));
}

async function invokeLater(
  { events, clock }: LambdaInvokeOptions,
  call: TaskCall,
  invocation: Invocation,
): Promise<TaskAnswer> {
  await events.enqueue(invocation, { key: call.key });
  const members = new Map<string, JsonValue>([
    ['Payload', ''],
    ['StatusCode', 202],
  ]);
  const headers = { 'Content-Length': '0' };
  const http = { status: 202, requestId: invocation.requestId, at: clock.now(), headers };
  return answered(call, sdkOutput(members, http));
}

const nameMissing = (call: TaskCall): TaskAnswer =>
  sdkFailure({
    error: 'Lambda.AWSLambdaException',
    message:
      "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null",
    service: 'AWSLambda',
    status: 400,
    code: 'ValidationException',
    requestId: requestIdOf(call),
  });
