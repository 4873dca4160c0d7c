import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bed, returning, zipOf } from '../lambda/bed.js';

let bed: Bed;
let s3: S3Client;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
  await mkdir(join(bed.folder, 'app'));
  s3 = new S3Client({
    endpoint: bed.server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'parts' }));
});
afterEach(async () => {
  s3.destroy();
  await bed.close();
});

const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket: 'parts', Key, Body }));

async function deploy(resources: string): Promise<readonly string[]> {
  const template = join(bed.folder, 'app', 'template.yaml');
  await writeFile(template, `Transform: AWS::Serverless-2016-10-31\nResources:\n${resources}`);
  const request = { template, parameters: {}, region: null, allowUnsupported: false, fill: false };
  const report = await bed.server.deploy(request);
  const lines = report.resources.map(({ logicalId, outcome, reason }) => `${logicalId} ${outcome} ${reason ?? ''}`);
  return [...report.problems, ...lines.map((line) => line.trim())];
}

const called = async (): Promise<string | undefined> =>
  (await bed.lambda.send(new InvokeCommand({ FunctionName: 'shop' }))).Payload?.transformToString();

const samFunction = (code: string): string => `  Shop:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: shop, Runtime: nodejs20.x, Handler: app.handler, ${code} }
`;
const plainFunction = (code: string): string => samFunction(`${code}, Role: r`).replace('Serverless', 'Lambda');

test.each([
  ['SAM, as text', samFunction('CodeUri: s3://parts/shop.zip')],
  ['SAM, by members', samFunction('CodeUri: { Bucket: parts, Key: shop.zip }')],
  ['CloudFormation', plainFunction('Code: { S3Bucket: parts, S3Key: shop.zip }')],
])('the code of a function lies in S3: %s', async (_, resources) => {
  expect((await deploy(resources))[0]).toContain(
    "Expected the code at s3://parts/shop.zip, but there is no such object in this server's S3. Put it there first.",
  );
  await put('shop.zip', returning('1'));
  expect(await deploy(resources)).toEqual(['Shop created']);
  expect(await called()).toBe('1');
  expect(await deploy(resources)).toEqual(['Shop unchanged']);
  await put('shop.zip', returning('22'));
  expect(await deploy(resources)).toEqual(['Shop updated code']);
  expect(await called()).toBe('22');
});

test('a version of an object stays as it is', async () => {
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'parts', VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId } = await put('shop.zip', returning('1'));
  await put('shop.zip', returning('2'));
  const code = (version: string): string => plainFunction(`Code: { S3Bucket: parts, S3Key: shop.zip${version} }`);
  expect(await deploy(code(`, S3ObjectVersion: ${VersionId}`))).toEqual(['Shop created']);
  expect(await called()).toBe('1');
  expect(await deploy(code(''))).toEqual(['Shop updated code']);
  expect(await called()).toBe('2');
});

test('so does the content of a layer', async () => {
  const tool = (value: number) => zipOf(`module.exports = ${value};`, 'nodejs/node_modules/tool/index.js');
  await put('layer.zip', tool(1));
  await put('shop.zip', zipOf("exports.handler = async () => require('tool');", 'app.js'));
  const resources = `${samFunction('CodeUri: s3://parts/shop.zip, Layers: [!Ref Tools]')}  Tools:
    Type: AWS::Lambda::LayerVersion
    Properties: { LayerName: tools, Content: { S3Bucket: parts, S3Key: layer.zip } }
`;
  expect(await deploy(resources)).toEqual(['Tools created', 'Shop created']);
  expect(await called()).toBe('1');
  expect(await deploy(resources)).toEqual(['Tools unchanged', 'Shop unchanged']);
  await put('layer.zip', tool(2));
  expect(await deploy(resources)).toEqual(['Tools updated codeSha256', 'Shop updated layers']);
  expect(await called()).toBe('2');
});

test.each([
  ['SAM', 'Serverless', 'Name: order, DefinitionUri: s3://parts/order.asl.yaml'],
  [
    'CloudFormation',
    'StepFunctions',
    'StateMachineName: order, RoleArn: r, DefinitionS3Location: { Bucket: parts, Key: order.asl.yaml }',
  ],
])('and the definition of a state machine: %s', async (_, service, properties) => {
  const resources = `  Order:
    Type: AWS::${service}::StateMachine
    Properties: { ${properties}, DefinitionSubstitutions: { Next: End } }
`;
  expect((await deploy(resources))[0]).toContain('Expected a definition at s3://parts/order.asl.yaml, but there is no');
  const asl = (comment: string): string =>
    `Comment: ${comment}\nStartAt: Start\nStates:\n  Start: { Type: Pass, Next: "\${Next}" }\n  End: { Type: Succeed }\n`;
  await put('order.asl.yaml', asl('one'));
  expect(await deploy(resources)).toEqual(['Order created']);
  expect(await deploy(resources)).toEqual(['Order unchanged']);
  await put('order.asl.yaml', asl('two'));
  expect(await deploy(resources)).toEqual(['Order updated definition']);
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:order';
  const { definition } = await bed.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(JSON.parse(definition ?? '')).toMatchObject({ Comment: 'two', States: { Start: { Next: 'End' } } });
  await put('order.asl.yaml', asl('three').replace('Type: Pass', 'Type: Pas'));
  expect((await deploy(resources))[0]).toMatch(/^s3:\/\/parts\/order\.asl\.yaml:4:/);
});
