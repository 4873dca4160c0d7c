import { createHash } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue, objectOf, Payload } from '../payload/index.js';
import type { TaskAnswer, TaskCall } from './port.js';

/** What optimised integrations add to a service's answer, and how they word its errors: the manner of AWS's Java SDK 1. */

/** The same UUID at every performance of the same call: functions see it as their request id. */
/** What a function is told of the trace that its Task belongs to. */
export const traceOf = ({ traceHeader }: TaskCall): { readonly traceHeader?: string } =>
  traceHeader === undefined ? {} : { traceHeader };

export function requestIdOf(call: Pick<TaskCall, 'key'>): string {
  const hex = createHash('sha256').update(call.key).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export interface HttpAnswer {
  readonly status: number;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer's members with SdkHttpMetadata and SdkResponseMetadata, sorted by name as AWS writes them. */
export function sdkOutput(members: ReadonlyMap<string, JsonValue>, http: HttpAnswer): Payload {
  const all = new Map<string, JsonValue>(members);
  all.set('SdkHttpMetadata', httpMetadata(http));
  all.set('SdkResponseMetadata', { RequestId: http.requestId });
  return Payload.ofValue(objectOf([...all].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function httpMetadata({ status, requestId, at, headers }: HttpAnswer): JsonObject {
  const single: Record<string, string> = {
    Connection: 'keep-alive',
    Date: new Date(at).toUTCString(),
    'x-amzn-RequestId': requestId,
    ...headers,
  };
  const all = Object.fromEntries(Object.entries(single).map(([name, value]) => [name, [value]]));
  return { AllHttpHeaders: all, HttpHeaders: single, HttpStatusCode: status };
}

/** The end of a call that was answered: a result, or the beginning of the wait for a task token. */
export const answered = (call: TaskCall, output: Payload): TaskAnswer => ({
  type: call.resource.endsWith('.waitForTaskToken') ? 'submitted' : 'succeeded',
  output,
});

export interface SdkFailure {
  /** `Lambda.ResourceNotFoundException`. */
  readonly error: string;
  readonly message: string;
  /** E.g. `AWSLambda`. */
  readonly service: string;
  readonly status: number;
  /** As on the wire. */
  readonly code: string;
  readonly requestId: string;
}

export const sdkFailure = ({ error, message, service, status, code, requestId }: SdkFailure): TaskAnswer => ({
  type: 'failed',
  error,
  cause: `${message} (Service: ${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
});

/** The parameters cannot be sent at all. Not catchable, as on AWS. */
export const unusableParameters = (call: TaskCall, faults: readonly string[]): TaskAnswer => ({
  type: 'failed',
  error: 'States.Runtime',
  cause: `The Parameters '${call.parameters.text}' could not be used to start the Task: [${faults.join(', ')}]`,
  phase: 'start',
});

/** Goes on with the parameters as an object of fields, or ends the task with all that `faultsOf` finds wrong with them. */
export async function withParameters(
  call: TaskCall,
  faultsOf: (parameters: JsonObject) => readonly string[],
  perform: (parameters: JsonObject) => Promise<TaskAnswer>,
): Promise<TaskAnswer> {
  const parameters = call.parameters.value;
  if (!isObject(parameters)) return unusableParameters(call, ['Expected an object of fields']);
  const faults = faultsOf(parameters);
  return faults.length > 0 ? unusableParameters(call, faults) : perform(parameters);
}

/** Names of fields that the integration does not take. */
export const foreignFields = (names: readonly string[], known: ReadonlySet<string>): readonly string[] =>
  names.filter((name) => !known.has(name)).map((name) => `The field "${name}" is not supported by Step Functions`);
