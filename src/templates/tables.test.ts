import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { NO_FEATURES } from './table-features.js';
import { newTestProjects, problemsOf, type TestProjects } from './test-projects.js';
import { deployFile, type FakeServer, newFakeServer, outcomes } from './test-server.js';

let projects: TestProjects;
let server: FakeServer;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());
beforeEach(() => {
  server = newFakeServer();
});

const table = (rest: string): string => `Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
${rest}`;
const byRequest = (attributes: string, rest = ''): string =>
  table(`      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [${attributes}]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
${rest}`);
const ID = '{ AttributeName: id, AttributeType: S }';
const DAY = '{ AttributeName: day, AttributeType: S }';
const gsi = (name: string, projection = 'ALL'): string =>
  `{ IndexName: ${name}, KeySchema: [{ AttributeName: day, KeyType: HASH }], Projection: { ProjectionType: ${projection} } }`;
const withIndexes = (...indexes: string[]): string =>
  byRequest(`${ID}, ${DAY}`, `      GlobalSecondaryIndexes: [${indexes.join(', ')}]\n`);

test('indexes come and go; one that changed is made again', async () => {
  const file = await projects.write(byRequest(ID));
  await deployFile(server, file);
  await writeFile(file, withIndexes(gsi('ByDay'), gsi('Other')));
  expect(outcomes(await deployFile(server, file))).toEqual(['updated T: index ByDay made; index Other made']);
  await writeFile(file, withIndexes(gsi('Other'), gsi('ByDay')));
  expect(outcomes(await deployFile(server, file))).toEqual(['unchanged T']);
  await writeFile(file, withIndexes(gsi('ByDay', 'KEYS_ONLY')));
  expect(outcomes(await deployFile(server, file))).toEqual([
    'updated T: index ByDay deleted; index Other deleted; index ByDay made',
  ]);
  expect(server.tables.get('orders')?.globalIndexes.map((index) => index.projection.type)).toEqual(['KEYS_ONLY']);
});

test('a change that the server does not make is told', async () => {
  const file = await projects.write(byRequest(ID));
  await deployFile(server, file);
  await writeFile(
    file,
    byRequest(ID).replace(
      'BillingMode: PAY_PER_REQUEST',
      'ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 }',
    ),
  );
  expect(outcomes(await deployFile(server, file))).toEqual([
    'unchanged T: not done: billing PROVISIONED (there is one billing)',
  ]);
});

test('another key is refused, since the items would be lost', async () => {
  const file = await projects.write(byRequest(ID));
  await deployFile(server, file);
  await writeFile(file, byRequest('{ AttributeName: id, AttributeType: N }'));
  expect(problemsOf(await deployFile(server, file))).toEqual([
    "template.yaml:2:3 T (AWS::DynamoDB::Table): Expected table 'orders' to keep its key id (HASH, S), but the template has id (HASH, N). Its items would be lost: give the new table another TableName, and copy them.",
  ]);
  expect(server.changes).toEqual([]);
});

test('SimpleTable has the key id and is billed by request', async () => {
  const file = await projects.write(
    'Transform: AWS::Serverless-2016-10-31\nResources:\n  T: { Type: AWS::Serverless::SimpleTable }\n  N: { Type: AWS::Serverless::SimpleTable, Properties: { PrimaryKey: { Name: number, Type: Number }, ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 } } }',
  );
  await deployFile(server, file);
  expect([...server.tables.values()]).toEqual([
    {
      name: 'shop-T',
      attributes: [{ name: 'id', type: 'S' }],
      keySchema: [{ name: 'id', type: 'HASH' }],
      billing: { mode: 'PAY_PER_REQUEST' },
      globalIndexes: [],
      localIndexes: [],
      features: NO_FEATURES,
    },
    {
      name: 'shop-N',
      attributes: [{ name: 'number', type: 'N' }],
      keySchema: [{ name: 'number', type: 'HASH' }],
      billing: { mode: 'PROVISIONED', readUnits: 1, writeUnits: 2 },
      globalIndexes: [],
      localIndexes: [],
      features: NO_FEATURES,
    },
  ]);
});

test.each([
  [
    '      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [{ AttributeName: a, AttributeType: String }]\n      KeySchema: [{ AttributeName: a, KeyType: HASH }]\n',
    "template.yaml:7:65 T (AWS::DynamoDB::Table): Expected AttributeDefinitions[0].AttributeType to be 'S' or 'N' or 'B', but it is 'String'.",
  ],
  [
    `      AttributeDefinitions: [${ID}]\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n`,
    'template.yaml:2:3 T (AWS::DynamoDB::Table): Expected BillingMode PAY_PER_REQUEST or a ProvisionedThroughput, but there is neither.',
  ],
  [
    `      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [${ID}, ${DAY}]\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n`,
    "template.yaml:7:29 T (AWS::DynamoDB::Table): Expected AttributeDefinitions to have keys only, but 'day' is the key of nothing. Leave it out: items may have any other attribute.",
  ],
  [
    `      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [${ID}]\n      KeySchema: [{ AttributeName: id, KeyType: RANGE }]\n`,
    'template.yaml:8:18 T (AWS::DynamoDB::Table): Expected KeySchema to have one HASH key, then at most one RANGE key, but it has RANGE.',
  ],
])('%j', async (rest, expected) => {
  expect(problemsOf(await projects.plan(table(rest)))).toEqual([expected]);
});

test('what a table does besides keeping items is brought to what the template says', async () => {
  const features = (rest: string) =>
    table(
      `      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [${ID}]\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n${rest}`,
    );
  const file = await projects.write(features('      Tags: [{ Key: team, Value: shop }]\n'));
  await deployFile(server, file);
  expect(server.tables.get('orders')?.features).toEqual({ ...NO_FEATURES, tags: { team: 'shop' } });
  await writeFile(
    file,
    features(
      '      TimeToLiveSpecification: { AttributeName: until, Enabled: true }\n' +
        '      StreamSpecification: { StreamViewType: NEW_IMAGE }\n' +
        '      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }\n' +
        '      DeletionProtectionEnabled: true\n',
    ),
  );
  const report = await deployFile(server, file);
  expect(JSON.stringify(report)).toContain(
    'TimeToLiveSpecification, StreamSpecification, PointInTimeRecoverySpecification, DeletionProtectionEnabled',
  );
  expect(server.tables.get('orders')?.features).toEqual({
    ttl: 'until',
    stream: 'NEW_IMAGE',
    recoveryDays: 35,
    tags: {},
    isProtected: true,
  });
});

test("a function's event of a table's stream is a mapping", async () => {
  const file = await projects.write(
    `Transform: AWS::Serverless-2016-10-31
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [${ID}]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      Handler: app.handler
      InlineCode: 'exports.handler = async () => null'
      Events:
        Changed: { Type: DynamoDB, Properties: { Stream: !GetAtt T.StreamArn, StartingPosition: TRIM_HORIZON } }
`,
  );
  const plan = await projects.plan((await readFile(file)).toString());
  const source = plan.resources.find(({ kind }) => kind === 'eventSource');
  expect(source).toMatchObject({
    settings: {
      sourceArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/latest',
      batchSize: 100,
      startingPosition: 'TRIM_HORIZON',
    },
  });
});
