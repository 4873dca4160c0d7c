import { isArray, isObject, type JsonValue, keysOf, memberOf, parseJson, writeJson } from '../payload/index.js';
import type { TableAnswer } from '../services/dynamodb/tables.js';
import type { Clock } from '../services/ports.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, requestIdOf, sdkFailure, sdkOutput, unusableParameters } from './sdk.js';

/** The table service, as far as it is needed here. */
export interface TableCalls {
  call(
    operation: string,
    input: unknown,
    place: { readonly region: string; readonly account: string },
    taskKey?: string,
  ): Promise<TableAnswer>;
}

const OPERATIONS: ReadonlyArray<readonly [action: string, operation: string]> = [
  ['getItem', 'GetItem'],
  ['putItem', 'PutItem'],
  ['updateItem', 'UpdateItem'],
  ['deleteItem', 'DeleteItem'],
];

/** `dynamodb:getItem`, `putItem`, `updateItem`, `deleteItem`. A call that is performed again writes nothing, and gets its first answer. */
export const dynamodbItems = (tables: TableCalls, clock: Clock): readonly Integration[] =>
  OPERATIONS.map(([action, operation]) => ({
    resource: `dynamodb:${action}`,
    perform: async (call) => {
      const fault = textFault(call.parameters.value);
      if (fault !== null) return unusableParameters(call, [fault]);
      const input: unknown = JSON.parse(call.parameters.text);
      const answer = await callTable(tables, operation, input, call);
      return answer.status === 200 ? success(call, answer, clock) : failure(call, answer);
    },
  }));

async function callTable(tables: TableCalls, operation: string, input: unknown, call: TaskCall): Promise<TableAnswer> {
  try {
    return await tables.call(operation, input, { region: call.region, account: call.account }, call.key);
  } catch (fault) {
    const message = `Treadle's tables have failed: ${fault instanceof Error ? fault.message : String(fault)}`;
    return { status: 500, body: { __type: 'InternalServerError', message } };
  }
}

function success(call: TaskCall, { body }: TableAnswer, clock: Clock): TaskAnswer {
  const text = JSON.stringify(body);
  const value = parseJson(text);
  const members = new Map<string, JsonValue>();
  if (isObject(value)) for (const key of keysOf(value)) members.set(key, memberOf(value, key) ?? null);
  const headers = { 'Content-Length': String(Buffer.byteLength(text)), 'Content-Type': 'application/x-amz-json-1.0' };
  return answered(call, sdkOutput(members, { status: 200, requestId: requestIdOf(call), at: clock.now(), headers }));
}

/** Code on the wire → exception of the Java SDK. Every other code is the service's own exception. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['ConditionalCheckFailedException', 'ConditionalCheckFailedException'],
  ['InternalServerError', 'InternalServerErrorException'],
  ['ItemCollectionSizeLimitExceededException', 'ItemCollectionSizeLimitExceededException'],
  ['ProvisionedThroughputExceededException', 'ProvisionedThroughputExceededException'],
  ['RequestLimitExceeded', 'RequestLimitExceededException'],
  ['ResourceNotFoundException', 'ResourceNotFoundException'],
  ['TransactionConflictException', 'TransactionConflictException'],
]);

function failure(call: TaskCall, { status, body }: TableAnswer): TaskAnswer {
  const code = String(body.__type).split('#').at(-1) ?? '';
  return sdkFailure({
    error: `DynamoDB.${EXCEPTIONS.get(code) ?? 'AmazonDynamoDBException'}`,
    message: typeof body.message === 'string' ? body.message : '',
    service: 'AmazonDynamoDBv2',
    status,
    code,
    requestId: requestIdOf(call),
  });
}

const ATTRIBUTE_FIELDS = ['Item', 'Key', 'ExpressionAttributeValues'];

/** Attribute values of type S and N are written as texts; a number there is the commonest mistake. */
function textFault(parameters: JsonValue): string | null {
  if (!isObject(parameters)) return 'Expected an object of fields';
  for (const field of ATTRIBUTE_FIELDS) {
    const fault = attributeFault(memberOf(parameters, field) ?? null);
    if (fault !== null) return fault;
  }
  return null;
}

function attributeFault(value: JsonValue): string | null {
  if (isArray(value)) return firstFault(value);
  if (!isObject(value)) return null;
  for (const type of ['S', 'N']) {
    const text = memberOf(value, type);
    if (text === undefined || text === null || typeof text === 'string' || isArray(text) || isObject(text)) continue;
    return `The value for the field '${type}' must be a STRING, but it is ${writeJson(text)}`;
  }
  return firstFault(keysOf(value).map((key) => memberOf(value, key) ?? null));
}

function firstFault(values: readonly JsonValue[]): string | null {
  for (const value of values) {
    const fault = attributeFault(value);
    if (fault !== null) return fault;
  }
  return null;
}
