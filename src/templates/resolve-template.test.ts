import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mergeGlobals } from './globals.js';
import { stringScalar, type TemplateMap } from './template-value.js';
import { newTestProjects, problemsOf, remarksOf, type TestProjects } from './test-projects.js';

let projects: TestProjects;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());

const head = 'Transform: AWS::Serverless-2016-10-31\n';
const functionOf = (properties: string): string =>
  `${head}Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs20.x\n      Handler: app.handler\n      CodeUri: src\n${properties}`;
const lambdaOf = (code: string): string =>
  `Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n      Handler: index.handler\n      Role: r\n${code}`;

describe('what is refused, by resource and line', () => {
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['A: 1\nResources: {}', ["template.yaml:1:1 Expected a section of a template, but there is no 'A'."]],
    [
      'Resorces: {}',
      [
        "template.yaml:1:1 Expected a section of a template, but there is no 'Resorces'. Did you mean 'Resources'?",
        'template.yaml:1:1 Expected a section Resources, but it is missing.',
      ],
    ],
    [
      'Resources:\n  Q: { Type: AWS::Kinesis::Stream }\n  B:\n    Type: AWS::Kinesis::Stream',
      [
        "template.yaml:2:3 Q (AWS::Kinesis::Stream): Expected a type that is built here, but 'AWS::Kinesis::Stream' is not yet. Take it out, give it a Condition, or allow unsupported resources.",
        "template.yaml:3:3 B (AWS::Kinesis::Stream): Expected a type that is built here, but 'AWS::Kinesis::Stream' is not yet. Take it out, give it a Condition, or allow unsupported resources.",
      ],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topc }',
      [
        "template.yaml:2:3 T (AWS::SNS::Topc): Expected a type that is built here, but 'AWS::SNS::Topc' is not. Did you mean 'AWS::SNS::Topic'?",
      ],
    ],
    [
      'Resources:\n  B: { Type: AWS::S3::Bucket, Properties: { BucketName: Bad_Name } }\n  C: { Type: AWS::S3::Bucket, Properties: { ReplicationConfiguration: { Role: r } } }',
      [
        "template.yaml:2:57 B (AWS::S3::Bucket): Expected BucketName to have three or more lower-case letters, digits, '-' and '.', but it is 'Bad_Name'.",
        'template.yaml:3:45 C (AWS::S3::Bucket): Expected no ReplicationConfiguration, but there is one: objects are not replicated here.',
      ],
    ],
    [
      'Resources:\n  T: { Properties: {} }',
      ['template.yaml:2:3 T: Expected a Type such as AWS::Serverless::Function, but found none.'],
    ],
    [
      'Resources:\n  T-1: { Type: AWS::SNS::Topic }',
      ["template.yaml:2:3 T-1: Expected letters and digits as the name of a resource, but found 'T-1'."],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topic, DependOn: X }',
      [
        "template.yaml:2:31 T (AWS::SNS::Topic): Expected an attribute of a resource (Type, Properties, …), but there is no 'DependOn'. Did you mean 'DependsOn'?",
      ],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topic, DependsOn: X }',
      ["template.yaml:2:42 T (AWS::SNS::Topic): Expected DependsOn to name a resource, but there is no 'X'."],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topic, Metadata: { Treadle: { x: 1 } } }',
      [
        "template.yaml:2:43 T (AWS::SNS::Topic): Expected settings under Metadata 'Treadle' of a state machine (Remote, Webhooks) or of what checks tokens (Jwks) only, but found some here.",
      ],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topic, Properties: { DispalyName: x } }',
      [
        "template.yaml:2:45 T (AWS::SNS::Topic): Expected a property of this type, but there is no 'DispalyName'. Did you mean 'DisplayName'?",
      ],
    ],
    [
      'Resources:\n  T: { Type: AWS::SNS::Topic, Properties: { FifoTopic: true } }',
      [
        'template.yaml:2:56 T (AWS::SNS::Topic): Expected a standard topic, but this is a FIFO topic, which is not here yet.',
      ],
    ],
    [
      'Resources:\n  S:\n    Type: AWS::SNS::Subscription\n    Properties: { TopicArn: x, Protocol: sms, Endpoint: y }',
      [
        "template.yaml:4:29 S (AWS::SNS::Subscription): Expected TopicArn to be the ARN of a topic, but it is 'x'.",
        "template.yaml:4:42 S (AWS::SNS::Subscription): Expected Protocol to be lambda, email, email-json, sqs, http, https, but 'sms' is not delivered here yet.",
      ],
    ],
    [
      'Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { Runtime: nodejs20.x, Handler: a.b, CodeUri: src } }',
      [
        "template.yaml:1:1 Expected 'Transform: AWS::Serverless-2016-10-31', since 'F' is of type AWS::Serverless::Function, but it is missing.",
      ],
    ],
    [
      'Transform: [AWS::LanguageExtensions]\nResources: {}',
      [
        "template.yaml:1:13 Expected no other Transform than AWS::Serverless-2016-10-31, but found 'AWS::LanguageExtensions': macros are not run here.",
      ],
    ],
    [
      `${head}Globals: { Functon: {} }\nResources: {}`,
      ["template.yaml:2:12 Expected a section of SAM's Globals, but there is no 'Functon'. Did you mean 'Function'?"],
    ],
    [
      `${head}Globals: { Function: { Handlr: x, FunctionName: y } }\nResources: {}`,
      [
        "template.yaml:2:24 Expected a property that Globals.Function may have, but found 'Handlr': there is no such property. Did you mean 'Handler'?",
        "template.yaml:2:35 Expected a property that Globals.Function may have, but found 'FunctionName': it belongs to one resource.",
      ],
    ],
    [
      functionOf('      FileSystemConfigs: [a]\n      Timout: 3\n'),
      [
        'template.yaml:9:7 F (AWS::Serverless::Function): Expected no FileSystemConfigs, but there is one: file systems are not mounted here.',
        "template.yaml:10:7 F (AWS::Serverless::Function): Expected a property of this type, but there is no 'Timout'. Did you mean 'Timeout'?",
      ],
    ],
    [
      functionOf('      Timeout: 901\n      MemorySize: big\n'),
      [
        "template.yaml:9:16 F (AWS::Serverless::Function): Expected Timeout to be an integer from 1 to 900, but it is '901'.",
        "template.yaml:10:19 F (AWS::Serverless::Function): Expected MemorySize to be an integer from 128 to 10240, but it is 'big'.",
      ],
    ],
    [
      functionOf('      Environment: { Variables: { AWS_REGION: x, Ok: [1], "1": y } }\n'),
      [
        'template.yaml:9:35 F (AWS::Serverless::Function): Expected a variable that may be set, but AWS_REGION is set by Lambda itself.',
        'template.yaml:9:54 F (AWS::Serverless::Function): Expected Environment.Variables.Ok to be a string, but found a list.',
        "template.yaml:9:59 F (AWS::Serverless::Function): Expected a variable's name of letters, digits and '_' that begins with a letter, but found '1'.",
      ],
    ],
    [
      functionOf(
        '      Events:\n        Api: { Type: Kinesis, Properties: { Stream: x } }\n        News: { Type: SNS, Properties: { Topc: x } }\n',
      ),
      [
        "template.yaml:10:9 F (AWS::Serverless::Function): Expected an event of type Schedule, ScheduleV2, EventBridgeRule or Api, or SNS, SQS, DynamoDB, S3 or HttpApi for a function, but 'Api' is 'Kinesis': other events start nothing here yet.",
        'template.yaml:11:40 F (AWS::Serverless::Function): Expected Events.News.Properties.Topic, but it is missing.',
        "template.yaml:11:42 F (AWS::Serverless::Function): Expected a property of Events.News.Properties, but there is no 'Topc'. Did you mean 'Topic'?",
      ],
    ],
    [
      functionOf('').replace('CodeUri: src', 'CodeUri: srv'),
      [
        "template.yaml:8:16 F (AWS::Serverless::Function): Expected a folder or a .zip file at 'srv' (from the template's folder), but there is none.",
      ],
    ],
    [
      functionOf('').replace('CodeUri: src', 'CodeUri: src/app.js'),
      [
        "template.yaml:8:16 F (AWS::Serverless::Function): Expected a folder or a .zip file at 'src/app.js' (from the template's folder), but this is a file.",
      ],
    ],
    [
      functionOf('').replace('CodeUri: src', 'CodeUri: https://a/b.zip'),
      [
        "template.yaml:8:16 F (AWS::Serverless::Function): Expected a folder, a .zip file or s3://bucket/key, but it is 'https://a/b.zip'.",
      ],
    ],
    [
      functionOf('').replace('CodeUri: src', 'Description: x'),
      [
        'template.yaml:3:3 F (AWS::Serverless::Function): Expected CodeUri (a folder) or InlineCode, but there is neither.',
      ],
    ],
    [
      functionOf('').replace('Handler: app.handler', 'Handler: !Ref Nothing'),
      [
        "template.yaml:7:21 F (AWS::Serverless::Function): Expected a parameter or resource of the template, but there is no 'Nothing'.",
      ],
    ],
    [
      lambdaOf('      Code: { S3Bucket: b }'),
      [
        'template.yaml:8:13 F (AWS::Lambda::Function): Expected Code to be a folder or .zip file, or S3Bucket and S3Key of a zip in S3, but it is neither.',
      ],
    ],
    [
      lambdaOf('      Code: { ZipFile: x }').replace('python3.12', 'java21'),
      [
        "template.yaml:8:24 F (AWS::Lambda::Function): Expected a nodejs or python Runtime for code in the template, but it is 'java21'.",
      ],
    ],
    [
      'Resources:\n  A: { Type: AWS::SNS::Topic, Properties: { DisplayName: !Ref B } }\n  B: { Type: AWS::SNS::Topic, Properties: { DisplayName: !GetAtt A.TopicName } }',
      [
        'template.yaml:2:3 A (AWS::SNS::Topic): Expected resources that do not wait for each other, but they do: A → B → A.',
      ],
    ],
    [
      'Conditions:\n  A: !Condition B\n  B: !Not [!Condition A]\nResources: {}',
      [
        "template.yaml:3:23 Expected conditions without circles, but 'A' refers to itself.",
        "template.yaml:2:17 Expected conditions without circles, but 'B' refers to itself.",
      ].sort(),
    ],
    [
      'Resources:\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: x } }\n  B: { Type: AWS::SNS::Topic, Properties: { TopicName: x } }',
      ["template.yaml:3:3 B (AWS::SNS::Topic): Expected a name of its own, but 'x' is the name of 'A' as well."],
    ],
    [
      'Resources:\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: a b } }',
      [
        "template.yaml:2:56 A (AWS::SNS::Topic): Expected TopicName to have letters, digits, '-' and '_', but it is 'a b'.",
      ],
    ],
  ];
  test.each(cases)('%j', async (template, expected) => {
    expect(problemsOf(await projects.plan(template))).toEqual(expected);
  });
});

describe('functions', () => {
  test('Globals give what a function does not say; maps merge, its own words win', async () => {
    const plan = await projects.plan(`${head}
Globals:
  Function:
    Runtime: python3.12
    Timeout: 10
    MemorySize: 256
    Environment: { Variables: { STAGE: all, TABLE: !Ref Orders } }
Resources:
  Orders: { Type: AWS::Serverless::SimpleTable }
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src/
      Timeout: 20
      Policies: [AmazonDynamoDBFullAccess]
      Environment: { Variables: { STAGE: own, PORT: 080, FLAG: true } }
`);
    expect(problemsOf(plan)).toEqual([]);
    expect(remarksOf(plan)).toEqual([
      'template.yaml:17:7 F: Policies has no effect here: access is not restricted here.',
    ]);
    expect(plan.resources.map((resource) => resource.logicalId)).toEqual(['Orders', 'F']);
    expect(plan.resources[1]).toMatchObject({
      kind: 'function',
      arn: 'arn:aws:lambda:eu-west-1:000000000000:function:shop-F',
      settings: {
        name: 'shop-F',
        runtime: 'python3.12',
        handler: 'app.handler',
        timeoutSeconds: 20,
        memoryMb: 256,
        environment: { STAGE: 'own', TABLE: 'shop-Orders', PORT: '080', FLAG: 'true' },
        roleArn: 'arn:aws:iam::000000000000:role/shop-FRole',
        layers: [],
        reservedConcurrency: null,
      },
      code: { type: 'path', path: expect.stringMatching(/src$/) },
    });
  });

  test('code in the template becomes a file named index', async () => {
    const plan = await projects.plan(
      lambdaOf('      Code:\n        ZipFile: |\n          def handler(e, c):\n            return 1\n'),
    );
    expect(plan.resources).toMatchObject([
      {
        code: { type: 'inline', fileName: 'index.py', text: 'def handler(e, c):\n  return 1\n' },
        settings: { timeoutSeconds: 3, memoryMb: 128 },
      },
    ]);
  });

  test("an SNS event is a subscription; the SAM role's name can be referred to", async () => {
    const plan = await projects.plan(
      `${functionOf('      Events:\n        News: { Type: SNS, Properties: { Topic: !Ref T, FilterPolicy: { kind: [order] } } }\n')}  T: { Type: AWS::SNS::Topic }\nOutputs:\n  R: { Value: !GetAtt FRole.Arn }\n`,
    );
    expect(problemsOf(plan)).toEqual([]);
    expect(plan.outputs[0]?.value).toBe('arn:aws:iam::000000000000:role/shop-FRole');
    expect(plan.resources.find((resource) => resource.kind === 'subscription')).toMatchObject({
      logicalId: 'F.News',
      settings: {
        topicArn: 'arn:aws:sns:eu-west-1:000000000000:shop-T',
        protocol: 'lambda',
        endpoint: 'arn:aws:lambda:eu-west-1:000000000000:function:shop-F',
        attributes: { FilterPolicy: '{"kind":["order"]}' },
      },
    });
  });

  test('an event does not wait for its topic: SAM makes the subscription apart', async () => {
    const plan = await projects.plan(
      `${functionOf('      Events:\n        News: { Type: SNS, Properties: { Topic: !Ref T } }\n')}  T: { Type: AWS::SNS::Topic, Properties: { DisplayName: !Ref F } }\n`,
    );
    expect(problemsOf(plan)).toEqual([]);
  });

  test('a global list comes before the list of the function', () => {
    const at = { line: 1, column: 1 };
    const map = (...words: string[]): TemplateMap => {
      const items = words.map((word) => stringScalar(word, at));
      return { kind: 'map', at, entries: [{ key: 'Layers', keyAt: at, value: { kind: 'list', items, at } }] };
    };
    expect(mergeGlobals(map('a', 'b'), map('c'))).toEqual(map('a', 'b', 'c'));
  });

  test('what cdk synth names as asset is the code', async () => {
    const plan = await projects.plan(
      `Parameters:\n  BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /cdk-bootstrap/x }\nRules: {}\nResources:\n  F1234:\n    Type: AWS::Lambda::Function\n    Properties: { Code: { S3Bucket: { 'Fn::Sub': 'cdk-\${AWS::AccountId}' }, S3Key: k.zip }, Handler: app.handler, Runtime: nodejs22.x, Role: r }\n    Metadata: { 'aws:cdk:path': S/F, 'aws:asset:path': asset.1, 'aws:asset:property': Code }\n  CDKMetadata: { Type: AWS::CDK::Metadata }\n`,
      { files: { 'asset.1/app.js': '' } },
    );
    expect(problemsOf(plan)).toEqual([]);
    expect(plan.kept.map((one) => one.logicalId)).toEqual(['CDKMetadata']);
    expect(plan.resources).toMatchObject([{ code: { type: 'path', path: expect.stringMatching(/asset\.1$/) } }]);
  });

  test('a name that is too long is cut and ends in a digest', async () => {
    const plan = await projects.plan(functionOf('').replace('  F:', `  ${'F'.repeat(80)}:`));
    const [only] = plan.resources;
    expect(only?.kind === 'function' && only.settings.name).toMatch(/^shop-F{50}-[0-9a-f]{8}$/);
  });
});

describe('allowing what is not done here', () => {
  test('keeps types and properties, and still refuses what AWS refuses', async () => {
    const template = `${functionOf('      FileSystemConfigs: [a]\n')}  Q: { Type: AWS::Kinesis::Stream }\n  G:\n    Type: AWS::Lambda::Function\n    Properties: { Runtime: nodejs20.x, Handler: a.b, Role: r, Code: 'https://b/k.zip' }\nOutputs:\n  Q: { Value: !GetAtt Q.Arn }\n  I: { Value: !ImportValue x }\n`;
    const plan = await projects.plan(template, { allowUnsupported: true });
    expect(problemsOf(plan)).toEqual([]);
    expect(plan.kept.map((one) => `${one.logicalId}: ${one.why}`)).toEqual([
      'Q: this type is not built here',
      "G: Expected a folder, a .zip file or s3://bucket/key, but it is 'https://b/k.zip'.",
    ]);
    expect(plan.resources.map((one) => one.logicalId)).toEqual(['F']);
    expect(plan.outputs).toEqual([
      { name: 'Q', value: 'arn:aws:kinesis:eu-west-1:000000000000:shop-Q', description: null },
    ]);
    expect(problemsOf(await projects.plan(template))).toHaveLength(4);
    const wrong = await projects.plan(functionOf('      Timout: 1\n'), { allowUnsupported: true });
    expect(problemsOf(wrong)).toHaveLength(1);
  });
});
