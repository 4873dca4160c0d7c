import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed, createFunction, returning } from './bed.js';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:shop';
let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
});
afterEach(() => bed.close());

const publish = (more: object = {}) => bed.lambda.send(new PublishVersionCommand({ FunctionName: 'shop', ...more }));

async function invoke(FunctionName: string, Qualifier?: string): Promise<readonly [unknown, string | undefined]> {
  const answer = await bed.lambda.send(new InvokeCommand({ FunctionName, Qualifier }));
  return [JSON.parse(Buffer.from(answer.Payload ?? []).toString()), answer.ExecutedVersion];
}

const updateCode = (ZipFile: Uint8Array, more: object = {}) =>
  bed.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'shop', ZipFile, ...more }));

describe('versions', () => {
  test('keep code and settings under a number, are called by it, and survive a restart', async () => {
    await createFunction(bed, 'shop', returning('"one " + process.env.SHOP'), {
      Environment: { Variables: { SHOP: 'x' } },
    });
    expect(await publish({ Description: 'first' })).toMatchObject({
      Version: '1',
      FunctionArn: `${ARN}:1`,
      Description: 'first',
      $metadata: { httpStatusCode: 201 },
    });
    await updateCode(returning('"two " + process.env.SHOP'));
    await bed.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'shop', Environment: { Variables: { SHOP: 'y' } } }),
    );
    expect(await invoke('shop')).toEqual(['two y', '$LATEST']);
    expect(await invoke('shop', '1')).toEqual(['one x', '1']);
    await bed.restart();
    expect(await invoke(`${ARN}:1`)).toEqual(['one x', '1']);
    expect(await invoke('shop:$LATEST')).toEqual(['two y', '$LATEST']);
    const { Configuration } = await bed.lambda.send(new GetFunctionCommand({ FunctionName: 'shop', Qualifier: '1' }));
    expect(Configuration).toMatchObject({ Version: '1', FunctionArn: `${ARN}:1` });
  });

  test('are not made again of the same code and settings', async () => {
    await createFunction(bed, 'shop', returning('1'), { Publish: true });
    expect(await publish()).toMatchObject({ Version: '1' });
    expect(await updateCode(returning('1'), { Publish: true })).toMatchObject({ Version: '1' });
    expect(await updateCode(returning('2'), { Publish: true })).toMatchObject({ Version: '2' });
    const { Versions } = await bed.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'shop' }));
    expect(Versions?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`, `${ARN}:2`]);
    const { Functions } = await bed.lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(Functions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
  });

  test('are not made of other code, or of another revision, than was looked at', async () => {
    const { CodeSha256 = '' } = await createFunction(bed, 'shop', returning('1'));
    await expect(publish({ CodeSha256: 'other' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: `CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    });
    await expect(publish({ RevisionId: 'other' })).rejects.toMatchObject({ name: 'PreconditionFailedException' });
    expect(await publish({ CodeSha256 })).toMatchObject({ Version: '1', CodeSha256 });
  });

  test('are deleted one by one, and their numbers are not given again', async () => {
    await createFunction(bed, 'shop', returning('1'), { Publish: true });
    await updateCode(returning('2'), { Publish: true });
    await bed.lambda.send(new DeleteFunctionCommand({ FunctionName: 'shop', Qualifier: '2' }));
    await expect(invoke('shop', '2')).rejects.toMatchObject({ message: `Function not found: ${ARN}:2` });
    expect(await publish()).toMatchObject({ Version: '3' });
    await bed.lambda.send(new DeleteFunctionCommand({ FunctionName: 'shop' }));
    await expect(invoke('shop', '1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await createFunction(bed, 'shop', returning('1'), { Publish: true })).toMatchObject({ Version: '4' });
    await expect(
      bed.lambda.send(new DeleteFunctionCommand({ FunctionName: 'shop', Qualifier: '$LATEST' })),
    ).rejects.toMatchObject({ message: '$LATEST version cannot be deleted without deleting the function.' });
  });

  test('of a folder keep the files as they were', async () => {
    const project = join(bed.folder, 'project');
    await mkdir(join(project, 'code', 'lib'), { recursive: true });
    const write = (number: number) =>
      writeFile(join(project, 'code', 'lib', 'n.py'), `value = ${number}\n`.padEnd(20 + number, '#'));
    await write(1);
    await writeFile(
      join(project, 'code', 'app.py'),
      'from lib.n import value\ndef handler(event, context):\n  return value\n',
    );
    await writeFile(
      join(project, 'template.yaml'),
      'Resources:\n  Shop:\n    Type: AWS::Lambda::Function\n    Properties: { FunctionName: shop, Runtime: python3.12, Handler: app.handler, Code: code, Role: r }\n',
    );
    const template = join(project, 'template.yaml');
    await bed.server.deploy({ template, parameters: {}, region: null, allowUnsupported: false, fill: false });
    expect(await publish()).toMatchObject({ Version: '1' });
    expect(await publish()).toMatchObject({ Version: '1' });
    await write(2);
    expect(await publish()).toMatchObject({ Version: '2' });
    await write(3);
    await bed.restart();
    expect([await invoke('shop', '1'), await invoke('shop', '2'), await invoke('shop')]).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '$LATEST'],
    ]);
  });
});

describe('aliases', () => {
  test('name a version, and can be moved', async () => {
    await createFunction(bed, 'shop', returning('[1, context.functionVersion, context.invokedFunctionArn]'), {
      Publish: true,
    });
    await updateCode(returning('[2, context.functionVersion, context.invokedFunctionArn]'), { Publish: true });
    const created = await bed.lambda.send(
      new CreateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '1', Description: 'd' }),
    );
    expect(created).toMatchObject({ AliasArn: `${ARN}:live`, FunctionVersion: '1', Description: 'd' });
    expect(await invoke('shop', 'live')).toEqual([[1, '1', `${ARN}:live`], '1']);
    const { RevisionId } = created;
    const moved = await bed.lambda.send(
      new UpdateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '2', RevisionId }),
    );
    expect(moved).toMatchObject({ FunctionVersion: '2', Description: 'd' });
    await bed.restart();
    expect(await invoke(`${ARN}:live`)).toEqual([[2, '2', `${ARN}:live`], '2']);
    expect(
      await bed.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'shop', Qualifier: 'live' })),
    ).toMatchObject({ Version: '2', FunctionArn: `${ARN}:live` });
    await expect(
      bed.lambda.send(new UpdateAliasCommand({ FunctionName: 'shop', Name: 'live', RevisionId })),
    ).rejects.toMatchObject({ name: 'PreconditionFailedException' });
    await expect(
      bed.lambda.send(new DeleteFunctionCommand({ FunctionName: 'shop', Qualifier: '2' })),
    ).rejects.toMatchObject({
      message: 'Unable to delete version because the following aliases reference it: [live]',
    });
    await bed.lambda.send(new DeleteAliasCommand({ FunctionName: 'shop', Name: 'live' }));
    await expect(bed.lambda.send(new GetAliasCommand({ FunctionName: 'shop', Name: 'live' }))).rejects.toMatchObject({
      message: `Cannot find alias arn: ${ARN}:live`,
    });
  });

  test('share calls out between two versions', async () => {
    await createFunction(bed, 'shop', returning('1'), { Publish: true });
    await updateCode(returning('2'), { Publish: true });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
    await bed.lambda.send(
      new CreateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '1', RoutingConfig }),
    );
    const { Aliases } = await bed.lambda.send(new ListAliasesCommand({ FunctionName: 'shop', FunctionVersion: '1' }));
    expect(Aliases).toMatchObject([{ Name: 'live', RoutingConfig }]);
    const versions = new Set<string | undefined>();
    for (let count = 0; count < 60 && versions.size < 2; count++) versions.add((await invoke('shop', 'live'))[1]);
    expect([...versions].sort()).toEqual(['1', '2']); // all of 60 calls alike: once in 10^18 runs
  });

  test.each([
    [{ Name: '12' }, /failed to satisfy constraint/],
    [{ FunctionVersion: '9' }, /Function not found: .*:shop:9/],
    [{ RoutingConfig: { AdditionalVersionWeights: { 9: 0.1 } } }, /Function not found: .*:shop:9/],
    [{ RoutingConfig: { AdditionalVersionWeights: { 1: 0.1 } } }, /Invalid function version 1/],
    [{ RoutingConfig: { AdditionalVersionWeights: { 2: 0.1, 3: 0.1 } } }, /cannot be greater than 1/],
    [{ FunctionVersion: '$LATEST', RoutingConfig: { AdditionalVersionWeights: { 1: 0.1 } } }, /not supported/],
  ])('%j is refused', async (more, message) => {
    await createFunction(bed, 'shop', returning('1'), { Publish: true });
    const request = { FunctionName: 'shop', Name: 'live', FunctionVersion: '1', ...more };
    await expect(bed.lambda.send(new CreateAliasCommand(request))).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
  });
});

describe('tasks', () => {
  test('call versions and aliases', async () => {
    await createFunction(bed, 'shop', returning('1'), { Publish: true });
    await updateCode(returning('2'));
    await bed.lambda.send(new CreateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '1' }));
    const task = (parameters: object) => ({ Type: 'Task', Next: 'End', ...parameters });
    const states = {
      A: task({ Resource: `${ARN}:live`, ResultPath: '$.a', Next: 'B' }),
      B: task({
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: `${ARN}:1` },
        ResultSelector: { 'version.$': '$.ExecutedVersion', 'payload.$': '$.Payload' },
        ResultPath: '$.b',
        Next: 'C',
      }),
      C: task({
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'shop', Qualifier: '$LATEST' },
        ResultSelector: { 'version.$': '$.ExecutedVersion', 'payload.$': '$.Payload' },
        ResultPath: '$.c',
      }),
      End: { Type: 'Succeed' },
    };
    const { stateMachineArn } = await bed.sfn.send(
      new CreateStateMachineCommand({
        name: 'm',
        roleArn: 'arn:aws:iam::000000000000:role/r',
        definition: JSON.stringify({ StartAt: 'A', States: states }),
      }),
    );
    const { executionArn } = await bed.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    const describeIt = () => bed.sfn.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await describeIt()).status, { timeout: 10_000 }).toBe('SUCCEEDED');
    expect(JSON.parse((await describeIt()).output ?? '')).toEqual({
      a: 1,
      b: { version: '1', payload: 1 },
      c: { version: '$LATEST', payload: 2 },
    });
  });
});
