import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionEventInvokeConfigsCommand,
} from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed } from './bed.js';

let bed: Bed;
let template: string;

beforeEach(async () => {
  bed = new Bed();
  await bed.open();
  await mkdir(join(bed.folder, 'app', 'code'), { recursive: true });
  template = join(bed.folder, 'app', 'template.yaml');
});
afterEach(() => bed.close());

const write = (text: string): Promise<void> => writeFile(template, text);
const writeCode = (text: string): Promise<void> => writeFile(join(bed.folder, 'app', 'code', 'app.mjs'), text);
const handler = (expression: string): string => `export const handler = async (event) => (${expression});`;

async function deploy(): Promise<readonly string[]> {
  const request = { template, parameters: {}, region: null, allowUnsupported: false, fill: false };
  const { resources, problems } = await bed.server.deploy(request);
  return [
    ...problems,
    ...resources.map(({ logicalId, outcome, reason }) => `${logicalId} ${outcome} ${reason ?? ''}`.trim()),
  ];
}

async function call(FunctionName: string): Promise<readonly unknown[]> {
  const { Payload, ExecutedVersion } = await bed.lambda.send(new InvokeCommand({ FunctionName }));
  return [JSON.parse(Buffer.from(Payload ?? []).toString()), ExecutedVersion];
}

const FUNCTION = `
    Properties:
      FunctionName: shop
      Runtime: nodejs20.x
      Handler: app.handler
`;

describe('AutoPublishAlias', () => {
  test('publishes a version when something has changed, and moves the alias', async () => {
    await writeCode(handler('1'));
    await write(`Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States: { A: { Type: Task, Resource: '\${Shop}', End: true } }
      DefinitionSubstitutions: { Shop: !Ref Shop.Alias }
  Shop:
    Type: AWS::Serverless::Function${FUNCTION}      CodeUri: code
      AutoPublishAlias: live
Outputs:
  Alias: { Value: !Ref Shop.Alias }
`);
    expect(await deploy()).toEqual(['Shop created', 'Shop created', 'Machine created']);
    expect(await call('shop:live')).toEqual([1, '1']);
    expect(await deploy()).toEqual(['Shop unchanged', 'Shop unchanged', 'Machine unchanged']);
    await writeCode(handler('22'));
    expect(await deploy()).toEqual(['Shop updated code', 'Shop updated version', 'Machine unchanged']);
    expect(await call('shop:live')).toEqual([22, '2']);
    expect(await call('shop:1')).toEqual([1, '1']);
  });
});

describe('AWS::Lambda::Version and AWS::Lambda::Alias', () => {
  test('publish the function as it is, and name the version', async () => {
    await writeCode(handler('1'));
    const text = (alias: string): string => `Resources:
  Shop:
    Type: AWS::Lambda::Function${FUNCTION}      Role: arn:aws:iam::000000000000:role/r
      Code: code
  First:
    Type: AWS::Lambda::Version
    Properties: { FunctionName: !Ref Shop, Description: first }
${alias}`;
    await write(
      text(`  Live:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !GetAtt Shop.Arn, FunctionVersion: !GetAtt First.Version, Name: live }
`),
    );
    expect(await deploy()).toEqual(['Shop created', 'First created', 'Live created']);
    expect(await call('shop:live')).toEqual([1, '1']);
    await write(text(''));
    expect(await deploy()).toContain('Live deleted no longer in the template');
    expect((await bed.lambda.send(new ListAliasesCommand({ FunctionName: 'shop' }))).Aliases).toEqual([]);
  });

  test('an ARN with a number that is not known beforehand is refused', async () => {
    await writeCode(handler('1'));
    await write(`Resources:
  Shop:
    Type: AWS::Lambda::Function${FUNCTION}      Role: r
      Code: code
  First: { Type: AWS::Lambda::Version, Properties: { FunctionName: !Ref Shop } }
Outputs:
  First: { Value: !Ref First }
`);
    expect((await deploy())[0]).toContain("the ARN of AWS::Lambda::Version 'First' is not");
  });
});

describe('layers', () => {
  test.each([
    ['AWS::Serverless', 'ContentUri'],
    ['AWS::Lambda', 'Content'],
  ])('of %s are published when their files differ, and functions get the newest version', async (types, content) => {
    const layerFile = join(bed.folder, 'app', 'layer', 'nodejs', 'node_modules', 'tool', 'index.js');
    await mkdir(dirname(layerFile), { recursive: true });
    const writeLayer = (value: number): Promise<void> => writeFile(layerFile, `module.exports = ${value};`);
    await writeLayer(1);
    await writeCode(`import { createRequire } from 'node:module';
export const handler = async () => createRequire(import.meta.url)('tool');`);
    await write(`${types === 'AWS::Lambda' ? '' : 'Transform: AWS::Serverless-2016-10-31'}
Resources:
  Shop:
    Type: ${types}::Function${FUNCTION}      ${types === 'AWS::Lambda' ? 'Code' : 'CodeUri'}: code
      Role: arn:aws:iam::000000000000:role/r
      Layers: [!Ref Tools]
  Tools:
    Type: ${types}::LayerVersion
    Properties: { LayerName: tools, ${content}: layer, CompatibleRuntimes: [nodejs20.x] }
`);
    expect(await deploy()).toEqual(['Tools created', 'Shop created']);
    expect(await call('shop')).toEqual([1, '$LATEST']);
    expect(await deploy()).toEqual(['Tools unchanged', 'Shop unchanged']);
    await writeLayer(2);
    expect(await deploy()).toEqual(['Tools updated codeSha256', 'Shop updated layers']);
    expect(await call('shop')).toEqual([2, '$LATEST']);
  });
});

describe('event sources', () => {
  test.each([
    [
      'SAM',
      `  Shop:
    Type: AWS::Serverless::Function${FUNCTION}      CodeUri: code
      AutoPublishAlias: live
      Events:
        Orders:
          Type: SQS
          Properties: { Queue: !GetAtt Orders.Arn, BatchSize: 4, FunctionResponseTypes: [ReportBatchItemFailures] }
`,
      'shop:live',
    ],
    [
      'CloudFormation',
      `  Shop:
    Type: AWS::Lambda::Function${FUNCTION}      Role: r
      Code: code
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Orders.Arn
      FunctionName: !Ref Shop
      BatchSize: 4
      FunctionResponseTypes: [ReportBatchItemFailures]
`,
      'shop',
    ],
  ])('of %s are made, and removed when they vanish', async (_, resources, called) => {
    const seen = join(bed.folder, 'seen');
    await writeCode(`import { appendFileSync } from 'node:fs';
export const handler = async ({ Records }) => appendFileSync(${JSON.stringify(seen)}, Records[0].body);`);
    const rest = '  Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: orders } }\n';
    await write(`Transform: AWS::Serverless-2016-10-31\nResources:\n${resources}${rest}`);
    expect((await deploy()).at(-1)).toMatch(/^(?:Shop.Orders|Source) created$/);
    const list = async () => (await bed.lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings;
    expect(await list()).toMatchObject([
      {
        EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:orders',
        FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${called}`,
        BatchSize: 4,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    ]);
    const { QueueUrl } = await bed.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    await bed.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    await expect.poll(() => readFile(seen, 'utf8').catch(() => ''), { timeout: 10_000 }).toBe('one');
    expect(await deploy()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:Shop.Orders|Source) unchanged$/)]),
    );
    await write(`Resources:\n${rest}`);
    await deploy();
    expect(await list()).toEqual([]);
  });
});

describe('outcomes of asynchronous calls', () => {
  const DESTINATION = 'arn:aws:sqs:us-east-1:000000000000:outcomes';
  const REST = '  Outcomes: { Type: AWS::SQS::Queue, Properties: { QueueName: outcomes } }\n';
  const shown = async () =>
    (await bed.lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'shop' })))
      .FunctionEventInvokeConfigs;

  test('are made, left, changed and taken back by a resource of their own', async () => {
    await writeCode(handler('1'));
    const plain = (dead: string): string => `  Shop:
    Type: AWS::Lambda::Function${FUNCTION}      Role: r
      Code: code
${dead}`;
    const config = (retries: number): string => `  Config:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref Shop
      Qualifier: $LATEST
      MaximumRetryAttempts: ${retries}
      DestinationConfig: { OnFailure: { Destination: !GetAtt Outcomes.Arn } }
`;
    const dead = '      DeadLetterConfig: { TargetArn: !GetAtt Outcomes.Arn }\n';
    const resources = (text: string): Promise<void> => write(`Resources:\n${text}${REST}`);
    await resources(plain(dead) + config(1));
    expect(await deploy()).toEqual(['Outcomes created', 'Shop created', 'Config created']);
    expect(await shown()).toMatchObject([
      { MaximumRetryAttempts: 1, DestinationConfig: { OnSuccess: {}, OnFailure: { Destination: DESTINATION } } },
    ]);
    const get = () => bed.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'shop' }));
    expect((await get()).DeadLetterConfig).toEqual({ TargetArn: DESTINATION });
    expect(await deploy()).toEqual(['Outcomes unchanged', 'Shop unchanged', 'Config unchanged']);
    await resources(plain('') + config(0));
    const changed = await deploy();
    expect(changed).toContain('Shop updated deadLetterArn');
    expect(changed).toContain('Config updated retriesMax');
    expect((await get()).DeadLetterConfig).toBeUndefined();
    await resources(plain(''));
    expect(await deploy()).toContain('Config deleted no longer in the template');
    expect(await shown()).toEqual([]);
  });

  test('of SAM are those of the alias; a destination without an ARN is made', async () => {
    await writeCode(handler('1'));
    const sam = (config: string): Promise<void> =>
      write(`Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Function${FUNCTION}      CodeUri: code
      AutoPublishAlias: live
${config}${REST}`);
    await sam(`      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt Outcomes.Arn }
      EventInvokeConfig:
        MaximumEventAgeInSeconds: 100
        DestinationConfig:
          OnSuccess: { Type: SQS, Destination: !GetAtt Outcomes.Arn }
          OnFailure: { Type: SNS }
`);
    expect(await deploy()).toEqual([
      'Outcomes created',
      'Shop created',
      'Shop created',
      'ShopEventInvokeConfigOnFailureTopic created',
      'ShopEventInvokeConfig created',
    ]);
    expect(await shown()).toMatchObject([
      {
        FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:shop:live',
        MaximumEventAgeInSeconds: 100,
        DestinationConfig: {
          OnSuccess: { Destination: DESTINATION },
          OnFailure: { Destination: 'arn:aws:sns:us-east-1:000000000000:app-ShopEventInvokeConfigOnFailureTopic' },
        },
      },
    ]);
    await sam('');
    expect(await deploy()).toEqual(
      expect.arrayContaining([
        'ShopEventInvokeConfig deleted no longer in the template',
        'ShopEventInvokeConfigOnFailureTopic deleted no longer in the template',
      ]),
    );
    expect(await shown()).toEqual([]);
  });
});
