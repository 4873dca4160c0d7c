import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newTestProjects, problemsOf, type TestProjects } from './test-projects.js';
import { deployFile, type FakeServer, machineArn, newFakeServer, outcomes, topicArn } from './test-server.js';

let projects: TestProjects;
let server: FakeServer;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());
beforeEach(() => {
  server = newFakeServer();
});

const SHOP = `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Takes orders.
Parameters:
  Mail: { Type: String, Default: shop@example.com }
Globals:
  Function: { Runtime: nodejs20.x, Timeout: 10, CodeUri: src }
Resources:
  CustomerOrders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: OrderId, AttributeType: S }
      KeySchema:
        - { AttributeName: OrderId, KeyType: HASH }
  News:
    Type: AWS::SNS::Topic
    Properties:
      Subscription:
        - { Protocol: email, Endpoint: !Ref Mail }
  VerifyPayment:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Environment: { Variables: { TABLE: !Ref CustomerOrders } }
      Policies: [{ DynamoDBCrudPolicy: { TableName: !Ref CustomerOrders } }]
  Log:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Events:
        News: { Type: SNS, Properties: { Topic: !Ref News } }
  Inline:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: { ZipFile: 'exports.handler = async () => 1' }
  Role: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: orders.asl.yaml
      DefinitionSubstitutions:
        VerifyPayment: !GetAtt VerifyPayment.Arn
        Table: !Ref CustomerOrders
      Policies: [{ LambdaInvokePolicy: { FunctionName: !Ref VerifyPayment } }]
Outputs:
  OrdersArn: { Value: !Ref Orders, Description: Start this }
`;
const ASL = `StartAt: Verify
States:
  Verify:
    Type: Task
    Resource: \${VerifyPayment}
    Next: Store
  Store:
    Type: Pass
    End: true
`;

describe('a template of a shop', () => {
  test('is built in the order of its references, and deploying again changes nothing', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    const first = await deployFile(server, file);
    expect(first.isDeployed).toBe(true);
    expect(outcomes(first)).toEqual([
      'built CustomerOrders',
      'built News',
      'built News.Subscription[0]',
      'built VerifyPayment',
      'built Log',
      'built Log.News',
      'built Inline',
      'built Orders',
      'kept Role: access is not restricted here',
    ]);
    expect(first.outputs).toEqual([{ name: 'OrdersArn', value: machineArn('shop-Orders'), description: 'Start this' }]);
    expect(server.functions.get('shop-VerifyPayment')).toMatchObject({
      environment: { TABLE: 'shop-CustomerOrders' },
      codePath: join(dirname(file), 'src'),
    });
    expect(server.functions.get('shop-Inline')?.codePath).toBe('generated/shop-Inline');
    expect(server.machines.get(machineArn('shop-Orders'))?.definition).toContain(
      '"Resource": "arn:aws:lambda:eu-west-1:000000000000:function:shop-VerifyPayment"',
    );
    const again = await deployFile(server, file);
    expect(server.changes).toEqual([]);
    expect(new Set(again.resources.map((resource) => resource.outcome))).toEqual(new Set(['unchanged', 'kept']));
    expect(again.outputs).toEqual(first.outputs);
  });

  test('only what changed is changed', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    await deployFile(server, file);
    await writeFile(
      join(dirname(file), 'orders.asl.yaml'),
      ASL.replace('Type: Pass', 'Type: Succeed').replace('    End: true\n', ''),
    );
    await writeFile(file, SHOP.replace("'exports.handler", "'/* new */ exports.handler").replace('TABLE:', 'ORDERS:'));
    const report = await deployFile(server, file, { parameters: { Mail: 'other@example.com' } });
    expect(outcomes(report).filter((line) => !line.startsWith('unchanged'))).toEqual([
      'built News.Subscription[0]',
      'updated VerifyPayment: environment',
      'updated Inline: code',
      'updated Orders: definition',
      'removed News.Subscription[0]: no longer in the template',
      'kept Role: access is not restricted here',
    ]);
    expect(server.changes).toEqual([
      'subscribe other@example.com',
      'update function shop-VerifyPayment',
      'write shop-Inline/index.js',
      'update function shop-Inline',
      'update machine shop-Orders',
      `unsubscribe ${topicArn('shop-News')}:1`,
    ]);
  });

  test('code that changed in its folder is deployed again; installed packages do not count', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL, 'src/node_modules/x/index.js': '1' });
    await deployFile(server, file);
    await writeFile(join(dirname(file), 'src/node_modules/x/index.js'), '2');
    await deployFile(server, file);
    expect(server.changes).toEqual([]);
    await writeFile(join(dirname(file), 'src/app.js'), 'exports.handler = async () => 2;');
    await deployFile(server, file);
    expect(server.changes).toEqual(['update function shop-VerifyPayment', 'update function shop-Log']);
  });

  test('what was changed or deleted by hand is put right', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    await deployFile(server, file);
    server.functions.delete('shop-Log');
    const verify = server.functions.get('shop-VerifyPayment');
    if (verify) server.functions.set('shop-VerifyPayment', { ...verify, timeoutSeconds: 99 });
    const report = await deployFile(server, file);
    expect(outcomes(report)).toContain('updated VerifyPayment: timeoutSeconds');
    expect(server.changes).toEqual(['update function shop-VerifyPayment', 'create function shop-Log']);
  });

  test('what vanished is removed, subscriptions first; a table and what is retained stay', async () => {
    const retained = SHOP.replace('  Inline:\n', '  Inline:\n    DeletionPolicy: Retain\n');
    const file = await projects.write(retained, { 'orders.asl.yaml': ASL });
    await deployFile(server, file);
    await writeFile(file, 'Resources: {}');
    const report = await deployFile(server, file);
    expect(outcomes(report)).toEqual([
      'removed News.Subscription[0]: no longer in the template',
      'removed Log.News: no longer in the template',
      'removed Orders: no longer in the template',
      'removed VerifyPayment: no longer in the template',
      'removed Log: no longer in the template',
      'kept Inline: no longer in the template; its DeletionPolicy is Retain',
      'removed News: no longer in the template',
      'kept CustomerOrders: no longer in the template; a table is never deleted by deploying, and keeps its items',
    ]);
    expect([...server.tables.keys()]).toEqual(['shop-CustomerOrders']);
    expect([...server.functions.keys()]).toEqual(['shop-Inline']);
    expect(server.records.get('shop')).toEqual([]);
    await deployFile(server, file);
    expect(server.changes).toEqual([]);
  });

  test('a resource renamed in the template with a name of its own is not removed', async () => {
    const of = (id: string): string =>
      `Resources:\n  ${id}: { Type: AWS::SNS::Topic, Properties: { TopicName: news } }`;
    const file = await projects.write(of('A'));
    await deployFile(server, file);
    await writeFile(file, of('B'));
    expect(outcomes(await deployFile(server, file))).toEqual(['unchanged B']);
    expect(server.records.get('shop')?.map((record) => record.logicalId)).toEqual(['B']);
  });
});

describe('a bucket', () => {
  const template = (properties: string, more = ''): string =>
    `Resources:\n  Files:\n    Type: AWS::S3::Bucket${more}\n    Properties: { ${properties} }\nOutputs:\n  Arn: { Value: !GetAtt Files.Arn }\n  Name: { Value: !Ref Files }\n`;

  test('is made, stays as it is, and goes', async () => {
    const file = await projects.write(template('BucketEncryption: {}'));
    const report = await deployFile(server, file);
    expect(server.changes).toEqual(['create bucket shop-files']);
    expect(report.outputs.map(({ value }) => value)).toEqual(['arn:aws:s3:::shop-files', 'shop-files']);
    expect(outcomes(await deployFile(server, file))).toEqual(['unchanged Files']);
    await writeFile(file, template('BucketName: other.files'));
    expect(outcomes(await deployFile(server, file))).toEqual([
      'built Files',
      'removed Files: no longer in the template',
    ]);
    expect([...server.buckets.keys()]).toEqual(['other.files']);
  });

  test('that is not empty stays, and the next deployment tries again', async () => {
    const file = await projects.write(template(''));
    await deployFile(server, file);
    server.buckets.set('shop-files', { isEmpty: false });
    await writeFile(file, 'Resources: {}');
    expect(outcomes(await deployFile(server, file))).toEqual(['failed Files: it is not empty']);
    server.buckets.set('shop-files', { isEmpty: true });
    expect(outcomes(await deployFile(server, file))).toEqual(['removed Files: no longer in the template']);
  });

  test('with DeletionPolicy Retain stays', async () => {
    const file = await projects.write(template('', '\n    DeletionPolicy: Retain'));
    await deployFile(server, file);
    await writeFile(file, 'Resources: {}');
    expect(outcomes(await deployFile(server, file))).toEqual([
      'kept Files: no longer in the template; its DeletionPolicy is Retain',
    ]);
  });
});

test('a crash in the middle leaves nothing that the stack does not know', async () => {
  const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
  const { create } = server.ports.functions;
  await new Promise<void>((reached) => {
    const functions = {
      ...server.ports.functions,
      create: async (...given: Parameters<typeof create>) => {
        await create(...given);
        reached(); // the answer never comes
        return new Promise<void>(() => {});
      },
    };
    void deployFile({ ...server, ports: { ...server.ports, functions } }, file);
  });
  expect([...server.functions.keys()]).toEqual(['shop-VerifyPayment']);
  await writeFile(file, 'Resources: {}');
  expect(outcomes(await deployFile(server, file))).toContain('removed VerifyPayment: no longer in the template');
  expect([...server.functions.keys()]).toEqual([]);
});

test('what a failed deployment has made is known to the next one', async () => {
  const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
  server.failing.add('shop-Log');
  await deployFile(server, file);
  await writeFile(file, 'Resources: {}');
  server.failing.clear();
  await deployFile(server, file);
  expect(server.changes).toContain('remove function shop-VerifyPayment');
  expect(server.changes).toContain('remove function shop-Log');
  expect(server.subscriptions.size).toBe(0);
});

describe('nothing is changed', () => {
  test('when something is refused', async () => {
    const file = await projects.write(
      `${SHOP.replace('Outputs:', '  Queue: { Type: AWS::Kinesis::Stream }\nOutputs:')}`,
      {
        'orders.asl.yaml': ASL,
      },
    );
    const report = await deployFile(server, file);
    expect(report.isDeployed).toBe(false);
    expect(server.changes).toEqual([]);
    expect(server.records.size).toBe(0);
    expect(outcomes(report)[0]).toMatch(/^refused Queue: Expected a type that is built here/);
    expect(outcomes(report)).toContain('skipped Orders');
    expect(report.resources[0]).toMatchObject({ line: 50, physicalId: null });
  });

  test('when a definition is invalid: its own file and line are told', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    server.faults.set('"Store"', {
      severity: 'ERROR',
      code: 'MISSING_TRANSITION_TARGET',
      message: 'Missing target',
      location: '/States/Verify/Next',
      line: 6,
      column: 7,
    });
    const report = await deployFile(server, file);
    expect(report.isDeployed).toBe(false);
    expect(server.changes).toEqual([]);
    expect(problemsOf(report)).toEqual([
      'orders.asl.yaml:6:5 Orders (AWS::Serverless::StateMachine): MISSING_TRANSITION_TARGET: Missing target (/States/Verify/Next)',
    ]);
    expect(outcomes(report)[0]).toBe('refused Orders: MISSING_TRANSITION_TARGET: Missing target (/States/Verify/Next)');
  });

  test("when a definition in the template is invalid: the template's line, and the line in the definition", async () => {
    const file = await projects.write(
      'Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      RoleArn: r\n      DefinitionString: \'{"bad": 1}\'\n',
    );
    server.faults.set('bad', { severity: 'ERROR', code: 'SCHEMA', message: 'No', location: null, line: 1, column: 2 });
    expect(problemsOf(await deployFile(server, file))).toEqual([
      'template.yaml:6:25 M (AWS::StepFunctions::StateMachine): SCHEMA: No [line 1, column 2 of the definition]',
    ]);
  });

  test('when a runtime is not there', async () => {
    const file = await projects.write(SHOP.replace('Runtime: nodejs20.x, Timeout', 'Runtime: java21, Timeout'), {
      'orders.asl.yaml': ASL,
    });
    const report = await deployFile(server, file);
    expect(problemsOf(report)).toEqual([
      "template.yaml:22:3 VerifyPayment (AWS::Serverless::Function): Expected a runtime, but 'java21' is none.",
      "template.yaml:28:3 Log (AWS::Serverless::Function): Expected a runtime, but 'java21' is none.",
    ]);
    expect(server.changes).toEqual([]);
  });

  test('when the type of a machine changes', async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    await deployFile(server, file);
    await writeFile(file, SHOP.replace('      DefinitionUri', '      Type: EXPRESS\n      DefinitionUri'));
    const report = await deployFile(server, file);
    expect(problemsOf(report)).toEqual([
      "template.yaml:42:3 Orders (AWS::Serverless::StateMachine): Expected machine 'shop-Orders' to stay STANDARD, but the template has EXPRESS. Give it another name, or delete it first.",
    ]);
    expect(server.changes).toEqual([]);
  });

  test("warnings about a definition are remarks, and don't stop it", async () => {
    const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
    server.faults.set('"Store"', {
      severity: 'WARNING',
      code: 'W',
      message: 'Hm',
      location: null,
      line: null,
      column: null,
    });
    const report = await deployFile(server, file);
    expect(report.isDeployed).toBe(true);
    expect(report.remarks.filter((remark) => remark.kind === 'warning')).toMatchObject([{ line: 1, message: 'W: Hm' }]);
  });
});

test('a failing port ends the deployment; what was done stays known, and deploying again goes on', async () => {
  const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
  server.failing.add('shop-Log');
  const report = await deployFile(server, file);
  expect(report.isDeployed).toBe(false);
  expect(outcomes(report)).toEqual([
    'built CustomerOrders',
    'built News',
    'built News.Subscription[0]',
    'built VerifyPayment',
    'failed Log: shop-Log is broken',
    'skipped Log.News: not reached',
    'skipped Inline: not reached',
    'skipped Orders: not reached',
    'kept Role: access is not restricted here',
  ]);
  expect(report.outputs).toEqual([]);
  server.failing.clear();
  const again = await deployFile(server, file);
  expect(again.isDeployed).toBe(true);
  expect(server.changes).toEqual([
    'create function shop-Log',
    'subscribe arn:aws:lambda:eu-west-1:000000000000:function:shop-Log',
    'write shop-Inline/index.js',
    'create function shop-Inline',
    'create machine shop-Orders',
  ]);
});

test('a resource that could not be removed is tried again', async () => {
  const file = await projects.write(SHOP, { 'orders.asl.yaml': ASL });
  await deployFile(server, file);
  await writeFile(file, 'Resources: {}');
  server.failing.add('shop-Log');
  const report = await deployFile(server, file);
  expect(report.isDeployed).toBe(false);
  expect(outcomes(report)).toContain('failed Log: shop-Log is broken');
  server.failing.clear();
  expect(outcomes(await deployFile(server, file))).toEqual(['removed Log: no longer in the template']);
});

test('a template of topics by CDK: hashed names, joined ARNs, conditions', async () => {
  const cdk = {
    Resources: {
      Topic1A2B: { Type: 'AWS::SNS::Topic', Metadata: { 'aws:cdk:path': 'S/Topic/Resource' } },
      Fn5C6D: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'assets', S3Key: '1.zip' },
          Handler: 'app.handler',
          Runtime: 'nodejs22.x',
          Role: { 'Fn::GetAtt': ['Role7E', 'Arn'] },
        },
        DependsOn: ['Role7E'],
        Metadata: { 'aws:asset:path': 'src', 'aws:asset:is-bundled': false, 'aws:asset:property': 'Code' },
      },
      Role7E: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Statement: [{ Condition: { A: 'B' } }] } },
      },
      Sub9F: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          Protocol: 'lambda',
          TopicArn: { Ref: 'Topic1A2B' },
          Endpoint: { 'Fn::GetAtt': ['Fn5C6D', 'Arn'] },
        },
      },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          DefinitionString: { 'Fn::Join': ['', ['{"Resource":"', { 'Fn::GetAtt': ['Fn5C6D', 'Arn'] }, '"}']] },
          RoleArn: { 'Fn::GetAtt': ['Role7E', 'Arn'] },
        },
        UpdateReplacePolicy: 'Delete',
        DeletionPolicy: 'Delete',
      },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Condition: 'CDKMetadataAvailable', Properties: { Analytics: 'v2:x' } },
    },
    Conditions: {
      CDKMetadataAvailable: {
        'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }, { 'Fn::Equals': ['a', 'b'] }],
      },
    },
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/v', Description: 'x' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
  };
  const file = await projects.write(JSON.stringify(cdk, null, 1), {}, 'Shop.template.json');
  const report = await deployFile(server, file);
  expect(problemsOf(report)).toEqual([]);
  expect(outcomes(report)).toEqual([
    'built Topic1A2B',
    'built Fn5C6D',
    'built Sub9F',
    'built Machine',
    'kept Role7E: access is not restricted here',
    'kept CDKMetadata: it only tells AWS which constructs are used',
  ]);
  expect(server.machines.get(machineArn('shop-Machine'))?.definition).toBe(
    '{"Resource":"arn:aws:lambda:eu-west-1:000000000000:function:shop-Fn5C6D"}',
  );
});
