import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bed } from '../lambda/bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
});
afterEach(() => bed.close());

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(bed.folder, 'My shop', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

async function deploy(name: string, stacks: readonly string[] = []): Promise<readonly string[]> {
  const template = join(bed.folder, 'My shop', name);
  const request = { template, parameters: {}, region: null, allowUnsupported: false, fill: false, stacks };
  const { resources, problems } = await bed.server.deploy(request);
  return [...problems, ...resources.map(({ outcome, physicalId }) => `${outcome} ${physicalId?.split(':').at(-1)}`)];
}

/** `sam build` writes the template with other paths, and every function with its packages in a folder of its own. */
const TEMPLATE = (code: string, layer: string, definition: string): string => `Transform: AWS::Serverless-2016-10-31
Resources:
  Tell:
    Type: AWS::Serverless::Function
    Properties: { Runtime: nodejs20.x, Handler: app.handler, CodeUri: ${code}, Layers: [!Ref Words] }
    Metadata: { SamResourceId: Tell, BuildMethod: makefile }
  Words:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: ${layer}, CompatibleRuntimes: [nodejs20.x] }
    Metadata: { BuildMethod: nodejs20.x, SamResourceId: Words }
  Order:
    Type: AWS::Serverless::StateMachine
    Properties: { DefinitionUri: ${definition}, DefinitionSubstitutions: { Tell: !GetAtt Tell.Arn } }
`;

test('what sam build wrote is the stack of its project: the same names, with the packages that it holds', async () => {
  const app = "exports.handler = async () => require('words').hello + require('name').name;";
  await write({
    'template.yaml': TEMPLATE('code', 'layer', 'order.asl.json'),
    'order.asl.json': `{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "\${Tell}", "End": true } } }`,
    'code/app.js': app,
    'code/node_modules/name/index.js': "exports.name = 'source';",
    'layer/nodejs/node_modules/words/index.js': "exports.hello = 'Hello, ';",
    '.aws-sam/build/template.yaml': TEMPLATE('Tell', 'Words', '../../order.asl.json'),
    '.aws-sam/build/Tell/app.js': app,
    '.aws-sam/build/Tell/package.json': '{ "dependencies": { "name": "1", "not-packed": "1" } }',
    '.aws-sam/build/Tell/node_modules/name/index.js': "exports.name = 'built';",
    '.aws-sam/build/Words/nodejs/node_modules/words/index.js': "exports.hello = 'Good day, ';",
  });
  const call = async () =>
    (await bed.lambda.send(new InvokeCommand({ FunctionName: 'My-shop-Tell' }))).Payload?.transformToString();
  expect(await deploy('template.yaml')).toEqual([
    'created My-shop-Words',
    'created My-shop-Tell',
    'created My-shop-Order',
  ]);
  expect(await call()).toBe('"Hello, source"');
  expect(await deploy('.aws-sam/build/template.yaml')).toEqual([
    'updated My-shop-Words',
    'updated My-shop-Tell',
    'unchanged My-shop-Order',
  ]);
  expect(await call()).toBe('"Good day, built"');
  expect(await deploy('.aws-sam/build/template.yaml', ['Shop'])).toEqual([
    expect.stringContaining(
      'Expected a CDK assembly to choose stacks from, but this is a template. Leave out --stack.',
    ),
  ]);
});
