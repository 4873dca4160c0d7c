import { beforeEach, describe, expect, test } from 'vitest';
import { mapData, noObjects, textObject } from '../../../integrations/map-data/index.js';
import type { TaskAnswer, TaskCall } from '../../../integrations/port.js';
import { STANDARD_POLICY } from '../../../interpreter/index.js';
import { TEST_STATES_MAX } from '../../../limits.js';
import { ApiError } from '../../port.js';
import { testStateAction } from './test-state.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const INVOKE = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };
const calls: TaskCall[] = [];
let answer: (call: TaskCall, signal: AbortSignal) => Promise<TaskAnswer>;

/** Once a test lets it, time passes without being waited for. */
let now = 0;
let doesTimePass = false;
const clock = {
  now: () => now,
  after: (ms: number, then: () => void) => {
    if (!doesTimePass) return () => undefined;
    now += ms;
    then();
    return () => undefined;
  },
};

const action = testStateAction({
  performer: {
    perform: (call, signal) => {
      calls.push(call);
      return answer(call, signal);
    },
  },
  clock,
  seed: () => [1, 2, 3, 4],
  newName: () => 'a-name',
  policy: STANDARD_POLICY,
  mapDataOf: (text) => mapData({ ...noObjects, ...textObject(text) }),
});

interface Request {
  readonly definition?: unknown;
  readonly [member: string]: unknown;
}

/** Structures are written as JSON text where the API takes a text. */
async function testState({ definition, ...rest }: Request): Promise<unknown> {
  const input = { definition: typeof definition === 'string' ? definition : JSON.stringify(definition), ...rest };
  return action({
    place: { region: 'eu-west-1', account: '000000000000' },
    input,
    requestId: 'r',
    signal: new AbortController().signal,
  });
}

async function refusal(request: Request): Promise<string> {
  try {
    return JSON.stringify(await testState(request));
  } catch (fault) {
    if (fault instanceof ApiError) return `${fault.code}: ${fault.message}`;
    throw fault;
  }
}

/** A task answers unless a test says otherwise. */
const echo: typeof answer = async ({ parameters }) => ({ type: 'succeeded', output: parameters });
beforeEach(() => {
  answer = echo;
  doesTimePass = false;
  calls.length = 0;
});

describe('a state by itself', () => {
  test.each<[string, Request, object]>([
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
    expect(await testState(request)).toEqual(expected);
  });

  test('the context object is that of an Express execution', async () => {
    const definition = { Type: 'Pass', Parameters: { 'c.$': '$$' }, End: true };
    const answered = (await testState({ definition, input: '[1]', roleArn: ROLE })) as { output: string };
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
    expect(await testState({ definition: machine, stateName: 'Inner', input: '7' })).toEqual({
      status: 'SUCCEEDED',
      output: '{"item":{"Index":0,"Value":7}}',
      nextState: 'Last',
    });
  });

  test.each<[string, Request]>([
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
    expect(await refusal(request)).toBe(expected);
  });
});

describe('a Task that is performed', () => {
  test('is called as in an execution', async () => {
    const definition = { ...INVOKE, Parameters: { FunctionName: 'f', 'Payload.$': '$' } };
    const answered = await testState({ definition, input: '{"x":1.50}', roleArn: ROLE, inspectionLevel: 'DEBUG' });
    const parameters = '{"FunctionName":"f","Payload":{"x":1.50}}';
    expect(calls).toMatchObject([
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
    answer = async () => ({ type: 'failed', error: 'Busy', cause: 'too much' });
    const definition = {
      ...INVOKE,
      Catch: [
        { ErrorEquals: ['States.Timeout'], Next: 'A' },
        { ErrorEquals: ['Busy'], Next: 'B' },
      ],
    };
    expect(await testState({ definition, roleArn: ROLE, inspectionLevel: 'TRACE' })).toEqual({
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
    doesTimePass = true;
    answer = (_call, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isGivenUp = true;
        });
      });
    expect(await testState({ definition: { ...INVOKE, TimeoutSeconds: 1 }, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    expect(isGivenUp).toBe(true);
  });

  test('a fault of ours is the failure of the task', async () => {
    answer = () => Promise.reject(new Error('no disk'));
    expect(await testState({ definition: INVOKE, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.TaskFailed',
      cause: 'Treadle could not perform the task: no disk',
    });
  });

  test('so many at once are too many', async () => {
    const releases: (() => void)[] = [];
    answer = (call, signal) => new Promise((done) => releases.push(() => done(echo(call, signal))));
    const request = { definition: INVOKE, roleArn: ROLE };
    const many = Array.from({ length: TEST_STATES_MAX }, () => testState(request));
    expect(await refusal(request)).toBe('ThrottlingException: Rate exceeded');
    for (const release of releases) release();
    expect(await Promise.all(many)).toHaveLength(TEST_STATES_MAX);
    answer = echo;
    expect(await testState(request)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('after five minutes it is over', async () => {
    answer = () => new Promise(() => undefined);
    doesTimePass = true;
    const before = now;
    expect(await testState({ definition: INVOKE, roleArn: ROLE })).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    expect(now - before).toBe(300_000);
  });
});

describe('a mock', () => {
  const failing = {
    ...INVOKE,
    Retry: [{ ErrorEquals: ['Other'] }, { ErrorEquals: ['Busy'], MaxAttempts: 2, IntervalSeconds: 3 }],
  };
  const busy = { errorOutput: { error: 'Busy', cause: 'too much' } };

  test.each<[string, Request, object]>([
    [
      'is the result, and needs no role',
      { definition: { ...INVOKE, ResultPath: '$.r' }, mock: { result: '{"StatusCode": 200}' } },
      { status: 'SUCCEEDED', output: '{"r":{"StatusCode":200}}' },
    ],
    [
      'that fails is retried',
      { definition: failing, mock: busy, inspectionLevel: 'DEBUG' },
      {
        status: 'RETRIABLE',
        error: 'Busy',
        cause: 'too much',
        inspectionData: {
          input: '{}',
          afterInputPath: '{}',
          afterParameters: '{}',
          errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: 3 },
        },
      },
    ],
    [
      'that has been retried often enough fails',
      { definition: failing, mock: busy, stateConfiguration: { retrierRetryCount: 2 }, inspectionLevel: 'DEBUG' },
      {
        status: 'FAILED',
        error: 'Busy',
        cause: 'too much',
        inspectionData: { input: '{}', afterInputPath: '{}', afterParameters: '{}', errorDetails: { retryIndex: 1 } },
      },
    ],
    [
      'of an activity',
      {
        definition: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:a', End: true },
        mock: { result: '"done"' },
      },
      { status: 'SUCCEEDED', output: '"done"' },
    ],
    [
      'of a task that waits for a token',
      {
        definition: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
          End: true,
        },
        context: '{"Task":{"Token":"tok"}}',
        mock: { result: '3' },
        inspectionLevel: 'DEBUG',
      },
      {
        status: 'SUCCEEDED',
        output: '3',
        inspectionData: {
          input: '{}',
          afterInputPath: '{}',
          afterParameters: '{"QueueUrl":"q","MessageBody":"tok"}',
          result: '3',
          afterResultSelector: '3',
          afterResultPath: '3',
        },
      },
    ],
    [
      'of an HTTP call',
      {
        definition: {
          Type: 'Task',
          Resource: 'arn:aws:states:::http:invoke',
          Parameters: { ApiEndpoint: 'https://example.com', Method: 'GET', Authentication: { ConnectionArn: 'c' } },
          OutputPath: '$.StatusCode',
          End: true,
        },
        mock: { result: '{"StatusCode":200}' },
      },
      { status: 'SUCCEEDED', output: '200' },
    ],
    [
      'of a Map: items, selected items, concurrency and tolerance are shown',
      {
        definition: {
          Type: 'Map',
          InputPath: '$.in',
          ItemsPath: '$.list',
          ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value' },
          MaxConcurrencyPath: '$.max',
          ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Succeed' } } },
          End: true,
        },
        input: '{"in":{"list":[{"a": 1},2],"max":3}}',
        mock: { result: '[8, 9]' },
        inspectionLevel: 'TRACE',
      },
      {
        status: 'SUCCEEDED',
        output: '[8, 9]',
        inspectionData: {
          input: '{"in":{"list":[{"a": 1},2],"max":3}}',
          afterInputPath: '{"list":[{"a":1},2],"max":3}',
          afterItemsPath: '[{"a":1}, 2]',
          afterItemSelector: '[{"i":0,"v":{"a":1}}, {"i":1,"v":2}]',
          maxConcurrency: 3,
          afterResultSelector: '[8, 9]',
          afterResultPath: '[8, 9]',
        },
      },
    ],
    [
      'of a Map over nothing',
      {
        definition: { Type: 'Map', ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Succeed' } } }, End: true },
        input: '[]',
        mock: { result: '[]' },
      },
      { status: 'SUCCEEDED', output: '[]' },
    ],
    [
      'of a Parallel: the error of a branch is caught',
      {
        definition: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'B', States: { B: { Type: 'Succeed' } } }],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'Mend' }],
          End: true,
        },
        mock: busy,
        stateConfiguration: { errorCausedByState: 'B' },
      },
      {
        status: 'CAUGHT_ERROR',
        output: '{"e":{"Error":"Busy","Cause":"too much"}}',
        nextState: 'Mend',
        error: 'Busy',
        cause: 'too much',
      },
    ],
  ])('%s', async (_name, request, expected) => {
    expect(await testState(request)).toEqual(expected);
  });
});

describe('a JSONata state', () => {
  const jsonata = (state: object): object => ({ QueryLanguage: 'JSONata', End: true, ...state });
  const call = jsonata({ ...INVOKE, Arguments: { FunctionName: 'f', Payload: '{% $states.input.n + $more %}' } });

  test.each<[string, Request, object]>([
    [
      'Task: arguments, result and output',
      {
        definition: {
          ...call,
          Output: '{% $states.result.Payload * 2 %}',
          Assign: { last: '{% $states.result.StatusCode %}' },
        },
        input: '{"n":1}',
        variables: '{"more":2}',
        mock: { result: '{"StatusCode":200,"Payload":21}' },
        inspectionLevel: 'DEBUG',
      },
      {
        status: 'SUCCEEDED',
        output: '42',
        inspectionData: {
          input: '{"n":1}',
          afterArguments: '{"FunctionName":"f","Payload":3}',
          result: '{"StatusCode":200,"Payload":21}',
          variables: '{"more":2,"last":200}',
        },
      },
    ],
    [
      'an error is caught, and its Output sees it and how often it was retried',
      {
        definition: {
          ...call,
          Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
          Catch: [
            {
              ErrorEquals: ['Busy'],
              Output: '{% [$states.errorOutput.Cause, $states.context.State.RetryCount] %}',
              Next: 'Mend',
            },
          ],
        },
        input: '{"n":1}',
        variables: '{"more":2}',
        mock: { errorOutput: { error: 'Busy', cause: 'too much' } },
        stateConfiguration: { retrierRetryCount: 1 },
        inspectionLevel: 'DEBUG',
      },
      {
        status: 'CAUGHT_ERROR',
        output: '["too much",1]',
        nextState: 'Mend',
        error: 'Busy',
        cause: 'too much',
        inspectionData: {
          input: '{"n":1}',
          afterArguments: '{"FunctionName":"f","Payload":3}',
          variables: '{"more":2}',
          errorDetails: { retryIndex: 0, catchIndex: 0 },
        },
      },
    ],
    [
      'what cannot be evaluated fails',
      { definition: jsonata({ Type: 'Pass', Output: '{% $states.input.missing %}' }), inspectionLevel: 'DEBUG' },
      {
        status: 'FAILED',
        error: 'States.QueryEvaluationError',
        cause:
          "The JSONata expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
        inspectionData: { input: '{}' },
      },
    ],
    [
      'Choice and Fail show their input only',
      {
        definition: { Type: 'Choice', QueryLanguage: 'JSONata', Choices: [{ Condition: '{% true %}', Next: 'A' }] },
        inspectionLevel: 'TRACE',
      },
      { status: 'SUCCEEDED', output: '{}', nextState: 'A', inspectionData: { input: '{}' } },
    ],
  ])('%s', async (_name, request, expected) => {
    expect(await testState(request)).toEqual(expected);
  });
});

describe('a distributed Map', () => {
  const map = (fields: object): object => ({
    Type: 'Map',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      StartAt: 'P',
      States: { P: { Type: 'Pass', End: true } },
    },
    End: true,
    ...fields,
  });
  const reader = (config: object): object => ({
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: config,
      Parameters: { Bucket: 'b', 'Key.$': '$.key' },
    },
  });
  const input = '{"key":"k"}';
  const common = { input, mock: { result: '[]' }, inspectionLevel: 'DEBUG' };
  const shown = { input, afterInputPath: input, maxConcurrency: 0, afterResultSelector: '[]', afterResultPath: '[]' };

  test.each<[string, Request, object]>([
    [
      'rows of a given CSV are selected and batched',
      {
        ...common,
        definition: map({
          ...reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }),
          ItemSelector: { 'id.$': '$$.Map.Item.Value.id' },
          ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'key.$': '$.key' } },
        }),
        stateConfiguration: { mapItemReaderData: 'id,n\na,1\nb,2\nc,3\n', mapIterationFailureCount: 3 },
      },
      {
        ...shown,
        afterItemSelector: '[{"id":"a"}, {"id":"b"}, {"id":"c"}]',
        afterItemBatcher:
          '[{"BatchInput":{"key":"k"},"Items":[{"id":"a"},{"id":"b"}]}, {"BatchInput":{"key":"k"},"Items":[{"id":"c"}]}]',
      },
    ],
    [
      'a pointer leads to the items of given JSON',
      {
        ...common,
        definition: map(reader({ InputType: 'JSON', ItemsPointer: '/in/list' })),
        stateConfiguration: { mapItemReaderData: '{"in":{"list":[1, {"a": 2}]}}' },
      },
      { ...shown, afterItemsPointer: '[1, {"a":2}]' },
    ],
    [
      'without data of a reader nothing is known of the items',
      {
        ...common,
        definition: map({ ...reader({ InputType: 'JSON' }), ItemSelector: { 'v.$': '$$.Map.Item.Value' } }),
      },
      shown,
    ],
  ])('%s', async (_name, request, expected) => {
    expect(await testState(request)).toEqual({ status: 'SUCCEEDED', output: '[]', inspectionData: expected });
  });

  test('data that cannot be read fail it', async () => {
    const definition = map({
      ...reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }),
      Catch: [{ ErrorEquals: ['States.ItemReaderFailed'], Next: 'Mend' }],
    });
    const request = {
      definition,
      input,
      mock: { result: '[]' },
      stateConfiguration: { mapItemReaderData: 'a,a\n1,2' },
    };
    expect(await testState(request)).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'States.ItemReaderFailed',
      cause: 'CSV headers cannot contain duplicates.',
      nextState: 'Mend',
    });
  });

  test.each([
    [{ ToleratedFailureCount: 1 }, 1, 'SUCCEEDED'],
    [{ ToleratedFailureCount: 1 }, 2, 'FAILED'],
    [{ ToleratedFailurePercentage: 50 }, 2, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 50 }, 3, 'FAILED'],
    [{}, 4, 'SUCCEEDED'],
  ])('%j and %i failed iterations: %s', async (fields, mapIterationFailureCount, status) => {
    const request = {
      definition: map(fields),
      input: '[1,2,3,4]',
      mock: { result: '[1]' },
      stateConfiguration: { mapIterationFailureCount },
    };
    expect(await testState(request)).toMatchObject({
      status,
      ...(status === 'FAILED' && { error: 'States.ExceedToleratedFailureThreshold' }),
    });
  });

  test('that exports its results is mocked with an object', async () => {
    const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'p' } };
    const definition = map({ ResultWriter });
    expect(await refusal({ definition, input: '[]', mock: { result: '[]' } })).toBe(
      'ValidationException: Mocked result must be a JSON object.',
    );
    const mock = { result: '{"MapRunArn":"a"}' };
    expect(await testState({ definition, input: '[]', mock })).toEqual({ status: 'SUCCEEDED', output: mock.result });
  });
});
