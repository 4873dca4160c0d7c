import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startTreadle } from './server-process.js';

/** Events that were accepted, and schedules' due times, over SIGKILL. */

const EVENTS = 40;
const SCHEDULES = 12;
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
let folder = '';
let server: ServerProcess;

const optionsOf = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-durable-events-'));
  server = await startTreadle(folder);
  await new SQSClient(optionsOf()).send(new CreateQueueCommand({ QueueName: 'q' }));
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Every message that is there, and that comes within two seconds after the last. */
async function drain(): Promise<readonly string[]> {
  const sqs = new SQSClient(optionsOf());
  const QueueUrl = `${server.endpoint}/000000000000/q`;
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  sqs.destroy();
  return bodies;
}

test('an event that was accepted before a kill reaches its target once', async () => {
  const events = new EventBridgeClient(optionsOf());
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }));
  await events.send(
    new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: 'q', Arn: QUEUE, InputPath: '$.detail.order' }] }),
  );
  for (let order = 0; order < EVENTS; order++) {
    const Detail = JSON.stringify({ order });
    await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Order', Detail }] }));
  }
  await server.kill();
  events.destroy();
  server = await startTreadle(folder);
  const orders = (await drain()).map(Number).sort((a, b) => a - b);
  expect(orders).toEqual(Array.from({ length: EVENTS }, (_, order) => order));
}, 60_000);

test('kills while schedules come due neither lose nor double a firing', async () => {
  const scheduler = new SchedulerClient(optionsOf());
  const start = Math.ceil(Date.now() / 1000) + 2;
  for (let index = 0; index < SCHEDULES; index++) {
    const at = new Date((start + Math.floor(index / 3)) * 1000).toISOString().slice(0, 19);
    await scheduler.send(
      new CreateScheduleCommand({
        Name: `s${index}`,
        ScheduleExpression: `at(${at})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: QUEUE, RoleArn: 'arn:aws:iam::000000000000:role/r', Input: String(index) },
      }),
    );
  }
  scheduler.destroy();
  for (let second = 0; second < SCHEDULES / 3; second++) {
    const due = (start + second) * 1000 + 5; // about when the firing is being committed
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
    await server.kill();
    server = await startTreadle(folder);
  }
  const fired = (await drain()).map(Number).sort((a, b) => a - b);
  expect(fired).toEqual(Array.from({ length: SCHEDULES }, (_, index) => index));
}, 120_000);
