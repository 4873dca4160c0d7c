import { beforeEach, describe, expect, test } from 'vitest';
import { mapData, noObjects, textObject } from '../../../integrations/map-data/index.js';
import { TEST_STATES_MAX } from '../../../limits.js';
import { type BedRequest, echo, TestBed } from './test-bed.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const INVOKE = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };

let bed: TestBed;
beforeEach(() => {
  bed = new TestBed((text) => mapData({ ...noObjects, ...textObject(text) }));
});

describe('a state by itself', () => {
  test.each<[string, BedRequest, object]>([
    [
      'Pass leads on',
      { definition: { Type: 'Pass', Next: 'Elsewhere' }, input: '{"a":  1}' },
      { status: 'SUCCEEDED', output: '{"a":  1}', nextState: 'Elsewhere' },
    ],
    [
      'without an input it is given an object',
      { definition: { Type: 'Succeed' } },
      { status: 'SUCCEEDED', output: '{}' },
    ],
    [
      'Fail says why',
      { definition: { Type: 'Fail', Error: 'E', CausePath: '$.why' }, input: '{"why":"because"}' },
      { status: 'FAILED', error: 'E', cause: 'because' },
    ],
    [
      'Wait does not wait',
      { definition: { Type: 'Wait', SecondsPath: '$.s', Next: 'N' }, input: '{"s":86400}', inspectionLevel: 'DEBUG' },
      {
        status: 'SUCCEEDED',
        output: '{"s":86400}',
        nextState: 'N',
        inspectionData: { input: '{"s":86400}', afterInputPath: '{"s":86400}' },
      },
    ],
    [
      'Choice',
      {
        definition: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'One' }], Default: 'Other' },
        input: '{"n":1}',
      },
      { status: 'SUCCEEDED', output: '{"n":1}', nextState: 'One' },
    ],
    [
      'an error of the language fails it, with the data flow so far',
      {
        definition: { Type: 'Pass', InputPath: '$.a', Parameters: { 'x.$': '$.missing' }, End: true },
        input: '{"a":{}}',
        inspectionLevel: 'TRACE',
      },
      {
        status: 'FAILED',
        error: 'States.Runtime',
        cause: expect.stringContaining("The JSONPath '$.missing'"),
        inspectionData: { input: '{"a":{}}', afterInputPath: '{}' },
      },
    ],
    [
      'variables are there, and shown with what is assigned',
      {
        definition: {
          Type: 'Pass',
          Assign: { 'b.$': '$a' },
          Parameters: { 'sum.$': 'States.MathAdd($a, 1)' },
          End: true,
        },
        variables: '{"a":1}',
        inspectionLevel: 'DEBUG',
      },
      {
        status: 'SUCCEEDED',
        output: '{"sum":2}',
        inspectionData: {
          input: '{}',
          afterInputPath: '{}',
          afterParameters: '{"sum":2}',
          afterResultSelector: '{"sum":2}',
          afterResultPath: '{"sum":2}',
          variables: '{"a":1,"b":1}',
        },
      },
    ],
  ])('%s', async (_name, request, expected) => {
    expect(await bed.send(request)).toEqual(expected);
  });

  test('the context object is that of an Express execution', async () => {
    const definition = { Type: 'Pass', Parameters: { 'c.$': '$$' }, End: true };
    const answered = (await bed.send({ definition, input: '[1]', roleArn: ROLE })) as { output: string };
    expect(JSON.parse(answered.output)).toEqual({
      c: {
        Execution: {
          Id: 'arn:aws:states:eu-west-1:000000000000:express:a-name:a-name',
          Input: [1],
          Name: 'a-name',
          RoleArn: ROLE,
          StartTime: expect.any(String),
        },
        StateMachine: { Id: 'arn:aws:states:eu-west-1:000000000000:stateMachine:a-name', Name: 'a-name' },
        State: { Name: 'StateName', EnteredTime: expect.any(String) },
      },
    });
  });
});

describe('a state of a machine', () => {
  const machine = {
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Map',
        ItemProcessor: {
          StartAt: 'Inner',
          States: {
            Inner: { Type: 'Pass', Parameters: { 'item.$': '$$.Map.Item' }, Next: 'Last' },
            Last: { Type: 'Succeed' },
          },
        },
        Next: 'Done',
      },
      Done: { Type: 'Succeed' },
    },
  };

  test('inside a Map it is one iteration', async () => {
    expect(await bed.send({ definition: machine, stateName: 'Inner', input: '7' })).toEqual({
      status: 'SUCCEEDED',
      output: '{"item":{"Index":0,"Value":7}}',
      nextState: 'Last',
    });
  });

  test.each<[string, BedRequest]>([
    ['ValidationException: State not found in definition', { definition: machine, stateName: 'Nowhere' }],
    [
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'",
      { definition: {}, stateName: 'Inner' },
    ],
    [
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null'",
      { definition: '[1]' },
    ],
    [
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [Type] at /States/StateName'",
      { definition: {} },
    ],
    [
      "InvalidExecutionInput: Invalid State Machine Execution Input: 'Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
      { definition: { Type: 'Succeed' }, input: 'x' },
    ],
    [
      'ValidationException: Variables must be a valid JSON object.',
      { definition: { Type: 'Succeed' }, variables: '[]' },
    ],
    [
      "ValidationException: 2 validation errors detected: Value null at 'definition' failed to satisfy constraint: Member must not be null; Value 'ALL' at 'inspectionLevel' failed to satisfy constraint: Member must satisfy enum value set: [INFO, DEBUG, TRACE]",
      { inspectionLevel: 'ALL' },
    ],
    [
      "ValidationException: 1 validation error detected: Value '-1' at 'stateConfiguration.retrierRetryCount' failed to satisfy constraint: Member must have value greater than or equal to 0",
      { definition: { Type: 'Succeed' }, stateConfiguration: { retrierRetryCount: -1 } },
    ],
  ])('%s', async (expected, request) => {
    expect(await bed.refusal(request)).toBe(expected);
  });
});

describe('a Task that is performed', () => {
  test('is called as in an execution', async () => {
    const definition = { ...INVOKE, Parameters: { FunctionName: 'f', 'Payload.$': '$' } };
    const answered = await bed.send({ definition, input: '{"x":1.50}', roleArn: ROLE, inspectionLevel: 'DEBUG' });
    const parameters = '{"FunctionName":"f","Payload":{"x":1.50}}';
    expect(bed.calls).toMatchObject([
      { resourceType: 'lambda', resource: 'invoke', stateName: 'StateName', account: '000000000000' },
    ]);
    expect(answered).toEqual({
      status: 'SUCCEEDED',
      output: parameters,
      inspectionData: {
        input: '{"x":1.50}',
        afterInputPath: '{"x":1.50}',
        afterParameters: parameters,
        result: parameters,
        afterResultSelector: parameters,
        afterResultPath: parameters,
      },
    });
  });

  test('its failure is caught', async () => {
    bed.answer = async () => ({ type: 'failed', error: 'Busy', cause: 'too much' });
    const definition = {
      ...INVOKE,
      Catch: [
        { ErrorEquals: ['States.Timeout'], Next: 'A' },
        { ErrorEquals: ['Busy'], Next: 'B' },
      ],
    };
    expect(await bed.send({ definition, roleArn: ROLE, inspectionLevel: 'TRACE' })).toEqual({
      status: 'CAUGHT_ERROR',
      output: '{"Error":"Busy","Cause":"too much"}',
      nextState: 'B',
      error: 'Busy',
      cause: 'too much',
      inspectionData: { input: '{}', afterInputPath: '{}', afterParameters: '{}', errorDetails: { catchIndex: 1 } },
    });
  });

  test('its time-out counts, and the call is given up', async () => {
    let isGivenUp = false;
    bed.doesTimePass = true;
    bed.answer = (_call, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isGivenUp = true;
        });
      });
    expect(await bed.send({ definition: { ...INVOKE, TimeoutSeconds: 1 }, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    expect(isGivenUp).toBe(true);
  });

  test('a fault of ours is the failure of the task', async () => {
    bed.answer = () => Promise.reject(new Error('no disk'));
    expect(await bed.send({ definition: INVOKE, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.TaskFailed',
      cause: 'Treadle could not perform the task: no disk',
    });
  });

  test('so many at once are too many', async () => {
    const releases: (() => void)[] = [];
    bed.answer = (call) => new Promise((done) => releases.push(() => done(echo(call))));
    const request = { definition: INVOKE, roleArn: ROLE };
    const many = Array.from({ length: TEST_STATES_MAX }, () => bed.send(request));
    expect(await bed.refusal(request)).toBe('ThrottlingException: Rate exceeded');
    for (const release of releases) release();
    expect(await Promise.all(many)).toHaveLength(TEST_STATES_MAX);
    bed.answer = echo;
    expect(await bed.send(request)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('after five minutes it is over', async () => {
    bed.answer = () => new Promise(() => undefined);
    bed.doesTimePass = true;
    const before = bed.now;
    expect(await bed.send({ definition: INVOKE, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    expect(bed.now - before).toBe(300_000);
  });
});
