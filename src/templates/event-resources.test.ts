import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

const SHOP = `Transform: AWS::Serverless-2016-10-31
Resources:
  Dead: { Type: AWS::SQS::Queue }
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:x.fifo', maxReceiveCount: 3 }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: shop } }
  Placed:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { source: [shop], detail: { total: [{ numeric: ['>', 10] }] } }
      Targets:
        - Id: q
          Arn: !GetAtt Orders.Arn
          SqsParameters: { MessageGroupId: g }
          InputTransformer: { InputPathsMap: { total: $.detail.total }, InputTemplate: '{"total": <total>}' }
          DeadLetterConfig: { Arn: !GetAtt Dead.Arn }
          RetryPolicy: { MaximumRetryAttempts: 2 }
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: cron(0 3 * * ? *)
      ScheduleExpressionTimezone: Europe/Berlin
      FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }
      StartDate: '2026-01-01T00:00:00Z'
      Target: { Arn: !GetAtt Orders.Arn, RoleArn: r, Input: { a: 1 }, SqsParameters: { MessageGroupId: g } }
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      Handler: app.handler
      CodeUri: src
      Environment: { Variables: { QUEUE_URL: !Ref Orders, DEAD_NAME: !GetAtt Dead.QueueName } }
      Events:
        Tick: { Type: Schedule, Properties: { Schedule: rate(5 minutes), Input: '{"tick":true}', Enabled: false } }
        Order: { Type: EventBridgeRule, Properties: { Pattern: { source: [shop] }, InputPath: $.detail } }
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Succeed } } }
      Events:
        Daily: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day), Name: daily } }
        Order: { Type: CloudWatchEvent, Properties: { Pattern: { source: [shop] }, RuleName: orders } }
Outputs:
  Rule: { Value: !Ref Placed }
  Schedule: { Value: !GetAtt Nightly.Arn }
`;

describe('queues, buses, rules and schedules', () => {
  test('are planned with everything that the template says', async () => {
    const plan = await projects.plan(SHOP, { endpoint: 'http://127.0.0.1:4566' });
    expect(problemsOf(plan)).toEqual([]);
    const settings = new Map(plan.resources.map(({ logicalId, settings }) => [logicalId, settings]));
    expect(settings.get('Orders')).toEqual({
      name: 'shop-Orders.fifo',
      attributes: {
        VisibilityTimeout: '60',
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:x.fifo","maxReceiveCount":3}',
      },
    });
    expect(settings.get('Placed')).toMatchObject({
      name: 'shop-Placed',
      busName: 'shop',
      pattern: '{"source":["shop"],"detail":{"total":[{"numeric":[">",10]}]}}',
      targets: [
        {
          id: 'q',
          arn: 'arn:aws:sqs:eu-west-1:000000000000:shop-Orders.fifo',
          messageGroupId: 'g',
          inputTransformer: { inputPathsMap: { total: '$.detail.total' }, inputTemplate: '{"total": <total>}' },
          deadLetterArn: 'arn:aws:sqs:eu-west-1:000000000000:shop-Dead',
          retriesMax: 2,
        },
      ],
    });
    expect(settings.get('Nightly')).toMatchObject({
      group: 'default',
      timeZone: 'Europe/Berlin',
      windowMinutes: 5,
      startAt: Date.UTC(2026, 0, 1),
      target: { input: '{"a":1}', messageGroupId: 'g' },
    });
    expect(settings.get('F')).toMatchObject({
      environment: { QUEUE_URL: 'http://127.0.0.1:4566/000000000000/shop-Orders.fifo', DEAD_NAME: 'shop-Dead' },
    });
    const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:shop-F';
    expect(settings.get('F.Tick')).toMatchObject({
      schedule: 'rate(5 minutes)',
      isEnabled: false,
      targets: [{ arn: functionArn, input: '{"tick":true}' }],
    });
    expect(settings.get('F.Order')).toMatchObject({
      name: 'shop-FOrder',
      targets: [{ arn: functionArn, inputPath: '$.detail' }],
    });
    const arn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:shop-M';
    const roleArn = 'arn:aws:iam::000000000000:role/shop-MRole';
    expect(settings.get('M.Daily')).toMatchObject({ name: 'daily', target: { arn, roleArn } });
    expect(settings.get('M.Order')).toMatchObject({ name: 'orders', targets: [{ arn, roleArn }] });
    expect(plan.outputs.map(({ value }) => value)).toEqual([
      'shop|shop-Placed',
      'arn:aws:scheduler:eu-west-1:000000000000:schedule/default/shop-Nightly',
    ]);
  });

  test('are made, left, changed and removed', async () => {
    await deployFile(server, await projects.write(SHOP));
    expect(server.changes.filter((change) => /bus|queue|rule|schedule/.test(change)).sort()).toEqual([
      'put bus shop',
      'put queue shop-Dead',
      'put queue shop-Orders.fifo',
      'put rule orders',
      'put rule shop-FOrder',
      'put rule shop-FTick',
      'put rule shop-Placed',
      'put schedule daily',
      'put schedule shop-Nightly',
    ]);
    await deployFile(server, await projects.write(SHOP));
    expect(server.changes).toEqual([]);
    const changed = SHOP.replace('rate(1 day)', 'rate(2 days)').replace(
      / {2}Placed:[\s\S]*? {2}Nightly:/,
      '  Nightly:',
    );
    const report = await deployFile(server, await projects.write(changed.replace(/Outputs:[\s\S]*/, '')));
    expect(outcomes(report)).toContain('updated M.Daily: expression');
    expect(server.changes).toEqual([
      'put schedule daily',
      'remove rule arn:aws:events:eu-west-1:000000000000:rule/shop/shop-Placed',
    ]);
  });
});

const inRule = (properties: string): string =>
  `Resources:\n  R:\n    Type: AWS::Events::Rule\n    Properties: { ${properties} }`;
const SCHEDULE = 'FlexibleTimeWindow: { Mode: OFF }, Target: { Arn: a, RoleArn: r }';

test.each<[string, string]>([
  [inRule('State: ENABLED'), 'Expected EventPattern or ScheduleExpression, but there is neither.'],
  [inRule('EventPattern: { source: x }'), '"source" must be an object or an array'],
  [inRule('ScheduleExpression: rate(1 minutes)'), 'Parameter ScheduleExpression is not valid.'],
  [inRule('ScheduleExpression: rate(1 day), EventBusName: b'), 'to be on the default event bus'],
  [inRule('EventPattern: { source: [x] }, Targets: [{ Id: t, Arn: x }]'), 'Provided Arn is not in correct format.'],
  [
    inRule('EventPattern: { source: [x] }, Targets: [{ Id: t, Arn: x, EcsParameters: {} }]'),
    "there is no 'EcsParameters'",
  ],
  [
    `Resources:\n  S:\n    Type: AWS::Scheduler::Schedule\n    Properties: { ScheduleExpression: cron(0 9 * * *), ${SCHEDULE} }`,
    'Invalid Schedule Expression cron(0 9 * * *). Expected six fields',
  ],
  [
    'Resources:\n  Q: { Type: AWS::SQS::Queue, Properties: { DelaySeconds: 1000 } }',
    'Invalid value for the parameter DelaySeconds.',
  ],
  [
    'Resources:\n  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: q, FifoQueue: true } }',
    "Expected the name of a FIFO queue, and of no other, to end in '.fifo', but it is 'q'.",
  ],
])('%j is refused', async (template, message) => {
  expect(problemsOf(await projects.plan(template)).join('\n')).toContain(message);
});

describe('alarms', () => {
  const ALARM = `Resources:
  Failed:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: Too many
      AlarmActions: [!Ref Told]
      Namespace: AWS/States
      MetricName: ExecutionsFailed
      Dimensions: [{ Name: StateMachineArn, Value: !Sub "arn:aws:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:m" }]
      Statistic: Sum
      Period: "300"
      EvaluationPeriods: 1
      Threshold: 5.5
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
  Told: { Type: AWS::SNS::Topic }
Outputs:
  Arn: { Value: !GetAtt Failed.Arn }
`;

  test('are planned with everything that the template says', async () => {
    const plan = await projects.plan(ALARM);
    expect(problemsOf(plan)).toEqual([]);
    expect(plan.resources.find(({ logicalId }) => logicalId === 'Failed')?.settings).toMatchObject({
      name: 'shop-Failed',
      description: 'Too many',
      alarmActions: ['arn:aws:sns:eu-west-1:000000000000:shop-Told'],
      dimensions: [{ name: 'StateMachineArn', value: 'arn:aws:states:eu-west-1:000000000000:stateMachine:m' }],
      ...{ periodSeconds: 300, threshold: 5.5, missingData: 'notBreaching', datapointsToAlarm: 1 },
    });
    expect(plan.outputs).toMatchObject([{ value: 'arn:aws:cloudwatch:eu-west-1:000000000000:alarm:shop-Failed' }]);
  });

  test.each([
    ['Period: "300"', 'Period: 10', /multiple of 60/],
    ['Statistic: Sum', 'Statistic: Median', /Statistic/],
    ['Threshold: 5.5', 'Metrics: []', /Metrics/],
  ])('%s → %s is refused', async (before, after, message) => {
    const problems = problemsOf(await projects.plan(ALARM.replace(before, after)));
    expect(problems.join('\n')).toMatch(message);
  });
});
