import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { awsCommand, isOldAws, openBed, withoutTags } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';

describe('the aws command', () => {
  const bed = openBed();

  async function aws(...args: string[]): Promise<Record<string, unknown>> {
    const text = await awsCommand(bed.server, [...args, '--output', 'json'], {
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true', // as `treadle env` says
    });
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>); // an AWS output is an object
  }

  test('says who is calling', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
  });

  test('creates a function from a zip and calls it', async () => {
    const source = 'exports.handler = async (event) => ({ hello: event.name });';
    writeFileSync(join(bed.server.folder, 'code.zip'), zipSync({ 'app.js': strToU8(source) }));
    const created = await aws(
      ...[
        'lambda',
        'create-function',
        '--function-name',
        'greet',
        '--runtime',
        'nodejs20.x',
        '--handler',
        'app.handler',
      ],
      ...['--role', ROLE, '--zip-file', 'fileb://code.zip'],
    );
    expect(created).toMatchObject({ FunctionName: 'greet', Runtime: 'nodejs20.x' });
    writeFileSync(join(bed.server.folder, 'event.json'), '{"name":"Anna"}');
    const call = ['lambda', 'invoke', '--function-name', 'greet', '--payload', 'fileb://event.json', 'answer.json'];
    expect(await aws(...call)).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(readFileSync(join(bed.server.folder, 'answer.json'), 'utf8')).toBe('{"hello":"Anna"}');
  }, 60_000);

  test('publishes a version, names it, and gives it the messages of a queue', async () => {
    const source = 'exports.handler = async (event, context) => context.functionVersion;';
    writeFileSync(join(bed.server.folder, 'versioned.zip'), zipSync({ 'app.js': strToU8(source) }));
    const lambda = (command: string, ...args: string[]) =>
      aws('lambda', command, '--function-name', 'versioned', ...args);
    await lambda(
      ...(['create-function', '--runtime', 'nodejs20.x', '--handler', 'app.handler'] as const),
      ...['--role', ROLE, '--zip-file', 'fileb://versioned.zip'],
    );
    expect(await lambda('publish-version')).toMatchObject({ Version: '1' });
    const alias = await lambda('create-alias', '--name', 'live', '--function-version', '1');
    expect(alias).toMatchObject({ FunctionVersion: '1' });
    expect(await lambda('invoke', '--qualifier', 'live', 'answer.json')).toMatchObject({ ExecutedVersion: '1' });
    // Commands older than 2023 speak SQS's query protocol, which Treadle does not.
    const headers = {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-target': 'AmazonSQS.CreateQueue',
      'content-type': 'application/x-amz-json-1.0',
    };
    const created = await fetch(bed.server.endpoint, { method: 'POST', headers, body: '{"QueueName":"versioned"}' });
    expect(created.status).toBe(200);
    const queue = 'arn:aws:sqs:eu-west-1:000000000000:versioned';
    const mapped = await aws(
      ...['lambda', 'create-event-source-mapping', '--function-name', 'versioned:live', '--event-source-arn', queue],
    );
    expect(mapped).toMatchObject({ State: 'Enabled', FunctionArn: alias.AliasArn });
  }, 60_000);

  test('puts an event, which starts an execution', async () => {
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    const machine = ['--name', 'placed', '--definition', definition, '--role-arn', ROLE];
    const { stateMachineArn } = await aws('stepfunctions', 'create-state-machine', ...machine);
    const arn = String(stateMachineArn);
    await aws('events', 'put-rule', '--name', 'placed', '--event-pattern', '{"source":["shop"]}');
    const target = { Id: 'm', Arn: arn, RoleArn: ROLE, InputPath: '$.detail' };
    await aws('events', 'put-targets', '--rule', 'placed', '--targets', JSON.stringify([target]));
    const entry = { Source: 'shop', DetailType: 'Order', Detail: '{"order":7}', Time: '2026-01-01T00:00:00Z' };
    const put = await aws('events', 'put-events', '--entries', JSON.stringify([entry]));
    expect(put).toMatchObject({ FailedEntryCount: 0 });
    const executionArn = await eventually(async () => {
      const { executions } = await aws('stepfunctions', 'list-executions', '--state-machine-arn', arn);
      const [started] = executions as readonly { executionArn: string }[]; // an AWS output
      return started?.executionArn ?? null;
    });
    const described = await aws('stepfunctions', 'describe-execution', '--execution-arn', executionArn);
    expect(described).toMatchObject({ input: '{"order":7}' });
  }, 60_000);

  test('puts an item into a table and gets it again', async () => {
    await aws(
      ...['dynamodb', 'create-table', '--table-name', 'orders', '--billing-mode', 'PAY_PER_REQUEST'],
      ...[
        '--attribute-definitions',
        'AttributeName=id,AttributeType=S',
        '--key-schema',
        'AttributeName=id,KeyType=HASH',
      ],
    );
    await aws('dynamodb', 'put-item', '--table-name', 'orders', '--item', '{"id":{"S":"1"},"total":{"N":"2250"}}');
    expect(await aws('dynamodb', 'get-item', '--table-name', 'orders', '--key', '{"id":{"S":"1"}}')).toEqual({
      Item: { id: { S: '1' }, total: { N: '2250' } },
    });
  }, 60_000);

  test('publishes to a topic, and the mail lies in the outbox', async () => {
    const { TopicArn } = await aws('sns', 'create-topic', '--name', 'news');
    const topic = ['--topic-arn', String(TopicArn)];
    await aws('sns', 'subscribe', ...topic, '--protocol', 'email', '--notification-endpoint', 'anna@example.com');
    await aws('sns', 'publish', ...topic, '--subject', 'Order 1', '--message', 'It is on its way.');
    await eventually(async () => {
      const response = await fetch(`${bed.server.endpoint}/_treadle/api/mail`);
      return (await response.text()).includes('It is on its way.') ? true : null;
    });
  }, 60_000);

  test('makes a bucket, syncs a folder and copies a file that goes in parts', async () => {
    const s3 = (...args: string[]) => awsCommand(bed.server, ['s3', ...args, '--no-progress']);
    mkdirSync(join(bed.server.folder, 'out/in'), { recursive: true });
    writeFileSync(join(bed.server.folder, 'out/a b+ä.txt'), 'one');
    writeFileSync(join(bed.server.folder, 'out/in/two.txt'), 'two');
    const big = randomBytes(20_000_000);
    writeFileSync(join(bed.server.folder, 'big.bin'), big);
    await awsCommand(bed.server, ['s3', 'mb', 's3://files']);
    await s3('sync', 'out', 's3://files/dir');
    expect(await s3('sync', 'out', 's3://files/dir')).toBe(''); // nothing has changed
    await s3('cp', 'big.bin', 's3://files/big.bin');
    const head = await aws('s3api', 'head-object', '--bucket', 'files', '--key', 'big.bin');
    expect(head).toMatchObject({ ContentLength: big.length, ETag: expect.stringMatching(/-3"$/) });
    await s3('cp', 's3://files/big.bin', 's3://files/copy.bin', ...withoutTags());
    await s3('cp', 's3://files/copy.bin', 'back.bin');
    expect(readFileSync(join(bed.server.folder, 'back.bin')).equals(big)).toBe(true);
    await s3('sync', 's3://files/dir', 'back');
    expect(readFileSync(join(bed.server.folder, 'back/a b+ä.txt'), 'utf8')).toBe('one');
    expect(await awsCommand(bed.server, ['s3', 'ls', 's3://files'])).toMatch(
      /PRE dir\/\n.* 20000000 big\.bin\n.* copy\.bin\n$/,
    );
    await expect(awsCommand(bed.server, ['s3', 'rb', 's3://files'])).rejects.toThrow('BucketNotEmpty');
    await awsCommand(bed.server, ['s3', 'rb', 's3://files', '--force']);
    expect(await awsCommand(bed.server, ['s3', 'ls'])).toBe('');
  }, 120_000);

  test('creates a state machine, starts it and reads its history in pages, backwards', async () => {
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: { x: 1 }, End: true } } });
    const sfn = (...args: string[]) => aws('stepfunctions', ...args);
    const machine = await sfn(
      'create-state-machine',
      '--name',
      'plain',
      '--role-arn',
      ROLE,
      '--definition',
      definition,
    );
    const arn = String(machine.stateMachineArn);
    expect(arn).toBe('arn:aws:states:eu-west-1:000000000000:stateMachine:plain');
    const { executionArn } = await sfn('start-execution', '--state-machine-arn', arn, '--name', 'one');
    const execution = ['--execution-arn', String(executionArn)];
    const [described, history, list] = await Promise.all([
      sfn('describe-execution', ...execution),
      sfn('get-execution-history', ...execution, '--reverse-order', '--page-size', '3'),
      sfn('list-executions', '--state-machine-arn', arn),
    ]);
    expect(described).toMatchObject({ status: 'SUCCEEDED', output: '{"x":1}' });
    expect((history.events as { id: number }[]).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect((list.executions as { name: string }[]).map(({ name }) => name)).toEqual(['one']);
  }, 60_000);

  test.skipIf(isOldAws())(
    'starts an Express execution and waits for its end',
    async () => {
      const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: { x: 1 }, End: true } } });
      const { stateMachineArn } = await aws(
        ...['stepfunctions', 'create-state-machine', '--name', 'express', '--type', 'EXPRESS'],
        ...['--role-arn', ROLE, '--definition', definition],
      );
      const start = ['--state-machine-arn', String(stateMachineArn), '--input', '{"a":1}'];
      expect(await aws('stepfunctions', 'start-sync-execution', ...start)).toMatchObject({
        status: 'SUCCEEDED',
        input: '{"a":1}',
        output: '{"x":1}',
      });
    },
    60_000,
  );
});
