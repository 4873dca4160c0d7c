import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeployReport } from '../api/treadle/index.js';
import type { CliContext } from './context.js';
import { runCli } from './program.js';
import type { RunningServer, ServerStartOptions } from './server-port.js';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:orders:first-order';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

/** What the fake server answers, by `METHOD path` or `action`. A function sees the request. */
type Routes = Readonly<Record<string, Reply | ((request: { body: string; query: URLSearchParams }) => Reply)>>;

const BASIC: Routes = {
  '/api/machines': { body: { machines: [{ arn: MACHINE, name: 'orders', type: 'STANDARD', createdAt: 0 }] } },
  '/api/functions': { body: { functions: [{ arn: 'arn:f', name: 'charge-payment' }] } },
  '/api/executions': {
    body: {
      executions: [
        {
          arn: EXECUTION,
          name: 'first-order',
          machineArn: MACHINE,
          machineName: 'orders',
          status: 'FAILED',
          startAt: 1000,
          stopAt: 2500,
        },
      ],
      next: null,
    },
  },
  StartExecution: { body: { executionArn: EXECUTION, startDate: 1 } },
  DescribeExecution: {
    body: {
      executionArn: EXECUTION,
      stateMachineArn: MACHINE,
      name: 'first-order',
      status: 'FAILED',
      startDate: 1,
      stopDate: 2.5,
      input: '{}',
      error: 'PaymentError',
    },
  },
  '/api/executions/why': {
    body: {
      arn: EXECUTION,
      status: 'FAILED',
      sentence: "State 'Charge' failed.",
      state: 'Charge',
      error: null,
      cause: null,
    },
  },
};

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly requests: readonly string[];
}

/** Runs one command line against a fake server; null = no server answers. */
async function treadle(
  args: readonly string[],
  routes: Routes | null = BASIC,
  overrides: Partial<CliContext> = {},
): Promise<Outcome> {
  const lines: string[] = [];
  const problems: string[] = [];
  const requests: string[] = [];
  const context: CliContext = {
    terminal: {
      line: (text) => void lines.push(text),
      problem: (text) => void problems.push(text),
      isInteractive: false,
      columns: 100,
      colors: pc.createColors(false),
    },
    fetch: async (url, init) => {
      if (routes === null) throw new TypeError('fetch failed');
      const { pathname, searchParams } = new URL(url);
      const headers = new Headers(init.headers);
      const action = headers.get('x-amz-target')?.replace('AWSStepFunctions.', '');
      const name = action ?? pathname.replace('/_treadle', '');
      requests.push(`${name} ${action === undefined ? searchParams.toString() : String(init.body)}`.trim());
      const route = routes[name];
      const reply = typeof route === 'function' ? route({ body: String(init.body), query: searchParams }) : route;
      if (reply === undefined) return new Response('no such route', { status: 404 });
      if (typeof reply.body === 'string') return new Response(reply.body);
      return Response.json(reply.body, { status: reply.status ?? 200 });
    },
    environment: {},
    folder,
    startServer: () => Promise.reject(new Error('not in this test')),
    readInput: async () => '{"from": "stdin"}',
    interrupted: new AbortController().signal,
    ...overrides,
  };
  const code = await runCli(args, context, '1.2.3');
  return { code, lines, problems, requests };
}

describe('arguments', () => {
  test.each([
    [['rnu'], "Expected a command of treadle, but 'rnu' is none. Did you mean 'run'? See: treadle --help"],
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
    expect(names).toHaveLength(12);
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
      expect(requests.at(-1)).toBe(`StopExecution {"executionArn":"${EXECUTION}"}`);
    },
  );

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

describe('up and deploy', () => {
  const report = (overrides: Partial<DeployReport> = {}): DeployReport => ({
    template: join(folder, 'template.yaml'),
    region: 'us-east-1',
    resources: [
      {
        logicalId: 'Orders',
        type: 'AWS::Serverless::StateMachine',
        outcome: 'created',
        physicalId: MACHINE,
        reason: null,
        line: 3,
      },
      { logicalId: 'Role', type: 'AWS::IAM::Role', outcome: 'kept', physicalId: null, reason: null, line: 9 },
    ],
    warnings: ['A warning.'],
    outputs: { OrdersArn: MACHINE },
    ...overrides,
  });
  const refusing = (): DeployReport =>
    report({
      resources: [
        {
          logicalId: 'Q',
          type: 'AWS::SQS::Queue',
          outcome: 'refused',
          physicalId: null,
          reason: 'not run here',
          line: 4,
        },
      ],
      warnings: [],
      outputs: {},
    });

  /** Starts a server that is told to stop as soon as it serves. */
  async function up(
    args: readonly string[],
    deployed: DeployReport,
  ): Promise<Outcome & { started: ServerStartOptions[]; events: string[] }> {
    const started: ServerStartOptions[] = [];
    const events: string[] = [];
    const interrupt = new AbortController();
    const server: RunningServer = {
      endpoint: 'http://127.0.0.1:4600',
      recovered: { executions: 2, commands: 1 },
      deploy: async (request) => {
        events.push(
          `deploy ${request.template} ${JSON.stringify(request.parameters)} ${request.allowUnsupported} ${request.fill}`,
        );
        return deployed;
      },
      close: async () => void events.push('close'),
    };
    const outcome = await treadle(['up', ...args], null, {
      startServer: async (options) => {
        started.push(options);
        interrupt.abort();
        return server;
      },
      interrupted: interrupt.signal,
    });
    return { ...outcome, started, events };
  }

  test('up says where everything is, deploys and closes in order', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { code, lines, started, events } = await up(
      ['--port', '4600', '--parameter', 'A=1', '--parameter', 'B=x=y'],
      report(),
    );
    expect(code).toBe(0);
    expect(started).toEqual([
      {
        port: 4600,
        host: '127.0.0.1',
        dataFolder: join(folder, '.treadle'),
        region: 'us-east-1',
        account: '000000000000',
      },
    ]);
    expect(events).toEqual([`deploy ${join(folder, 'template.yaml')} {"A":"1","B":"x=y"} false false`, 'close']);
    expect(lines).toEqual([
      'Treadle serves AWS clients at http://127.0.0.1:4600 (region us-east-1)',
      '  console   http://127.0.0.1:4600/_treadle/',
      `  data      ${join(folder, '.treadle')}`,
      '  recovered 2 executions go on, 1 calls are made again',
      'Deployed template.yaml to us-east-1',
      `  created   Orders (AWS::Serverless::StateMachine) ${MACHINE}`,
      '  kept      1 (accepted, without effect here): Role',
      '  warning   A warning.',
      `  output    OrdersArn = ${MACHINE}`,
      'Next: treadle run orders -i @input.json',
      'Stopping …',
    ]);
  });

  test('up as JSON begins with ready', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { lines } = await up(['--json'], report());
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { type: 'ready', endpoint: 'http://127.0.0.1:4600' },
      { type: 'deployed', region: 'us-east-1' },
    ]);
  });

  test('a refused template does not stop the server', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { code, lines } = await up([], refusing());
    expect(code).toBe(0);
    expect(lines).toContain('Nothing was deployed of template.yaml');
    expect(lines).toContain(`  refused   ${join(folder, 'template.yaml')}:4 Q (AWS::SQS::Queue): not run here`);
  });

  test('without a template there is nothing to deploy', async () => {
    const { events, lines } = await up([], report());
    expect(events).toEqual(['close']);
    expect(lines.at(-2)).toBe('Next: treadle deploy <template.yaml>, or eval "$(treadle env --shell)" and use aws');
  });

  test('deploy sends an absolute path and fails when something is refused', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const bodies: string[] = [];
    const { code, lines } = await treadle(['deploy', '--allow-unsupported'], {
      '/api/deploy': ({ body }) => {
        bodies.push(body);
        return { body: refusing() };
      },
    });
    expect(code).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      template: join(folder, 'template.yaml'),
      parameters: {},
      region: 'us-east-1',
      allowUnsupported: true,
      fill: false,
    });
    expect(lines[0]).toBe(`Nothing was deployed of ${join(folder, 'template.yaml')}`);
  });
});
