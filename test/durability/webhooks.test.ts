import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EndedEarly, type KillPoint, type ServerProcess, startCrashing } from './server-process.js';
import { ask } from './states-client.js';

/** The server is killed at each commit that a delivery leads to; it comes again, as senders repeat what was not answered. */

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:paid';
const TEMPLATE = `Transform: AWS::Serverless-2016-10-31
Resources:
  Requests: { Type: AWS::SQS::Queue, Properties: { QueueName: requests } }
  Paid:
    Type: AWS::Serverless::StateMachine
    Metadata:
      Treadle:
        Webhooks:
          orders: { Signature: NONE, DeliveryId: x-delivery }
          payments: { Signature: NONE, DeliveryId: x-delivery, Completes: { State: Wait, Key: $.id } }
    Properties:
      Name: paid
      DefinitionSubstitutions: { Queue: !Ref Requests }
      Definition:
        StartAt: Wait
        States:
          Wait:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
            Parameters: { QueueUrl: '\${Queue}', MessageBody: { token.$: $$.Task.Token, id.$: $.id } }
            Next: Count
          Count: { Type: Pass, End: true }
`;

let folder: string;
/** A data folder with the machine, and one execution that waits for booking b-1. */
let prepared: string;
const never = { point: 'before commit', count: 0 } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-webhooks-'));
  prepared = join(folder, 'prepared');
  mkdirSync(prepared);
  const template = join(folder, 'template.yaml');
  writeFileSync(template, TEMPLATE);
  const server = await startCrashing(prepared, never);
  const deployed = await fetch(`${server.endpoint}/_treadle/api/deploy`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ template, parameters: {}, region: null, allowUnsupported: false, fill: false }),
  });
  expect(((await deployed.json()) as { problems: unknown }).problems).toEqual([]);
  await ask(server.endpoint, 'StartExecution', { stateMachineArn: MACHINE, name: 'waits', input: '{"id":"b-1"}' });
  await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Its status and what it says; null where the server died of it. */
async function deliver({ endpoint }: ServerProcess, webhook: string): Promise<string | null> {
  const headers = { 'x-delivery': 'd-1' };
  const body = webhook === 'payments' ? '{"id":"b-1","paid":true}' : '{"id":"b-2"}';
  try {
    const answer = await fetch(`${endpoint}/_http/${webhook}`, { method: 'POST', headers, body });
    return `${answer.status} ${((await answer.json()) as { status: string }).status}`;
  } catch {
    return null;
  }
}

/** What became of the executions of the machine. */
async function outcomes(server: ServerProcess): Promise<readonly string[]> {
  const { executions } = (await ask(server.endpoint, 'ListExecutions', { stateMachineArn: MACHINE })) as {
    executions: readonly { executionArn: string; status: string }[];
  };
  const told = executions.map(async ({ executionArn, status }) => {
    const { output = '' } = (await ask(server.endpoint, 'DescribeExecution', { executionArn })) as { output?: string };
    const { events } = (await ask(server.endpoint, 'GetExecutionHistory', { executionArn })) as {
      events: readonly { type: string }[];
    };
    return `${status} ${output} ${events.filter(({ type }) => type === 'TaskSucceeded').length}`;
  });
  return (await Promise.all(told)).sort();
}

/** How a delivery ends that meets a death at the `count`-th commit, and what it has done then. */
async function delivered(webhook: string, point: KillPoint, count: number) {
  const data = join(folder, `${webhook}-${point.length}-${count}`);
  cpSync(prepared, data, { recursive: true });
  // The first commits may be of the start itself.
  let server = await startCrashing(data, { point, count }).catch((fault: unknown) => {
    if (fault instanceof EndedEarly) return null;
    throw fault;
  });
  if (server === null) return null;
  const first = await deliver(server, webhook);
  // What was answered is there after a death, too.
  if (first !== null) await server.kill();
  await server.gone;
  server = await startCrashing(data, never);
  const again = await deliver(server, webhook);
  const done = await outcomes(server);
  await server.stop();
  return { first, again, done };
}

describe.each(['before commit', 'after commit, before dispatch'] as const)('killed %s', (point) => {
  test.each([
    ['payments', ['SUCCEEDED {"id":"b-1","paid":true} 1'], 3],
    ['orders', ['RUNNING  0', 'RUNNING  0'], 2],
  ] as const)(
    'a delivery to %s has one effect',
    async (webhook, effect, commits) => {
      let deaths = 0;
      for (let count = 1; ; count += 1) {
        const found = await delivered(webhook, point, count);
        if (found === null) continue;
        const { first, again, done } = found;
        expect([count, done]).toEqual([count, effect]);
        expect(again).toMatch(/^200 (?:started|completed|repeated)$/);
        if (first !== null) {
          expect(again).toBe('200 repeated');
          break;
        }
        deaths += 1;
      }
      expect(deaths).toBeGreaterThanOrEqual(commits); // the kills met the delivery, not something else
    },
    300_000,
  );
});
