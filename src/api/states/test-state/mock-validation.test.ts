import { describe, expect, test } from 'vitest';
import { mapData, noObjects, textObject } from '../../../integrations/map-data/index.js';
import { STANDARD_POLICY } from '../../../interpreter/index.js';
import { ApiError } from '../../port.js';
import { testStateAction } from './test-state.js';

/** Nothing here is performed: requests are refused, or mocked. */
const action = testStateAction({
  performer: { perform: () => Promise.reject(new Error('A mocked task must not be performed.')) },
  clock: { now: () => 0, after: () => () => undefined },
  seed: () => [1, 2, 3, 4],
  newName: () => 'n',
  policy: STANDARD_POLICY,
  mapDataOf: (text) => mapData({ ...noObjects, ...textObject(text) }),
});

/** The status, or why it is refused. */
async function outcome(definition: object, members: object): Promise<string> {
  const input = { definition: JSON.stringify(definition), ...members };
  const place = { region: 'eu-west-1', account: '000000000000' };
  try {
    const answer = await action({ place, input, requestId: 'r', signal: new AbortController().signal });
    return (answer as { status: string }).status;
  } catch (fault) {
    if (fault instanceof ApiError) return `${fault.code}: ${fault.message}`;
    throw fault;
  }
}

const task = (resource: string): object => ({ Type: 'Task', Resource: `arn:aws:states:::${resource}`, End: true });
const LAMBDA = task('lambda:invoke');
const MAP = { Type: 'Map', ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Succeed' } } }, End: true };
const PARALLEL = {
  Type: 'Parallel',
  Branches: [MAP.ItemProcessor, { StartAt: 'Q', States: { Q: { Type: 'Succeed' } } }],
  End: true,
};
const result = (value: unknown, mode?: string): object => ({
  mock: { result: JSON.stringify(value), ...(mode && { fieldValidationMode: mode }) },
});

describe('what a mocked result may be', () => {
  const cases: ReadonlyArray<
    readonly [resource: string, value: unknown, mode: 'STRICT' | 'PRESENT' | 'NONE', expected: string]
  > = [
    ['lambda:invoke', { StatusCode: '200' }, 'STRICT', "Field 'StatusCode' must be a number"],
    ['lambda:invoke', { StatusCode: '200' }, 'NONE', 'SUCCEEDED'],
    ['lambda:invoke', { Payload: { any: [1] }, ExecutedVersion: '$LATEST' }, 'STRICT', 'SUCCEEDED'],
    ['lambda:invoke', { Payload: 1, ExecutedVersion: 2 }, 'PRESENT', "Field 'ExecutedVersion' must be a string"],
    ['lambda:invoke', { unknown: 1, statusCode: '200', StatusCode: null }, 'STRICT', 'SUCCEEDED'],
    ['dynamodb:getItem', { Item: { id: { N: 1 } } }, 'STRICT', "Field 'N' must be a string"],
    [
      'dynamodb:getItem',
      { Item: { a: { L: [{ M: { b: { BOOL: 'true' } } }] } } },
      'STRICT',
      "Field 'BOOL' must be a boolean",
    ],
    ['dynamodb:getItem', { Item: [] }, 'STRICT', "Field 'Item' must be an object"],
    ['aws-sdk:dynamodb:getItem', { Item: { a: { Bool: 1 } } }, 'STRICT', "Field 'Bool' must be a boolean"],
    [
      'dynamodb:putItem',
      { ConsumedCapacity: { CapacityUnits: '1' } },
      'PRESENT',
      "Field 'CapacityUnits' must be a number",
    ],
    ['events:putEvents', { Entries: {} }, 'STRICT', "Field 'Entries' must be an array"],
    ['sqs:sendMessage', { MD5OfMessageBody: 1 }, 'STRICT', "Field 'MD5OfMessageBody' must be a string"],
    ['states:startExecution', {}, 'STRICT', "Required field 'ExecutionArn' is missing"],
    [
      'states:startExecution',
      { executionArn: 'a', startDate: 'd' },
      'STRICT',
      "Required field 'ExecutionArn' is missing",
    ],
    ['states:startExecution', { ExecutionArn: 'a' }, 'STRICT', "Required field 'StartDate' is missing"],
    ['states:startExecution', {}, 'PRESENT', 'SUCCEEDED'],
    [
      'states:startExecution',
      { ExecutionArn: '' },
      'PRESENT',
      "Field 'ExecutionArn' is smaller than the minimum length",
    ],
    [
      'states:startExecution',
      { ExecutionArn: 'a'.repeat(257) },
      'PRESENT',
      "Field 'ExecutionArn' exceeds the maximum length",
    ],
    ['states:startExecution.sync', { Status: 'DONE' }, 'PRESENT', "Field 'Status' is not an expected value"],
    ['states:startExecution.sync', { Output: { a: 1 } }, 'PRESENT', "Field 'Output' must be a string"],
    ['states:startExecution.sync:2', { Output: { a: 1 } }, 'PRESENT', 'SUCCEEDED'],
    [
      'batch:submitJob.sync',
      { Jobs: [{ JobName: 'n', JobId: 'i', JobQueue: 'q', Status: 'SUCCEEDED' }] },
      'STRICT',
      "Required field 'StartedAt' is missing",
    ],
    ['glue:startJobRun.sync', { JobRun: { Attempt: -1 } }, 'STRICT', 'SUCCEEDED'],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 10241 } },
      'STRICT',
      "Field 'MemorySize' exceeds the maximum value",
    ],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 127 } },
      'STRICT',
      "Field 'MemorySize' is less than the minimum value",
    ],
    [
      'aws-sdk:kms:encrypt',
      { CiphertextBlob: '' },
      'STRICT',
      "Field 'CiphertextBlob' is smaller than the minimum length",
    ],
    [
      'aws-sdk:rds:describeDBInstances',
      { DbInstances: [{ DbInstanceIdentifier: 1 }] },
      'STRICT',
      "Field 'DbInstanceIdentifier' must be a string",
    ],
    ['lambda:invoke.waitForTaskToken', 'anything', 'STRICT', 'SUCCEEDED'],
    ['http:invoke', { StatusCode: 'x' }, 'STRICT', 'SUCCEEDED'],
  ];
  test.each(cases)('%s %j %s: %s', async (resource, value, mode, expected) => {
    const prefix = expected === 'SUCCEEDED' ? '' : 'ValidationException: Mock result schema validation error: ';
    const parameters = resource.startsWith('http:')
      ? { Parameters: { ApiEndpoint: 'https://a.b', Method: 'GET', Authentication: { ConnectionArn: 'c' } } }
      : resource.endsWith('waitForTaskToken')
        ? { Parameters: { 'Payload.$': '$$.Task.Token' } }
        : {};
    expect(await outcome({ ...task(resource), ...parameters }, result(value, mode))).toBe(prefix + expected);
  });

  test.each<[object, object, string]>([
    [LAMBDA, { mock: { result: 'no JSON', fieldValidationMode: 'NONE' } }, 'Mocked result must be valid JSON'],
    [LAMBDA, result('text'), 'Mocked result must be a JSON object.'],
    [MAP, result({}), 'Mocked result must be an array.'],
    [PARALLEL, result({}), 'Mocked result must be an array.'],
    [PARALLEL, result([1]), 'Mocked result must contain the same number of items as number of Parallel branches.'],
    [
      LAMBDA,
      { mock: { result: '{}', errorOutput: { error: 'E' } } },
      'A test mock should have only one of the following fields: [result, errorOutput].',
    ],
    [LAMBDA, { mock: {} }, 'A test mock should have one of the following fields: [result, errorOutput].'],
    [
      LAMBDA,
      { ...result({}), revealSecrets: true },
      'TestState does not support RevealSecrets when a mock is specified.',
    ],
    [
      { Type: 'Wait', Seconds: 1, End: true },
      result({}),
      "State type 'Wait' is not supported when a mock is specified",
    ],
    [
      MAP,
      { input: '[1,2]', ...result([1, 2]), stateConfiguration: { mapIterationFailureCount: 3 } },
      'Map iteration failure count must be less than or equal to the number of Map iterations',
    ],
    [
      MAP,
      { input: '[1,2]', mock: { errorOutput: { error: 'E' } }, stateConfiguration: { errorCausedByState: 'Q' } },
      "ErrorCausedByState must name a state inside the Map state, but there is no state 'Q'.",
    ],
  ])('%j %j: %s', async (definition, members, expected) => {
    expect(await outcome(definition, members)).toBe(`ValidationException: ${expected}`);
  });
});

describe('what needs a mock', () => {
  test.each<[object, object, string]>([
    [LAMBDA, {}, 'RoleArn must be specified when testing a Task state'],
    [
      PARALLEL,
      {},
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    ],
    [
      MAP,
      { stateConfiguration: { mapIterationFailureCount: 0 } },
      'TestState does not support MapIterationFailureCount when a mock is not specified.',
    ],
    [LAMBDA, { context: '{}' }, 'TestState does not support Context when a mock is not specified.'],
    [
      task('states:startExecution.sync:2'),
      {},
      "TestState does not support '.sync:2' tasks when a mock is not specified.",
    ],
    [
      { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:a', End: true },
      {},
      'TestState does not support Activity tasks when a mock is not specified.',
    ],
  ])('%j %j: %s', async (definition, members, expected) => {
    expect(await outcome(definition, members)).toBe(`ValidationException: ${expected}`);
  });
});

describe('a given context object', () => {
  test.each([
    ['{"Execution":{"Id":1}}', 'Execution.Id must be a string'],
    ['{"State":{"RetryCount":"1"}}', 'State.RetryCount must be a number'],
    ['{"Pokedex":{}}', "Field 'Pokedex' is not allowed"],
    ['{"Execution":{"Pokedex":1}}', "Field 'Execution.Pokedex' is not allowed"],
    ['{"StateMachine":1}', 'StateMachine must be an object'],
    ['{"Map":{"Item":{}}}', "'Map' field is not supported when mocking a Context object"],
    [
      '{"Task":{"Token":"t"}}',
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    ],
    ['nonsense', 'Context object must be a valid JSON object'],
  ])('%s: %s', async (context, expected) => {
    expect(await outcome(LAMBDA, { ...result({}), context })).toBe(
      `ValidationException: Invalid Context object provided: ${expected}`,
    );
  });

  test('may hold any input, and the token of a task that waits for one', async () => {
    const context = '{"Execution":{"Input":[1],"Id":"a"},"State":{"RetryCount":2}}';
    expect(await outcome(LAMBDA, { ...result({}), context })).toBe('SUCCEEDED');
    const waiting = { ...task('sqs:sendMessage.waitForTaskToken'), Parameters: { 'MessageBody.$': '$$.Task.Token' } };
    expect(await outcome(waiting, { ...result({}), context: '{"Task":{"Token":"t"}}' })).toBe('SUCCEEDED');
  });
});
