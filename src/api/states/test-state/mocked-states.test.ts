import { beforeEach, describe, expect, test } from 'vitest';
import { mapData, noObjects, textObject } from '../../../integrations/map-data/index.js';
import { type BedRequest, TestBed } from './test-bed.js';

const INVOKE = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };

let bed: TestBed;
beforeEach(() => {
  bed = new TestBed((text) => mapData({ ...noObjects, ...textObject(text) }));
});

describe('a mock', () => {
  const failing = {
    ...INVOKE,
    Retry: [{ ErrorEquals: ['Other'] }, { ErrorEquals: ['Busy'], MaxAttempts: 2, IntervalSeconds: 3 }],
  };
  const busy = { errorOutput: { error: 'Busy', cause: 'too much' } };

  test.each<[string, BedRequest, object]>([
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
    expect(await bed.send(request)).toEqual(expected);
  });
});

describe('a JSONata state', () => {
  const jsonata = (state: object): object => ({ QueryLanguage: 'JSONata', End: true, ...state });
  const call = jsonata({ ...INVOKE, Arguments: { FunctionName: 'f', Payload: '{% $states.input.n + $more %}' } });

  test.each<[string, BedRequest, object]>([
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
    expect(await bed.send(request)).toEqual(expected);
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

  test.each<[string, BedRequest, object]>([
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
    expect(await bed.send(request)).toEqual({ status: 'SUCCEEDED', output: '[]', inspectionData: expected });
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
    expect(await bed.send(request)).toMatchObject({
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
    expect(await bed.send(request)).toMatchObject({
      status,
      ...(status === 'FAILED' && { error: 'States.ExceedToleratedFailureThreshold' }),
    });
  });

  test('that exports its results is mocked with an object', async () => {
    const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'p' } };
    const definition = map({ ResultWriter });
    expect(await bed.refusal({ definition, input: '[]', mock: { result: '[]' } })).toBe(
      'ValidationException: Mocked result must be a JSON object.',
    );
    const mock = { result: '{"MapRunArn":"a"}' };
    expect(await bed.send({ definition, input: '[]', mock })).toEqual({ status: 'SUCCEEDED', output: mock.result });
  });
});
