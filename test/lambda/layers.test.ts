import {
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  InvokeCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bed, createFunction, zipOf } from './bed.js';

let bed: Bed;
beforeEach(async () => {
  bed = new Bed();
  await bed.open();
});
afterEach(() => bed.close());

const LAYER = 'arn:aws:lambda:us-east-1:000000000000:layer:';

const publish = (LayerName: string, files: Readonly<Record<string, string>>) => {
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
  return bed.lambda.send(
    new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: zip }, CompatibleRuntimes: ['nodejs20.x'] }),
  );
};

const call = async (): Promise<unknown> => {
  const { Payload } = await bed.lambda.send(new InvokeCommand({ FunctionName: 'shop' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
};

test('layers have numbered versions, which are listed, shown and deleted', async () => {
  expect(await publish('tools', { 'a.txt': '1' })).toMatchObject({
    LayerArn: `${LAYER}tools`,
    LayerVersionArn: `${LAYER}tools:1`,
    Version: 1,
    Content: { CodeSize: expect.any(Number), CodeSha256: expect.any(String) },
  });
  await publish('tools', { 'a.txt': '2' });
  await publish('other', { 'a.txt': '1' });
  await bed.restart();
  const { Layers } = await bed.lambda.send(new ListLayersCommand({}));
  expect(Layers?.map(({ LatestMatchingVersion }) => LatestMatchingVersion?.LayerVersionArn)).toEqual([
    `${LAYER}other:1`,
    `${LAYER}tools:2`,
  ]);
  const byArn = new GetLayerVersionByArnCommand({ Arn: `${LAYER}tools:1` });
  expect(await bed.lambda.send(byArn)).toMatchObject({ Version: 1, CompatibleRuntimes: ['nodejs20.x'] });
  await bed.lambda.send(new DeleteLayerVersionCommand({ LayerName: 'tools', VersionNumber: 2 }));
  expect((await publish('tools', { 'a.txt': '3' })).Version).toBe(3);
  const { LayerVersions } = await bed.lambda.send(new ListLayerVersionsCommand({ LayerName: 'tools' }));
  expect(LayerVersions?.map(({ Version }) => Version)).toEqual([3, 1]);
  await expect(
    bed.lambda.send(new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 2 })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('JavaScript functions load packages of their layers, the last layer first, also after the layer is deleted', async () => {
  const packageOf = (value: string) => ({ 'nodejs/node_modules/tool/index.js': `module.exports = ${value};` });
  await publish('one', { ...packageOf('"one"'), 'nodejs/node_modules/only/index.js': 'module.exports = "only";' });
  await publish('two', packageOf('"two"'));
  const code = zipOf(`exports.handler = async () => [require('tool'), require('only')];`, 'app.js');
  const created = await createFunction(bed, 'shop', code, { Layers: [`${LAYER}one:1`, `${LAYER}two:1`] });
  expect(created.Layers).toMatchObject([{ Arn: `${LAYER}one:1` }, { Arn: `${LAYER}two:1` }]);
  expect(await call()).toEqual(['two', 'only']);
  await bed.lambda.send(new DeleteLayerVersionCommand({ LayerName: 'one', VersionNumber: 1 }));
  await bed.restart();
  expect(await call()).toEqual(['two', 'only']);
  const update = (Layers: string[]) =>
    bed.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'shop', Layers }));
  await expect(update([`${LAYER}one:1`])).rejects.toMatchObject({
    message: expect.stringContaining(`Layer version ${LAYER}one:1 does not exist.`),
  });
  await update([]);
  expect(await call()).toMatchObject({ errorMessage: expect.stringContaining("Cannot find module 'tool'") });
});

test('Python functions load modules of their layers', async () => {
  await publish('tools', {
    'python/flat.py': 'value = 1',
    'python/lib/python3.12/site-packages/deep.py': 'value = 2',
  });
  const code = zipOf('import flat, deep\ndef handler(event, context):\n  return [flat.value, deep.value]\n', 'app.py');
  await createFunction(bed, 'shop', code, { Runtime: 'python3.12', Layers: [`${LAYER}tools:1`] });
  expect(await call()).toEqual([1, 2]);
});
