// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is CloudFormation's own notation
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTemplate, resolveTemplate } from './index.js';
import { newTestProjects, PLACE, problemsOf, type TestProjects } from './test-projects.js';

let projects: TestProjects;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());

const PARTS = `
Mappings:
  Sizes:
    prod: { memory: 512, zones: [a, b] }
    test: { memory: 256, zones: [c] }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, Condition: IsTest]
  Either: !Or [!Condition IsProd, !Condition IsTest]
Parameters:
  Stage: { Type: String, Default: test, AllowedValues: [prod, test] }
  Names: { Type: CommaDelimitedList, Default: 'ann, bob' }
  Count: { Type: Number, Default: 3 }
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: N }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  News: { Type: AWS::SNS::Topic, Properties: { TopicName: !Sub 'news-\${Stage}' } }
  Role: { Type: AWS::IAM::Role }
  OnlyProd: { Type: AWS::SNS::Topic, Condition: IsProd }
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties: { RoleArn: !GetAtt Role.Arn, DefinitionString: '{}' }
`;

describe('functions give values', () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['!Ref Stage', 'test'],
    ['!Ref Names', 'ann,bob'],
    ['!Ref Count', '3'],
    ['{ Ref: AWS::Region }', 'eu-west-1'],
    ['!Ref AWS::AccountId', '000000000000'],
    ['!Ref AWS::Partition', 'aws'],
    ['!Ref AWS::URLSuffix', 'amazonaws.com'],
    ['!Ref AWS::StackName', 'shop'],
    ['!Ref Orders', 'shop-Orders'],
    ['!GetAtt Orders.Arn', 'arn:aws:dynamodb:eu-west-1:000000000000:table/shop-Orders'],
    ['!GetAtt [Orders, Arn]', 'arn:aws:dynamodb:eu-west-1:000000000000:table/shop-Orders'],
    ['{ "Fn::GetAtt": [Orders, Arn] }', 'arn:aws:dynamodb:eu-west-1:000000000000:table/shop-Orders'],
    ['!Ref News', 'arn:aws:sns:eu-west-1:000000000000:news-test'],
    ['!GetAtt News.TopicName', 'news-test'],
    ['!Ref Flow', 'arn:aws:states:eu-west-1:000000000000:stateMachine:shop-Flow'],
    ['!GetAtt Flow.Name', 'shop-Flow'],
    ['!Ref Role', 'shop-Role'],
    ['!GetAtt Role.Arn', 'arn:aws:iam::000000000000:role/shop-Role'],
    [
      "!Sub '${Stage}/${Orders.Arn}/${!Kept}'",
      'test/arn:aws:dynamodb:eu-west-1:000000000000:table/shop-Orders/${Kept}',
    ],
    ["!Sub ['${A}-${Stage}', { A: !Ref Count }]", '3-test'],
    ["!Join ['-', [a, !Ref Stage, !Ref AWS::NoValue, 1]]", 'a-test-1'],
    ["!Join ['+', !Ref Names]", 'ann+bob'],
    ["!Join ['+', !Split ['/', 'a/b']]", 'a+b'],
    ['!Select [1, !Ref Names]', 'bob'],
    ["!Select ['0', [x, y]]", 'x'],
    ['!FindInMap [Sizes, !Ref Stage, memory]', '256'],
    ["!Join ['', !FindInMap [Sizes, prod, zones]]", 'ab'],
    ['!If [IsProd, yes-prod, !If [Either, other, none]]', 'other'],
    ['!If [Both, 1, 2]', '2'],
    ['!Base64 hello', 'aGVsbG8='],
    ["!Select [0, !GetAZs '']", 'eu-west-1a'],
    ['012345678901', '012345678901'],
    ['1.50', '1.50'],
    ['yes', 'true'],
    ['2012-10-17', '2012-10-17'],
    ['N', 'N'],
  ];
  test.each(cases)('%s → %s', async (value, expected) => {
    const plan = await projects.plan(`${PARTS}Outputs:\n  It: { Value: ${value} }\n`);
    expect(problemsOf(plan)).toEqual([]);
    expect(plan.outputs).toEqual([{ name: 'It', value: expected, description: null }]);
  });

  test('JSON is read as YAML is, tabs and escapes included', async () => {
    const json =
      '{\n\t"Resources": {"T": {"Type": "AWS::SNS::Topic",\n\t\t"Properties": {"DisplayName": {"Fn::Sub": "\\ud83d\\ude00 ${AWS::Region}"}}}}}';
    const document = await readTemplate(await projects.write(json, {}, 'template.json'));
    const plan = await resolveTemplate(document, { parameters: {}, place: PLACE, stackName: 'shop' });
    expect(plan.resources).toMatchObject([{ settings: { name: 'shop-T', displayName: '😀 eu-west-1' } }]);
  });

  test('anchors and merge keys are written out', async () => {
    const plan = await projects.plan(`
Metadata:
  Base: &base { DisplayName: Shop, TopicName: base }
Resources:
  T:
    Type: AWS::SNS::Topic
    Properties:
      <<: [*base, { DisplayName: Later }]
      TopicName: own
`);
    expect(plan.resources).toMatchObject([{ settings: { name: 'own', displayName: 'Shop' } }]);
  });
});

describe('faults of a value are told with their place', () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    [
      '!Ref Ordesr',
      "Expected a parameter or resource of the template, but there is no 'Ordesr'. Did you mean 'Orders'?",
    ],
    ['!Ref OnlyProd', "Expected resource 'OnlyProd' to be there, but its condition 'IsProd' is false."],
    [
      '!GetAtt Orders.Name',
      "Expected an attribute of 'Orders' (AWS::DynamoDB::Table), but 'Name' is not known here: it has Arn, StreamArn.",
    ],
    [
      '!GetAtt Orders',
      "Expected Fn::GetAtt to have 'Resource.Attribute' or [Resource, Attribute], but found the string 'Orders'.",
    ],
    [
      '!ImportValue x',
      "Expected an export 'x' of a stack that is deployed, but there is none. Deploy that stack first, or give the value as a parameter.",
    ],
    [
      '!Cidr [a, 1, 2]',
      'Expected a function that works here, but Fn::Cidr does not: networks have no meaning here. Give the address ranges as a parameter.',
    ],
    [
      '!Transform { Name: X }',
      'Expected a function that works here, but Fn::Transform does not: macros are not run here. Write their result into the template.',
    ],
    [
      '{ "Fn::Jion": [a, b] }',
      "Expected a function of CloudFormation, but there is no 'Fn::Jion'. Did you mean 'Fn::Join'?",
    ],
    ["!Join [',', a]", "Expected Fn::Join to have a list, but found the string 'a'."],
    ["!Join [',']", 'Expected Fn::Join to have [delimiter, [values]], but found 1 items.'],
    ['!Select [5, [a]]', 'Expected the index of Fn::Select to be from 0 to 0, but it is 5.'],
    ['!FindInMap [Sizes, prd, memory]', "Expected 'prd' in Mappings.Sizes, but it is not there. Did you mean 'prod'?"],
    ['!If [IsPrd, a, b]', "Expected 'IsPrd' under Conditions, but there is no such condition. Did you mean 'IsProd'?"],
    [
      '!Equals [a, b]',
      'Expected Fn::Equals only under Conditions, but found it here. Name the condition there and choose with Fn::If.',
    ],
    [
      "!Sub '${a b}'",
      "Expected a name of letters, digits, '_', '.' and ':' in Fn::Sub, but found '${a b}'. Write '${!a b}' for the text itself.",
    ],
    ["!Sub '${Names}'", "Expected '${Names}' to be a string, but it is a list."],
    ['{ a: b }', 'Expected a string, but found a map.'],
  ];
  test.each(cases)('%s', async (value, message) => {
    const lines = PARTS.split('\n').length;
    const plan = await projects.plan(`${PARTS}Outputs:\n  It:\n    Value: ${value}\n`);
    const found = problemsOf(plan);
    expect(found).toHaveLength(1);
    expect(found[0]?.replace(/^template\.yaml:(\d+):\d+ /, '$1 ')).toBe(`${lines + 2} ${message}`);
  });
});

describe('parameters', () => {
  const cases: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, readonly string[]]> = [
    [
      '{ Type: String }',
      {},
      ["template.yaml:2:3 Expected a value for parameter 'P', but none is given and it has no Default."],
    ],
    [
      '{ Type: Strng, Default: a }',
      {},
      [
        "template.yaml:2:3 Expected the Type of parameter 'P' to be String, Number, a list of these or an AWS type, but it is 'Strng'.",
      ],
    ],
    [
      '{ Type: String, Default: a }',
      { Q: '1' },
      ["template.yaml:2:3 Expected a parameter of the template, but it has no 'Q'."],
    ],
    ['{ Type: Number, Default: a }', {}, ["template.yaml:2:3 Expected parameter 'P' to be a number, but it is 'a'."]],
    [
      '{ Type: String, AllowedValues: [a, b] }',
      { P: 'c' },
      ["template.yaml:2:3 Expected parameter 'P' to be one of 'a', 'b', but it is 'c'."],
    ],
    [
      '{ Type: String, NoEcho: true, AllowedPattern: "[a-z]+" }',
      { P: 'SECRET' },
      ["template.yaml:2:3 Expected parameter 'P' to be a match of [a-z]+, but it is not."],
    ],
    [
      '{ Type: String, MinLength: 3, ConstraintDescription: three letters }',
      { P: 'ab' },
      ["template.yaml:2:3 Expected parameter 'P' to be three letters, but it is 'ab'."],
    ],
    [
      '{ Type: Number, MaxValue: 3 }',
      { P: '4' },
      ["template.yaml:2:3 Expected parameter 'P' to be at most 3, but it is '4'."],
    ],
    [
      '{ Type: String, Defalt: a, Default: b }',
      {},
      ["template.yaml:2:22 Expected an attribute of a parameter, but there is no 'Defalt'. Did you mean 'Default'?"],
    ],
    ["{ Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b }", {}, []],
    ['{ Type: AWS::EC2::VPC::Id, Default: vpc-1 }', {}, []],
    ["{ Type: 'List<Number>', Default: '1, 2' }", {}, []],
  ];
  test.each(cases)('%s', async (parameter, parameters, expected) => {
    expect(problemsOf(await projects.plan(`Parameters:\n  P: ${parameter}\nResources: {}`, { parameters }))).toEqual(
      expected,
    );
  });

  test('a value stored in SSM is refused where it is used', async () => {
    const plan = await projects.plan(
      "Parameters:\n  P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /a }\nResources:\n  T: { Type: AWS::SNS::Topic, Properties: { DisplayName: !Ref P } }",
    );
    expect(problemsOf(plan)).toEqual([
      "template.yaml:4:63 T (AWS::SNS::Topic): Expected a value in the template, but parameter 'P' is stored in SSM, which is not here. Give what it holds with --parameter P=….",
    ]);
  });
});
