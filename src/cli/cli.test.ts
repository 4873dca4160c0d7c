import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BASIC,
  EXECUTION,
  FUNCTION,
  MACHINE,
  type Outcome,
  type Routes,
  scripted,
} from '../../test/cli/scripted-server.js';
import type { CliContext } from './context.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One command line in the test's own folder. */
const treadle = (
  args: readonly string[],
  routes: Routes | null = BASIC,
  overrides: Partial<CliContext> = {},
): Promise<Outcome> => scripted(args, routes, { folder, ...overrides });

describe('arguments', () => {
  test.each([
    [['rum'], "Expected a command of treadle, but 'rum' is none. Did you mean 'run'? See: treadle --help"],
    [
      ['histroy', 'x'],
      "Expected a command of treadle, but 'histroy' is none. Did you mean 'history'? See: treadle --help",
    ],
    [['ls', '--limt', '3'], "Unknown option '--limt' (Did you mean --limit?). See: treadle ls --help"],
    [
      ['ls', '--limit', '0'],
      /^Option '--limit <count>' argument '0' is invalid\. Expected a whole number from 1 to 1000\. See/,
    ],
    [['ls', '--status', 'done'], /Expected one of RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED\. See/],
    [['show'], "Missing required argument 'execution'. See: treadle show --help"],
    [['run', 'orders', '-i', '{'], /^Expected JSON in --input, but .*To read a file: -i @file\.json$/],
    [['run', 'orders', '-i', '@none.json'], /^Expected an input file '.*none\.json', but ENOENT/],
    [['deploy'], 'Expected a template, but there is no template.yaml here. Name one: treadle deploy <file>'],
    [['deploy', '--parameter', 'x'], /Expected Name=value\. See: treadle deploy --help$/],
  ])('%j is refused', async (args, message) => {
    const { code, problems } = await treadle(args);
    expect(code).toBe(2);
    expect(problems).toHaveLength(1);
    if (typeof message === 'string') expect(problems).toEqual([message]);
    else expect(problems[0]).toMatch(message);
  });

  test('every command has a help page with two examples', async () => {
    const { lines } = await treadle(['--help']);
    const names = [...lines.join('\n').matchAll(/^ {2}([a-z]+)[ |].*\[options\]/gm)].map((match) => match[1] ?? '');
    expect(names).toHaveLength(19);
    for (const name of names) {
      const help = (await treadle([name, '--help'])).lines.join('\n');
      expect(help.split('Examples:\n')[1]?.match(/^ {2}.*treadle/gm), name).toHaveLength(2);
      expect(help, name).toContain('--json');
    }
  });

  test('an error is JSON when JSON is asked for', async () => {
    const { problems } = await treadle(['ls', '--json'], null);
    expect(problems).toEqual([
      '{"type":"error","error":"NoServer","message":"Expected a Treadle server at http://127.0.0.1:4566, but nothing answers. Start one with: treadle up"}',
    ]);
  });
});

describe('names', () => {
  test.each([
    [
      ['run', 'ordes'],
      "Expected a state machine 'ordes', but there is none. Did you mean 'orders'? List them with: treadle ls --machines",
    ],
    [
      ['logs', 'charge-paymnt'],
      "Expected a function 'charge-paymnt', but there is none. Did you mean 'charge-payment'? Functions: charge-payment",
    ],
    [
      ['show', 'first-oder'],
      "Expected an execution 'first-oder', but there is none. Did you mean 'first-order'? List them with: treadle ls",
    ],
  ])('%j', async (args, message) => {
    const { code, problems } = await treadle(args);
    expect([code, problems]).toEqual([1, [message]]);
  });

  test.each(['last', 'first-order', 'firs', 'orders/last', 'orders/first-order', EXECUTION])(
    '%s means the execution',
    async (name) => {
      const { requests } = await treadle(['stop', name], { ...BASIC, StopExecution: { body: { stopDate: 1 } } });
      expect(requests.at(-2)).toBe(`StopExecution {"executionArn":"${EXECUTION}"}`);
    },
  );

  test.each(['charge-payment', 'payment', FUNCTION])('%s means the function', async (name) => {
    const { requests } = await treadle(['logs', name], { ...BASIC, '/api/logs': { body: { lines: [], next: null } } });
    expect(requests.at(-1)).toBe(`/api/logs ${new URLSearchParams({ function: FUNCTION, limit: '100' })}`);
  });

  test('of equal names in two regions, the one of the region is meant', async () => {
    const elsewhere = MACHINE.replace('us-east-1', 'eu-west-1');
    const machines = [MACHINE, elsewhere].map((arn) => ({ arn, name: 'orders', type: 'STANDARD', createdAt: 0 }));
    const { requests } = await treadle(['run', 'orders', '--no-follow', '--region', 'eu-west-1'], {
      ...BASIC,
      '/api/machines': { body: { machines } },
    });
    expect(requests.at(-1)).toBe(`StartExecution {"stateMachineArn":"${elsewhere}","input":"{}"}`);
  });
});

describe('run', () => {
  test.each([
    [{ status: 'SUCCEEDED', output: '{"x":1}' }, 0, '{"x":1}'],
    [{ status: 'FAILED', error: 'E', cause: 'because' }, 1, 'FAILED E because'],
    [{ status: 'TIMED_OUT' }, 3, 'TIMED_OUT'],
  ])('of an Express machine waits for its end: %o', async (answer, expected, line) => {
    const { code, lines, problems, requests } = await treadle(['run', 'orders', '--name', 'n', '-i', '{"a":1}'], {
      '/api/machines': { body: { machines: [{ arn: MACHINE, name: 'orders', type: 'EXPRESS', createdAt: 0 }] } },
      StartSyncExecution: { body: answer },
    });
    expect([code, ...lines, ...problems]).toEqual([expected, line]);
    expect(requests.at(-1)).toContain('StartSyncExecution');
  });

  const record = (seq: number, type: string, details: object | null = null): string =>
    `id: ${seq}\nevent: record\ndata: ${JSON.stringify({ seq, id: seq, previousEventId: seq - 1, at: seq * 100, frame: 1, type, details })}\n\n`;
  const follow = (end: string, details: object): Routes => ({
    ...BASIC,
    '/api/executions/follow': {
      body: [
        ': following\n\n',
        record(1, 'ExecutionStarted', {}),
        record(2, 'TaskStateEntered', { name: 'Charge' }),
        record(3, 'TaskFailed', { error: 'PaymentError', cause: '{"errorMessage":"declined"}' }),
        ': heartbeat\n\n',
        record(4, end, details),
        'event: end\ndata: {}\n\n',
      ].join(''),
    },
  });

  test('follows until the end and says what happened', async () => {
    const { code, lines } = await treadle(
      ['run', 'orders'],
      follow('ExecutionFailed', { error: 'PaymentError', cause: 'declined' }),
    );
    expect(code).toBe(1);
    expect(lines).toEqual([
      `orders ${EXECUTION}`,
      '  → Charge',
      '  ✗ Charge                           PaymentError: declined',
      '✗ FAILED in 300 ms  PaymentError: declined',
      'See why: treadle show first-order',
    ]);
  });

  test.each([
    ['SUCCEEDED', 0],
    ['FAILED', 1],
    ['TIMED_OUT', 3],
    ['ABORTED', 4],
  ])('%s exits with %d', async (status, expected) => {
    const { code } = await treadle(['start', 'orders'], {
      ...follow('ExecutionFailed', {}),
      DescribeExecution: { body: { executionArn: EXECUTION, status } },
    });
    expect(code).toBe(expected);
  });

  test.each([
    [['-i', '-'], '{"from": "stdin"}'],
    [['-i', '{"a" : 1}'], '{"a" : 1}'],
    [['-i', '@order.json'], '{ "b": 2 }\n'],
  ])('input %j arrives as written', async (args, input) => {
    writeFileSync(join(folder, 'order.json'), '{ "b": 2 }\n');
    const { requests } = await treadle(['run', 'orders', '--no-follow', '--name', 'n', ...args]);
    expect(JSON.parse(requests.at(-1)?.replace('StartExecution ', '') ?? '')).toEqual({
      stateMachineArn: MACHINE,
      input,
      name: 'n',
    });
  });

  test('JSON is one object a line', async () => {
    const { lines } = await treadle(['run', 'orders', '--json'], follow('ExecutionFailed', {}));
    expect(lines.map((line) => JSON.parse(line).type)).toEqual([
      'started',
      'record',
      'record',
      'record',
      'record',
      'ended',
    ]);
  });

  test('a stream that breaks off is asked for again, after the last record seen', async () => {
    let asked = 0;
    const { code, requests } = await treadle(['run', 'orders'], {
      ...BASIC,
      '/api/executions/follow': () => ({
        body: asked++ === 0 ? record(1, 'ExecutionStarted', {}) : record(2, 'ExecutionSucceeded', {}),
      }),
      DescribeExecution: { body: { executionArn: EXECUTION, status: 'SUCCEEDED', output: '{}' } },
    });
    expect(code).toBe(0);
    expect(requests.filter((request) => request.includes('follow')).map((request) => request.at(-1))).toEqual([
      '0',
      '1',
    ]);
  });

  test("the server's refusal is shown as it is", async () => {
    const { code, problems } = await treadle(['run', 'orders'], {
      ...BASIC,
      StartExecution: {
        status: 400,
        body: { __type: 'com.amazonaws#ExecutionAlreadyExists', message: 'Execution Already Exists' },
      },
    });
    expect([code, problems]).toEqual([1, ['Execution Already Exists']]);
  });
});

test('stopping what has ended says so', async () => {
  const { code, lines } = await treadle(['stop', 'last'], { ...BASIC, StopExecution: { body: { stopDate: 1 } } });
  expect([code, lines]).toEqual([0, [`It had ended already: FAILED ${EXECUTION}`]]);
});

describe('looking', () => {
  test('show says why in one sentence', async () => {
    const { lines } = await treadle(['show', 'last']);
    expect(lines[0]).toBe('✗ FAILED  orders / first-order');
    expect(lines).toContain("  why       State 'Charge' failed.");
    expect(lines).toContain('  duration  1.5 s');
  });

  test('ls lists, and an empty list says what to do', async () => {
    const { lines } = await treadle(['ls', 'orders', '--status', 'failed']);
    expect(lines[1]).toMatch(/^✗ FAILED {2}orders {3}.* 1\.5 s {5}first-order$/);
    const empty = await treadle(['ls'], { '/api/executions': { body: { executions: [], next: null } } });
    expect(empty.lines).toEqual(['No executions. Start one with: treadle run <machine>']);
  });

  test('history pages through all events', async () => {
    const event = (id: number): object => ({
      id,
      previousEventId: id - 1,
      timestamp: 1 + id,
      type: 'PassStateEntered',
      stateEnteredEventDetails: { name: `S${id}`, input: '{ }' },
    });
    const { lines } = await treadle(['history', 'last'], {
      ...BASIC,
      GetExecutionHistory: ({ body }) =>
        body.includes('nextToken')
          ? { body: { events: [event(2)] } }
          : { body: { events: [event(1)], nextToken: 't' } },
    });
    expect(lines).toEqual([
      'id  after  at      event             what',
      '1          +1.0 s  PassStateEntered  S1  { }',
      '2   1      +2.0 s  PassStateEntered  S2  { }',
    ]);
  });

  test('logs are marked with their request', async () => {
    const line = { seq: 1, at: 0, requestId: '0123456789ab', stream: 'stdout', text: 'hello' };
    const { lines } = await treadle(['logs', 'charge-payment'], {
      ...BASIC,
      '/api/logs': { body: { lines: [line], next: 1 } },
    });
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d\.000 01234567 hello$/)]);
  });

  test('mail shows the outbox', async () => {
    const mail = { id: '1', at: 0, from: 'a', to: 'b@example.com', subject: 'Order', text: 'Paid\nThanks\n' };
    const { lines } = await treadle(['mail'], { '/api/mail': { body: { mails: [mail], next: null } } });
    expect(lines).toEqual([expect.stringMatching(/^Order {2}to b@example\.com, /), '  Paid', '  Thanks']);
  });

  test('env quotes for a shell', async () => {
    const { lines } = await treadle(['env', '--shell', '--region', 'eu-west-1', '--endpoint', "http://a'b"]);
    expect(lines.slice(0, 2)).toEqual(["export AWS_ENDPOINT_URL='http://a'\\''b'", 'export AWS_REGION=eu-west-1']);
    expect(lines.at(-1)).toBe('export AWS_DISABLE_HOST_PREFIX_INJECTION=true');
  });
});
