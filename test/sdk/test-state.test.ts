import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, TestStateCommand, ValidationException } from '@aws-sdk/client-sfn';
import { strToU8, zipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { awsCommand, isOldAws, openBed } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:shout';

const bed = openBed();
let client: SFNClient;
beforeAll(async () => {
  client = bed.use(new SFNClient({ disableHostPrefix: true })); // else it would look for sync-127.0.0.1
  const functions = new LambdaClient({});
  const source =
    'exports.handler = async ({ word }) => { if (!word) throw new RangeError("no word"); return word.toUpperCase(); };';
  const Code = { ZipFile: zipSync({ 'app.js': strToU8(source) }) };
  await functions.send(
    new CreateFunctionCommand({
      FunctionName: 'shout',
      Runtime: 'nodejs20.x',
      Handler: 'app.handler',
      Role: ROLE,
      Code,
    }),
  );
  functions.destroy();
}, 60_000);

const state = (definition: object): string => JSON.stringify(definition);

describe('the AWS SDK', () => {
  test('tries a Task, and the function is really called', async () => {
    const definition = state({ Type: 'Task', Resource: FUNCTION, ResultPath: '$.loud', Next: 'Say' });
    const tried = await client.send(
      new TestStateCommand({ definition, roleArn: ROLE, input: '{"word":"hello"}', inspectionLevel: 'DEBUG' }),
    );
    expect(tried).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"word":"hello","loud":"HELLO"}',
      nextState: 'Say',
      inspectionData: { result: '"HELLO"', afterResultPath: '{"word":"hello","loud":"HELLO"}' },
    });
  });

  test('sees what the function raises', async () => {
    const definition = state({ Type: 'Task', Resource: FUNCTION, Retry: [{ ErrorEquals: ['RangeError'] }], End: true });
    const tried = await client.send(new TestStateCommand({ definition, roleArn: ROLE, inspectionLevel: 'TRACE' }));
    expect(tried).toMatchObject({
      status: 'RETRIABLE',
      error: 'RangeError',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 1 } },
    });
    expect(JSON.parse(tried.cause ?? '')).toMatchObject({ errorMessage: 'no word' });
  });

  test('mocks a Map of a machine', async () => {
    const inner = { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } };
    const definition = state({
      StartAt: 'All',
      States: { All: { Type: 'Map', ItemProcessor: inner, MaxConcurrency: 2, End: true } },
    });
    const tried = await client.send(
      new TestStateCommand({
        definition,
        stateName: 'All',
        input: '[1, 2]',
        mock: { result: '["a", "b"]' },
        stateConfiguration: { mapIterationFailureCount: 1 },
        inspectionLevel: 'DEBUG',
      }),
    );
    expect(tried).toMatchObject({
      status: 'SUCCEEDED',
      output: '["a", "b"]',
      inspectionData: { afterItemsPath: '[1, 2]', maxConcurrency: 2 },
    });
  });

  test('is told what is wrong with a mock', async () => {
    const definition = state({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true });
    const fault = await client
      .send(new TestStateCommand({ definition, mock: { result: '{"StatusCode":"200"}' } }))
      .catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(ValidationException);
    expect(fault).toMatchObject({
      message: "Mock result schema validation error: Field 'StatusCode' must be a number",
    });
  });
});

describe('the aws command', () => {
  test.skipIf(isOldAws())(
    'tries a state',
    async () => {
      const definition = state({ Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'One' }] });
      const args = [
        'stepfunctions',
        'test-state',
        '--definition',
        definition,
        '--input',
        '{"n":1}',
        '--output',
        'json',
      ];
      const printed = await awsCommand(bed.server, args, { AWS_DISABLE_HOST_PREFIX_INJECTION: 'true' });
      expect(JSON.parse(printed)).toEqual({ status: 'SUCCEEDED', output: '{"n":1}', nextState: 'One' });
    },
    60_000,
  );
});
