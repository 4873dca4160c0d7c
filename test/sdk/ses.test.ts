import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed } from './client-server.js';

const bed = openBed();
let client: SESv2Client;
beforeAll(async () => {
  client = bed.use(new SESv2Client({}));
});

const mails = async () =>
  ((await (await fetch(`${bed.server.endpoint}/_treadle/api/mail`)).json()) as { mails: Record<string, string>[] })
    .mails;

const MAIL = {
  FromEmailAddress: 'Shop <shop@shop.example>',
  Destination: { ToAddresses: ['jo@shop.example'], CcAddresses: ['al@shop.example'] },
};
const simple = (Body: object) => ({ Simple: { Subject: { Data: 'Order' }, Body } });

test('a mail of version 2 lies in the outbox, as plain text where there is any', async () => {
  const Content = simple({ Text: { Data: 'on its way' }, Html: { Data: '<b>on its way</b>' } });
  const { MessageId } = await client.send(new SendEmailCommand({ ...MAIL, Content }));
  expect(MessageId).toMatch(/^[0-9a-f]{16}-[0-9a-f-]{36}-000000$/);
  expect((await mails())[0]).toMatchObject({
    from: 'Shop <shop@shop.example>',
    to: 'jo@shop.example',
    subject: 'Order',
    text: 'on its way',
  });
  await client.send(new SendEmailCommand({ ...MAIL, Content: simple({ Html: { Data: '<p>only</p>' } }) }));
  expect((await mails())[0]).toMatchObject({ text: '<p>only</p>' });
});

test.each([
  [{ Destination: {} }, 'there is no recipient'],
  [{ Destination: { ToAddresses: ['jo'] } }, "Illegal address: 'jo'"],
  [{ Content: { Raw: { Data: Buffer.from('x') } } }, 'Content'],
  [{ Content: simple({}) }, 'neither text nor HTML'],
  [{ ConfigurationSetName: 'c' }, 'leave it out'],
])('%j is refused', async (change, text) => {
  const input = { ...MAIL, Content: simple({ Text: { Data: 'x' } }), ...change };
  const sent = client.send(new SendEmailCommand(input));
  await expect(sent).rejects.toMatchObject({ name: 'BadRequestException', message: expect.stringContaining(text) });
});

test.each([
  [
    'ses',
    {
      Source: 'shop@shop.example',
      Destination: { ToAddresses: ['jo@shop.example', 'al@shop.example'] },
      Message: { Subject: { Data: 'by version 1' }, Body: { Text: { Data: 'x' } } },
    },
    'by version 1',
  ],
  [
    'sesv2',
    {
      FromEmailAddress: 'shop@shop.example',
      Destination: { ToAddresses: ['jo@shop.example', 'al@shop.example'] },
      Content: { Simple: { Subject: { Data: 'by version 2' }, Body: { Text: { Data: 'x' } } } },
    },
    'by version 2',
  ],
])('aws-sdk:%s:sendEmail', async (service, Parameters, subject) => {
  const sfn = new SFNClient({});
  const task = { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${service}:sendEmail`, Parameters, End: true };
  const definition = JSON.stringify({ StartAt: 'T', States: { T: task } });
  const roleArn = 'arn:aws:iam::000000000000:role/any';
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: service, definition, roleArn }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const ended = await eventually(async () => {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === 'RUNNING' ? null : described;
  });
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: expect.stringContaining('"MessageId"') });
  expect((await mails())[0]).toMatchObject({ subject, to: 'jo@shop.example, al@shop.example' });
});
