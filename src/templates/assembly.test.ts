import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployStacks, formatProblem, readAssembly, resolveAssembly, TemplateError } from './index.js';
import { PLACE } from './test-projects.js';
import { newFakeServer } from './test-server.js';

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'treadle-assembly-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, unknown>>;

/** Values that are no text are written as JSON. */
async function write(files: Files): Promise<string> {
  const folder = join(root, String(count++));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const stack = (name: string, dependencies: readonly string[] = []): object => ({
  type: 'aws:cloudformation:stack',
  properties: { templateFile: `${name}.json` },
  dependencies,
});
const manifest = (artifacts: object): object => ({ version: '55.0.0', artifacts });
const topic = (properties: object = {}, path = 'Shop/News/Resource'): object => ({
  Type: 'AWS::SNS::Topic',
  Properties: properties,
  Metadata: { 'aws:cdk:path': path },
});
const ARN = 'arn:aws:sns:eu-west-1:000000000000:Data-News';
const DATA = {
  Resources: { News: topic() },
  Outputs: { Arn: { Value: { Ref: 'News' }, Export: { Name: 'Data:News' } } },
};
/** `Shop` stands before `Data`, which it needs. */
const twoStacks = (shop: object): Files => ({
  'manifest.json': manifest({
    Shop: stack('Shop', ['Data', 'Shop.assets']),
    Data: stack('Data'),
    Other: stack('Other'),
  }),
  'Data.json': DATA,
  'Other.json': { Resources: { T: topic() } },
  'Shop.json': shop,
});
const shopOf = (displayName: unknown, rest: object = {}): object => ({
  ...rest,
  Resources: { News: topic({ DisplayName: displayName }) },
});

interface Given {
  readonly stacks?: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}

async function plansOf(files: Files, { stacks = [], parameters = {} }: Given = {}) {
  const assembly = await readAssembly(await write(files));
  return resolveAssembly(assembly, { place: PLACE, stacks, parameters, deployed: [] });
}

/** Display names of all planned topics, by stack. */
async function shown(files: Files, given?: Given): Promise<readonly string[]> {
  const plans = await plansOf(files, given);
  expect(plans.flatMap(({ problems }) => problems.map(formatProblem))).toEqual([]);
  return plans.flatMap(({ stackName, resources }) =>
    resources.map((one) => `${stackName} ${one.kind === 'topic' ? one.settings.displayName : one.kind}`),
  );
}

const BOOTSTRAP = { V: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' } };
const STORED = { V: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a' } };
const RULES = { Rules: { CheckBootstrapVersion: { Assertions: [] } } };

test.each<[string, unknown, object, Given, string]>([
  ['an export of an earlier stack', { 'Fn::ImportValue': 'Data:News' }, {}, {}, ARN],
  ['an output of one', { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'Arn' } }, {}, {}, ARN],
  ['the version of the bootstrap', { Ref: 'V' }, { Parameters: BOOTSTRAP, ...RULES }, {}, '30'],
  ['what is given for SSM', { Ref: 'V' }, { Parameters: STORED }, { parameters: { V: 'x' } }, 'x'],
  ['a parameter of one stack', { Ref: 'V' }, { Parameters: STORED }, { parameters: { 'Shop:V': 'y' } }, 'y'],
])('stacks come in order, and one reads %s', async (_title, value, rest, given, expected) => {
  expect(await shown(twoStacks(shopOf(value, rest)), given)).toEqual(['Data ', `Shop ${expected}`, 'Other ']);
});

test('a chosen stack brings what it depends on, and no more', async () => {
  const files = twoStacks(shopOf('d'));
  expect(await shown(files, { stacks: ['Shop'] })).toEqual(['Data ', 'Shop d']);
  expect(await shown(files, { stacks: ['Data'] })).toEqual(['Data ']);
});

test('a stage is an assembly inside of the assembly', async () => {
  const nested = { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Test' }, dependencies: ['Data'] };
  const inner = {
    ...stack('Shop'),
    properties: { templateFile: 'Shop.json', stackName: 'Test-Shop' },
    displayName: 'Test/Shop',
  };
  const files = {
    'manifest.json': manifest({ Test: nested, Data: stack('Data') }),
    'Data.json': DATA,
    'assembly-Test/manifest.json': manifest({ Shop: inner }),
    'assembly-Test/Shop.json': shopOf({ 'Fn::ImportValue': 'Data:News' }),
  };
  expect(await shown(files, { stacks: ['Test/Shop'] })).toEqual(['Data ', `Test-Shop ${ARN}`]);
});

const placed = (name: string): object => ({ 'Fn::Sub': `cdk-${name}-\${AWS::AccountId}-\${AWS::Region}` });
const lambda = (properties: object): object => ({
  Resources: { F: { Type: 'AWS::Lambda::Function', Properties: { Role: 'r', ...properties } } },
});
const withAssets = (template: object): Files => ({
  'manifest.json': manifest({
    Shop: stack('Shop'),
    'Shop.assets': { type: 'cdk:asset-manifest', properties: { file: 'Shop.assets.json' } },
  }),
  'Shop.json': template,
  'Shop.assets.json': {
    files: {
      code: {
        source: { path: 'asset.code', packaging: 'zip' },
        destinations: { here: { bucketName: `cdk-assets-\${AWS::AccountId}-\${AWS::Region}`, objectKey: 'code.zip' } },
      },
    },
    dockerImages: { h: { displayName: 'Shop/Image', source: {}, destinations: { here: { imageTag: 'h' } } } },
  },
  'asset.code/app.js': 'exports.handler = async () => 1;',
});

test('code is found by bucket and key, without metadata', async () => {
  const code = {
    Code: { S3Bucket: placed('assets'), S3Key: 'code.zip' },
    Runtime: 'nodejs22.x',
    Handler: 'app.handler',
  };
  const [plan] = await plansOf(withAssets(lambda(code)));
  expect(plan?.problems).toEqual([]);
  expect(plan?.resources[0]).toMatchObject({ code: { type: 'path', path: expect.stringMatching(/\/asset\.code$/) } });
});

test.each<[string, Files, string]>([
  [
    'a container image, by its name',
    withAssets(lambda({ PackageType: 'Image', Code: { ImageUri: 'repository:h' } })),
    "F (AWS::Lambda::Function): Expected the code in a folder or .zip file, but it is the container image 'Shop/Image': container images are not run here. Use PackageType Zip.",
  ],
  [
    'a custom resource, with its construct',
    twoStacks({ Resources: { B: { Type: 'Custom::CDKBucketDeployment', Metadata: { 'aws:cdk:path': 'Shop/B' } } } }),
    "B (Custom::CDKBucketDeployment, Shop/B): Expected a type that is built here, but AWS makes 'Custom::CDKBucketDeployment' by calling a function while it deploys, which is not done here. Take it out, give it a Condition, or allow unsupported resources.",
  ],
  [
    'an import that nobody exports',
    twoStacks(shopOf({ 'Fn::ImportValue': 'Data:Newz' })),
    "News (AWS::SNS::Topic, Shop/News/Resource): Expected an export 'Data:Newz' of a stack that is deployed, but there is none. Did you mean 'Data:News'? Deploy that stack first, or give the value as a parameter.",
  ],
])('%s is refused, and then nothing of any stack is changed', async (_title, files, expected) => {
  const server = newFakeServer();
  const plans = await plansOf(files);
  const reports = await deployStacks(plans, server.ports);
  const problems = reports.flatMap((report) => report.problems.map(formatProblem));
  expect(problems.map((line) => line.replace(/^\S+ /, ''))).toEqual([expected]);
  expect([server.changes, reports.map(({ isDeployed }) => isDeployed)]).toEqual([[], reports.map(() => false)]);
});

test.each<[string, Files, Given, string]>([
  [
    'an unknown stack',
    twoStacks(shopOf('d')),
    { stacks: ['Shup'] },
    "Expected a stack 'Shup' in the assembly, but there is none. Did you mean 'Shop'? It has Data, Shop, Other.",
  ],
  [
    'an unknown parameter',
    twoStacks(shopOf('d')),
    { parameters: { A: '1' } },
    "Expected parameters that a stack of the assembly has, but none has 'A'.",
  ],
  [
    'a circle',
    { 'manifest.json': manifest({ A: stack('A', ['B']), B: stack('B', ['A']) }) },
    {},
    'Expected stacks that do not wait for each other, but they do: A → B → A.',
  ],
  [
    'missing look-ups',
    { 'manifest.json': { missing: [{ key: 'vpc' }] } },
    {},
    'Expected a complete assembly, but these look-ups are missing: vpc. Run cdk synth again.',
  ],
  ['no stack', { 'manifest.json': manifest({}) }, {}, 'Expected a stack in the assembly, but there is none.'],
])('an assembly with %s cannot be read', async (_title, files, given, expected) => {
  const failure: unknown = await plansOf(files, given).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TemplateError);
  expect(String(failure)).toMatch(/manifest\.json:1:1 /);
  expect(String(failure)).toContain(`manifest.json:1:1 ${expected}`);
});

test('exports are kept for stacks that are deployed later, and deploying again changes nothing', async () => {
  const server = newFakeServer();
  const files = twoStacks(shopOf({ 'Fn::ImportValue': 'Data:News' }));
  const plans = await plansOf(files);
  await deployStacks(plans, server.ports);
  expect(await server.ports.records.outputs()).toEqual([
    { stackName: 'Data', name: 'Arn', value: ARN, exportName: 'Data:News' },
  ]);
  server.changes.length = 0;
  const again = await deployStacks(plans, server.ports);
  expect(again.flatMap(({ resources }) => resources.map(({ outcome }) => outcome))).toEqual(Array(3).fill('unchanged'));
  expect(server.changes).toEqual([]);
});
