import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';

const MESSAGES = 400;
const KILLS = 4;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-event-sources-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clientsOf = ({ endpoint }: ServerProcess) => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const settings = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  return { lambda: new LambdaClient(settings), sqs: new SQSClient(settings) };
};

test('a server that is killed while functions work on messages loses none', async () => {
  const seen = join(folder, 'seen');
  writeFileSync(seen, '');
  const seenBodies = (): readonly string[] => readFileSync(seen, 'utf8').split('\n').filter(Boolean);
  let server = await startTreadle(folder);
  let { lambda, sqs } = clientsOf(server);
  const Attributes = { VisibilityTimeout: '2' };
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes }));
  const source = `import { appendFileSync } from 'node:fs';
export const handler = async ({ Records }) => {
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (const { body } of Records) appendFileSync(${JSON.stringify(seen)}, body + '\\n');
};`;
  await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'consumer', Runtime: 'nodejs20.x', Handler: 'app.handler', Role: 'arn:aws:iam::0:role/r' },
      ...{ Timeout: 2, Code: { ZipFile: zipSync({ 'app.mjs': strToU8(source) }) } },
    }),
  );
  const queueUrl = (): string => `${server.endpoint}/000000000000/orders`;
  for (let start = 0; start < MESSAGES; start += 10) {
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: String(i), MessageBody: String(start + i) }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl(), Entries }));
  }
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:orders';
  const mapping = { FunctionName: 'consumer', EventSourceArn, BatchSize: 3 };
  await lambda.send(new CreateEventSourceMappingCommand(mapping));
  for (let kills = 1; kills <= KILLS; kills++) {
    const before = seenBodies().length;
    await eventually(() => (seenBodies().length >= before + 20 ? true : null));
    await server.kill();
    server = await startTreadle(folder);
    ({ lambda, sqs } = clientsOf(server));
  }
  expect(new Set(seenBodies()).size).toBeLessThan(MESSAGES); // it was killed in the middle
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  await eventually(async () => {
    const request = { QueueUrl: queueUrl(), AttributeNames: [...AttributeNames] };
    const { Attributes: counts = {} } = await sqs.send(new GetQueueAttributesCommand(request));
    return AttributeNames.every((name) => counts[name] === '0') ? true : null;
  });
  const bodies = new Set(seenBodies());
  expect(Array.from({ length: MESSAGES }, (_, i) => String(i)).filter((body) => !bodies.has(body))).toEqual([]);
  await server.stop();
}, 60_000);
