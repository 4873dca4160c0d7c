// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is CloudFormation's own notation
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeployPlan } from './index.js';
import { newTestProjects, problemsOf, remarksOf, type TestProjects } from './test-projects.js';

let projects: TestProjects;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());

const machineOf = (properties: string): string => `Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
${properties.replace(/^/gm, '      ')}
  F: { Type: AWS::Serverless::Function, Properties: { Runtime: nodejs20.x, Handler: app.handler, CodeUri: src } }
`;
const plainOf = (properties: string): string => `Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/r
${properties.replace(/^/gm, '      ')}
  T: { Type: AWS::SNS::Topic }
`;

function definitionOf(plan: DeployPlan): string {
  const machine = plan.resources.find((resource) => resource.kind === 'stateMachine');
  return machine?.kind === 'stateMachine' ? machine.settings.definition : 'no machine';
}

test('a JSON file keeps its text, blank by blank; substitutions are put in as text', async () => {
  const text =
    '{ "StartAt":"A",\n\t"States": {"A": {"Type":"Task",  "Resource":"${Fn}", "TimeoutSeconds": ${Limit}, "End":true}}\n}\n';
  const plan = await projects.plan(
    machineOf(
      'DefinitionUri: m.asl.json\nDefinitionSubstitutions:\n  Fn: !GetAtt F.Arn\n  Limit: 30\nType: EXPRESS\nName: orders',
    ),
    { files: { 'm.asl.json': text } },
  );
  expect(problemsOf(plan)).toEqual([]);
  expect(remarksOf(plan)).toEqual([]);
  expect(definitionOf(plan)).toBe(
    text.replace('${Fn}', 'arn:aws:lambda:eu-west-1:000000000000:function:shop-F').replace('${Limit}', '30'),
  );
  expect(plan.resources).toMatchObject([
    { logicalId: 'F' },
    {
      kind: 'stateMachine',
      arn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:orders',
      settings: { name: 'orders', type: 'EXPRESS', roleArn: 'arn:aws:iam::000000000000:role/shop-MRole' },
      source: { form: 'text' },
    },
  ]);
});

test('a YAML file becomes JSON with its members in order; numbers keep their digits', async () => {
  const yaml =
    'StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: 5\n    Next: B\n  B:\n    Type: Pass\n    Result: { price: 1.50, list: [], ok: yes, none: ~, "on": "N" }\n    End: true\n';
  const plan = await projects.plan(machineOf('DefinitionUri: m.asl.yaml'), { files: { 'm.asl.yaml': yaml } });
  expect(problemsOf(plan)).toEqual([]);
  expect(definitionOf(plan)).toBe(`{
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Wait",
      "Seconds": 5,
      "Next": "B"
    },
    "B": {
      "Type": "Pass",
      "Result": {
        "price": 1.50,
        "list": [],
        "ok": true,
        "none": null,
        "on": "N"
      },
      "End": true
    }
  }
}`);
});

describe('where a definition may stand', () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    [
      'inline, with functions',
      machineOf('Definition: { StartAt: A, States: { A: { Type: Task, Resource: !GetAtt F.Arn, End: true } } }'),
      'arn:aws:lambda:eu-west-1:000000000000:function:shop-F',
    ],
    [
      'inline, with substitutions',
      machineOf(
        "Definition: { StartAt: A, States: { A: { Type: Task, Resource: '${X}', End: true } } }\nDefinitionSubstitutions: { X: !GetAtt F.Arn }",
      ),
      'arn:aws:lambda:eu-west-1:000000000000:function:shop-F',
    ],
    [
      'a string with Sub',
      plainOf('DefinitionString: !Sub |\n  {"StartAt":"A","States":{"A":{"Type":"Succeed","Comment":"${T} ${!x}"}}}'),
      '"Comment":"arn:aws:sns:eu-west-1:000000000000:shop-T ${x}"',
    ],
    [
      'a string with Join, as cdk synth writes it',
      plainOf("DefinitionString: { 'Fn::Join': ['', ['{\"StartAt\":\"', { Ref: T }, '\"}']] }"),
      '{"StartAt":"arn:aws:sns:eu-west-1:000000000000:shop-T"}',
    ],
    ['a local file of DefinitionS3Location', plainOf('DefinitionS3Location: m.json'), '"filed"'],
  ];
  test.each(cases)('%s', async (_, template, expected) => {
    const plan = await projects.plan(template, { files: { 'm.json': '"filed"' } });
    expect(problemsOf(plan)).toEqual([]);
    expect(definitionOf(plan)).toContain(expected);
  });
});

describe('faults', () => {
  const cases: ReadonlyArray<readonly [string, string, readonly string[]]> = [
    [
      'none',
      machineOf('Type: STANDARD'),
      [
        'template.yaml:3:3 M (AWS::Serverless::StateMachine): Expected one definition (DefinitionUri or Definition), but there is none.',
      ],
    ],
    [
      'two',
      machineOf('DefinitionUri: m.json\nDefinition: {}'),
      [
        'template.yaml:6:22 M (AWS::Serverless::StateMachine): Expected one definition (DefinitionUri or Definition), but there are Definition and DefinitionUri.',
      ],
    ],
    [
      'missing file',
      machineOf('DefinitionUri: x.json'),
      [
        "template.yaml:6:22 M (AWS::Serverless::StateMachine): Expected a file at 'x.json' (from the template's folder), but there is none.",
      ],
    ],
    [
      'in S3',
      machineOf('DefinitionUri: { Bucket: b, Key: k }'),
      [
        'template.yaml:6:22 M (AWS::Serverless::StateMachine): Expected a definition that can be read here, but it is in S3 (s3://b/k): only a server that it is deployed to reads it.',
      ],
    ],
    [
      'broken YAML',
      machineOf('DefinitionUri: bad.asl.yaml'),
      [
        'bad.asl.yaml:2:1 M (AWS::Serverless::StateMachine): Expected every key of a map once, but this one was there before.',
      ],
    ],
    [
      'a tag in an ASL file',
      machineOf('DefinitionUri: tag.asl.yaml'),
      [
        "tag.asl.yaml:1:15 M (AWS::Serverless::StateMachine): Expected plain YAML, but found the tag '!Ref'. Give the value with DefinitionSubstitutions instead.",
      ],
    ],
    [
      'type',
      machineOf('DefinitionUri: m.json\nType: EXPRES'),
      [
        "template.yaml:7:13 M (AWS::Serverless::StateMachine): Expected Type to be 'STANDARD' or 'EXPRESS', but it is 'EXPRES'. Did you mean 'EXPRESS'?",
      ],
    ],
    [
      'events',
      machineOf('DefinitionUri: m.json\nEvents: { Api: { Type: HttpApi } }'),
      [
        "template.yaml:7:17 M (AWS::Serverless::StateMachine): Expected an event of type Schedule, ScheduleV2, EventBridgeRule or Api, or SNS, SQS, DynamoDB, S3 or HttpApi for a function, but 'Api' is 'HttpApi': other events start nothing here yet.",
      ],
    ],
    [
      'no role',
      plainOf('DefinitionString: x').replace(/ {6}RoleArn.*\n/, ''),
      [
        'template.yaml:2:3 M (AWS::StepFunctions::StateMachine): Expected RoleArn, but it is missing. AWS needs a role; any ARN of one does here.',
      ],
    ],
  ];
  test.each(cases)('%s', async (_, template, expected) => {
    const files = { 'm.json': '{}', 'bad.asl.yaml': 'a: 1\na: 2\n', 'tag.asl.yaml': 'StartAt: !Ref x\n' };
    expect(problemsOf(await projects.plan(template, { files }))).toEqual(expected);
  });
});

describe('ARNs of other places, and names that nothing substitutes', () => {
  const json = `{
  "StartAt": "A", "States": {
    "A": { "Type": "Task", "Resource": "arn:aws:lambda:REGION:ACCOUNT:function:pay", "Next": "B" },
    "B": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST", "Next": "C" },
    "C": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "FunctionName": "arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:x" }, "Next": "D" },
    "D": { "Type": "Task", "Resource": "arn:aws:lambda:\${Region}:\${Account}:function:own", "Credentials": "arn:aws:iam::123456789012:role/r", "Next": "E" },
    "E": { "Type": "Task", "Resource": "\${Fm}", "End": true }
  }
}`;
  const template = machineOf(
    'DefinitionUri: m.json\nDefinitionSubstitutions: { Region: !Ref AWS::Region, Account: !Ref AWS::AccountId, Fn: "arn:aws:lambda:us-east-2:111122223333:function:y" }',
  );

  test('are told with place and cure', async () => {
    const plan = await projects.plan(template, { files: { 'm.json': json } });
    expect(problemsOf(plan)).toEqual([]);
    const ours = 'Expected ARNs of region eu-west-1 and account 000000000000, but found';
    const lookedUp = 'It is looked up by its name here; write it with DefinitionSubstitutions, or deploy with --fill.';
    const placeholder = 'Write ours with DefinitionSubstitutions, or deploy with --fill.';
    const unknown = (name: string): string =>
      `Expected '${name}' in DefinitionSubstitutions, but it is not there: '\${${name}}' stays as it is.`;
    expect(remarksOf(plan)).toEqual([
      `m.json:3:41 M: ${ours} the placeholder 'arn:aws:lambda:REGION:ACCOUNT:function:pay'. ${placeholder}`,
      `m.json:4:41 M: ${ours} 'arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST'. ${lookedUp}`,
      `m.json:5:107 M: ${ours} the placeholder 'arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:x'. ${placeholder}`,
      `m.json:5:111 M: ${unknown('AWS::Partition')}`,
      `m.json:5:136 M: ${unknown('AWS::Region')}`,
      `m.json:5:151 M: ${unknown('AWS::AccountId')}`,
      `m.json:7:41 M: ${unknown('Fm')} Did you mean 'Fn'?`,
      `template.yaml:7:94 M: ${ours} 'arn:aws:lambda:us-east-2:111122223333:function:y'. ${lookedUp}`,
    ]);
  });

  test('fill puts our region and account in', async () => {
    const plan = await projects.plan(template, { files: { 'm.json': json }, fill: true });
    const definition = definitionOf(plan);
    expect(definition.match(/arn:[^"]+/g)).toEqual([
      'arn:aws:lambda:eu-west-1:000000000000:function:pay',
      'arn:aws:lambda:eu-west-1:000000000000:function:pay:$LATEST',
      'arn:aws:states:::lambda:invoke',
      'arn:aws:lambda:eu-west-1:000000000000:function:x',
      'arn:aws:lambda:eu-west-1:000000000000:function:own',
      'arn:aws:iam::123456789012:role/r',
    ]);
    expect(remarksOf(plan)).toHaveLength(1);
  });

  test('in YAML they have their own line', async () => {
    const yaml =
      'StartAt: A\nStates:\n  A:\n    Type: Task\n    # pasted\n    Resource: "arn:aws:lambda:{region}:<account id>:function:pay"\n    End: true\n';
    const plan = await projects.plan(machineOf('DefinitionUri: m.yml'), { files: { 'm.yml': yaml } });
    expect(remarksOf(plan)).toEqual([
      "m.yml:6:5 M: Expected ARNs of region eu-west-1 and account 000000000000, but found the placeholder 'arn:aws:lambda:{region}:<account id>:function:pay'. Write ours with DefinitionSubstitutions, or deploy with --fill.",
    ]);
  });
});

const withMetadata = (metadata: string): string =>
  `Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Metadata: { Treadle: ${metadata} }
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/r
      DefinitionString: '{"StartAt":"Pay","States":{"Pay":{"Type":"Succeed"}}}'
`;

test('states whose calls go elsewhere', async () => {
  const plan = await projects.plan(withMetadata('{ Remote: { Pay: http://minio:9000 } }'));
  expect(plan.resources).toMatchObject([{ settings: { remote: { Pay: 'http://minio:9000' } } }]);
});

test.each([
  ['{ Remote: { Pya: aws } }', "Expected a state of this machine under Remote, but there is no 'Pya'."],
  ['{ Remote: { Pay: azure } }', "Expected 'aws' or the URL of an endpoint that speaks AWS's protocols for 'Pay'."],
  ['{ Remot: {} }', "Expected Remote or Webhooks under Metadata 'Treadle', but there is 'Remot'."],
])('Metadata %s is refused', async (metadata, problem) => {
  const [first] = problemsOf(await projects.plan(withMetadata(metadata)));
  expect(first).toContain(problem);
});
