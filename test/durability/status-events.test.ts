import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EndedEarly, type KillPoint, type ServerProcess, startCrashing } from './server-process.js';
import { ask, createMachine, ended } from './states-client.js';

/** Status-change events of executions, of a server that kills itself around the commits that they are written in. */

const STARTS = 3;
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-status-events-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const optionsOf = ({ endpoint }: ServerProcess) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

/** Every message that is there, and that comes within two seconds after the last. */
async function drain(server: ServerProcess): Promise<readonly string[]> {
  const sqs = new SQSClient(optionsOf(server));
  const QueueUrl = `${server.endpoint}/000000000000/q`;
  const bodies: string[] = [];
  for (;;) {
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
    );
    if (received.Messages === undefined) break;
    for (const { Body = '', ReceiptHandle } of received.Messages) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  sqs.destroy();
  return bodies;
}

async function startSome(endpoint: string, stateMachineArn: string, prefix: string): Promise<void> {
  for (let i = 0; i < STARTS; i++) {
    await ask(endpoint, 'StartExecution', { stateMachineArn, name: `${prefix}-${i}` }).catch(() => undefined); // it is dead
  }
}

const isGone = ({ gone }: ServerProcess): Promise<boolean> =>
  Promise.race([gone.then(() => true), new Promise<boolean>((next) => setTimeout(next, 3000, false))]);

test('every start and every end that is durable is told, whenever the server was killed', async () => {
  let server = await startCrashing(folder, { point: 'before commit', count: 0 });
  await new SQSClient(optionsOf(server)).send(new CreateQueueCommand({ QueueName: 'q' }));
  const events = new EventBridgeClient(optionsOf(server));
  await events.send(new PutRuleCommand({ Name: 'ends', EventPattern: '{"source":["aws.states"]}' }));
  const InputTransformer = {
    InputPathsMap: { name: '$.detail.name', status: '$.detail.status' },
    InputTemplate: '"<name> <status>"',
  };
  await events.send(new PutTargetsCommand({ Rule: 'ends', Targets: [{ Id: 'q', Arn: QUEUE, InputTransformer }] }));
  const stateMachineArn = await createMachine(server.endpoint, 'm', {
    StartAt: 'W',
    States: { W: { Type: 'Wait', Seconds: 1, Next: 'P' }, P: { Type: 'Pass', End: true } },
  });
  await server.stop();
  let kills = 0;
  for (const point of ['before commit', 'after commit, before dispatch'] satisfies KillPoint[]) {
    for (let count = 1; count <= 4; count++) {
      const crashing = await startCrashing(folder, { point, count }).catch((fault: unknown) => {
        if (fault instanceof EndedEarly) return null; // it came to the point while it recovered
        throw fault;
      });
      if (crashing !== null) await startSome(crashing.endpoint, stateMachineArn, `${point.split(' ')[0]}-${count}`);
      if (crashing === null || (await isGone(crashing))) kills += 1;
      else await crashing.kill();
    }
  }
  expect(kills).toBeGreaterThan(4);
  server = await startCrashing(folder, { point: 'before commit', count: 0 });
  const { executions } = await ask(server.endpoint, 'ListExecutions', { stateMachineArn });
  const names: string[] = [];
  for (const { name, executionArn } of executions as { name: string; executionArn: string }[]) {
    names.push(name);
    expect((await ended(server.endpoint, executionArn)).status).toBe('SUCCEEDED');
  }
  const told = (await drain(server)).map((body) => body.replaceAll('"', ''));
  const expected = names.flatMap((name) => [`${name} RUNNING`, `${name} SUCCEEDED`]);
  expect(names.length).toBeGreaterThan(2); // how many starts were durable depends on which commits the deaths met
  expect([...new Set(told)].sort()).toEqual(expected.sort());
  await server.stop();
}, 120_000);
