import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../index.js';

let folder: string;
let server: RunningServer;
let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-event-ports-'));
  await mkdir(join(folder, 'shop'));
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    report: () => undefined,
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  options = { endpoint: server.endpoint, region: 'us-east-1', credentials };
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const TEMPLATE = `Resources:
  Dead: { Type: AWS::SQS::Queue }
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: shop, Description: Orders } }
  Placed:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { source: [shop] }
      Targets: [{ Id: a, Arn: !GetAtt Orders.Arn }, { Id: b, Arn: !GetAtt Dead.Arn }]
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      GroupName: nights
      ScheduleExpression: cron(0 3 * * ? *)
      FlexibleTimeWindow: { Mode: 'OFF' }
      Target: { Arn: !GetAtt Orders.Arn, RoleArn: r }
`;

async function deploy(text: string): Promise<Record<string, string>> {
  const template = join(folder, 'shop', 'template.yaml');
  await writeFile(template, text);
  const report = await server.deploy({ template, region: null, parameters: {}, allowUnsupported: false, fill: false });
  expect(report.problems).toEqual([]);
  return Object.fromEntries(report.resources.map(({ logicalId, outcome }) => [logicalId, outcome]));
}

async function queueAttributes(): Promise<Record<string, string>> {
  const sqs = new SQSClient(options);
  const QueueUrl = `${server.endpoint}/000000000000/shop-Orders`;
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  sqs.destroy();
  return Attributes;
}

test('queues, buses, rules and schedules of a template are made, left, changed and removed', async () => {
  const names = ['Dead', 'Orders', 'Bus', 'Placed', 'Nightly'];
  const all = (outcome: string) => Object.fromEntries(names.map((name) => [name, outcome]));
  expect(await deploy(TEMPLATE)).toEqual(all('created'));
  expect(await queueAttributes()).toMatchObject({
    VisibilityTimeout: '60',
    RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:shop-Dead","maxReceiveCount":3}',
  });
  expect(await deploy(TEMPLATE)).toEqual(all('unchanged'));

  const changed = TEMPLATE.replace(/ {6}VisibilityTimeout[\s\S]*?maxReceiveCount: 3 }\n/, '      DelaySeconds: 1\n')
    .replace('Description: Orders', 'Description: Other')
    .replace(', { Id: b, Arn: !GetAtt Dead.Arn }', '')
    .replace('cron(0 3', 'cron(0 4');
  expect(await deploy(changed)).toEqual({ ...all('updated'), Dead: 'unchanged' });
  expect(await queueAttributes()).toMatchObject({ VisibilityTimeout: '30', DelaySeconds: '1' });
  expect(await queueAttributes()).not.toHaveProperty('RedrivePolicy');
  const events = new EventBridgeClient(options);
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'shop-Placed', EventBusName: 'shop' }));
  expect(Targets?.map(({ Id }) => Id)).toEqual(['a']);
  const scheduler = new SchedulerClient(options);
  const schedule = { Name: 'shop-Nightly', GroupName: 'nights' };
  expect(await scheduler.send(new GetScheduleCommand(schedule))).toMatchObject({
    ScheduleExpression: 'cron(0 4 * * ? *)',
  });
  expect(await deploy(changed)).toEqual(all('unchanged'));

  const gone = await deploy('Resources:\n  Dead: { Type: AWS::SQS::Queue }\n');
  expect(gone).toEqual({ ...all('deleted'), Dead: 'unchanged' });
  await expect(scheduler.send(new GetScheduleCommand(schedule))).rejects.toThrow('does not exist');
  await expect(queueAttributes()).rejects.toThrow('does not exist');
  events.destroy();
  scheduler.destroy();
});
