import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Application } from '../../../test/apps/application.js';
import { startTreadle, type TreadleServer } from '../../../test/apps/treadle-server.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../../../bin/treadle.mjs', import.meta.url));
const order = readFileSync(`${folder}samples/order.json`, 'utf8');
const SENTENCE = '주문이 처리되었습니다.';

const DOCUMENT_TEMPLATE = `Transform: AWS::Serverless-2016-10-31
Resources:
  Document:
    Type: AWS::Serverless::StateMachine
    Properties: { Name: document, DefinitionUri: document.asl.json }
`;

let server: TreadleServer;
let application: Application;
beforeAll(async () => {
  server = await startTreadle({ template: `${folder}template.yaml` });
  application = new Application(server);
});
afterAll(async () => {
  application?.destroy();
  await server?.close();
});

/** What a person reads in the terminal. */
const treadle = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [program, ...args, '--endpoint', server.endpoint])).stdout;

test('the order is written into the table, and the answer is what the document says', async () => {
  const execution = await application.execute('hello', order);
  expect(execution).toMatchObject({ status: 'SUCCEEDED' });
  const answer = JSON.parse(execution.output ?? '');
  expect(answer).toEqual({ statusCode: 200, body: expect.any(String) });
  expect(JSON.parse(answer.body)).toBe(SENTENCE);
  expect(await application.rows('HelloOrders')).toEqual([
    { orderId: { S: 'order-1' }, item: { S: '전기 주전자' }, quantity: { N: '2' }, price: { N: '39000' } },
  ]);
});

test('its Korean text is readable: run, show, history, logs', async () => {
  expect(await treadle('run', 'hello', '-i', order)).toContain(`"\\"${SENTENCE}\\""`);
  expect(await treadle('show', 'last')).toContain(SENTENCE);
  const history = await treadle('history', 'last');
  expect(history).toContain('전기 주전자');
  expect(history).toContain(SENTENCE);
  expect(await treadle('logs', 'ProcessOrder')).toContain('저장했습니다: order-1');
});

test("an order without order_data fails with Python's own error, and the reason says where", async () => {
  const execution = await application.execute('hello', '{}');
  expect(execution).toMatchObject({ status: 'FAILED', error: 'KeyError' });
  expect(await treadle('show', 'last')).toContain('KeyError');
});

test("the document's own definition, with its placeholders, is deployed with --fill", async () => {
  const here = mkdtempSync(join(tmpdir(), 'hello-document-'));
  const definition = readFileSync(`${folder}hello.asl.json`, 'utf8');
  writeFileSync(
    join(here, 'document.asl.json'),
    definition.replace(/\$\{\w+\}/, 'arn:aws:lambda:region:account:function:ProcessOrder'),
  );
  writeFileSync(join(here, 'template.yaml'), DOCUMENT_TEMPLATE);
  try {
    await treadle('deploy', join(here, 'template.yaml'), '--fill');
    expect(await treadle('run', 'document', '-i', order)).toContain(SENTENCE);
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
});
