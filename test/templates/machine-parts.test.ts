import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeActivityCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed } from '../lambda/bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
  await mkdir(join(bed.folder, 'app'));
});
afterEach(() => bed.close());

/** Deploys and gives one line a resource, and the outputs. */
async function deploy(resources: string, outputs = ''): Promise<{ lines: readonly string[]; outputs: object }> {
  const template = join(bed.folder, 'app', 'template.yaml');
  const whole = `Transform: AWS::Serverless-2016-10-31\nResources:\n${resources}${outputs && `Outputs:\n${outputs}`}`;
  await writeFile(template, whole);
  const request = { template, parameters: {}, region: null, allowUnsupported: false, fill: false };
  const report = await bed.server.deploy(request);
  const lines = report.resources.map(({ logicalId, outcome, reason }) => `${logicalId} ${outcome} ${reason ?? ''}`);
  return { lines: [...report.problems, ...lines.map((line) => line.trim())], outputs: report.outputs };
}

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:shop';
const definition = (result: number): string =>
  `{ StartAt: A, States: { A: { Type: Pass, Result: ${result}, End: true } } }`;

const describeMachine = (stateMachineArn = MACHINE) =>
  bed.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
const tagsOf = async (resourceArn: string) =>
  (await bed.sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
const versions = async () =>
  (await bed.sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: MACHINE }))).stateMachineVersions?.map(
    ({ stateMachineVersionArn }) => stateMachineVersionArn,
  );
const aliases = async () =>
  (await bed.sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn: MACHINE }))).stateMachineAliases;
const routes = async (alias: string) =>
  (await bed.sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${MACHINE}:${alias}` })))
    .routingConfiguration;

const GROUP = '  Log: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /shop, RetentionInDays: 7 } }\n';

describe('logging, tracing and tags', () => {
  const sam = (more: string): string => `  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: shop
      Definition: ${definition(1)}
${more}`;
  const plain = (more: string): string => `  Shop:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: shop
      RoleArn: arn:aws:iam::000000000000:role/r
      Definition: ${definition(1)}
${more}`;

  test.each([
    [
      'AWS::Serverless',
      sam,
      ['Logging', 'Tracing', 'Tags: { team: orders }'],
      [
        { key: 'stateMachine:createdBy', value: 'SAM' },
        { key: 'team', value: 'orders' },
      ],
    ],
    [
      'AWS::StepFunctions',
      plain,
      ['LoggingConfiguration', 'TracingConfiguration', 'Tags: [{ Key: team, Value: orders }]'],
      [{ key: 'team', value: 'orders' }],
    ],
  ] as const)('of %s are made, left, changed and taken back', async (_, machine, [logging, tracing, tags], shown) => {
    const full = (level: string): string =>
      machine(`      ${logging}:
        Level: ${level}
        IncludeExecutionData: true
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: !GetAtt Log.Arn } }]
      ${tracing}: { Enabled: true }
      ${tags}
${GROUP}`);
    expect((await deploy(full('ALL'))).lines).toEqual(['Log created', 'Shop created']);
    expect(await describeMachine()).toMatchObject({
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: true,
        destinations: [
          { cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/shop:*' } },
        ],
      },
      tracingConfiguration: { enabled: true },
    });
    expect(await tagsOf(MACHINE)).toEqual(shown);
    expect((await deploy(full('ALL'))).lines).toEqual(['Log unchanged', 'Shop unchanged']);
    expect((await deploy(full('ERROR'))).lines).toEqual(['Log unchanged', 'Shop updated logging']);
    const { revisionId } = await describeMachine();
    expect((await deploy(full('ERROR').replaceAll('orders', 'sales'))).lines).toContain('Shop updated tags');
    expect((await describeMachine()).revisionId).toBe(revisionId);
    expect((await deploy(machine(''))).lines).toEqual([
      'Shop updated logging, isTraced, tags',
      'Log deleted no longer in the template',
    ]);
    expect(await describeMachine()).toMatchObject({
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
  });

  test('a log group that is not there fails the machine, as on AWS', async () => {
    const { lines } = await deploy(
      plain(`      LoggingConfiguration:
        Level: ALL
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:x:*' } }]
`),
    );
    expect(lines).toEqual([expect.stringMatching(/^Shop failed Invalid Logging Configuration: .* no log group/)]);
  });
});

const machine = (result: number): string => `  Shop:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: shop
      RoleArn: arn:aws:iam::000000000000:role/r
      Definition: ${definition(result)}
`;
const VERSION = `  First:
    Type: AWS::StepFunctions::StateMachineVersion
    Properties:
      StateMachineArn: !Ref Shop
      StateMachineRevisionId: !GetAtt Shop.StateMachineRevisionId
      Description: as it is
`;

describe('versions and aliases', () => {
  const alias = (body: string): string => `  Live:
    Type: AWS::StepFunctions::StateMachineAlias
    Properties:
      Name: live
${body}`;
  const ROUTED = alias('      RoutingConfiguration: [{ StateMachineVersionArn: !Ref First, Weight: 100 }]\n');

  test('a version is published for each revision, its alias moves, and outputs have the ARN', async () => {
    const outputs = '  Version: { Value: !Ref First }\n  Alias: { Value: !Ref Live }\n';
    const first = await deploy(machine(1) + VERSION + ROUTED, outputs);
    expect(first.lines).toEqual(['Shop created', 'First created', 'Live created']);
    expect(first.outputs).toEqual({ Version: `${MACHINE}:1`, Alias: `${MACHINE}:live` });
    expect(await routes('live')).toEqual([{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }]);
    expect((await deploy(machine(1) + VERSION + ROUTED, outputs)).lines).toEqual([
      'Shop unchanged',
      'First unchanged',
      'Live unchanged',
    ]);
    const second = await deploy(machine(2) + VERSION + ROUTED, outputs);
    expect(second.lines).toEqual(['Shop updated definition', 'First updated revision', 'Live updated routes']);
    expect(second.outputs).toMatchObject({ Version: `${MACHINE}:2` });
    expect(await versions()).toEqual([`${MACHINE}:2`, `${MACHINE}:1`]);
    expect(await routes('live')).toEqual([{ stateMachineVersionArn: `${MACHINE}:2`, weight: 100 }]);
    expect((await deploy(machine(2))).lines).toEqual([
      'Shop unchanged',
      'Live deleted no longer in the template',
      'First deleted no longer in the template',
    ]);
    expect(await versions()).toEqual([`${MACHINE}:1`]);
    expect(await aliases()).toEqual([]);
  });

  test('without a revision a version stays as it is; two of them share the starts', async () => {
    const one = VERSION.replace(/ +StateMachineRevisionId.*\n/, '');
    await deploy(machine(1) + one);
    const shared = alias(`      RoutingConfiguration:
        - { StateMachineVersionArn: !Ref First, Weight: 90 }
        - { StateMachineVersionArn: !Ref Second, Weight: 10 }
`);
    const { lines } = await deploy(machine(2) + one + one.replace('First', 'Second') + shared);
    expect(lines).toEqual(['Shop updated definition', 'First unchanged', 'Second created', 'Live created']);
    expect(await routes('live')).toEqual([
      { stateMachineVersionArn: `${MACHINE}:1`, weight: 90 },
      { stateMachineVersionArn: `${MACHINE}:2`, weight: 10 },
    ]);
  });

  test('a deployment preference moves the alias at once, and a weight is checked as AWS does', async () => {
    const preferred = alias(
      '      DeploymentPreference: { StateMachineVersionArn: !Ref First, Type: CANARY, Percentage: 10, Interval: 1 }\n',
    );
    await deploy(machine(1) + VERSION + preferred);
    expect(await routes('live')).toEqual([{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }]);
    const half = ROUTED.replace('100', '50');
    expect((await deploy(machine(1) + VERSION + half)).lines).toContain(
      'Live failed Sum of routing configuration weights must equal 100. Received: [50]',
    );
    const none = await deploy(machine(1) + VERSION + alias(''));
    expect(none.lines[0]).toContain('Expected RoutingConfiguration or DeploymentPreference, but there is neither.');
  });
});

describe('AutoPublishAlias of a state machine', () => {
  const sam = (result: number, alias = 'AutoPublishAlias: live'): string => `  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: shop
      Definition: ${definition(result)}
      ${alias}
      UseAliasAsEventTarget: true
      Events:
        Daily: { Type: Schedule, Properties: { Schedule: rate(1 day), Name: daily } }
`;

  test('publishes each revision, moves the alias, and events start it', async () => {
    expect((await deploy(sam(1))).lines).toEqual([
      'Shop created',
      'ShopVersion created',
      'ShopAliaslive created',
      'Shop.Daily created',
    ]);
    expect(await routes('live')).toEqual([{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }]);
    expect((await deploy(sam(2))).lines).toEqual([
      'Shop updated definition',
      'ShopVersion updated revision',
      'ShopAliaslive updated routes',
      'Shop.Daily unchanged',
    ]);
    const targets = await targetsOf('daily');
    expect(targets).toEqual([`${MACHINE}:live`]);
    expect(await versions()).toEqual([`${MACHINE}:2`, `${MACHINE}:1`]);
    const other = await deploy(sam(2, 'AutoPublishAlias: stable'));
    expect(other.lines).toContain('ShopAliaslive deleted no longer in the template');
    expect(await targetsOf('daily')).toEqual([`${MACHINE}:stable`]);
  });

  test('UseAliasAsEventTarget needs an alias', async () => {
    expect((await deploy(sam(1, 'Tracing: { Enabled: false }'))).lines[0]).toContain(
      'Expected AutoPublishAlias beside UseAliasAsEventTarget, but it is missing.',
    );
  });
});

/** ARNs of a rule's targets. */
async function targetsOf(rule: string): Promise<readonly unknown[]> {
  const answer = await fetch(bed.server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.ListTargetsByRule' },
    body: JSON.stringify({ Rule: rule }),
  });
  const { Targets } = (await answer.json()) as { readonly Targets: readonly { readonly Arn: string }[] };
  return Targets.map(({ Arn }) => Arn);
}

describe('activities', () => {
  const activity = (team: string): string =>
    `  Pack: { Type: AWS::StepFunctions::Activity, Properties: { Name: pack, Tags: [{ Key: team, Value: ${team} }] } }\n`;
  const ARN = 'arn:aws:states:us-east-1:000000000000:activity:pack';

  test('are made, left, changed and removed', async () => {
    const outputs =
      '  Ref: { Value: !Ref Pack }\n  Arn: { Value: !GetAtt Pack.Arn }\n  Name: { Value: !GetAtt Pack.Name }\n';
    const made = await deploy(activity('a') + GROUP, outputs);
    expect(made).toEqual({ lines: ['Pack created', 'Log created'], outputs: { Ref: ARN, Arn: ARN, Name: 'pack' } });
    expect(await bed.sfn.send(new DescribeActivityCommand({ activityArn: ARN }))).toMatchObject({ name: 'pack' });
    expect((await deploy(activity('a') + GROUP)).lines).toContain('Pack unchanged');
    expect((await deploy(activity('b') + GROUP)).lines).toContain('Pack updated tags');
    expect(await tagsOf(ARN)).toEqual([{ key: 'team', value: 'b' }]);
    expect((await deploy(GROUP)).lines).toContain('Pack deleted no longer in the template');
    expect((await bed.sfn.send(new ListActivitiesCommand({}))).activities).toEqual([]);
  });
});

describe('log groups', () => {
  test('keep their events for as long as the template says', async () => {
    expect((await deploy(GROUP)).lines).toEqual(['Log created']);
    expect((await deploy(GROUP)).lines).toEqual(['Log unchanged']);
    expect((await deploy(GROUP.replace('7', '14'))).lines).toEqual(['Log updated retentionDays']);
    expect((await deploy(GROUP.replace(', RetentionInDays: 7', ''))).lines).toEqual(['Log updated retentionDays']);
    expect((await deploy(GROUP.replace('7', '8'))).lines[0]).toContain('Log failed 1 validation error');
    expect((await deploy(machine(1))).lines).toContain('Log deleted no longer in the template');
  });
});
