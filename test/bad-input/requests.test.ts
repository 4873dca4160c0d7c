import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startTreadle } from '../durability/server-process.js';
import {
  type Answer,
  ask,
  createMachine,
  ended,
  executionArn,
  machineArn,
  ROLE,
  send,
  states,
} from '../durability/states-client.js';

const MIB = 1_048_576;
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const WAIT = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 3600, End: true } } };

let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-bad-input-'));
  server = await startTreadle(folder);
  await createMachine(server.endpoint, 'pass', PASS);
  await createMachine(server.endpoint, 'wait', WAIT);
  await startNamed('wait', 'accepted-before');
});
afterAll(async () => {
  try {
    // Whatever came in: nothing accepted was lost, and none of it was a fault of ours.
    const { status } = await ask(server.endpoint, 'DescribeExecution', {
      executionArn: executionArn('wait', 'accepted-before'),
    });
    expect(status).toBe('RUNNING');
    expect(server.complaints()).toBe('');
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

const create = (definition: unknown, name = 'x'): Promise<Answer> =>
  states(server.endpoint, 'CreateStateMachine', { name, roleArn: ROLE, definition });
const start = (input: string, name?: string): Promise<Answer> =>
  states(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('pass'), input, name });
const startNamed = (machine: string, name: string, input = '{}'): Promise<Answer> =>
  states(server.endpoint, 'StartExecution', { stateMachineArn: machineArn(machine), name, input });
const refusal = ({ status, body }: Answer): readonly unknown[] => [status, body.__type, body.message];

/** A request with headers that fetch would not send. */
function raw(
  headers: Readonly<Record<string, string>>,
  { method = 'POST', path = '/', body = '{}' }: { method?: string; path?: string; body?: string | Buffer } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(server.endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : body);
  });
}

describe('a body', () => {
  test.each([
    ['{not', "Expected the body to be JSON, but it is not: Expected property name or '}' in JSON"],
    ['[]', 'Start of structure or map found where not expected: expected a JSON object.'],
    ['null', 'Start of structure or map found where not expected: expected a JSON object.'],
  ])('%s is refused', async (body, message) => {
    const answer = await states(server.endpoint, 'StartExecution', body);
    expect(answer).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
    expect(answer.body.message).toContain(message);
  });

  test.each([
    ['AWSStepFunctions.StartExecution', 'stateMachineArn'],
    ['DynamoDB_20120810.PutItem', 'Item'],
  ])('of endless lists is refused, %s', async (target, member) => {
    const body = `{"text":"[[\\"[[\\\\","${member}":${'{"L":['.repeat(30_000)}${']}'.repeat(30_000)}}`;
    expect(refusal(await send(server.endpoint, target, body))).toEqual([
      400,
      'SerializationException',
      'Expected JSON with at most 1000 lists and objects within each other, but the body has more.',
    ]);
  });

  test('with structures where texts belong is refused', async () => {
    for (const [value, shown] of [
      ['['.repeat(990) + ']'.repeat(990), '[…]'],
      ['{"toString":1}', '{…}'],
      ['5', "'5'"],
    ]) {
      expect(refusal(await states(server.endpoint, 'StartExecution', `{"stateMachineArn":${value}}`))).toEqual([
        400,
        'ValidationException',
        `1 validation error detected: Value ${shown} at 'stateMachineArn' failed to satisfy constraint: Member must be a string`,
      ]);
    }
  });

  test('whose __proto__ has the members does not have them', async () => {
    const body = `{"__proto__":{"stateMachineArn":"${machineArn('pass')}"}}`;
    expect(refusal(await states(server.endpoint, 'StartExecution', body))).toEqual([
      400,
      'ValidationException',
      "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
    ]);
  });

  test.each([
    ['DynamoDB_20120810.CreateTable', "Treadle's tables do not do '__proto__' in CreateTable. Leave it out."],
    ['AWSLambda.CreateFunction', "Treadle does not do what '__proto__' asks for. Leave it out."],
  ])('with __proto__ as member is refused, %s', async (target, message) => {
    const body =
      '{"__proto__":{"x":1},"FunctionName":"f","Runtime":"nodejs20.x","Handler":"a.b","Code":{"ZipFile":"AAAA"}}';
    const answer = target.startsWith('AWSLambda')
      ? JSON.parse((await raw({}, { path: '/2015-03-31/functions', body })).text)
      : (await send(server.endpoint, target, '{"__proto__":{"x":1},"TableName":"table"}')).body;
    expect(answer.message ?? answer.Message).toBe(message);
  });

  test('over the limit is refused without being kept', async () => {
    const headers = { 'x-amz-target': 'AWSStepFunctions.StartExecution', 'content-type': 'application/x-amz-json-1.0' };
    const { status, text } = await raw(headers, { body: Buffer.alloc(73 * MIB, ' ') });
    expect(status).toBe(413);
    expect(JSON.parse(text)).toEqual({
      __type: 'RequestTooLargeException',
      message: 'Request must be smaller than 75497472 bytes.',
    });
  });

  test.each([
    ['/2015-03-31/functions', 'SerializationException'],
    ['/_treadle/api/deploy', 'Expected a JSON body'],
  ])('that is not JSON is refused at %s', async (path, text) => {
    const answer = await raw({ 'content-type': 'application/json' }, { path, body: '{' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(text);
  });
});

describe('an operation', () => {
  test.each(['FlyToMoon', '__proto__', 'constructor'])('%s is unknown', async (operation) => {
    expect(refusal(await states(server.endpoint, operation, {}))).toEqual([
      404,
      'UnknownOperationException',
      `Treadle does not know the operation '${operation}' of the service 'states'.`,
    ]);
  });

  test('of a service that is not run is refused with those that are', async () => {
    expect(refusal(await send(server.endpoint, 'Foo_1.Bar', {}))).toEqual([
      501,
      'NotImplemented',
      "Treadle does not run the service 'Foo_1'. It runs: apigateway, dynamodb, dynamodbstreams, events, lambda, logs, monitoring, s3, scheduler, secretsmanager, ses, sesv2, sns, sqs, states, sts. Point this client at an endpoint that has it.",
    ]);
  });

  test.each([
    [
      'StartExecution',
      { stateMachineArn: machineArn('nope') },
      'StateMachineDoesNotExist',
      'State Machine Does Not Exist: ',
    ],
    [
      'DescribeStateMachine',
      { stateMachineArn: machineArn('nope') },
      'StateMachineDoesNotExist',
      'State Machine Does Not',
    ],
    [
      'ListExecutions',
      { stateMachineArn: machineArn('nope') },
      'StateMachineDoesNotExist',
      'State Machine Does Not Exist',
    ],
    [
      'UpdateStateMachine',
      { stateMachineArn: machineArn('nope'), roleArn: ROLE },
      'StateMachineDoesNotExist',
      'State Mac',
    ],
    [
      'DescribeExecution',
      { executionArn: executionArn('pass', 'nope') },
      'ExecutionDoesNotExist',
      'Execution Does Not Exist',
    ],
    [
      'StopExecution',
      { executionArn: executionArn('pass', 'nope') },
      'ExecutionDoesNotExist',
      'Execution Does Not Exist: ',
    ],
    [
      'GetExecutionHistory',
      { executionArn: executionArn('pass', 'nope') },
      'ExecutionDoesNotExist',
      'Execution Does Not',
    ],
    [
      'DescribeExecution',
      { executionArn: machineArn('pass') },
      'InvalidArn',
      'Resource type not valid in this context',
    ],
    ['StartExecution', { stateMachineArn: 'nope' }, 'InvalidArn', "Invalid Arn: 'Invalid ARN prefix: nope'"],
    [
      'StartExecution',
      { stateMachineArn: machineArn('a\u0000b') },
      'StateMachineDoesNotExist',
      'State Machine Does Not Exist',
    ],
    [
      'DescribeExecution',
      { executionArn: executionArn('pass', 'a\u0000b') },
      'ExecutionDoesNotExist',
      'Execution Does Not Exist',
    ],
    [
      'ListExecutions',
      { stateMachineArn: machineArn('pass'), maxResults: 1001 },
      'ValidationException',
      'less than or equal to 1000',
    ],
    [
      'ListExecutions',
      { stateMachineArn: machineArn('pass'), nextToken: 'zzz' },
      'InvalidToken',
      "Invalid Token: 'Invalid token'",
    ],
    ['ListStateMachines', { maxResults: 'a' }, 'ValidationException', "Value 'a' at 'maxResults'"],
  ])('%s %j is refused with %s', async (operation, input, code, text) => {
    const answer = await states(server.endpoint, operation, input);
    expect([answer.status, answer.body.__type]).toEqual([400, code]);
    expect(answer.body.message).toContain(text);
  });
});

describe('a definition', () => {
  test.each([
    ['not JSON', '{nope', "INVALID_JSON_DESCRIPTION: Unexpected character ('n' (code 110))"],
    [
      'a wrong field',
      { ...PASS, States: { A: { Type: 'Pass', Foo: 1, End: true } } },
      "Field 'Foo' is not supported at /States/A",
    ],
    [
      'an unknown state',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } },
      "Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'an unreachable state',
      { StartAt: 'A', States: { ...PASS.States, B: { Type: 'Pass', End: true } } },
      'State "B" is not reachable. at /States/B',
    ],
    [
      'a bad path',
      { StartAt: 'A', States: { A: { Type: 'Pass', InputPath: '$.[', End: true } } },
      'Value must be a valid JSONPath. at /States/A/InputPath',
    ],
    [
      'endless lists',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'Document nesting depth (1001) exceeds the maximum allowed',
    ],
  ])('with %s is refused', async (_title, definition, text) => {
    const answer = await create(typeof definition === 'string' ? definition : JSON.stringify(definition));
    expect([answer.status, answer.body.__type]).toEqual([400, 'InvalidDefinition']);
    expect(answer.body.message).toContain(text);
    expect(String(answer.body.message).length).toBeLessThan(5000);
  });

  test('of 1 MiB is taken and works, one character more is refused', async () => {
    const padding = MIB - JSON.stringify({ ...PASS, Comment: '' }).length;
    const largest = JSON.stringify({ ...PASS, Comment: 'x'.repeat(padding) });
    expect((await create(largest, 'largest')).status).toBe(200);
    expect((await startNamed('largest', 'one')).status).toBe(200);
    expect(await ended(server.endpoint, executionArn('largest', 'one'))).toMatchObject({ status: 'SUCCEEDED' });
    const described = await ask(server.endpoint, 'DescribeStateMachine', { stateMachineArn: machineArn('largest') });
    expect(described.definition).toBe(largest);
    const refused = await create(`${largest} `, 'larger');
    expect([refused.status, refused.body.__type]).toEqual([400, 'ValidationException']);
    expect(refused.body.message).toContain(
      "at 'definition' failed to satisfy constraint: Member must have length less than",
    );
    expect(String(refused.body.message).length).toBeLessThan(2000);
  });
});

describe('a name', () => {
  test.each(['a b', 'a<b', 'a/b', '../../etc', 'a\u0000b', 'a:b', 'x'.repeat(81)])('%j is refused', async (name) => {
    expect(refusal(await create(JSON.stringify(PASS), name))).toEqual([400, 'InvalidName', `Invalid Name: '${name}'`]);
    expect(refusal(await start('{}', name))).toEqual([400, 'InvalidName', `Invalid Name: '${name}'`]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is one as any other', async (name) => {
    expect((await create(JSON.stringify(PASS), name)).status).toBe(200);
    expect((await startNamed(name, name)).status).toBe(200);
    expect(await ended(server.endpoint, executionArn(name, name))).toMatchObject({ name, status: 'SUCCEEDED' });
  });
});

describe('an input', () => {
  test.each([
    ['not JSON', '{x', 'InvalidExecutionInput', "Unexpected character ('x' (code 120))"],
    ['nothing', '', 'InvalidExecutionInput', 'Invalid execution input.'],
    [
      'endless lists',
      '['.repeat(100_000) + ']'.repeat(100_000),
      'InvalidExecutionInput',
      'nesting depth exceeds the maximum allowed (1000)',
    ],
    [
      '2 MiB',
      JSON.stringify('x'.repeat(2 * MIB)),
      'ValidationException',
      'Member must have length less than or equal to 262144',
    ],
  ])('of %s is refused', async (_title, input, code, text) => {
    const answer = await start(input);
    expect([answer.status, answer.body.__type]).toEqual([400, code]);
    expect(answer.body.message).toContain(text);
  });

  test('of just 256 KiB passes, and one nested 999 times', async () => {
    for (const [name, input] of [
      ['wide', JSON.stringify('x'.repeat(262_142))],
      ['deep', '['.repeat(999) + ']'.repeat(999)],
    ] as const) {
      expect((await start(input, name)).status).toBe(200);
      expect((await ended(server.endpoint, executionArn('pass', name))).output).toBe(input);
    }
  });

  test('that Parallels nest too deep fails the execution, which is not stuck', async () => {
    const nest = (name: string, next: object) => ({
      Type: 'Parallel',
      Branches: [{ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } }],
      ...next,
    });
    await createMachine(server.endpoint, 'nests', {
      StartAt: 'One',
      States: {
        One: nest('A', { Next: 'Two' }),
        Two: nest('B', { Next: 'Read' }),
        Read: { Type: 'Pass', InputPath: '$[0][0]', End: true },
      },
    });
    await startNamed('nests', 'one', '['.repeat(999) + ']'.repeat(999));
    expect(await ended(server.endpoint, executionArn('nests', 'one'))).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
  });

  test('with keys that pollute prototypes and with huge numbers passes unharmed, also through paths', async () => {
    await createMachine(server.endpoint, 'paths', {
      StartAt: 'Place',
      States: {
        Place: { Type: 'Pass', Result: { x: 1 }, ResultPath: '$.__proto__.placed', Next: 'Select' },
        Select: {
          Type: 'Pass',
          Parameters: {
            'proto.$': '$.__proto__',
            'numbers.$': '$.numbers',
            'merged.$': 'States.JsonMerge($.__proto__, $.more, false)',
          },
          Assign: { 'number.$': '$.numbers[0]' },
          Next: 'Read',
        },
        Read: { Type: 'Pass', Parameters: { 'number.$': '$number', 'all.$': '$' }, End: true },
      },
    });
    const input =
      '{"__proto__":{"polluted":true},"more":{"constructor":{"prototype":{"polluted":true}}},"numbers":[123456789012345678901234567890.50,1e400,0.1000]}';
    expect((await startNamed('paths', 'one', input)).status).toBe(200);
    const { output } = await ended(server.endpoint, executionArn('paths', 'one'));
    expect(output).toBe(
      '{"number":123456789012345678901234567890.50,"all":{' +
        '"proto":{"polluted":true,"placed":{"x":1}},' +
        '"numbers":[123456789012345678901234567890.50,1e400,0.1000],' +
        '"merged":{"polluted":true,"placed":{"x":1},"constructor":{"prototype":{"polluted":true}}}}}',
    );
    // Nobody else has got it.
    await startNamed('paths', 'two', '{"__proto__":{},"more":{},"numbers":[1]}');
    const second = await ended(server.endpoint, executionArn('paths', 'two'));
    expect(JSON.parse(String(second.output))).toEqual({
      number: 1,
      all: { proto: { placed: { x: 1 } }, numbers: [1], merged: { placed: { x: 1 } } },
    });
  });

  test('without what a path names fails with the path, also for names that every object of JavaScript has', async () => {
    await createMachine(server.endpoint, 'missing-path', {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'p.$': '$.toString' }, End: true } },
    });
    await startNamed('missing-path', 'one');
    expect(await ended(server.endpoint, executionArn('missing-path', 'one'))).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$.toString' specified for the field 'p.$' could not be found in the input '{}'",
    });
  });
});

describe('requests of other sites', () => {
  const target = { 'x-amz-target': 'AWSStepFunctions.ListStateMachines', 'content-type': 'application/x-amz-json-1.0' };

  test.each([
    [
      'Host',
      { host: 'evil.example' },
      "Expected a Host header that names this server (localhost, 127.0.0.1, [::1] or a configured name), but it is 'evil.example'.",
    ],
    [
      'Origin',
      { origin: 'https://evil.example' },
      "Expected no Origin header or this server's own, but it is 'https://evil.example'.",
    ],
    ['opaque Origin', { origin: 'null' }, "Expected no Origin header or this server's own, but it is 'null'."],
  ])('are refused by their %s, at every door', async (_title, headers, message) => {
    for (const answer of [
      await raw({ ...target, ...headers }),
      await raw(headers, { method: 'GET', path: '/_treadle/health' }),
      await raw({ 'content-type': 'application/json', ...headers }, { path: '/_treadle/api/deploy' }),
      await raw(headers, { path: '/2015-03-31/functions/x/invocations' }),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(message);
    }
  });
});

describe('the same request several times at once', () => {
  const eight = <T>(make: (index: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(Array.from({ length: 8 }, (_, index) => make(index)));

  test('creates one state machine', async () => {
    const answers = await eight(() => create(JSON.stringify(PASS), 'once'));
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${body.stateMachineArn} ${body.creationDate}`)).size,
    ).toBe(1);
    expect(answers[0]?.status).toBe(200);
  });

  test('starts one execution, and all hear of it', async () => {
    const answers = await eight(() => startNamed('wait', 'once'));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.executionArn} ${body.startDate}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await named('once')).toBe(1);
  });

  test('starts one execution where the inputs differ, and refuses the others', async () => {
    const answers = await eight((index) => startNamed('wait', 'first', String(index)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.__type === 'ExecutionAlreadyExists')).toHaveLength(7);
    expect(await named('first')).toBe(1);
  });

  async function named(name: string): Promise<number> {
    const { executions } = await ask(server.endpoint, 'ListExecutions', { stateMachineArn: machineArn('wait') });
    return (executions as readonly { readonly name: string }[]).filter((item) => item.name === name).length; // AWS's shape
  }
});
