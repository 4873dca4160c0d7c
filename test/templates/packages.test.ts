import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeployReport } from '../../src/api/treadle/index.js';
import { ServerClient } from '../../src/cli/server-client.js';
import { Bed } from '../lambda/bed.js';

let bed: Bed;
let template: string;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
  for (const folder of ['app/code', 'app/tool']) await mkdir(join(bed.folder, folder), { recursive: true });
  template = join(bed.folder, 'app', 'template.yaml');
});
afterEach(() => bed.close());

const write = (name: string, text: string): Promise<void> => writeFile(join(bed.folder, 'app', name), text);

/** As `treadle deploy` does: one line a resource, and what was told meanwhile. */
async function deploy(): Promise<{ readonly lines: readonly string[]; readonly progress: readonly string[] }> {
  const progress: string[] = [];
  const client = new ServerClient({ endpoint: bed.server.endpoint, region: 'us-east-1', fetch });
  const request = { template, parameters: {}, region: 'us-east-1', allowUnsupported: false, fill: false };
  const report = await client.postFollowed<DeployReport>('/api/deploy', request, (line) => progress.push(line));
  const lines = report.resources.map(({ logicalId, outcome, reason }) => `${logicalId} ${outcome} ${reason ?? ''}`);
  return { lines: [...report.problems, ...lines.map((line) => line.trim())], progress };
}

async function call(FunctionName: string): Promise<string | undefined> {
  return (await bed.lambda.send(new InvokeCommand({ FunctionName }))).Payload?.transformToString();
}

test('packages of a function are installed while it is deployed, and its alias has them', async () => {
  await write('tool/package.json', '{ "name": "tool", "version": "1.0.0" }');
  await write('tool/index.js', 'exports.tool = () => 5;');
  await write('code/package.json', '{ "dependencies": { "tool": "file:../tool" } }');
  await write('code/app.js', "exports.handler = async () => require('tool').tool();");
  await write(
    'template.yaml',
    `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: shop, Runtime: nodejs20.x, Handler: app.handler, CodeUri: code, AutoPublishAlias: live }
`,
  );
  const first = await deploy();
  expect(first.lines).toEqual(['Shop created', 'Shop created']);
  expect(first.progress).toEqual([
    "Installing the packages that package.json of function 'shop' names, with npm …",
    expect.stringMatching(/^Installed the packages that package\.json of function 'shop' names, in /),
  ]);
  expect(await call('shop:live')).toBe('5');
  expect(await deploy()).toEqual({ lines: ['Shop unchanged', 'Shop unchanged'], progress: [] });
  await write('code/package.json', '{ "dependencies": { "tool": "file:../nowhere" } }');
  const failed = await deploy();
  expect(failed.lines[0]).toMatch(/^Shop failed Expected to install the packages .*, but npm install ended with /);
  expect(await call('shop:live')).toBe('5');
  await write('code/package.json', '{ "dependencies": { "tool": "file:../tool" } }');
  expect((await deploy()).progress).toEqual([]);
  await rm(join(bed.folder, 'app', 'tool'), { recursive: true });
  await bed.restart();
  expect(await call('shop')).toBe('5');
});
