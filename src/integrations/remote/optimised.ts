import {
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  objectOf,
  Payload,
  parseJson,
  withMember,
} from '../../payload/index.js';
import { serviceModel } from '../../services/models/index.js';
import {
  type Asked,
  type AwsEndpoint,
  ask,
  decodeAnswer,
  exceptionOf,
  readError,
  unreadable,
  type WireAnswer,
} from '../aws-sdk/index.js';
import { functionFailure } from '../function-error.js';
import type { TaskAnswer, TaskCall } from '../port.js';
import { answered, requestIdOf, sdkFailure, unusableParameters } from '../sdk.js';

/** How AWS's Java SDK 1, in whose manner optimised integrations speak, calls a service. */
interface Names {
  /** As in `aws-sdk:<service>`. */
  readonly service: string;
  readonly prefix: string;
  readonly client: string;
  /** Every exception that the service's model does not know. */
  readonly others: string;
}

const SERVICES: ReadonlyMap<string, Names> = new Map([
  ['lambda', { service: 'lambda', prefix: 'Lambda', client: 'AWSLambda', others: 'AWSLambdaException' }],
  ['function', { service: 'lambda', prefix: 'Lambda', client: 'AWSLambda', others: 'AWSLambdaException' }],
  [
    'dynamodb',
    { service: 'dynamodb', prefix: 'DynamoDB', client: 'AmazonDynamoDBv2', others: 'AmazonDynamoDBException' },
  ],
  ['sns', { service: 'sns', prefix: 'SNS', client: 'AmazonSNS', others: 'AmazonSNSException' }],
  ['sqs', { service: 'sqs', prefix: 'SQS', client: 'AmazonSQS', others: 'AmazonSQSException' }],
  [
    'events',
    {
      service: 'eventbridge',
      prefix: 'EventBridge',
      client: 'AmazonEventBridge',
      others: 'AmazonEventBridgeException',
    },
  ],
]);

/** The service of the AWS SDK integrations that an optimised one calls; null where it cannot be called elsewhere. */
export const remoteServiceOf = ({ resourceType }: TaskCall): string | null =>
  SERVICES.get(resourceType)?.service ?? null;

/** An optimised integration, or a function by its ARN, carried out by another endpoint. Null where that cannot be done. */
export async function optimised(
  endpoint: AwsEndpoint,
  call: TaskCall,
  signal: AbortSignal,
): Promise<TaskAnswer | null> {
  const names = SERVICES.get(call.resourceType);
  const [action = '', pattern] = call.resourceType === 'function' ? ['invoke'] : call.resource.split('.');
  const model = names === undefined ? null : serviceModel(names.service);
  const operation = model?.operation(action) ?? null;
  if (names === undefined || model === null || operation === null || pattern?.startsWith('sync') === true) return null;
  const asked = { service: names.service, model, operation };
  const outcome = await ask(endpoint, { ...asked, parameters: parametersOf(call) }, call, signal);
  switch (outcome.type) {
    case 'unusable':
      return unusableParameters(call, outcome.faults);
    case 'unanswered':
      return { type: 'failed', error: `${names.prefix}.SdkClientException`, cause: outcome.reason };
    case 'answered':
      return outcome.answer.status >= 300
        ? failure(names, asked, outcome.answer)
        : success(call, { names, asked }, outcome.answer);
    default:
      return outcome satisfies never;
  }
}

/** Nothing as Payload is an empty object, as the optimised integration has it. */
function parametersOf({ resourceType, resource, parameters }: TaskCall): JsonValue {
  if (resourceType === 'function') return { FunctionName: resource, Payload: parameters.value };
  const { value } = parameters;
  if (resourceType !== 'lambda' || !isObject(value) || (memberOf(value, 'Payload') ?? null) !== null) return value;
  return withMember(value, 'Payload', {});
}

function failure({ prefix, client, others }: Names, { model }: Asked, answer: WireAnswer): TaskAnswer {
  const { code, message, requestId } = readError(model, answer);
  return sdkFailure({
    error: `${prefix}.${exceptionOf(model, code ?? '', others)}`,
    message,
    service: client,
    status: answer.status,
    code: code ?? 'null',
    requestId,
  });
}

/** The API's own names; only executions' begin with a capital letter here. */
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function success(
  call: TaskCall,
  { names, asked }: { readonly names: Names; readonly asked: Asked },
  answer: WireAnswer,
): TaskAnswer {
  if (names.service === 'lambda' && answer.headers['x-amz-function-error'] !== undefined) {
    return functionFailure(answer.body.toString('utf8'));
  }
  try {
    const members = decodeAnswer(asked.model, asked.operation, answer, capitalised);
    const value = names.service === 'lambda' ? withPayload(members, answer) : members;
    if (call.resourceType === 'function') {
      return {
        type: 'succeeded',
        output: Payload.ofValue((isObject(value) ? memberOf(value, 'Payload') : null) ?? null),
      };
    }
    if (isObject(value) && Number(memberOf(value, 'FailedEntryCount') ?? 0) > 0) {
      return { type: 'failed', error: 'EventBridge.FailedEntry', cause: Payload.ofValue(value).text };
    }
    return answered(call, Payload.ofValue(withMetadata(value, call, answer)));
  } catch (fault) {
    return { type: 'failed', error: `${names.prefix}.SdkClientException`, cause: unreadable(fault, answer) };
  }
}

/** What the function answered, parsed. */
function withPayload(members: JsonValue, { body }: WireAnswer): JsonValue {
  const payload = body.length === 0 ? '' : parseJson(body.toString('utf8'));
  return isObject(members) ? withMember(members, 'Payload', payload) : members;
}

/** As they came, and sorted, as AWS writes them. */
function withMetadata(value: JsonValue, call: TaskCall, { status, headers }: WireAnswer): JsonValue {
  const members: JsonObject = isObject(value) ? value : {};
  const all = objectOf(Object.entries(headers).map(([name, text]) => [name, [text]]));
  const metadata = { AllHttpHeaders: all, HttpHeaders: objectOf(Object.entries(headers)), HttpStatusCode: status };
  const requestId = headers['x-amzn-requestid'] ?? requestIdOf(call);
  const entries: [string, JsonValue][] = keysOf(members).map((key) => [key, memberOf(members, key) ?? null]);
  entries.push(['SdkHttpMetadata', metadata], ['SdkResponseMetadata', { RequestId: requestId }]);
  return objectOf(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
