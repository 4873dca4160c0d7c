import { createHmac } from 'node:crypto';
import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FrontBed, type Reply } from './front-bed.js';

/** Deliveries of other services: who may, what they do, and that they do it once. */

const bed = new FrontBed();
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:booking';
const SECRET = 'a secret of ours';

const TEMPLATE = `
Parameters:
  Secret: { Type: String, NoEcho: true, Default: ${SECRET} }
Resources:
  Requests: { Type: AWS::SQS::Queue, Properties: { QueueName: requests } }
  Booking:
    Type: AWS::Serverless::StateMachine
    Metadata:
      Treadle:
        Webhooks:
          orders:
            DeliveryId: X-Delivery
            Signature: { Secret: !Ref Secret, Header: X-Signature, Prefix: 'sha256=' }
          payments:
            DeliveryId: X-Delivery
            Signature: { Secret: !Ref Secret, Header: X-Signature, Timestamp: X-Time, ToleranceSeconds: 60 }
            Completes: { State: Wait For Payment, Key: $.data.booking, WaitKey: $.booking }
          striped:
            Signature: { Secret: !Ref Secret, Header: Stripe-Signature, Prefix: 'v1=', Timestamp: { Field: t } }
          standard:
            DeliveryId: webhook-id
            Signature:
              Secret: whsec_${Buffer.from('raw bytes').toString('base64')}
              SecretEncoding: base64
              Header: webhook-signature
              Encoding: base64
              Prefix: 'v1,'
              Timestamp: webhook-timestamp
              Signed: '{id}.{timestamp}.{body}'
          open: { Signature: NONE }
    Properties:
      Name: booking
      DefinitionSubstitutions: { Queue: !Ref Requests }
      Definition:
        StartAt: Choose
        States:
          Choose:
            Type: Choice
            Choices: [{ Variable: $.wait, IsPresent: true, Next: Wait For Payment }]
            Default: Done
          Wait For Payment:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
            Parameters: { QueueUrl: '\${Queue}', MessageBody: { token.$: $$.Task.Token, booking.$: $.wait } }
            End: true
          Done: { Type: Pass, End: true }
`;

beforeAll(async () => {
  await bed.open();
  await bed.deploy(TEMPLATE);
});
afterAll(() => bed.close());

const hmac = (text: string, key: string | Buffer = SECRET) => createHmac('sha256', key).update(text);
const seconds = (): string => String(Math.floor(Date.now() / 1000));
const told = ({ status, text }: Reply): readonly unknown[] => [
  status,
  JSON.parse(text).status ?? JSON.parse(text).message,
];

function post(name: string, body: string, headers: Record<string, string> = {}): Promise<Reply> {
  return bed.send(`/_http/${name}`, { method: 'POST', body, headers });
}

const order = (body: string, delivery: string): Promise<Reply> =>
  post('orders', body, { 'x-delivery': delivery, 'x-signature': `sha256=${hmac(body).digest('hex')}` });

const payment = (booking: string, delivery: string, time = seconds()): Promise<Reply> => {
  const body = JSON.stringify({ data: { booking }, paid: true });
  const signature = hmac(`${time}.${body}`).digest('hex');
  return post('payments', body, { 'x-delivery': delivery, 'x-time': time, 'x-signature': signature });
};

async function executions(): Promise<number> {
  return (await bed.sfn.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }))).executions?.length ?? 0;
}

async function waiting(booking: string | number): Promise<string> {
  const input = JSON.stringify({ wait: booking });
  const { executionArn = '' } = await bed.sfn.send(new StartExecutionCommand({ stateMachineArn: MACHINE, input }));
  return executionArn;
}

const ended = (executionArn: string) => bed.sfn.send(new DescribeExecutionCommand({ executionArn }));

describe('a webhook that starts executions', () => {
  test('starts one for each delivery, however often it comes', async () => {
    const before = await executions();
    const body = '{"order":1}';
    const all = await Promise.all([order(body, 'd1'), order(body, 'd1'), order('{"order":2}', 'd2')]);
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(told(await order(body, 'd1'))).toEqual([200, 'repeated']);
    expect((await executions()) - before).toBe(2);
  });

  test('knows what was signed again, whatever id is written beside it', async () => {
    const before = await executions();
    const replays = ['e1', 'e2', 'e3'].map((id) => order('{"order":"recorded"}', id));
    const told200 = (await Promise.all(replays)).map((reply) => told(reply)[1]).sort();
    expect(told200).toEqual(['repeated', 'repeated', 'started']);
    expect((await executions()) - before).toBe(1);
  });

  test('takes nothing without the signature of its body', async () => {
    const before = await executions();
    const signature = `sha256=${hmac('{"order":1}').digest('hex')}`;
    expect(told(await post('orders', '{"order":1}'))).toEqual([
      401,
      'Expected a header x-signature with a signature, but there is none.',
    ]);
    const forged = await post('orders', '{"order":2}', { 'x-signature': signature });
    expect(told(forged)).toEqual([401, 'Expected a signature of this body with the secret, but it is another.']);
    expect((await post('orders', '{"order":1}', { 'x-signature': signature.slice(0, -2) })).status).toBe(401);
    expect((await bed.send('/_http/orders')).status).toBe(405);
    expect(await executions()).toBe(before);
  });

  test('knows a delivery without an id by its body, and wants JSON', async () => {
    const before = await executions();
    expect(told(await post('open', '{"a":1}'))).toEqual([200, 'started']);
    expect(told(await post('open', '{"a":1}'))).toEqual([200, 'repeated']);
    expect((await post('open', 'a=1')).status).toBe(400);
    expect((await executions()) - before).toBe(1);
  });

  test('reads the signatures of Stripe and of Standard Webhooks', async () => {
    const body = '{"id":"evt"}';
    const time = seconds();
    const old = String(Number(time) - 600);
    const stripe = (at: string) => `t=${at},v1=${'0'.repeat(64)},v1=${hmac(`${at}.${body}`).digest('hex')}`;
    expect((await post('striped', body, { 'stripe-signature': stripe(time) })).status).toBe(200);
    expect((await post('striped', body, { 'stripe-signature': stripe(old) })).status).toBe(401);
    const signature = `v1,${hmac(`m1.${time}.${body}`, Buffer.from('raw bytes')).digest('base64')}`;
    const headers = { 'webhook-id': 'm1', 'webhook-timestamp': time };
    expect((await post('standard', body, { ...headers, 'webhook-signature': `v1,AAAA ${signature}` })).status).toBe(
      200,
    );
    expect(
      (await post('standard', body, { ...headers, 'webhook-id': 'm2', 'webhook-signature': signature })).status,
    ).toBe(401);
  });
});

describe('a webhook that completes a wait', () => {
  test('finds the execution by its business key, and is heard once', async () => {
    const [first, other] = [await waiting('b-1'), await waiting('b-2')];
    expect(told(await payment('b-1', 'p1'))).toEqual([200, 'completed']);
    const { status, output } = await ended(first);
    expect([status, JSON.parse(output ?? '')]).toEqual(['SUCCEEDED', { data: { booking: 'b-1' }, paid: true }]);
    expect((await ended(other)).status).toBe('RUNNING');
    expect(told(await payment('b-1', 'p1'))).toEqual([200, 'repeated']);
    const another = String(Number(seconds()) - 20); // signed anew: else it would be the same delivery
    expect(told(await payment('b-1', 'p2', another))).toEqual([
      404,
      "Expected an execution that waits for 'b-1', but there is none.",
    ]);
    await payment('b-2', 'p3');
  });

  test('refuses a delivery that was recorded and is sent again later', async () => {
    const execution = await waiting('b-3');
    const old = String(Number(seconds()) - 61);
    expect(told(await payment('b-3', 'p4', old))).toEqual([
      401,
      'Expected a delivery of the last 60 seconds, but it is not.',
    ]);
    expect((await ended(execution)).status).toBe('RUNNING');
    expect((await payment('b-3', 'p4')).status).toBe(200);
  });

  test('does not choose between two that wait for the same, and forgets those that ended', async () => {
    const both = [await waiting('b-4'), await waiting('b-4')];
    expect((await payment('b-4', 'p5')).status).toBe(409);
    expect((await Promise.all(both.map(ended))).map(({ status }) => status)).toEqual(['RUNNING', 'RUNNING']);
    expect(told(await payment('b-5', 'p6'))[0]).toBe(404);
  });

  test('a key of digits is a key, and survives a restart', async () => {
    const execution = await waiting(17);
    await bed.restart();
    expect(told(await payment('17', 'p7'))).toEqual([200, 'completed']);
    expect((await ended(execution)).status).toBe('SUCCEEDED');
  });
});
